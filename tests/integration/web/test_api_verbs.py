"""Every verb of the desk and of paper by the HTTP API, each with somebody it is refused to."""

from __future__ import annotations

import re
from typing import Any, get_args

import httpx
import pytest

from bench.front_office import Paper, post, put
from bench.office_here import OfficeHere
from web.api_decisions import Act
from worker.home import open_store


def _client(here: OfficeHere, name: str, *scopes: str) -> httpx.Client:
    """A program with a token of this person's."""
    answer = post(here.client(name), "/account/tokens", name="t", scope=list(scopes), days=1)
    found = re.search(r"yihu_[A-Za-z0-9_-]{20,}", answer.text)
    assert found is not None
    return here.client(authorization=f"Bearer {found[0]}")


def _put(here: OfficeHere, file: str, room: str, state: str = "filed", pages: int = 1) -> int:
    """A document whose text says nothing, so that only a person settles it."""
    lines = tuple((f"……{n}",) for n in range(pages))
    paper = Paper(
        file, room, "lease.contract", lines, state, () if state == "filed" else ("policy",)
    )
    return put(here, open_store(here.settings, here.database), paper)


def _act(client: httpx.Client, number: int, act: str, **said: object) -> httpx.Response:
    return client.post(f"/api/v1/documents/{number}/decision", json={"act": act, **said})


def test_pages_are_split_marked_blank_and_joined_by_api(here: OfficeHere) -> None:
    client = _client(here, "custodian", "read", "decide")
    number = _put(here, "api三页.pdf", "3-1-102", "review", 3)
    assert _act(client, number, "split").status_code == 400
    assert _act(client, number, "split", page=9).status_code == 400
    assert _act(client, number, "blank", page=2).json()["state"] == "review"
    assert (here.document(number).split or {})["blank_pages"] == [2]
    assert _act(client, number, "blank", page=2).status_code == 200
    assert (here.document(number).split or {})["blank_pages"] == []
    assert _act(client, number, "split", page=2).json()["pages"] == [1, 1]
    here.settled(number, "review", 120)
    (part,) = (
        line["document"]
        for line in client.get("/api/v1/documents").json()
        if line["file"] == "api三页.pdf" and line["document"] != number
    )
    here.settled(part, "review", 120)
    assert _act(client, number, "merge").status_code == 400
    line = _act(client, part, "merge").json()
    assert (line["state"], line["duplicate_of"]) == ("duplicate", number)
    here.settled(number, "review", 120)
    assert here.document(number).last_page == 3


def test_trash_and_the_way_back_by_api(here: OfficeHere) -> None:
    client = _client(here, "custodian", "read", "decide")
    number = _put(here, "api重扫.jpg", "3-1-102", "review")
    assert _act(client, number, "restore").status_code == 400
    assert _act(client, number, "rescan").json()["reasons"] == ["rescan"]
    assert _act(client, number, "undo").json()["state"] == "review"
    assert _act(client, number, "discard").json()["reasons"] == ["discarded"]
    assert _act(client, number, "restore").json()["state"] == "review"
    assert _act(client, number, "retry").json()["stage"] in ("understand", "")
    here.settled(number, "review", 120)


def test_what_is_filed_is_taken_out_or_replaced_by_api_with_a_reason(here: OfficeHere) -> None:
    client = _client(here, "custodian", "read", "decide")
    older, newer = (_put(here, f"api租约{n}.jpg", "3-1-102") for n in (1, 2))
    assert _act(client, older, "replace", reason="续签").status_code == 400
    assert _act(client, older, "replace", by=newer).status_code == 400
    assert _act(client, older, "replace", by=10**6, reason="续签").status_code == 404
    assert _act(client, older, "replace", by=newer, reason="续签").json()["reasons"] == ["replaced"]
    assert _act(client, newer, "take-out").status_code == 400
    assert _act(client, newer, "take-out", reason="放错").json()["state"] == "review"


@pytest.mark.parametrize("act", [act for act in get_args(Act) if act != "accept"])
def test_no_verb_is_open_to_who_may_not_decide(here: OfficeHere, act: str) -> None:
    number = here.ids["电话13812345678.jpg"]
    said = {"page": 1, "by": here.ids["五栋.jpg"], "reason": "试试", "household": "3-1-102"}
    before = here.document(number)
    reading = _client(here, "custodian", "read")
    assert _act(reading, number, act, **said).status_code == 403
    auditor = _client(here, "auditor", "read", "decide")
    assert _act(auditor, number, act, **said).status_code == 403
    other = _client(here, "clerk5", "read", "decide")
    assert _act(other, number, act, **said).status_code == 404
    if act in ("assign", "discard", "rescan", "take-out", "replace"):  # filed: only with approval
        clerk = _client(here, "clerk3", "read", "decide")
        assert _act(clerk, number, act, **said).status_code == 404
    after = here.document(number)
    assert (after.state, after.type, after.since) == (before.state, before.type, before.since)


def test_paper_is_ticked_and_un_ticked_by_api(here: OfficeHere) -> None:
    client = _client(here, "custodian", "read", "decide")
    path = f"/api/v1/households/{here.households['3-1-101']}/paper"

    def paper(answer: httpx.Response) -> bool:
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return any(item["paper"] for item in items if item["type"] == "movein.notice")

    seen = {"type": "movein.notice", "location": "K1-A03-2"}
    clerk = _client(here, "clerk3", "read", "decide")
    assert paper(clerk.post(f"{path}/confirm", json=seen))
    gone = {"type": "movein.notice", "reason": "不在卷内"}
    assert clerk.post(f"{path}/withdraw", json=gone).status_code == 403  # needs approval
    assert client.post(f"{path}/withdraw", json={"type": "movein.notice"}).status_code == 422
    assert not paper(client.post(f"{path}/withdraw", json=gone))
    for name, status in (("clerk5", 404), ("auditor", 403), ("leader", 403)):
        other = _client(here, name, "read", "decide")
        assert other.post(f"{path}/confirm", json=seen).status_code == status, name
        assert other.post(f"{path}/withdraw", json=gone).status_code == 403, name


def test_papers_are_brought_for_a_household_by_api(here: OfficeHere) -> None:
    path = f"/api/v1/households/{here.households['3-1-101']}/documents"
    file = {"files": ("x.jpg", here.scan(("x",), "api3"), "image/jpeg")}
    client = _client(here, "clerk3", "read", "upload")
    made = client.post(path, files=file, data={"type": "lease.contract"})
    assert made.status_code == 201
    (number,) = made.json()["documents"]
    line = client.get(f"/api/v1/documents/{number}").json()
    assert line["file"].startswith("3-1-101/")
    assert client.post(path, files=file, data={"type": "没有"}).status_code == 400
    for name, status in (("clerk5", 404), ("auditor", 403)):
        other = _client(here, name, "read", "upload")
        assert other.post(path, files=file).status_code == status


def test_every_answer_is_described_by_a_type(here: OfficeHere) -> None:
    described = here.client().get("/api/v1/openapi.json").json()
    for path, calls in described["paths"].items():
        for method, call in calls.items():
            (answer,) = (
                call["responses"][code] for code in ("200", "201") if code in call["responses"]
            )
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if schema is not None:
                assert "$ref" in str(schema), (method, path, schema)
    line = described["components"]["schemas"]["DocumentOut"]["properties"]
    assert set(line) == set(_line(here))


def _line(here: OfficeHere) -> dict[str, Any]:
    """A document as the API gives it."""
    client = here.client("custodian", accept="application/json")
    found: dict[str, Any] = client.get(f"/api/v1/documents/{here.ids['五栋.jpg']}").json()
    return found
