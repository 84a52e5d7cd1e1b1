"""From the map to the missing item, reports to hand on, and an auditor who changes nothing."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pypdfium2
from sqlalchemy import select

from bench.front_office import Office, post
from catalog.models import Event


def test_the_map_opens_down_to_the_missing_item(office: Office) -> None:
    client = office.client("auditor")
    page = client.get("/audit").text
    cell = re.search(r'href="(/audit/gaps\?[^"]*building=3[^"]*category=reno[^"]*)"', page)
    assert cell is not None
    gaps = client.get(cell[1].replace("&amp;", "&")).text
    home = office.households["3-1-101"]
    assert f"/households/{home}" in gaps
    assert "装修许可证" in gaps
    assert "5-1-101" not in gaps
    assert "装修许可证" in client.get(f"/households/{home}").text


def test_the_map_counts_what_the_catalogue_counts(office: Office) -> None:
    page = office.client("clerk3").get("/audit").text
    assert "building=3" in page
    assert "building=5" not in page
    assert "building=10" not in page


def test_reports_hold_the_gaps_and_their_hash_is_in_the_ledger(office: Office) -> None:
    client = office.client("auditor")
    sheet = client.get("/audit/report.xlsx?building=3&estate=阳光花园&zone=-&lacking=any")
    book = openpyxl.load_workbook(io.BytesIO(sheet.content))
    assert book.sheetnames == ["齐全率", "缺件清单"]
    rooms = {row[0] for row in book["缺件清单"].iter_rows(min_row=5, values_only=True)}
    assert rooms == {"3-1-101", "3-1-102", "3-2-501"}
    paper = client.get("/audit/report.pdf").content
    text = pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_bounded()
    assert "业户档案齐全率与缺件" in text
    with office.database.read() as session:
        events = session.scalars(select(Event).where(Event.action == "exported")).all()
    assert [len(json.loads(event.data)["sha256"]) for event in events] == [64, 64]


def test_a_clerk_s_report_holds_their_buildings_only(office: Office) -> None:
    data = office.client("clerk3").get("/audit/report.xlsx?building=5&estate=阳光花园").content
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert list(book["缺件清单"].iter_rows(min_row=5, values_only=True)) == []
    assert office.client("supervisor").get("/audit/report.xlsx").status_code == 403


def test_an_auditor_reads_and_changes_nothing(office: Office) -> None:
    client = office.client("auditor")
    number, home = office.ids["待定三.jpg"], office.households["3-1-101"]
    before = office.document(number).state
    for path in (
        f"/review/desk/{number}/accept",
        f"/review/desk/{number}/discard",
        f"/households/{home}/paper/confirm",
        f"/documents/{number}/refile",
        "/review/bulk",
        "/settings/users",
        "/inbox/upload",
    ):
        assert post(client, path, name="x", role="sysadmin", reason="why").status_code in (403, 422)
    assert office.document(number).state == before
    assert "待定三.jpg" in client.get("/review").text
    assert client.get("/settings/policy").status_code == 200


def test_looks_are_listed_for_who_supervises_and_own_for_the_rest(office: Office) -> None:
    office.client("clerk3").get(f"/documents/{office.ids['电话13812345678.jpg']}")
    assert "clerk3" in office.client("leader").get("/audit/looks").text
    own = office.client("custodian").get("/audit/looks").text
    assert "actor=person%3Aclerk3" not in own
    assert office.client("sysadmin").get("/audit/looks").status_code == 403
