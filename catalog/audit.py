"""Does what the tables say follow from the ledger, and the projection from the truth?

`audit_ticks` holds every tick against the event that made it, both ways, so a
row written, changed or deleted by hand shows. `drift_audit` computes every
catalogue line anew and compares it with `Item` and `Counter`. Both walk the
tables once in chunks by key; run them at night.
"""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import projection, tallies
from catalog.ledger import MACHINE, digest
from catalog.models import Counter, Event, Holding, Item, Waiver
from catalog.rules import rules_of
from yihu.clock import iso
from yihu.template import Template

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that does not follow: "holding:7", why, and of which medium, if it is a tick."""

    subject: str
    message: str
    medium: str = ""


def seal_of(holding: Holding) -> str:
    """Digest of what a tick says; it stands in the ledger and must not change after."""
    return digest(
        [
            holding.household_id,
            holding.type,
            holding.medium,
            holding.document_id,
            holding.sha256,
            holding.copies,
            holding.evidence,
            iso(holding.since),
            holding.actor,
        ]
    )


def audit_ticks(session: Session) -> Iterator[Problem]:
    """Every tick and waiver that does not follow from the ledger, and events without a row."""
    yield from _holdings(session)
    yield from _waivers(session)
    yield from _events_without_rows(session)
    yield from _moves(session)


def _holdings(session: Session) -> Iterator[Problem]:
    last = 0
    while True:
        chunk = session.scalars(
            select(Holding).where(Holding.id > last).order_by(Holding.id).limit(_CHUNK)
        ).all()
        events = _events(
            session, [s for h in chunk for s in (h.tick_seq, h.untick_seq, h.move_seq) if s]
        )
        for holding in chunk:
            for message in _faults(holding, events):
                yield Problem(f"holding:{holding.id}", message, holding.medium)
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].id


_Told = dict[int, tuple[Event, dict[str, Any]]]


def _faults(holding: Holding, events: _Told) -> Iterator[str]:
    event, data = events.get(holding.tick_seq, (None, {}))
    if event is None or event.action != "ticked":
        yield "勾选没有对应事件 a tick no event tells of"
        return
    if event.subject_id != str(holding.household_id) or data.get("seal") != seal_of(holding):
        yield "勾选内容与事件不符 a tick was changed after its event"
    if holding.category != holding.type.partition(".")[0]:  # follows from the type; not sealed
        yield "类别与类型不符 the category is not the one of its type"
    if holding.move_seq is not None:
        event, data = events.get(holding.move_seq, (None, {}))
        if event is None or event.action != "moved" or data.get("tick") != holding.tick_seq:
            yield "移位没有对应事件 a move no event tells of"
    if data.get("location") != holding.location:
        yield "库位与事件不符 the place is not the one its event tells"
    yield from _untick_faults(holding, events)


def _untick_faults(holding: Holding, events: _Told) -> Iterator[str]:
    if holding.untick_seq is None:
        if holding.withdrawn_at is not None or holding.withdrawn_by or holding.reason:
            yield "取消勾选没有对应事件 an un-tick no event tells of"
        return
    event, data = events.get(holding.untick_seq, (None, {}))
    if event is None or event.action != "unticked" or data.get("tick") != holding.tick_seq:
        yield "取消勾选没有对应事件 an un-tick no event tells of"
        return
    said = (holding.withdrawn_at, holding.withdrawn_by or MACHINE, digest(holding.reason))
    if said != (event.at, event.actor, data.get("why")):
        yield "取消勾选与事件不符 an un-tick was changed after its event"


def _waivers(session: Session) -> Iterator[Problem]:
    last = 0
    rebuilt = _begins_rebuilt(session)
    while True:
        chunk = session.scalars(
            select(Waiver).where(Waiver.id > last).order_by(Waiver.id).limit(_CHUNK)
        ).all()
        events = _events(session, [s for w in chunk for s in (w.seq, w.lifted_seq) if s])
        for waiver in chunk:
            if not _waiver_follows(waiver, events, rebuilt=rebuilt):
                message = "豁免与事件不符 a waiver differs from its event"
                yield Problem(f"waiver:{waiver.id}", message)
            if not _end_follows(waiver, events):
                message = "豁免终止与事件不符 its end differs from its event"
                yield Problem(f"waiver:{waiver.id}", message)
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].id


def _waiver_follows(waiver: Waiver, events: _Told, *, rebuilt: bool) -> bool:
    event, data = events.get(waiver.seq, (None, {}))
    if event is None or event.action != "waived":
        return False
    until = waiver.until.isoformat() if waiver.until else None
    if "since" in data:  # in a rebuilt ledger the event is younger than the waiver
        dated = data["since"] == iso(waiver.since)
    else:
        dated = waiver.since == event.at or (rebuilt and waiver.since < event.at)
    said = (str(waiver.household_id), waiver.type, until, digest(waiver.reason))
    told = (event.subject_id, data.get("type"), data.get("until"), data.get("why"))
    return dated and said == told and (waiver.actor or MACHINE) == event.actor


def _end_follows(waiver: Waiver, events: _Told) -> bool:
    if waiver.lifted_seq is None:
        return waiver.lifted_at is None and not waiver.lifted_by
    event, data = events.get(waiver.lifted_seq, (None, {}))
    if event is None or event.action != "waiver_lifted" or data.get("waived") != waiver.seq:
        return False
    return (waiver.lifted_at, waiver.lifted_by or MACHINE) == (event.at, event.actor)


def _begins_rebuilt(session: Session) -> bool:
    """Whether this ledger was begun by a rebuild; early ones did not tell a waiver's own date."""
    first = session.scalar(select(Event.action).where(Event.subject_kind == "home").limit(1))
    return first == "rebuilt"


