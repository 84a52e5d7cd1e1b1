"""Keeps the records beside the originals up to date, in the background, behind all else.

One chore walks the ledger from where it stopped and writes the record of
whatever changed and came to rest since; filing never waits for it. How far it
came stands in the store itself (`records/mark.json`), with the ledger's hash
there: in a restored or rebuilt home it does not hold, and all is written anew.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import chores, ledger, records
from catalog.models import Chore, Event
from storage import ObjectStore
from worker.results import Done
from worker.services import Services
from yihu import faults
from yihu.errors import NotFound

KIND = records.KIND
MARK = "mark.json"
TURN_SECONDS = 2.0
_SUBJECT = "ledger"
_EVENTS, _RESTED = 200, 200
_OVERLAP = timedelta(seconds=60)  # what came to rest then may have been committed later
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the records go: the ledger's end they know; `earlier` ledgers of this store."""

    anchor: str = f"0:{ledger.GENESIS}"
    since: str = _LONG_AGO.isoformat()
    earlier: list[str] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The last event that was walked."""
        return ledger.Anchor.parse(self.anchor).seq


def read_mark(store: ObjectStore) -> Mark:
    """The mark in the store; a fresh one where there is none, or one that cannot be read."""
    try:
        with store.open_record(MARK) as stream:
            found = records.unseal(stream.read(), "mark")
        return Mark(found["anchor"], found["since"], found["earlier"])
    except (NotFound, records.DamagedRecord):
        return Mark()


def anchors(store: ObjectStore) -> list[ledger.Anchor]:
    """Points of the ledger that the mark in the store knows, of earlier ledgers too.

    None where nothing was written yet. Raises `Retryable` when the store is
    away, `DamagedRecord` when the mark cannot be read.
    """
    try:
        with store.open_record(MARK) as stream:
            found = records.unseal(stream.read(), "mark")
    except NotFound:
        return []
    try:
        points = [ledger.Anchor.parse(each) for each in (*found["earlier"], found["anchor"])]
    except (KeyError, ValueError, TypeError) as error:
        raise records.DamagedRecord(f"the mark cannot be read: {error}") from error
    return [point for point in points if point.seq]


def ask_when_behind(services: Services) -> None:
    """Ask for a walk when something happened since the last one."""
    with services.database.read() as session:
        done = chores.last_done(session, KIND)
        before = (done.outcome or {}) if done is not None else {}
        since = datetime.fromisoformat(before.get("since", _LONG_AGO.isoformat()))
        behind = before.get("seq") != ledger.anchor(session).seq
        behind = behind or bool(records.rested(session, since, 1))
        if not behind or chores.is_waiting(session, KIND, _SUBJECT):
            return
    with services.database.write() as session:
        chores.ask(session, KIND, _SUBJECT, "")


def run(chore: Chore, services: Services) -> Done:  # noqa: ARG001 - a kind of chore
    """Write records for a while; what is left is asked for at the next sweep."""
    mark = walk(services, time.monotonic() + TURN_SECONDS)

    def tidy(session: Session) -> dict[str, Any]:
        chores.forget_done(session, KIND)
        return {}

    return Done({"seq": mark.seq, "since": mark.since}, tidy)


def write_all(services: Services) -> Mark:
    """Bring every record up to date."""
    return walk(services, float("inf"))


def walk(services: Services, until: float) -> Mark:
    """Write the records of what changed, until nothing is left or the time is over."""
    store = services.store
    mark = kept = _holding(services, read_mark(store))
    while time.monotonic() < until:
        with services.database.read() as session:
            found = records.changed(session, mark.seq, _EVENTS)
        if found is None:
            break
        _write(services, found.originals, found.households)
        mark = replace(mark, anchor=str(found.upto))
        _put_mark(store, mark)
    mark = _walk_rested(services, mark, until)
    if mark != kept:
        _put_mark(store, mark)
    return mark


def _walk_rested(services: Services, mark: Mark, until: float) -> Mark:
    since = datetime.fromisoformat(mark.since)
    after = since - _OVERLAP
    while time.monotonic() < until:
        with services.database.read() as session:
            rows = records.rested(session, after, _RESTED)
        if not rows:
            break
        _write(services, {sha256 for sha256, _ in rows}, set())
        after = rows[-1][1]
    return replace(mark, since=max(since, after).isoformat())


def _holding(services: Services, mark: Mark) -> Mark:
    """The mark if it is of this ledger; else one to begin anew, which remembers the other."""
    point = ledger.Anchor.parse(mark.anchor)
    with services.database.read() as session:
        found = session.scalar(select(Event.hash).where(Event.seq == point.seq))
    if point.seq == 0 or found == point.hash:
        return mark
    return Mark(earlier=[*mark.earlier, mark.anchor])


def _put_mark(store: ObjectStore, mark: Mark) -> None:
    body = {"kind": "mark", "format": records.FORMAT, **asdict(mark)}
    store.put_record(MARK, records.seal(body))


def _write(services: Services, hashes: set[str], households: set[int]) -> None:
    for sha256 in sorted(hashes):
        services.hands.step()
        households |= write_original(services, sha256)
    for household_id in sorted(households):
        services.hands.step()
        with services.database.read() as session:
            name = records.household_name(session, household_id)
            body = records.household(session, household_id)
            whole = records.dated(session, body)
        _put(services, name, body, whole)


def write_original(services: Services, sha256: str) -> set[int]:
    """Write an original's record unless it is on its way; gives the households it speaks of."""
    with services.database.read() as session:
        if not records.is_at_rest(session, sha256):
            return set()
        body, households = records.original(session, sha256)
        whole = records.dated(session, body)
    _put(services, records.name_of(sha256), body, whole)
    return households


def mend(services: Services, sha256: str) -> bool:
    """Write an original's record anew when it is gone or damaged; gives whether it was."""
    try:
        with services.store.open_record(records.name_of(sha256)) as stream:
            records.unseal(stream.read(), "original")
    except (NotFound, records.DamagedRecord):
        services.recorded.pop(records.name_of(sha256), None)
        write_original(services, sha256)
        return True
    return False


def _put(services: Services, name: str, body: dict[str, Any], whole: dict[str, Any]) -> None:
    """Put a record, unless this process put one that says the same before."""
    digest = ledger.digest(body)
    if services.recorded.get(name) == digest:
        return
    faults.point("record.put.before")
    services.store.put_record(name, records.seal(whole))
    if len(services.recorded) > _REMEMBERED:
        services.recorded.clear()
    services.recorded[name] = digest


def rebuilt_from(mark: Mark) -> list[str]:
    """The ends of the ledgers that this store knows of, oldest first."""
    known = [*mark.earlier, mark.anchor]
    return [anchor for anchor in known if ledger.Anchor.parse(anchor).seq]
