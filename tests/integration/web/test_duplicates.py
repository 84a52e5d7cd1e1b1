"""A duplicate, or a part joined to another document, opens no way round the rules of that one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from bench.front_office import Office
from catalog import documents
from catalog.models import Arrival, Document, Household


@dataclass(frozen=True)
class Same:
    """The numbers of documents put in for these tests."""

    fifth: int
    important: int
    scanner: int
    joined: int
    lost: int


@pytest.fixture(scope="module")
def same(office: Office) -> Same:
    """Duplicates of documents of building 5, and a part that building 3 once had."""

    def again(file: str, by: str = "") -> int:
        original = office.document(office.ids[file])
        with office.database.write() as session:
            made = documents.record(
                session,
                documents.Dropped(f"again {file} {by}", f"再次{file}", "", original.sha256, 9, by),
            )
            assert made.state == "duplicate"
            assert made.duplicate_of == original.id
            made.stage = ""
            return made.id

    made = (again("五栋.jpg"), again("重要.jpg"), again("五栋.jpg", "person:scanner"))
    joined, lost = again("五栋.jpg", "a part"), again("五栋.jpg", "nobody knows")
    with office.database.write() as session:
        part = session.get_one(Document, joined)
        part.household_id, part.reasons = office.households["3-1-101"], ["merged"]
        session.get_one(Document, lost).duplicate_of = None
    return Same(*made, joined, lost)


def _addresses(number: int) -> list[str]:
    return [
        f"/documents/{number}",
        f"/documents/{number}/text",
        f"/documents/{number}/pages/1.jpg",
        f"/review/desk/{number}",
        f"/api/v1/documents/{number}",
        f"/api/v1/documents/{number}/pages/1.jpg",
    ]


@pytest.mark.parametrize("which", ["fifth", "important", "scanner", "joined", "lost"])
def test_a_duplicate_is_as_far_away_as_its_original(office: Office, same: Same, which: str) -> None:
    client, number = office.client("clerk3"), getattr(same, which)
    for address in _addresses(number):
        assert client.get(address).status_code == 404, address
    rows = client.get("/api/v1/documents?limit=500").json()
    assert number not in {row["document"] for row in rows}


def test_no_duplicate_shows_content_to_anybody(office: Office, same: Same) -> None:
    for name in ("custodian", "manager", "clerk5", "gm"):
        client = office.client(name)
        for number in (same.fifth, same.important, same.joined):
            for address in (f"/documents/{number}/text", f"/documents/{number}/pages/1.jpg"):
                assert client.get(address).status_code == 403, (name, address)
            assert client.get(f"/documents/{number}").status_code == 200
    head = office.client("estate_head")
    assert head.get(f"/documents/{same.fifth}/original").status_code == 403


def test_dropping_the_same_bytes_names_no_document_out_of_reach(office: Office, same: Same) -> None:
    row = office.client("scanner").get(f"/api/v1/documents/{same.scanner}").json()
    assert row["state"] == "duplicate"
    assert row["duplicate_of"] is None
    assert office.client("scanner").get(f"/documents/{same.scanner}/text").status_code == 403
    seen = office.client("clerk5").get(f"/api/v1/documents/{same.fifth}").json()
    assert seen["duplicate_of"] == office.ids["五栋.jpg"]


def test_a_duplicate_of_a_former_owners_paper_is_one_too(office: Office, same: Same) -> None:
    with office.database.write() as session:
        house = office.households["5-1-101"]
        was = session.scalar(select(Household.closed_at).where(Household.id == house))
        assert was is None
        moment = session.scalar(select(Arrival.received_at).limit(1))
        session.execute(update(Household).where(Household.id == house).values(closed_at=moment))
    try:
        assert office.client("clerk5").get(f"/documents/{same.fifth}").status_code == 404
        assert office.client("custodian").get(f"/documents/{same.fifth}").status_code == 200
    finally:
        with office.database.write() as session:
            session.execute(update(Household).where(Household.id == house).values(closed_at=None))
