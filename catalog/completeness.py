"""Completeness and gaps of the whole register, from the roll-ups the ticks keep.

Neither walks the households: roll-ups are some hundred rows, gaps are read
page by page from an index that holds only gaps (measured 3.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalog.models import Counter, Household, Item, Room
from catalog.projection import MEASURES
from catalog.register.address import AddressError, room_key
from catalog.rules import rules_of
from yihu.errors import Usage
from yihu.household import ABSENT, RoomKey
from yihu.template import Template

BY = ("estate", "building", "category")
LACKING = {"paper": (1, 3), "digital": (2, 3), "both": (3,), "any": (1, 2, 3)}
_STATES = {1: "digital", 2: "paper", 3: "missing"}
_PAGE = 500
_FEW = 10  # so many households may fill a page of gaps; then twice as many are looked at


@dataclass(frozen=True, slots=True)
class CompletenessLine:
    """Counts of required, unwaived lines of open households; `rate` is present ÷ required.

    Present means on paper, digital or both; `missing` means neither.
    """

    key: str
    households: int
    required: int
    digital: int
    paper: int
    both: int
    missing: int

    @property
    def rate(self) -> float:
        """The share of required lines that are there in some form; 1.0 when none is required."""
        return round(1 - self.missing / self.required, 4) if self.required else 1.0

    def as_dict(self) -> dict[str, Any]:
        """The completeness line of the command-line contract (design 9)."""
        return {
            "key": self.key,
            "households": self.households,
            "required": self.required,
            "digital": self.digital,
            "paper": self.paper,
            "both": self.both,
            "missing": self.missing,
            "rate": self.rate,
        }


@dataclass(frozen=True, slots=True)
class Gap:
    """A required item that lacks something: state "missing", or the one form it has."""

    household_id: int
    key: RoomKey
    file_no: str
    owner: str
    category: str
    type: str
    name: str
    state: str

    def as_dict(self) -> dict[str, Any]:
        """One line of the gap list."""
        return {
            "household": self.key.as_dict(),
            "file_no": self.file_no,
            "owner": self.owner,
            "category": self.category,
            "type": self.type,
            "name": self.name,
            "state": self.state,
            "paper": self.state == "paper",
            "digital": self.state == "digital",
        }


def completeness(
    session: Session, by: str = "estate", template: Template | None = None
) -> list[dict[str, Any]]:
    """The completeness lines of the command-line contract (design 9)."""
    return [line.as_dict() for line in roll_ups(session, by, template)]


def roll_ups(
    session: Session, by: str = "estate", template: Template | None = None
) -> list[CompletenessLine]:
    """Roll-ups by estate, by building (shelf order) or by category (template order).

    A building's key is zone-building, with the estate before it where the
    register has several. Raises `Usage` for another `by`.
    """
    if by not in BY:
        raise Usage(f"by {by}: one of {', '.join(BY)}")
    sums = _sums(session, by)
    several = by == "building" and len({key[0] for key in sums}) > 1
    places = _order(sums, by, template)
    return [
        CompletenessLine(_name(key, by, several=several), **sums[key])
        for key in places
        if any(sums[key].values())
    ]


_KEYS: dict[str, tuple[InstrumentedAttribute[str], ...]] = {
    "estate": (Counter.estate,),
    "building": (Counter.estate, Counter.zone, Counter.building),
    "category": (Counter.category,),
}


def _sums(session: Session, by: str) -> dict[tuple[str, ...], dict[str, int]]:
    """The counters added up by the database."""
    keys = _KEYS[by]
    columns = [cast(func.sum(getattr(Counter, measure)), Integer) for measure in MEASURES]
    query = select(*keys, *columns).group_by(*keys)
    if by == "category":
        query = query.where(Counter.category != "")
    sums: dict[tuple[str, ...], dict[str, int]] = {
        tuple(map(str, row[: len(keys)])): dict(
            zip(MEASURES, map(int, row[len(keys) :]), strict=True)
        )
        for row in session.execute(query)
    }
    if by == "category":  # households are counted once, under no category
        households = session.scalar(select(cast(func.sum(Counter.households), Integer))) or 0
        for counts in sums.values():
            counts["households"] = households
    return sums


def counters(session: Session) -> Iterator[tuple[tuple[str, str, str], str, dict[str, int]]]:
    """The roll-ups as they stand: estate, zone and building, category, and the counts.

    Plain rows: there are thousands, and objects made of them cost more than they.
    """
    columns = [getattr(Counter, measure) for measure in MEASURES]
    for estate, zone, building, category, *counts in session.execute(
        select(Counter.estate, Counter.zone, Counter.building, Counter.category, *columns)
    ):
        yield (estate, zone, building), category, dict(zip(MEASURES, counts, strict=True))


def _order(
    sums: dict[tuple[str, ...], dict[str, int]], by: str, template: Template | None
) -> list[tuple[str, ...]]:
    if by == "category":
        codes = [category.code for category in rules_of(template).template.categories]
        return sorted(sums, key=lambda key: (codes.index(key[0]) if key[0] in codes else 99, key))
    return sorted(sums, key=lambda key: [_natural(part) for part in key])


def _natural(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part)


def _name(key: tuple[str, ...], by: str, *, several: bool) -> str:
    if by == "building" and not several:
        key = key[1:]
    parts = [part for part in key if part != ABSENT]
    return "-".join(parts) or ABSENT


def gaps(
    session: Session,
    template: Template | None = None,
    *,
    category: str | None = None,
    building: str | None = None,
    lacking: str = "both",
) -> Iterator[dict[str, Any]]:
    """The gap lines of the command-line contract; see `gap_list`."""
    found = gap_list(session, template, category=category, building=building, lacking=lacking)
    return (gap.as_dict() for gap in found)


def gap_list(
    session: Session,
    template: Template | None = None,
    *,
    category: str | None = None,
    building: str | None = None,
    lacking: str = "both",
    after: tuple[int, str] | None = None,
) -> Iterator[Gap]:
    """Required items of open households that lack something, in the order of the register.

    `lacking` is "both" (neither form is there), "paper", "digital" or "any".
    `building` is written in any form, with its zone before it where there is
    one ("3", "3栋", "东区-3"). `after` is the household id and type of the last
    line of the page before. Read in pages by key. Raises `Usage` for an unknown
    category or `lacking`.
    """
    rules = rules_of(template)
    if category is not None and category not in {c.code for c in rules.template.categories}:
        raise Usage(f"no such category: {category}")
    if lacking not in LACKING:
        raise Usage(f"lacking {lacking}: one of {', '.join(LACKING)}")
    households = None if building is None else _households_of(session, building)
    if households is not None:
        for start in range(0, len(households), _PAGE):
            chunk = households[start : start + _PAGE]
            query = _gap_query(LACKING[lacking], category).where(Item.household_id.in_(chunk))
            yield from _gaps(session, query, rules.template, after)
        return
    yield from _paged(session, LACKING[lacking], category, rules.template, after)


def _paged(
    session: Session,
    wanted: Sequence[int],
    category: str | None,
    template: Template,
    after: tuple[int, str] | None,
) -> Iterator[Gap]:
    while True:
        page = gap_keys(session, wanted, category, after)
        if page:
            query = _gap_query(wanted, category).where(
                Item.household_id.between(page[0][0], page[-1][0])
            )
            for gap in _gaps(session, query, template, after):
                if (gap.household_id, gap.type) > page[-1]:
                    break
                yield gap
            after = page[-1]
        if len(page) < _PAGE:
            return


def gap_keys(
    session: Session,
    wanted: Sequence[int],
    category: str | None,
    after: tuple[int, str] | None,
    *,
    limit: int = _PAGE,
    households: Sequence[int] | None = None,
) -> list[tuple[int, str]]:
    """The next page's keys, household and type, of all or of these households, which are sorted."""
    if households is None:
        return _keys_along(session, wanted, category, after, limit)
    keys: list[tuple[int, str]] = []
    start, step = 0, _FEW
    while start < len(households):
        there = Item.household_id.in_(households[start : start + step])
        start, step = start + step, min(2 * step, _PAGE)
        query = select(Item.household_id, Item.type).where(there, Item.gap.in_(wanted))
        if category is not None:
            query = query.where(Item.category == category)
        found = sorted((number, code) for number, code in session.execute(query))
        keys += [key for key in found if after is None or key > after]
        if len(keys) >= limit:
            break
    return keys[:limit]


