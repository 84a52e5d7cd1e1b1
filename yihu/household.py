"""The address of a unit of housing, and a household as the register knows it."""

from __future__ import annotations

from dataclasses import dataclass

ABSENT = "-"


@dataclass(frozen=True, slots=True, order=True)
class RoomKey:
    """The canonical address of a unit of housing (domain 3.1).

    All strings; numbers without leading zeros, letters upper case; a level
    that the estate does not use is "-".
    """

    estate: str = ABSENT
    zone: str = ABSENT
    building: str = ABSENT
    unit: str = ABSENT
    room: str = ABSENT

    def as_dict(self) -> dict[str, str]:
        """The five levels by name, as the command-line contract prints them."""
        return {
            "estate": self.estate,
            "zone": self.zone,
            "building": self.building,
            "unit": self.unit,
            "room": self.room,
        }

    def __str__(self) -> str:
        parts = [self.zone, self.building, self.unit, self.room]
        return "-".join(part for part in parts if part != ABSENT)


@dataclass(frozen=True, slots=True)
class HouseholdRecord:
    """An open household with everything that can corroborate a match.

    `owners` are the present owners; `former_owners` are the owners of closed
    generations of the same room, whose papers are kept apart (P2-4.4.1);
    `tenants` are occupants known by name.
    """

    id: int
    key: RoomKey
    generation: int = 1
    file_no: str = ""
    owners: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    id_nos: tuple[str, ...] = ()
    occupancy: str = ""
    vip: bool = False
    former_owners: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
