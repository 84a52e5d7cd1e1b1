"""A clerk of building 3 gets nowhere near building 5: by no address, list, search or verb."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bench.front_office import Office, csrf, post
from catalog.models import Document, Event

SECRETS = (
    "陈静",
    "13655556666",
    "刘洋",
    "五栋.jpg",
    "重要.jpg",
    "待定五.jpg",
    "5-1-101",
    "5-1-102",
)
LISTS = (
    "/inbox",
    "/inbox?state=filed",
    "/inbox/rows",
    "/review",
    "/review?building=5",
    "/households",
    "/households?estate=阳光花园&zone=-&building=5",
    "/search?q=陈静",
    "/search?q=5-1-101",
    "/search?q=装修申请表",
    "/search?q=13655556666",
    "/households/find?q=5-1",
    "/households/find?q=cj",
    "/households/find?q=6666",
    "/audit",
    "/audit/gaps",
    "/audit/gaps?estate=阳光花园&zone=-&building=5",
    "/audit/looks",
    "/api/v1/documents",
    "/api/v1/review",
    "/api/v1/search?q=陈静",
    "/api/v1/households?q=陈静",
    "/api/v1/gaps",
)


@pytest.mark.parametrize("address", LISTS)
def test_no_list_tells_of_the_other_building(office: Office, address: str) -> None:
    answer = office.client("clerk3").get(address)
    assert answer.status_code == 200
    told = answer.text.replace(f'value="{address.partition("q=")[2]}"', "")
    for secret in SECRETS:
        if secret in address:
            continue  # what was asked comes back in the field
        assert secret not in told


def test_the_own_building_is_there(office: Office) -> None:
    client = office.client("clerk3")
    assert "3-1-101" in client.get("/inbox").text
    assert "待定三.jpg" in client.get("/review").text
    assert "张伟" in client.get("/search?q=张伟").text
    assert "3-1-101" in client.get("/households/find?q=zw").text


def test_what_is_asked_and_not_allowed_finds_nothing(office: Office) -> None:
    client = office.client("clerk3")
    for text in ("陈静", "5-1-101", "cj"):
        assert client.get("/households/find", params={"q": text}).json() == []
    assert client.get("/api/v1/search", params={"q": "陈静"}).json() == []


def test_counts_tell_nothing_either(office: Office) -> None:
    clerk, custodian = office.client("clerk3"), office.client("custodian")
    mine = clerk.get("/api/v1/documents").json()
    everything = custodian.get("/api/v1/documents").json()
    assert len(mine) == 4  # two of building 3 and 3-1-102, and the one nobody's yet
    assert len(everything) == len(office.ids)
    assert f"<b>{len(mine)}</b>" in clerk.get("/inbox").text


@pytest.mark.parametrize("file", ["五栋.jpg", "重要.jpg", "待定五.jpg", "扫描员.jpg"])
def test_no_address_of_a_document_opens(office: Office, file: str) -> None:
    client, number = office.client("clerk3"), office.ids[file]
    for address in (
        f"/documents/{number}",
        f"/documents/{number}/text",
        f"/documents/{number}/pages/1.jpg",
        f"/documents/{number}/pages/1.jpg?side=240",
        f"/review/desk/{number}",
        f"/review/desk/{number}?part=1&peek=1",
        f"/api/v1/documents/{number}",
        f"/api/v1/documents/{number}/pages/1.jpg",
    ):
        answer = client.get(address)
        assert answer.status_code == 404, address
        same = client.get(address.replace(str(number), "999999", 1))
        assert same.status_code == 404  # there is no telling "none" from "not yours"
    for address in (f"/documents/{number}/original", f"/api/v1/documents/{number}/original"):
        assert client.get(address).status_code in (403, 404)


def test_no_verb_reaches_over(office: Office) -> None:
    client, number = office.client("clerk3"), office.ids["待定五.jpg"]
    for verb in ("accept", "assign", "discard", "split", "merge", "blank", "undo", "hold"):
        assert post(client, f"/review/desk/{number}/{verb}", page=1).status_code == 404
    assert post(client, f"/documents/{number}/unmask", reason="just so").status_code == 404
    assert post(client, "/review/bulk", document=number).status_code == 303
    household = office.households["5-1-101"]
    assert client.get(f"/households/{household}").status_code == 404
    confirm = post(client, f"/households/{household}/paper/confirm", type="reno.application")
    assert confirm.status_code == 404
    headers = {"x-csrf-token": csrf(client)}
    decision = client.post(
        f"/api/v1/documents/{number}/decision", json={"act": "accept"}, headers=headers
    )
    assert decision.status_code == 404
    assert office.document(number).state == "review"


def test_nothing_is_filed_into_the_other_building(office: Office) -> None:
    client, number = office.client("clerk3"), office.ids["待定三.jpg"]
    before = office.document(number).household_id
    path = f"/review/desk/{number}/assign"
    by_id = post(client, path, household_id=office.households["5-1-101"])
    by_words = post(client, path, household="5栋1单元101室")
    assert by_id.status_code == 404
    assert "problem=" in by_words.headers["location"]
    assert "陈静" not in by_words.headers["location"]
    assert office.document(number).household_id == before
    assert office.document(number).state == "review"


def test_every_refused_try_is_in_the_ledger(office: Office) -> None:
    client, number = office.client("clerk3"), office.ids["五栋.jpg"]
    client.get(f"/documents/{number}")
    client.get("/settings")
    with office.database.read() as session:
        events = session.scalars(
            select(Event).where(Event.actor == "person:clerk3", Event.action == "refused")
        ).all()
    told = {(event.subject, json.loads(event.data)["action"]) for event in events}
    assert (f"document:{number}", "document.page") in told
    assert ("route:/settings", "user.see") in told


def test_a_scanner_sees_only_what_they_dropped(office: Office) -> None:
    client = office.client("scanner")
    rows = client.get("/api/v1/documents").json()
    assert [row["file"] for row in rows] == ["扫描员.jpg"]
    assert rows[0]["household"] is None
    assert rows[0]["type"] is None
    assert "陈静" not in client.get("/inbox").text
    assert client.get(f"/documents/{office.ids['五栋.jpg']}").status_code == 404


def test_former_owners_stand_apart(office: Office) -> None:
    household = office.households["3-1-102"]
    assert "旧主人" not in office.client("clerk3").get(f"/households/{household}").text
    assert "旧主人" in office.client("custodian").get(f"/households/{household}").text


def test_evidence_names_no_household_of_the_other_building(office: Office) -> None:
    number = office.ids["待定三.jpg"]
    with office.database.write() as session:
        document = session.get_one(Document, number)
        judgement = dict(document.judgement or {})
        judgement["evidence"] = [
            {"subject": "household", "code": "phone", "zh": f"电话与登记一致 ({room})",
             "en": f"phone agrees ({room})", "weight": 1.0, "value": "", "page": 1, "box": None}
            for room in ("3-2-501", "5-1-101")
        ]  # fmt: skip
        judgement["households"] = [
            {"id": office.households[room], "room": room, "probability": 0.4}
            for room in ("3-2-501", "5-1-101")
        ]
        document.judgement = judgement
    seen = {
        name: office.client(name).get(f"/review/desk/{number}").text
        for name in ("clerk3", "custodian")
    }
    assert "(3-2-501)" in seen["clerk3"]
    assert "5-1-101" not in seen["clerk3"]
    assert "(5-1-101)" in seen["custodian"]