def _keys_along(
    session: Session,
    wanted: Sequence[int],
    category: str | None,
    after: tuple[int, str] | None,
    limit: int,
) -> list[tuple[int, str]]:
    """Each kind of gap read along its own index, then merged."""
    keys: list[tuple[int, str]] = []
    for kind in wanted:
        query = select(Item.household_id, Item.type).where(Item.gap == kind)
        if category is not None:
            query = query.where(Item.category == category)
        if after is not None:
            query = query.where(
                Item.household_id >= after[0],
                or_(Item.household_id > after[0], Item.type > after[1]),
            )
        rows = session.execute(query.order_by(Item.household_id, Item.type).limit(limit))
        keys += [(household_id, kind_code) for household_id, kind_code in rows]
    return sorted(keys)[:limit]


def _gap_query(wanted: Sequence[int], category: str | None) -> Any:
    query = (
        select(Item, Household.file_no, Household.owner, Room)
        .join(Household, Household.id == Item.household_id)
        .join(Room, Room.id == Household.room_id)
        .where(Item.gap.in_(wanted))
        .order_by(Item.household_id, Item.type)
    )
    return query if category is None else query.where(Item.category == category)


def _gaps(
    session: Session, query: Any, template: Template, after: tuple[int, str] | None
) -> Iterator[Gap]:
    for item, file_no, owner, room in session.execute(query).all():
        if after is not None and (item.household_id, item.type) <= after:
            continue
        kind = template.by_code.get(item.type)
        yield Gap(
            household_id=item.household_id,
            key=RoomKey(room.estate, room.zone, room.building, room.unit, room.room),
            file_no=file_no,
            owner=owner,
            category=item.category,
            type=item.type,
            name=kind.name if kind else item.type,
            state=_STATES[item.gap],
        )


def _households_of(session: Session, written: str) -> list[int]:
    """Open households of a building, in the order of the register; empty when there is none."""
    zone, _, last = written.strip().rpartition("-")
    try:
        key = room_key({"zone": zone, "building": last, "room": "1"})
    except AddressError as error:
        raise Usage(f"not a building: {written}") from error
    query = (
        select(Household.id)
        .join(Room, Household.room_id == Room.id)
        .where(Room.building == key.building, Household.closed_at.is_(None))
    )
    if zone:
        query = query.where(Room.zone == key.zone)
    return list(session.scalars(query.order_by(Household.id)))
