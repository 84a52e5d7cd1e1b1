"""A search within a viewer's reach finds all that lies there, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bench.large_home import PER_BUILDING, Size, fill, key_of_number, owner_of
from catalog.access import Area, Viewer
from catalog.database import Database
from catalog.finding import Wanted, find_documents
from catalog.models import Household, Room

SIZE = Size(3 * PER_BUILDING, 900)
BUILDING = key_of_number(PER_BUILDING + 1).building
OFFICE = Viewer(1, "office", ("custodian",))
CLERK = Viewer(2, "clerk", ("custodian",), (Area(building=BUILDING),))
WORDS = ("装修", "装修押金", owner_of(PER_BUILDING + 5), f"业主 {owner_of(PER_BUILDING + 5)}", "室")


@pytest.mark.parametrize("viewer", [OFFICE, CLERK], ids=["all buildings", "one building"])
def test_what_lies_within_is_found_page_after_page(database: Database, viewer: Viewer) -> None:
    fill(database, SIZE)
    wanted = Wanted(building="" if viewer is CLERK else BUILDING)
    with database.read() as session:
        there: set[int | None] = set(
            session.scalars(
                select(Household.id)
                .join(Room, Room.id == Household.room_id)
                .where(Room.building == BUILDING)
            )
        )
        if viewer is CLERK:
            there.add(None)  # nobody's yet
        for word in WORDS:
            everywhere = find_documents(session, OFFICE, word, limit=10_000)
            expected = [f.document.id for f in everywhere if f.document.household_id in there]
            found: list[int] = []
            while page := find_documents(
                session, viewer, word, limit=7, wanted=wanted, before=found[-1] if found else 0
            ):
                found += [hit.document.id for hit in page]
            assert found == expected
            whole = find_documents(session, viewer, word, limit=10_000, wanted=wanted)
            assert [hit.document.id for hit in whole] == expected
            assert found