def _events_without_rows(session: Session) -> Iterator[Problem]:
    """Events whose row was deleted, or set back to what it was before them."""
    for action, column in (
        ("ticked", Holding.tick_seq),
        ("unticked", Holding.untick_seq),
        ("waived", Waiver.seq),
        ("waiver_lifted", Waiver.lifted_seq),
    ):
        rows = session.execute(
            select(Event.seq, Event.data)
            .outerjoin(column.class_, column == Event.seq)
            .where(Event.action == action, column.is_(None))
            .order_by(Event.seq)
        )
        for seq, data in rows:
            medium = str(json.loads(data).get("medium", ""))
            yield Problem(f"event:{seq}", f"事件没有对应记录 {action}, but its row is gone", medium)


def _moves(session: Session) -> Iterator[Problem]:
    """Places set back to what they were before a later move."""
    last = 0
    while True:
        chunk = session.scalars(
            select(Event)
            .where(Event.action == "moved", Event.seq > last)
            .order_by(Event.seq)
            .limit(_CHUNK)
        ).all()
        ticks = {event.seq: int(json.loads(event.data)["tick"]) for event in chunk}
        rows = session.execute(
            select(Holding.tick_seq, Holding.move_seq).where(
                Holding.tick_seq.in_(set(ticks.values()))
            )
        )
        moved = {tick: move or 0 for tick, move in rows}
        for seq, tick in ticks.items():
            if moved.get(tick, seq) < seq:
                yield Problem(
                    f"event:{seq}", "移位事件没有对应记录 moved, but the place is older", "paper"
                )
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].seq


def _events(session: Session, seqs: Sequence[int]) -> _Told:
    found: _Told = {}
    for start in range(0, len(seqs), _CHUNK):
        rows = session.scalars(select(Event).where(Event.seq.in_(seqs[start : start + _CHUNK])))
        found.update({event.seq: (event, json.loads(event.data)) for event in rows})
    return found


def drift_audit(session: Session, template: Template | None = None) -> Iterator[Problem]:
    """Every household and roll-up whose projection is not what the truth gives.

    `projection.rebuild` repairs them all; a finding after that is a bug.
    """
    rules = rules_of(template)
    sums: defaultdict[tuple[str, ...], Tally[str]] = defaultdict(Tally)
    total = 0
    for ids in projection.open_ids(session):
        kept = projection.stored(session, ids)
        for household in projection.evaluate(session, ids, rules):
            lines = kept.get(household.household_id, projection.Lines())
            total += len(lines)
            if lines != household.lines:
                yield Problem(f"household:{household.household_id}", "目录缓存不符 stale items")
            sums[*household.place, ""]["households"] += bool(household.lines)
            for category, more in household.lines.sums.items():
                sums[*household.place, category].update(more)
    if total != session.query(Item).count():
        yield Problem("item", "已关闭业户仍有目录缓存 items of households that are not open")
    yield from _roll_ups(session, sums)
    for subject in tallies.drift(session):
        yield Problem(f"tally:{subject}", "计数不符 a kept number is wrong")


def _roll_ups(
    session: Session, sums: defaultdict[tuple[str, ...], Tally[str]]
) -> Iterator[Problem]:
    for row in session.scalars(select(Counter)):
        key = (row.estate, row.zone, row.building, row.category)
        right = sums.pop(key, Tally())
        if any(getattr(row, name) != right[name] for name in projection.MEASURES):
            yield Problem(f"counter:{'-'.join(key)}", "汇总数不符 a roll-up is wrong")
    for place, left in sums.items():
        if any(left.values()):
            yield Problem(f"counter:{'-'.join(place)}", "缺少汇总 a roll-up is missing")
