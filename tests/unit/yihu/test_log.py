"""Logs tell what happened, to which document, and never what a file or a person is called."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from yihu.errors import Invariant, Rejected, Retryable
from yihu.log import JsonLines, SafeText, about, told

NAME = "张伟13812345678"


def written(formatter: logging.Formatter, error: BaseException | None = None) -> str:
    """One line as the formatter writes it."""
    details = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(
        "worker.advance", logging.ERROR, __file__, 1, "document %s failed", (7,), details
    )
    return formatter.format(record)


def raised(cause: Callable[[], object]) -> BaseException:
    try:
        cause()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    pytest.fail("nothing was raised")


def test_json_lines_are_one_object_a_line_with_what_they_are_about() -> None:
    with about(task="abc"), about(document=7):
        text = written(JsonLines("worker"))
    line = json.loads(text)
    assert "\n" not in text
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {
        "level": "error",
        "logger": "worker.advance",
        "message": "document 7 failed",
        "process": "worker",
        "task": "abc",
        "document": 7,
    }
    assert "document" not in json.loads(written(JsonLines("worker")))


def open_named() -> None:
    with open(f"/nowhere/{NAME}.jpg"):  # noqa: PTH123 - an error with a file's name
        pass


def parse() -> None:
    int(NAME)


def chained() -> None:
    try:
        parse()
    except ValueError as error:
        raise Invariant(f"{NAME} cannot be") from error


def write_twice() -> None:
    engine = create_engine("sqlite://", hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (name TEXT UNIQUE)"))
        for _ in range(2):
            connection.execute(text("INSERT INTO t VALUES (:name)"), {"name": NAME})


@pytest.mark.parametrize("cause", [open_named, parse, chained, write_twice])
@pytest.mark.parametrize("formatter", [JsonLines("worker"), SafeText("%(message)s")])
def test_an_exception_is_told_by_places_and_classes(
    formatter: logging.Formatter, cause: Callable[[], None]
) -> None:
    error = raised(cause)
    text = written(formatter, error)
    assert NAME not in text
    assert type(error).__name__ in text
    assert f"in {cause.__name__}" in text
    assert "test_log.py" in text


def test_a_childs_places_are_told_without_its_words() -> None:
    class RemoteTraceback(Exception):
        """As the reading pool brings it."""

    def cause() -> None:
        trace = f'Traceback:\n  File "reader.py", line 3, in read\n    raise\nValueError: {NAME}'
        raise ValueError(NAME) from RemoteTraceback(trace)

    text = written(SafeText("%(message)s"), raised(cause))
    assert 'File "reader.py", line 3, in read' in text
    assert NAME not in text


def test_only_words_of_ours_are_told_of_an_error() -> None:
    assert told(raised(open_named)) == "FileNotFoundError: No such file or directory"
    assert told(ValueError(NAME)) == "ValueError"
    assert told(Invariant(NAME)) == "Invariant"
    assert told(Rejected("broken", NAME)) == "Rejected: broken"
    assert told(Retryable("the store does not answer")) == "Retryable: the store does not answer"
    assert told(IntegrityError("INSERT", {"name": NAME}, Exception(NAME))) == "IntegrityError"


def test_an_unforeseen_error_of_a_process_is_logged_the_same_way() -> None:
    import subprocess

    code = (
        "import threading; from yihu.log import set_up; set_up(form='json', process='worker')\n"
        f"t = threading.Thread(target=lambda: int('{NAME}')); t.start(); t.join()\n"
        f"int('{NAME}')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert [line["exception"].splitlines()[-1] for line in lines] == ["ValueError"] * 2
    assert NAME not in done.stderr
