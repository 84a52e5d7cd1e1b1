"""The edges: what is not told, not kept, not read for strangers, and always in the ledger."""

from __future__ import annotations

import json
import socket
from urllib.parse import unquote_plus, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from bench.front_office import PASSWORD, Office, csrf, post
from catalog import ledger, overview
from catalog.access import Area
from catalog.accounts import people
from catalog.models import Event
from web.words import table


def _count(office: Office, name: str, action: str, mark: str = "") -> int:
    with office.database.read() as session:
        query = select(func.count()).where(
            Event.actor == f"person:{name}", Event.action == action, Event.data.contains(mark)
        )
        return session.scalar(query) or 0


# --- pictures -----------------------------------------------------------------------------------


def test_a_picture_is_never_shown_from_the_cache_unasked(office: Office) -> None:
    client = office.client("custodian")
    path = f"/documents/{office.ids['电话13812345678.jpg']}/pages/1.jpg"
    covered = client.get(path)
    assert covered.headers["cache-control"] == "private, no-cache"
    tag = {"if-none-match": covered.headers["etag"]}
    assert client.get(path, headers=tag).status_code == 304
    assert office.client("clerk5").get(path, headers=tag).status_code == 404
    clear = office.client("manager").get(path, headers=tag)
    assert clear.status_code == 200
    assert clear.headers["etag"] != covered.headers["etag"]


# --- what is beyond one's buildings -------------------------------------------------------------


def _assigned(client: httpx.Client, number: int, written: str) -> str:
    answer = post(client, f"/review/desk/{number}/assign", household=written, type="reno.permit")
    return unquote_plus(answer.headers["location"]).replace(written, "…")


def test_a_room_of_another_building_is_answered_like_none(office: Office) -> None:
    client, number = office.client("clerk3"), office.ids["待定三.jpg"]
    near = _assigned(client, number, "102")
    assert "3-1-…" in near
    assert "5-1-…" not in near
    said = [
        _assigned(client, number, room).partition("problem=")[2] for room in ("5-1-101", "5-9-101")
    ]
    assert said[0][33:] == said[1][33:]  # after the seal
    form = {"type": "reno.permit", "csrf": csrf(client)}
    path = f"/review/desk/{number}/assign"
    told = {
        client.post(
            path, data=form | {"household_id": str(one)}, headers={"accept": "application/json"}
        ).text
        for one in (office.households["5-1-101"], 99999, 10**30)
    }
    assert len(told) == 1
    assert "没有这户" in next(iter(told))


def test_a_head_of_one_building_reads_no_looks_at_another(office: Office) -> None:
    with office.database.write() as session:
        areas = (Area(building="3"),)
        account = people.add(session, "head3", ["cs_head"], areas, password=PASSWORD, actor="test")
        viewer = people.viewer_of(session, account)
    custodian = office.client("custodian")
    mine, theirs = office.ids["电话13812345678.jpg"], office.ids["重要.jpg"]
    for number in (mine, theirs):
        custodian.get(f"/documents/{number}/text")
    with office.database.read() as session:
        events = overview.events(session, viewer, actions=overview.LOOKS)
    seen = {event.subject_id for event in events if event.subject_kind == "document"}
    assert str(mine) in seen
    assert str(theirs) not in seen


def test_the_count_of_the_whole_house_is_for_who_sees_all_of_it(office: Office) -> None:
    word = table()["audit.fixity"][0]
    assert word in office.client("auditor").get("/audit").text
    assert word not in office.client("clerk3").get("/audit").text


# --- what is recorded ---------------------------------------------------------------------------


def test_searches_and_lists_are_recorded_once_and_without_the_number(office: Office) -> None:
    client = office.client("custodian")
    before = _count(office, "custodian", "searched")
    for _ in range(2):
        assert client.get("/api/v1/households?q=13812345678").json()
        client.get("/api/v1/search?q=装修申请表")
    assert _count(office, "custodian", "searched") == before + 2
    assert _count(office, "custodian", "searched", ledger.digest("13812345678")) == 0
    for path, what in (
        ("/api/v1/documents", "documents"),
        ("/api/v1/review", "review"),
        ("/api/v1/gaps", "gaps"),
        ("/households/find?q=zw", "find"),
        ("/households?estate=阳光花园&zone=-&building=3", "households"),
    ):
        for _ in range(2):
            assert client.get(path).status_code == 200
        assert _count(office, "custodian", "looked", f'"list:{what}"') == 1, what


def test_a_form_that_is_not_ours_is_recorded(office: Office) -> None:
    client = office.client("custodian")
    assert client.post("/account/tokens", data={"csrf": "0" * 64}).status_code == 403
    assert _count(office, "custodian", "refused", '"form"') == 1


def test_an_original_that_holds_covered_numbers_is_refused_and_recorded(office: Office) -> None:
    number = office.ids["重要.jpg"]
    assert office.client("estate_head").get(f"/documents/{number}/original").status_code == 403
    assert _count(office, "estate_head", "refused", '"document.original"') == 1


# --- strangers and odd calls --------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/documents", "/inbox/upload"])
def test_a_stranger_s_upload_is_refused_before_it_is_read(office: Office, path: str) -> None:
    place = urlsplit(office.base)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as line:
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {place.netloc}\r\ncontent-length: 50000000\r\n"
            "content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
        line.sendall(head.encode())
        assert line.recv(12) == b"HTTP/1.1 401"


def test_a_form_without_an_origin_is_refused(office: Office) -> None:
    form = {"name": "custodian", "password": PASSWORD}
    answer = office.client().post("/sign-in", data=form, headers={"origin": "null"})
    assert answer.status_code == 403


def test_numbers_nobody_has_are_no_error_of_ours(office: Office) -> None:
    client, huge = office.client("custodian"), 2**63
    for path in (
        f"/documents/{huge}",
        f"/review/desk/{huge}",
        f"/households/{huge}",
        f"/inbox?before={huge}",
        f"/review?after={huge}",
        f"/audit/gaps?after={huge}:x",
    ):
        assert client.get(path).status_code in (200, 404), path
    assert post(client, "/review/bulk", document=huge).status_code < 500


def test_a_page_says_nothing_that_a_link_made_up(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["待定三.jpg"]
    said = "请致电 400-000 / call"
    for path in (f"/review/desk/{number}", "/documents/1", "/households/1"):
        assert "请致电" not in client.get(path, params={"problem": said}).text
        assert "请致电" not in client.get(path, params={"problem": f"{'0' * 32}.{said}"}).text
    answer = post(client, f"/review/desk/{number}/assign", household="", type="没有这种")
    assert "没有这种文件类型" in client.get(answer.headers["location"]).text
    assert json.loads(client.get("/api/v1/me").text)["name"] == "custodian"
