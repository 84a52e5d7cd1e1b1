"""Keep `Item` and `Counter` true to holdings, waivers and facts, in the same transaction.

`evaluate` computes catalogue lines live from the truth; `refresh` writes what
changed of them and moves the counters by the difference. Every change of a
household goes through `refresh`, so the two cannot drift apart unless somebody
writes the tables by hand; `catalog.audit.drift_audit` finds that.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Insert,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalog import tallies
from catalog.models import Counter, Estate, Holding, Household, Item, Person, Room, Waiver, table_of
from catalog.register.names import is_company
from catalog.rules import Facts, Rules, noted, rules_of
from yihu.template import Template

DIGITAL, PAPER = "digital", "paper"
_KEY = ("estate", "zone", "building", "category")
MEASURES = ("households", "required", "digital", "paper", "both", "missing")
_CHUNK = 500
_Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a household's catalogue: how many are needed, and how many are there."""

    type: str
    category: str
    needed: int
    digital: int
    paper: int
    waived: bool

    @property
    def has_digital(self) -> bool:
        """Whether the digital tick stands: every needed copy is there."""
        return self.digital >= max(1, self.needed)

    @property
    def has_paper(self) -> bool:
        """Whether the paper tick stands."""
        return self.paper >= max(1, self.needed)

    @property
    def gap(self) -> int | None:
        """What a required, unwaived line lacks: 1 paper, 2 digital, 3 both, None nothing."""
        if not self.needed or self.waived:
            return None
        return (not self.has_paper) + 2 * (not self.has_digital) or None

    def measures(self) -> dict[str, int]:
        """What the line adds to the roll-up; a waived one adds to neither side (domain 4.5)."""
        if not self.needed or self.waived:
            return {}
        digital, paper = self.has_digital, self.has_paper
        return {
            "required": 1,
            "digital": int(digital),
            "paper": int(paper),
            "both": int(digital and paper),
            "missing": int(not digital and not paper),
        }


class Lines(dict[str, Line]):
    """A household's lines by type; not to be changed, because equal households share them."""

    @cached_property
    def sums(self) -> dict[str, Tally[str]]:
        """What the lines add to the roll-up, by category."""
        found: defaultdict[str, Tally[str]] = defaultdict(Tally)
        for line in self.values():
            found[line.category].update(line.measures())
        return found

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The lines as rows of `Item`, without the household."""
        return [_row(line) for line in self.values()]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A household as the rules see it now."""

    household_id: int
    place: _Place
    open: bool
    facts: Facts
    lines: Lines


def evaluate(
    session: Session, ids: Sequence[int], rules: Rules, *, as_of: datetime | None = None
) -> list[Evaluated]:
    """Catalogue lines of these households (at most a few hundred), computed from the truth.

    `as_of` shows holdings and waivers as they stood then; facts and people are
    the present ones.
    """
    households = session.execute(
        select(
            Household.id, Household.generation, Household.occupancy, Household.facts,
            Household.closed_at, Room.estate, Room.zone, Room.building,
            Estate.tower, Estate.recommended,
        )
        .join(Room, Household.room_id == Room.id)
        .outerjoin(Estate, Estate.name == Room.estate)
        .where(Household.id.in_(ids))
        .order_by(Household.id)
    ).all()  # fmt: skip
    people = _people(session, ids)
    held = _held(session, ids, as_of)
    waived = _waived(session, ids, as_of)
    found = []
    for row in households:
        facts = _facts(row, people.get(row.id, []), frozenset(held[row.id]))
        lines = _lines(facts, held[row.id], waived[row.id], rules)
        place = (row.estate, row.zone, row.building)
        found.append(Evaluated(row.id, place, row.closed_at is None, facts, lines))
    return found


def _people(session: Session, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(Person.household_id, Person.role, Person.name).where(Person.household_id.in_(ids))
    )
    for household_id, role, name in rows:
        found[household_id].append((role, name))
    return found


def _stood(since: Any, ended: Any, as_of: datetime | None) -> ColumnElement[bool]:
    """Whether a row stood then; now, when no moment is given."""
    if as_of is None:
        return cast("ColumnElement[bool]", ended.is_(None))
    return and_(since <= as_of, or_(ended.is_(None), ended > as_of))


def _held(
    session: Session, ids: Sequence[int], as_of: datetime | None
) -> defaultdict[int, dict[str, Tally[str]]]:
    found: defaultdict[int, dict[str, Tally[str]]] = defaultdict(dict)
    rows = session.execute(
        select(Holding.household_id, Holding.type, Holding.medium, func.sum(Holding.copies))
        .where(Holding.household_id.in_(ids), _stood(Holding.since, Holding.withdrawn_at, as_of))
        .group_by(Holding.household_id, Holding.type, Holding.medium)
    )
    for household_id, kind, medium, copies in rows:
        found[household_id].setdefault(kind, Tally())[medium] = int(copies)
    return found


def _waived(
    session: Session, ids: Sequence[int], as_of: datetime | None
) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Waiver.household_id, Waiver.type).where(
            Waiver.household_id.in_(ids), _stood(Waiver.since, Waiver.lifted_at, as_of)
        )
    )
    for household_id, kind in rows:
        found[household_id].add(kind)
    return found


def _facts(row: Any, people: Sequence[tuple[str, str]], held: frozenset[str]) -> Facts:
    owners = [name for role, name in people if role == "owner" and name]
    return Facts(
        owners=len(owners),
        company=any(is_company(name) for name in owners),
        generation=row.generation,
        occupancy=row.occupancy,
        tenants=sum(role == "tenant" for role, _ in people),
        tower=bool(row.tower),
        recommended=bool(row.recommended),
        held=held,
        **noted(row.facts or {}),
    )


