"""A file of each hostile kind through both doors: kept byte for byte or refused with a reason.

What its reading comes to is told elsewhere (`tests/integration/hostile`); here
no door breaks on it, and nothing of it is ever given to a browser to interpret.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from httpx import Response

from bench.hostile_files import Case, allowed, cases
from catalog.models import Original
from ingest.inbox import find
from tests.integration.web.within import Within, within
from yihu.clock import now

CASES = [case for case in cases(1, bomb_bytes=1 << 20) if not case.special]
HARMLESS = {"text/html", "image/jpeg", "application/json"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Within]:
    """One office without papers; nobody reads what comes."""
    with within(tmp_path_factory.mktemp("office") / "home", ()) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])
def test_a_hostile_file_is_kept_as_it_is_or_refused_and_never_shown_as_itself(
    house: Within, case: Case, tmp_path: Path
) -> None:
    made = case.make(tmp_path)
    assert made is not None
    data = made.read_bytes()
    sent = [("files", (case.name, data, "text/html"))]  # whatever the browser says it is
    headers = {"accept": "application/json"}
    screen = house.client("custodian").post(
        "/inbox/upload", data={"csrf": house.csrf("custodian")}, files=sent, headers=headers
    )
    program = house.token("custodian", ["upload"]).post("/api/v1/documents", files=sent)
    assert (screen.status_code, program.status_code) == (200, 201)
    (first,), (again,) = screen.json()["documents"], program.json()["documents"]
    if not data:
        for number in (first, again):
            document = house.office.document(number)
            assert allowed(case.ends, document.state, document.reasons)
        return
    _kept(house, first, data)
    repeated = house.office.document(again)
    assert repeated.state in ("duplicate", "received")
    _never_itself(house, first, data)


def _kept(house: Within, number: int, data: bytes) -> None:
    document = house.office.document(number)
    assert (document.state, document.reasons) == ("received", [])
    assert document.sha256 == sha256(data).hexdigest()
    claim = find(house.office.settings.claimed, document.arrival.token)
    assert claim is not None
    assert claim.place.read_bytes() == data


def _never_itself(house: Within, number: int, data: bytes) -> None:
    """Neither as a page nor to save does a browser get anything it would guess about."""
    _stored(house, data)
    assert house.post("estate_head", f"/documents/{number}/unmask", {"reason": "核对"}).is_redirect
    head, manager = house.client("estate_head"), house.client("manager")
    for address in (f"/documents/{number}/original", f"/api/v1/documents/{number}/original"):
        answer = head.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content == data
    for address in ("", "/text", "/readings", "/pages/1.jpg", "/pages/1.jpg?side=240"):
        _harmless(manager.get(f"/documents/{number}{address}"), data)
    _harmless(manager.get("/inbox"), data)
    _harmless(manager.get(f"/api/v1/documents/{number}"), data)


def _stored(house: Within, data: bytes) -> None:
    key = sha256(data).hexdigest()
    house.keep(data, key)
    with house.office.database.write() as session:
        original = session.get_one(Original, key)
        original.stored_at = original.verified_at = now()
        original.verify_result, original.pages, original.format = "ok", 1, "jpeg"


def _harmless(answer: Response, data: bytes) -> None:
    assert answer.status_code in (200, 403, 404, 422), answer.status_code
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in HARMLESS
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.content != data
    if kind == "image/jpeg":
        assert answer.content.startswith(b"\xff\xd8")  # drawn by us
    assert b"alert(1)" not in answer.content
