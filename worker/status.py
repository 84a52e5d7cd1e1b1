"""How the house stands, line by line, and what needs a person; for `yihu status`.

Each line is judged by the same limits as the alerts in `deploy/alerts.yaml`.
What could not be learnt is said so and is never well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from catalog.database import Database
from catalog.standing import LATELY, Archive, Work
from worker.app import make_app
from worker.duty import Duty, queue_of
from worker.home import open_store
from worker.lookout import House, Lookout
from worker.messages import Messages
from worker.supervisor import SILENT_SECONDS, is_running
from yihu.clock import iso
from yihu.errors import Retryable
from yihu.reasons import REASONS
from yihu.settings import MEGABYTE, Settings
from yihu.urgency import Urgency

STANDS_STILL = timedelta(minutes=15)
IDLE_HANDS = timedelta(minutes=2)
"""With nothing in any hand, what is due waits no longer than this: sweeps are seconds apart."""
REVIEW_AGE = timedelta(days=3)
VERIFY_AGE = timedelta(hours=48)
LOW_DISK_BYTES = 1024 * MEGABYTE
LOW_DISK_SHARE = 0.05


class Result(StrEnum):
    """How a line is judged."""

    OK = "ok"
    ATTENTION = "attention"
    COULD_NOT_CHECK = "could-not-check"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what it is, how it is judged, in words, what to do, and its figures."""

    check: str
    result: Result
    message: str
    remedy: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The line for printing; figures stand beside the rest."""
        told = {"check": self.check, "result": str(self.result), "message": self.message}
        return {**told, "remedy": self.remedy, **self.figures}


def look(settings: Settings) -> list[Line]:
    """Every line for the home of these settings; creates and changes nothing.

    Raises `Retryable` when there is no such home.
    """
    embedded = not settings.database_url.get_secret_value()
    if embedded and not (settings.home / "yihu.db").is_file():
        raise Retryable(f"没有这个家目录 / there is no home at {settings.home}; yihu init")
    database = Database(settings.database)
    messages = Messages(make_app(settings))
    lookout = Lookout(settings, database, lambda: open_store(settings, database), messages)
    try:
        return list(lines(settings, lookout.house()))
    finally:
        database.dispose()


def lines(settings: Settings, house: House) -> Iterator[Line]:
    """The lines for how the house stands."""
    yield from _processes(settings, house)
    yield from _parts(house)
    yield _disk(house)
    if house.work is None:
        message = "数据库未答复，无法得知 / the database does not tell"
        for check in ("documents", "queue", "review", "fixity"):
            yield Line(check, Result.COULD_NOT_CHECK, message, "yihu doctor")
        return
    yield _documents(house.work, house.archive)
    yield from _queues(house, house.work)
    yield _review(house, house.work)
    yield _pace(house.work)
    yield _failures(house.work)
    yield from _fixity(house, house.work, house.archive)


# --- what runs ----------------------------------------------------------------------------------


def _processes(settings: Settings, house: House) -> Iterator[Line]:
    """Those of this machine; with servers of its own a home may have its processes elsewhere."""
    supervised = is_running(settings.run)
    ages = {pulse.name: (house.at - pulse.heard).total_seconds() for pulse in house.pulses}
    if not supervised and not settings.broker_url.get_secret_value():
        yield Line("processes", Result.ATTENTION, "未运行 not running", "yihu up")
        return
    fresh = {name for name, age in ages.items() if age <= SILENT_SECONDS}
    if not supervised and not fresh:
        message = "此处无进程，或在别处运行 / none here; they may run elsewhere"
        yield Line("processes", Result.OK, message)
        return
    for pulse in house.pulses:
        if supervised or pulse.name in fresh:
            yield _process(pulse.name, pulse.since, ages[pulse.name])


def _process(name: str, since: datetime | None, age: float) -> Line:
    well = age <= SILENT_SECONDS
    shown = f"{iso(since) or '-'} 起 since; {age:.0f} s 前心跳 ago"
    figures = {"since": iso(since), "pulse_seconds": round(age, 1)}
    result = Result.OK if well else Result.ATTENTION
    return Line(f"process {name}", result, shown, "" if well else "看日志 see logs/", figures)


def _parts(house: House) -> Iterator[Line]:
    for part in house.parts:
        if part.ok:
            yield Line(part.name, Result.OK, "有答复 answers")
        else:
            yield Line(part.name, Result.ATTENTION, part.why, "yihu doctor")


def _disk(house: House) -> Line:
    low = house.disk_free < max(LOW_DISK_BYTES, LOW_DISK_SHARE * house.disk_size)
    message = f"可用 free {house.disk_free // MEGABYTE} MB / {house.disk_size // MEGABYTE} MB"
    figures = {"free_bytes": house.disk_free, "size_bytes": house.disk_size}
    result = Result.ATTENTION if low else Result.OK
    return Line("disk", result, message, "腾出空间 free some space" if low else "", figures)


# --- the work -----------------------------------------------------------------------------------


def _documents(work: Work, archive: Archive | None) -> Line:
    states = {**work.states, **(archive.states if archive else {})}
    failed = work.states["failed"]
    shown = ", ".join(f"{state} {number}" for state, number in states.items() if number)
    return Line(
        "documents",
        Result.ATTENTION if failed else Result.OK,
        shown or "空 empty",
        "yihu documents --state failed; yihu retry ID" if failed else "",
        {"states": states},
    )


def _queues(house: House, work: Work) -> Iterator[Line]:
    """Late work waits for its turn; what somebody waits for must not, unless pages are read."""
    for urgency in Urgency:
        due = work.due.get(urgency)
        age = house.at - due if due else timedelta()
        moves = urgency is not Urgency.NOW and work.pages > 0
        patient = urgency in (Urgency.LATER, Urgency.SLOW) and bool(work.holders or work.pages)
        limit = STANDS_STILL if work.holders else IDLE_HANDS
        stands = age > limit and not moves and not patient
        waiting = None if house.messages is None else _waiting(house.messages, urgency)
        figures = {"waiting": waiting, "oldest_seconds": round(age.total_seconds(), 1)}
        shown = f"{'?' if waiting is None else waiting} 条 messages, 最久 oldest {_span(age)}"
        yield Line(
            f"queue {urgency.name.lower()}",
            Result.ATTENTION if stands else Result.OK,
            shown,
            "工作停滞，看日志 work stands still: logs/worker.log" if stands else "",
            figures,
        )


def _waiting(messages: Mapping[str, int], urgency: Urgency) -> int:
    """Messages of an urgency, at the inbox and away from it."""
    return sum(messages[queue_of(urgency, at_inbox=side)] for side in Duty.ALL.sides)


def _review(house: House, work: Work) -> Line:
    since = work.oldest.get("review")
    age = house.at - since if since else timedelta()
    old = age > REVIEW_AGE
    number = work.states["review"]
    return Line(
        "review",
        Result.ATTENTION if old else Result.OK,
        f"待复核 waiting {number}, 最久 oldest {_span(age)}",
        "yihu review list" if old else "",
        {"waiting": number, "oldest_seconds": round(age.total_seconds(), 1)},
    )


def _pace(work: Work) -> Line:
    pace = work.pages / (LATELY.total_seconds() / 60)
    figures = {"pages_per_minute": round(pace, 1), "holders": work.holders, "chores": work.chores}
    shown = f"每分钟 {pace:.1f} 页 pages a minute (15 min); 在办 busy workers {work.holders}"
    return Line("pace", Result.OK, f"{shown}; 后台 chores {work.chores}", "", figures)


def _failures(work: Work) -> Line:
    shown = "; ".join(f"{_reason(code)} {number}" for code, number in work.failures.items())
    return Line("failures 24 h", Result.OK, shown or "无 none", "", {"reasons": work.failures})


# --- the originals ------------------------------------------------------------------------------


def _fixity(house: House, work: Work, archive: Archive | None) -> Iterator[Line]:
    total = archive.originals if archive else None
    bad = work.bad_originals
    yield Line(
        "fixity",
        Result.ATTENTION if bad else Result.OK,
        f"{total} 份原件 originals, {bad} 不符 not ok, 最早核验 oldest look "
        f"{iso(work.oldest_look) or '-'}",
        "yihu verify" if bad else "",
        {"originals": total, "not_ok": bad, "oldest_look": iso(work.oldest_look)},
    )
    run = work.verified
    if run is None or run.finished_at is None:
        late = work.oldest_look is not None and house.at - work.oldest_look > VERIFY_AGE
        result = Result.ATTENTION if late else Result.OK
        yield Line("verify", result, "尚未核验 never done", "yihu verify" if late else "")
        return
    well = not (run.failed or run.could_not_check)
    late = house.at - run.finished_at > VERIFY_AGE
    yield Line(
        "verify",
        Result.OK if well and not late else Result.ATTENTION,
        f"{iso(run.finished_at)}: {run.checked} checked, {run.failed} failed, "
        f"{run.could_not_check} could not be checked",
        "" if well and not late else "yihu verify",
        {"finished_at": iso(run.finished_at), "failed": run.failed}
        | {"could_not_check": run.could_not_check},
    )


def _reason(code: str) -> str:
    known = REASONS.get(code)
    return f"{known.zh} {known.en}" if known else code


def _span(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 60:
        return f"{int(age.total_seconds())} s" if not minutes else f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
