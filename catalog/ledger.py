"""The audit trail: append events, each sealed with the hash of the one before, and verify them.

An event is appended in the transaction of the change it tells of. Appends are
put in a row by the lock on `LedgerHead`, so a transaction should append late
and commit soon. Data holds ids and field names, never personal values
(domain 5.5).

Residual risk: whoever may write the database, drop its triggers and knows this
code can cut off the tail and set the head back, or rewrite the whole chain.
Only an anchor kept elsewhere (`anchor`: in the object store, where `verify`
looks for it, in a backup, on paper) shows that; what happened after the newest
such anchor stays unprotected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from catalog.models import Event, LedgerHead, table_of
from yihu.clock import now
from yihu.errors import Invariant

MACHINE = "machine"
GENESIS = "0" * 64
_CHUNK = 1000
_HEAD_ID = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What to append: subject is "kind:id", data must be plain JSON values."""

    action: str
    subject: str
    data: Mapping[str, Any]
    actor: str = MACHINE


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point of the chain to keep elsewhere: the event `seq` had this hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @staticmethod
    def parse(text: str) -> Anchor:
        """The anchor that `str` wrote; ValueError when it is none."""
        seq, _, digest = text.strip().partition(":")
        if len(digest) != len(GENESIS):
            raise ValueError(f"not an anchor: {text!r}")
        return Anchor(int(seq), digest)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the ledger shows to be wrong.

    `kind` is "altered", "missing", "reordered", "added" or, for ticks,
    "forged", "lost"; `subject` is the event or row, e.g. "event:7".
    """

    kind: str
    subject: str
    message: str


def canonical(data: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, characters as they are."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(data: Any) -> str:
    """SHA-256, in hex, of a value's canonical text: seals a value without showing it."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def append(
    session: Session, action: str, subject: str, data: Mapping[str, Any], actor: str = MACHINE
) -> Event:
    """Append one event; it stands or falls with the caller's transaction."""
    (row,) = _append(session, [Entry(action, subject, data, actor)])
    return Event(**row)


def append_many(session: Session, entries: Sequence[Entry]) -> int:
    """Append events in order at one moment, in bulk; gives the number of the last one."""
    rows = _append(session, entries)
    return int(rows[-1]["seq"]) if rows else anchor(session).seq


def _append(session: Session, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    heads = table_of(LedgerHead)
    mine = heads.c.id == _HEAD_ID
    head = session.execute(
        select(heads.c.seq, heads.c.hash).where(mine).with_for_update()
    ).one_or_none()
    if head is None:
        raise Invariant("the ledger has no head")
    moment, (seq, seal) = now(), head
    rows = []
    for entry in entries:
        seq += 1
        row = _row(entry, seq, seal, moment)
        seal = row["hash"]
        rows.append(row)
    for start in range(0, len(rows), _CHUNK):
        session.execute(insert(table_of(Event)), rows[start : start + _CHUNK])
    session.execute(update(heads).where(mine).values(seq=seq, hash=seal))
    return rows


def anchor(session: Session) -> Anchor:
    """The chain's present end, to be kept outside this database."""
    head = session.get_one(LedgerHead, _HEAD_ID, populate_existing=True)
    return Anchor(head.seq, head.hash)


def events_of(
    session: Session, subject: str, *, before: int | None = None, limit: int = 100
) -> Sequence[Event]:
    """The newest events about one subject; `before` is the last seq of the page before."""
    kind, _, subject_id = subject.partition(":")
    query = select(Event).where(Event.subject_kind == kind, Event.subject_id == subject_id)
    if before is not None:
        query = query.where(Event.seq < before)
    return session.scalars(query.order_by(Event.seq.desc()).limit(limit)).all()


def newest_of(session: Session, subject: str, actions: Collection[str]) -> Event | None:
    """The newest event about one subject that is one of these, however often it was looked at."""
    kind, _, subject_id = subject.partition(":")
    return session.scalar(
        select(Event)
        .where(
            Event.subject_kind == kind, Event.subject_id == subject_id, Event.action.in_(actions)
        )
        .order_by(Event.seq.desc())
        .limit(1)
    )


def newest_of_each(session: Session, kind: str) -> Sequence[Event]:
    """The newest event of every subject of a kind, in the order they were written."""
    newest = (
        select(func.max(Event.seq)).where(Event.subject_kind == kind).group_by(Event.subject_id)
    )
    return session.scalars(select(Event).where(Event.seq.in_(newest)).order_by(Event.seq)).all()


def verify_chain(
    session: Session, after: Anchor | None = None, anchors: Sequence[Anchor] = ()
) -> Iterator[Finding]:
    """Walk the chain and name every altered, missing, reordered or added event.

    `after` is trusted and the walk starts there; `anchors` are points kept
    elsewhere that the chain must still hold. Costs one pass over the table.
    """
    known: dict[int, set[str]] = {}
    for point in anchors:
        known.setdefault(point.seq, set()).add(point.hash)
    last = after or Anchor(0, GENESIS)
    if last.seq and session.scalar(select(Event.hash).where(Event.seq == last.seq)) != last.hash:
        yield Finding("altered", f"event:{last.seq}", "事件与锚点不符 differs from its anchor")
    for event in _walk(session, last.seq):
        if event.seq != last.seq + 1:
            lost = f"{last.seq + 1}-{event.seq - 1}"
            yield Finding("missing", f"event:{last.seq + 1}", f"缺失事件 events {lost} are missing")
        yield from _check(session, event, last)
        if known.get(event.seq, set()) - {event.hash}:
            yield Finding("altered", f"event:{event.seq}", "事件与锚点不符 differs from its anchor")
        last = Anchor(event.seq, event.hash)
    yield from _check_end(session, last, known)


def _walk(session: Session, after: int) -> Iterator[Event]:
    while True:
        chunk = session.scalars(
            select(Event).where(Event.seq > after).order_by(Event.seq).limit(_CHUNK)
        ).all()
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1].seq
        for event in chunk:
            session.expunge(event)