def _lines(facts: Facts, held: Mapping[str, Tally[str]], waived: set[str], rules: Rules) -> Lines:
    if not held and not waived:
        return _bare_lines(rules, facts)
    required = rules.required(facts)
    codes = (*required, *(code for code in held if code not in required))
    return Lines(
        (code, _line(code, required.get(code, 0), held.get(code), waived=code in waived))
        for code in codes
    )


@lru_cache(maxsize=4096)
def _bare_lines(rules: Rules, facts: Facts) -> Lines:
    """The lines of a household that holds nothing yet."""
    needed = rules.required(facts)
    return Lines((code, _line(code, count, None, waived=False)) for code, count in needed.items())


def _line(code: str, needed: int, held: Tally[str] | None, *, waived: bool) -> Line:
    digital, paper = (held[DIGITAL], held[PAPER]) if held else (0, 0)
    return Line(code, code.partition(".")[0], needed, digital, paper, waived)


# --- the projection ---------------------------------------------------------------------------


def refresh(session: Session, ids: Sequence[int], template: Template | None = None) -> None:
    """Bring the items of these households, and the counters above them, up to date.

    Call it after every change of a holding, a waiver, an owner or a fact, in
    the same transaction. A closed household has no items and counts nowhere.
    """
    rules = rules_of(template)
    session.flush()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        _write(session, evaluate(session, chunk, rules), stored(session, chunk))


def stored(session: Session, ids: Sequence[int]) -> defaultdict[int, Lines]:
    """The projected lines of these households as they stand in the table."""
    found: defaultdict[int, Lines] = defaultdict(Lines)
    rows = session.execute(
        select(
            Item.household_id, Item.type, Item.category, Item.needed, Item.digital, Item.paper,
            Item.waived,
        ).where(Item.household_id.in_(ids))
    )  # fmt: skip
    for household_id, kind, category, needed, digital, paper, waived in rows:
        found[household_id][kind] = Line(kind, category, needed, digital, paper, waived)
    return found


def _write(session: Session, computed: Sequence[Evaluated], before: Mapping[int, Lines]) -> None:
    moves: defaultdict[tuple[str, str, str, str], Tally[str]] = defaultdict(Tally)
    inserts: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for household in computed:
        old = before.get(household.household_id, Lines())
        new = household.lines if household.open else Lines()
        _move(moves, household.place, old, new)
        if not old:
            inserts += [{"household_id": household.household_id, **row} for row in new.rows]
            continue
        gone = [code for code in old if code not in new]
        if gone:
            _delete(session, household.household_id, gone)
        for code, line in new.items():
            if code not in old:
                inserts.append({"household_id": household.household_id, **_row(line)})
            elif old[code] != line:
                changed = {f"new_{name}": value for name, value in _row(line).items()}
                changes.append({"of": household.household_id, "old_type": code, **changed})
    if inserts:
        session.execute(insert(table_of(Item)), inserts)
    if changes:
        session.execute(_change(), changes)
    _count(session, moves)


def _move(
    moves: defaultdict[tuple[str, str, str, str], Tally[str]],
    place: _Place,
    old: Lines,
    new: Lines,
) -> None:
    """Note by how much each counter moves; an open household always has lines."""
    moves[*place, ""]["households"] += bool(new) - bool(old)
    for category, sums in new.sums.items():
        moves[*place, category].update(sums)
    for category, sums in old.sums.items():
        moves[*place, category].subtract(sums)


def _delete(session: Session, household_id: int, types: Sequence[str]) -> None:
    session.execute(delete(Item).where(Item.household_id == household_id, Item.type.in_(types)))


@cache
def _change() -> Update:
    """One line written anew; a statement of the table, because no object stands for the row."""
    items = table_of(Item)
    return (
        update(items)
        .where(items.c.household_id == bindparam("of"), items.c.type == bindparam("old_type"))
        .values(
            {
                column.name: bindparam(f"new_{column.name}")
                for column in items.c
                if column.name != "household_id"
            }
        )
    )


def _row(line: Line) -> dict[str, Any]:
    return {
        "type": line.type,
        "category": line.category,
        "needed": line.needed,
        "digital": line.digital,
        "paper": line.paper,
        "waived": line.waived,
        "gap": line.gap,
    }


def _count(session: Session, moves: Mapping[tuple[str, str, str, str], Tally[str]]) -> None:
    """Move the counters, in the order of their keys so that no two transactions cross."""
    rows = [
        {**dict(zip(_KEY, key, strict=True)), **{name: move[name] for name in MEASURES}}
        for key, move in sorted(moves.items())
        if any(move.values())
    ]
    if rows:
        session.execute(_counting(session.get_bind().dialect.name), rows)


@cache
def _counting(dialect: str) -> Insert:
    counters = table_of(Counter)
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(counters)
    return statement.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: counters.c[name] + statement.excluded[name] for name in MEASURES},
    )


def rebuild(session: Session, template: Template | None = None) -> int:
    """Compute every item and counter anew, as after a change of the template; gives households."""
    session.execute(delete(Counter))
    session.execute(delete(Item))
    tallies.recount(session)
    total = 0
    for ids in open_ids(session):
        refresh(session, ids, template)
        total += len(ids)
    return total


def open_ids(session: Session) -> Iterator[list[int]]:
    """The ids of all open households in chunks, by key."""
    last = 0
    while True:
        ids = list(
            session.scalars(
                select(Household.id)
                .where(Household.id > last, Household.closed_at.is_(None))
                .order_by(Household.id)
                .limit(_CHUNK)
            )
        )
        if ids:
            yield ids
        if len(ids) < _CHUNK:
            return
        last = ids[-1]
