"""The checks of `yihu doctor`: each says what it found, and what to do where that is not well."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from catalog import documents, originals, verifications
from catalog.identity import identity
from ingest.reading import ReadOptions, warm_up
from ingest.sandbox import Sandbox
from worker import broker
from worker.app import make_app
from worker.home import open_home, open_store, prove_store
from worker.messages import Messages
from worker.sharing import SHARED_BROKER
from worker.supervisor import is_running
from yihu.clock import iso
from yihu.errors import Retryable, YihuError
from yihu.settings import MEGABYTE, Settings

LOW_DISK_BYTES = 1024 * MEGABYTE
ENGINES = ("rapidocr", "tesseract")
TESSERACT_REMEDY = "apt-get install tesseract-ocr tesseract-ocr-chi-sim"
POPPLER_REMEDY = "apt-get install poppler-utils"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: "ok", "warning" or "failed", in words, with the remedy.

    What could not be checked is a warning: not known to be wrong, and no pass.
    """

    check: str
    result: str
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """A line for printing."""
        return asdict(self)


def examine(settings: Settings) -> Iterator[Check]:
    """Every check in order; a check that breaks is itself a finding."""
    for check in (_home, _disk, _store, _database, _broker, _engines, _programs, _running, _fixity):
        yield from _guarded(check, settings)


def _guarded(check: Callable[[Settings], Iterator[Check]], settings: Settings) -> Iterator[Check]:
    try:
        yield from check(settings)
    except (YihuError, OSError) as error:
        name = check.__name__.strip("_")
        yield Check(name, "failed", f"{type(error).__name__}: {error}")


def _home(settings: Settings) -> Iterator[Check]:
    database = open_home(settings)
    open_store(settings, database)
    database.dispose()
    store = () if settings.store_url else (settings.store,)
    for folder in (settings.inbox, *store, settings.spool):
        with tempfile.TemporaryFile(dir=folder):
            pass
    same = {f.stat().st_dev for f in (settings.inbox, settings.claimed, settings.spool)}
    yield Check("home", "ok", f"{settings.home.resolve()} 可写 writable")
    if len(same) > 1:
        yield Check(
            "file system",
            "warning",
            "收件箱与工作目录不在同一文件系统 / inbox and home are on different file systems",
            "files are copied instead of renamed; put both on one file system",
        )


def _store(settings: Settings) -> Iterator[Check]:
    proof = prove_store(settings)
    if proof is None:
        yield Check("store", "ok", f"{settings.store} (local folder)")
        return
    lacks = proof.lacking
    yield Check(
        "store",
        "warning" if lacks else "ok",
        f"{settings.store_url}" + (f": does not enforce {lacks}" if lacks else ": fit for records"),
        "make the bucket with versions and object lock" if lacks else "",
    )


def _disk(settings: Settings) -> Iterator[Check]:
    free = shutil.disk_usage(settings.home).free
    low = free < LOW_DISK_BYTES
    yield Check(
        "disk",
        "failed" if low else "ok",
        f"可用 free {free // MEGABYTE} MB",
        "free some space; work waits and goes on by itself" if low else "",
    )


def _database(settings: Settings) -> Iterator[Check]:
    database = open_home(settings)
    with database.read() as session:
        counts = documents.counts(session)
    shown = ", ".join(f"{state} {count}" for state, count in counts.items() if count)
    yield Check("database", "ok", f"{database.dialect}: {shown or 'empty'}")
    if counts["failed"]:
        yield Check(
            "failed",
            "warning",
            f"{counts['failed']} failed",
            "yihu documents --state failed; yihu retry ID",
        )


def _broker(settings: Settings) -> Iterator[Check]:
    if _is_shared(settings):
        yield Check("broker", "failed", SHARED_BROKER, "YIHU_BROKER_URL (docs/deploy.md)")
        return
    if settings.broker_url.get_secret_value():
        yield Check("broker", "ok", "set by YIHU_BROKER_URL")
        return
    program = broker.server()
    endpoint = broker.known_endpoint(settings.run)
    up = endpoint is not None and broker.answers(endpoint)
    yield Check("broker", "ok", f"{program.name}, {'answers' if up else 'started by yihu up'}")


def _is_shared(settings: Settings) -> bool:
    with contextlib.suppress(Retryable):  # a database that is away is told as such
        database = open_home(settings)
        with database.read() as session:
            mine = identity(session)
        database.dispose()
        return Messages(make_app(settings)).others(mine) > 0
    return False


def _engines(settings: Settings) -> Iterator[Check]:
    with Sandbox(
        workers=1, memory_bytes=settings.child_memory_bytes, seconds=settings.page_seconds
    ) as sandbox:
        for name in ENGINES:
            default = name == settings.engine
            try:
                version = sandbox.run(warm_up, ReadOptions(engine=name))
            except YihuError as error:
                remedy = TESSERACT_REMEDY if name == "tesseract" else "make setup"
                yield Check(
                    f"engine {name}", "failed" if default else "warning", str(error), remedy
                )
            else:
                yield Check(f"engine {name}", "ok", f"{version}{' (default)' if default else ''}")


def _programs(settings: Settings) -> Iterator[Check]:  # noqa: ARG001 - a check
    there = shutil.which("pdftoppm")
    yield Check(
        "poppler",
        "ok" if there else "warning",
        there or "没有第二 PDF 解析器 / no second opinion for PDF files",
        "" if there else POPPLER_REMEDY,
    )


def _running(settings: Settings) -> Iterator[Check]:
    up = is_running(settings.run)
    message = "运行中 running" if up else "未运行 not running"
    yield Check("yihu up", "ok" if up else "warning", message, "" if up else "yihu up")


def _fixity(settings: Settings) -> Iterator[Check]:
    with open_home(settings).read() as session:
        total, bad, oldest = originals.fixity_counts(session)
        unchecked = originals.unchecked(session)
        last, broken_off = verifications.last(session), verifications.unfinished(session)
    yield Check(
        "fixity",
        _judged(bad - unchecked, unchecked),
        f"{total} originals, {bad - unchecked} not ok, {unchecked} could not be checked, "
        f"oldest look {iso(oldest) or '-'}",
        "yihu verify" if bad else "",
    )
    if last is None:
        yield Check("verify", "warning", "尚未核验 never done", "yihu verify")
    else:
        well = not (last.failed or last.could_not_check)
        yield Check(
            "verify",
            _judged(last.failed, last.could_not_check),
            f"{iso(last.finished_at)}: {last.checked} checked, {last.failed} failed, "
            f"{last.could_not_check} could not be checked",
            "" if well else "yihu verify",
        )
    if broken_off is not None:
        since = iso(broken_off.started_at)
        yield Check("verify", "warning", f"中断 interrupted: {since}", "yihu verify --resume")


def _judged(wrong: int, unchecked: int) -> str:
    if wrong:
        return "failed"
    return "warning" if unchecked else "ok"
