"""The blind sample on its screens: drawn by one, answered by another, nothing given away."""

from __future__ import annotations

from bench.front_office import Office, csrf, post
from catalog import samples
from catalog.models import Sample

ROOM = "/audit/samples"


def _sample(office: Office, file: str) -> int:
    with office.database.read() as session:
        return session.query(Sample).filter_by(document_id=office.ids[file]).one().id


def test_samples_are_drawn_answered_blind_and_measured(office: Office) -> None:
    auditor, head = office.client("auditor"), office.client("cs_head")
    assert "尚未测得" in auditor.get(ROOM).text
    assert post(office.client("custodian"), f"{ROOM}/draw", size="9").status_code == 403
    assert "done=drawn" in post(auditor, f"{ROOM}/draw", size="9").headers["location"]
    one, two = _sample(office, "电话13812345678.jpg"), _sample(office, "五栋.jpg")

    page = head.get(f"{ROOM}/{one}").text
    main = page.partition("<main")[2]
    assert "/pages/1.jpg" in main
    for given_away in ("3-1-101", "张伟", "装修", "电话13812345678", "reno."):
        assert given_away not in main
    assert auditor.get(f"{ROOM}/{one}").status_code == 403  # an answer may take a paper out

    right = {"household": "3-1-101", "type": "reno.application"}
    assert "problem=" in post(head, f"{ROOM}/{one}", household="3-1-101").headers["location"]
    assert "done=agrees" in post(head, f"{ROOM}/{one}", **right).headers["location"]
    assert "problem=" in head.get(f"{ROOM}/{one}").headers["location"]
    assert "done=differs" in post(head, f"{ROOM}/{two}", unclear="yes").headers["location"]
    after = office.settled(office.ids["五栋.jpg"], "review")
    assert after.reasons == ["sample_differs"]
    told = auditor.get(ROOM).text
    assert "50.00%" in told
    assert "1.26% – 98.74%" in told


def test_a_clerk_answers_only_for_the_own_buildings(office: Office) -> None:
    with office.database.write() as session:
        samples.draw(session, 1.0, "person:test", 100)
    number = _sample(office, "重要.jpg")
    assert office.client("clerk3").get(f"{ROOM}/{number}").status_code == 404
    clerk = office.client("clerk5")
    assert f"{ROOM}/{number}" in clerk.get(ROOM).text
    assert "95%" not in clerk.get(ROOM).text  # the rate of the house is not a clerk's
    elsewhere = {"household": "3-1-101", "type": "reno.permit"}
    assert "problem=" in post(clerk, f"{ROOM}/{number}", **elsewhere).headers["location"]
    assert clerk.get(f"{ROOM}/{number}").status_code == 200


def test_the_api_does_the_same(office: Office) -> None:
    number = _sample(office, "重要.jpg")
    client = office.client("custodian", accept="application/json")
    token = {"x-csrf-token": csrf(client)}
    told = client.get("/api/v1/samples").json()
    assert number in [one["sample"] for one in told["waiting"]]
    assert not any({"type", "household", "household_id"} & set(one) for one in told["waiting"])
    wish = {"household": "5-1-102", "type": "reno.permit"}
    answer = client.post(f"/api/v1/samples/{number}/answer", json=wish, headers=token)
    assert answer.json() == {"sample": number, "agrees": True}
    again = client.post(f"/api/v1/samples/{number}/answer", json=wish, headers=token)
    assert again.status_code == 400
    refused = client.post("/api/v1/samples/draw", json={"size": 3}, headers=token)
    assert refused.status_code == 403
