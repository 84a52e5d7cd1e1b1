"""A person who asks: roles put together, areas, and the one question "may they?".

An account with areas is held to them wherever its roles reach: "all" then
means all of those buildings. An `area` cell without areas is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.access.grants import Grant
from catalog.access.rights import Cell, Rights, load_rights
from yihu.household import RoomKey


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """A building, zone or estate; "" leaves a level open."""

    estate: str = ""
    zone: str = ""
    building: str = ""

    def holds(self, place: RoomKey) -> bool:
        """Whether the room lies in it."""
        return (
            self.estate in ("", place.estate)
            and self.zone in ("", place.zone)
            and self.building in ("", place.building)
        )

    def __str__(self) -> str:
        below = "-".join(part for part in (self.zone, self.building) if part)
        return f"{self.estate}/{below}" if self.estate else below


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one person reaches with one action, over all their roles."""

    everywhere: bool = False
    areas: tuple[Area, ...] = ()
    own: bool = False
    with_reason: bool = False

    @property
    def anything(self) -> bool:
        """Whether it reaches anything at all."""
        return self.everywhere or bool(self.areas) or self.own

    def holds(self, place: RoomKey | None, *, own: bool = False) -> bool:
        """Whether it reaches a thing at this place; None: a thing that is nobody's yet."""
        if self.everywhere or (self.own and own):
            return True
        if place is None:
            return bool(self.areas)
        return any(area.holds(place) for area in self.areas)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. `scopes` None is a browser session; a token may only what its scopes name.

    `grants` are the approvals that hold for this person just now.
    """

    account_id: int
    name: str
    roles: tuple[str, ...]
    areas: tuple[Area, ...] = ()
    scopes: frozenset[str] | None = None
    display: str = ""
    language: str = ""
    grants: tuple[Grant, ...] = ()
    rights: Rights = field(default_factory=load_rights, repr=False, compare=False)

    @property
    def actor(self) -> str:
        """The name in the ledger."""
        return f"person:{self.name}"

    def may(self, action: str) -> bool:
        """Whether the person may do this to anything at all."""
        return self.reach(action).anything or bool(self.granted(action))

    def asks(self, action: str) -> bool:
        """Whether the person may ask for approval of this action: a role's cell says so."""
        cells = (self.rights.cell(role, action) for role in self.roles)
        return Cell.APPROVAL in cells and self._in_scope(action)

    def granted(self, action: str) -> tuple[Grant, ...]:
        """The approvals of this action; none once the role that needs them is gone."""
        if not self.grants or not self.asks(action):
            return ()
        return tuple(grant for grant in self.grants if grant.action == action)

    def within(self, place: RoomKey | None) -> bool:
        """Whether the account's areas leave this place to it: approvals never reach beyond them."""
        return not self.areas or place is None or any(area.holds(place) for area in self.areas)

    def _in_scope(self, action: str) -> bool:
        scope = self.rights.actions[action].scope
        return self.scopes is None or (bool(scope) and scope in self.scopes)

    def reach(self, action: str) -> Reach:
        """How far the person reaches by right, without approvals; nothing unless the table says."""
        cells = {self.rights.cell(role, action) for role in self.roles}
        if not self._in_scope(action):
            return Reach()
        if Cell.ALL in cells or (Cell.AREA in cells and self.areas):
            everywhere = Cell.ALL in cells and not self.areas
            return Reach(everywhere, self.areas, Cell.OWN in cells)
        if Cell.REASON in cells:
            return Reach(not self.areas, self.areas, Cell.OWN in cells, with_reason=True)
        return Reach(own=Cell.OWN in cells)


def area_of(text: str) -> Area:
    """The area a person wrote: "3", "东区-3", "阳光花园/3", "阳光花园/" (the whole estate)."""
    from catalog.register.address import room_key

    estate, slash, rest = text.strip().rpartition("/")
    zone, _, building = rest.strip().rpartition("-")
    if slash and not rest.strip():
        return Area(estate=estate.strip())
    key = room_key({"zone": zone, "building": building, "room": "1"})
    return Area(estate.strip(), key.zone if zone else "", key.building)


def areas_shown(areas: Iterable[Area]) -> str:
    """Areas as people write them."""
    return "、".join(str(area) for area in sorted(areas))