def _check(session: Session, event: Event, last: Anchor) -> Iterator[Finding]:
    subject = f"event:{event.seq}"
    if _seal(event, event.seq) != event.hash:
        before = session.scalar(select(Event.seq).where(Event.hash == event.prev_hash))
        if before is not None and _seal(event, before + 1) == event.hash:
            yield Finding("reordered", subject, f"顺序被改 stood at {before + 1}")
        else:
            yield Finding("altered", subject, "内容被改 content does not match its seal")
    elif event.prev_hash != last.hash and event.seq == last.seq + 1:
        yield Finding(
            "altered", f"event:{last.seq}", f"封印被改 event {event.seq} remembers another seal"
        )


def _check_end(session: Session, last: Anchor, known: Collection[int]) -> Iterator[Finding]:
    head = session.get(LedgerHead, _HEAD_ID, populate_existing=True)
    expected = max([head.seq if head else 0, *known])
    if head is None:
        yield Finding("missing", "ledger:head", "账尾记录缺失 the head is missing")
    if expected > last.seq:
        lost = f"{last.seq + 1}-{expected}"
        yield Finding("missing", f"event:{last.seq + 1}", f"账尾被截 events {lost} are missing")
    elif head is not None and head.seq < last.seq:
        yield Finding("added", f"event:{head.seq + 1}", "账外事件 events the head does not know")
    elif head is not None and head.hash != last.hash:
        yield Finding("altered", f"event:{last.seq}", "封印与账尾不符 the head has another seal")


def _row(entry: Entry, seq: int, prev_hash: str, moment: datetime) -> dict[str, Any]:
    kind, _, subject_id = entry.subject.partition(":")
    row: dict[str, Any] = {
        "seq": seq,
        "at": moment,
        "actor": entry.actor or MACHINE,
        "action": entry.action,
        "subject_kind": kind,
        "subject_id": subject_id,
        "data": canonical(entry.data),
        "prev_hash": prev_hash,
    }
    return row | {"hash": _seal_of(*row.values())}


def _seal(event: Event, seq: int) -> str:
    return _seal_of(
        seq,
        event.at,
        event.actor,
        event.action,
        event.subject_kind,
        event.subject_id,
        event.data,
        event.prev_hash,
    )


def _seal_of(seq: int, at: datetime, *texts: str) -> str:
    return digest([seq, at.astimezone(UTC).isoformat(timespec="microseconds"), *texts])
