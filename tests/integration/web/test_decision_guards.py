"""A decision reaches nothing outside the area, in another hand, or filed without a reason."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import unquote_plus

import httpx
import pytest
from sqlalchemy import delete, select

from bench.front_office import Office, post
from catalog import documents
from catalog.models import DeskHold, Document
from worker.cutting import nothing_before
from worker.undoing import Desk
from yihu.errors import Usage


def _by_token(office: Office, name: str, *scopes: str) -> httpx.Client:
    answer = post(office.client(name), "/account/tokens", name="t", scope=list(scopes), days=1)
    found = re.search(r"yihu_[A-Za-z0-9_-]{20,}", answer.text)
    assert found is not None
    return office.client(authorization=f"Bearer {found[0]}")


def _parts(office: Office, before: str, after: str) -> tuple[int, int]:
    """The scan of three pages as two documents that wait, under these rooms."""
    with office.database.write() as session:
        whole = session.get_one(Document, office.ids["多页.pdf"])
        part = session.scalar(
            select(Document).where(
                Document.arrival_id == whole.arrival_id, Document.first_page == 2
            )
        )
        if part is None:
            whole.last_page = 1
            part = documents.add_sibling(session, whole, 2, 3)
        part.state, part.stage, part.due_at = "review", "", None
        whole.household_id, part.household_id = office.households[before], office.households[after]
        session.flush()
        return whole.id, part.id


def test_joining_never_changes_a_document_of_another_area(office: Office) -> None:
    whole, part = _parts(office, "5-1-101", "3-1-102")
    clerk = office.client("clerk3")
    assert f"/review/desk/{part}/merge" not in clerk.get(f"/review/desk/{part}").text
    told = post(clerk, f"/review/desk/{part}/merge").headers["location"]
    assert "problem=" in told
    assert str(nothing_before()).partition(" / ")[0] in unquote_plus(told)
    assert (office.document(whole).last_page, office.document(part).state) == (1, "review")
    _release(office)


def test_joining_never_changes_a_document_somebody_else_has(office: Office) -> None:
    whole, part = _parts(office, "3-1-102", "3-1-102")
    assert office.client("custodian").get(f"/review/desk/{whole}").status_code == 200
    head = office.client("cs_head")
    assert "problem=" in post(head, f"/review/desk/{part}/merge").headers["location"]
    assert office.document(whole).last_page == 1
    _release(office)
    assert "problem=" not in post(head, f"/review/desk/{part}/merge").headers["location"]
    assert office.document(whole).last_page == 3


def _release(office: Office) -> None:
    with office.database.write() as session:
        session.execute(delete(DeskHold))


def test_a_filed_document_moves_by_api_only_with_a_reason(office: Office) -> None:
    client = _by_token(office, "custodian", "read", "decide")
    number = office.ids["电话13812345678.jpg"]
    path = f"/api/v1/documents/{number}/decision"
    assert client.post(path, json={"act": "assign", "household": "3-1-102"}).status_code == 400
    assert client.post(path, json={"act": "discard"}).status_code == 400
    assert office.document(number).state == "filed"
    body = {"act": "assign", "household": "3-1-102", "reason": "归错户"}
    assert client.post(path, json=body).status_code == 200
    office.settled(number, "filed")


def test_no_verb_takes_a_document_out_of_another_s_hand(office: Office) -> None:
    number = office.ids["待定三.jpg"]
    one, other = office.client("custodian"), office.client("cs_head")
    assert one.get(f"/review/desk/{number}").status_code == 200
    for verb in ("blank", "undo"):
        told = post(other, f"/review/desk/{number}/{verb}", page=1).headers["location"]
        assert "problem=" in told, verb
    assert post(other, f"/inbox/{number}/retry").status_code == 400
    assert post(other, f"/inbox/{number}/restore").status_code == 400
    assert office.document(number).state == "review"
    assert not (office.document(number).split or {}).get("blank_pages")


def test_what_was_filed_meanwhile_is_not_decided_again(office: Office) -> None:
    """The state is checked again in the transaction of the decision itself."""
    desk = Desk(cast("Any", SimpleNamespace(database=office.database)), "person:custodian")
    number = office.ids["五栋.jpg"]
    with pytest.raises(Usage):
        desk.assign(number, office.households["5-1-102"], "reno.permit", only="review")
    with pytest.raises(Usage):
        desk.discard(number, only="review")
    assert office.document(number).state == "filed"
