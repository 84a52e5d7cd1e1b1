"""Logging: one line an event on standard error, as text or JSON, no personal data.

What is logged are words of ours, numbers of documents, names of stages. Names
of dropped files, owners, rooms and numbers must never be; texts of errors may
hold them (a path, a value that could not be parsed), so an error is told by
`told`, and a traceback as places in the code, without the texts of foreign
errors.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType

from yihu.errors import Rejected, Retryable

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
FORMS = ("text", "json")
_QUIET = ("celery", "kombu", "amqp", "alembic", "watchdog", "PIL", "httpx", "uvicorn", "asyncio")
_NOTHING: Mapping[str, object] = MappingProxyType({})
_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=_NOTHING)


def set_up(level: int = logging.WARNING, form: str = "text", process: str = "") -> None:
    """Log to standard error in this form; quiet the libraries that talk much."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(process) if form == "json" else SafeText(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _unforeseen
    threading.excepthook = lambda args: _unforeseen(
        args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
    )


@contextmanager
def about(*, document: int | None = None, task: str | None = None) -> Iterator[None]:
    """What is logged within the block is about this document, in this task."""
    known = {"document": document, "task": task}
    token = _about.set(
        {**_about.get(), **{name: value for name, value in known.items() if value is not None}}
    )
    try:
        yield
    finally:
        _about.reset(token)


def told(error: BaseException) -> str:
    """What may be logged of an error: its class, and words that are surely ours.

    A `Retryable` says what did not answer; it never names a dropped file or a person.
    """
    name = type(error).__name__
    if isinstance(error, Rejected):
        return f"{name}: {error.reason}"
    if isinstance(error, OSError):
        return f"{name}: {error.strerror}" if error.strerror else name
    return f"{name}: {error}" if isinstance(error, Retryable) else name


class SafeText(logging.Formatter):
    """A line of text; a traceback names the places and what `told` says of each error."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name is the library's
        """The chain of errors, the first one first."""
        error = ei[1] if isinstance(ei, tuple) else None
        return "\n".join(_places(error)) if isinstance(error, BaseException) else ""


class JsonLines(SafeText):
    """A JSON object on one line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, logger, message, process; document and task where there are."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": self._process or record.processName,
        }
        line.update(_about.get())
        if record.exc_info and (text := self.formatException(record.exc_info)):
            line["exception"] = text
        return json.dumps(line, ensure_ascii=False, default=str)


def _places(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)
        yield "then:"
    if type(error).__name__ == "RemoteTraceback":  # how a child's error comes: as text only
        yield from (row for row in str(error).splitlines() if row.startswith('  File "'))
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    yield told(error)


def _unforeseen(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    logging.getLogger("yihu").critical("unforeseen", exc_info=(kind, error, trace))
