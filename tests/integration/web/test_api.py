"""The HTTP API: tokens with scopes, the same rights, and no answer that is a server's error."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bench.front_office import Office, draw, post

AS_DESCRIBED = [
    status_code_conformance, content_type_conformance, response_schema_conformance
]  # fmt: skip


def _token(office: Office, name: str, *scopes: str) -> str:
    answer = post(office.client(name), "/account/tokens", name="t", scope=list(scopes), days=1)
    found = re.search(r"yihu_[A-Za-z0-9_-]{20,}", answer.text)
    assert found is not None
    return found[0]


def _client(office: Office, token: str) -> httpx.Client:
    return office.client(authorization=f"Bearer {token}")


def test_a_token_does_what_its_scopes_say(office: Office) -> None:
    client = _client(office, _token(office, "custodian", "read"))
    assert client.get("/api/v1/me").json()["scopes"] == ["read"]
    assert client.get("/api/v1/documents").status_code == 200
    number = office.ids["待定三.jpg"]
    refused = client.post(f"/api/v1/documents/{number}/decision", json={"act": "accept"})
    assert refused.status_code == 403
    file = {"files": ("x.jpg", draw(("x",), "api"), "image/jpeg")}
    assert client.post("/api/v1/documents", files=file).status_code == 403


def test_a_token_opens_no_screen_and_needs_no_form_token(office: Office) -> None:
    client = _client(office, _token(office, "custodian", "read", "upload"))
    assert client.get("/inbox").status_code == 303
    file = {"files": ("x.jpg", draw(("x",), "api2"), "image/jpeg")}
    made = client.post("/api/v1/documents", files=file)
    assert made.status_code == 201
    (number,) = made.json()["documents"]
    assert client.get(f"/api/v1/documents/{number}").json()["document"] == number


def test_a_revoked_token_and_a_made_up_one_open_nothing(office: Office) -> None:
    token = _token(office, "cs_head", "read")
    browser = office.client("cs_head")
    for number in re.findall(r"/account/tokens/(\d+)/revoke", browser.get("/account").text):
        post(browser, f"/account/tokens/{number}/revoke")
    assert _client(office, token).get("/api/v1/me").status_code == 401
    assert _client(office, "yihu_" + "x" * 43).get("/api/v1/me").status_code == 401


def test_nobody_revokes_another_s_token(office: Office) -> None:
    token = _token(office, "manager", "read")
    page = office.client("manager").get("/account").text
    number = re.findall(r"/account/tokens/(\d+)/revoke", page)[-1]
    assert post(office.client("custodian"), f"/account/tokens/{number}/revoke").status_code == 404
    assert _client(office, token).get("/api/v1/me").status_code == 200


def test_a_decision_by_api_walks_the_same_journey(office: Office) -> None:
    client = _client(office, _token(office, "custodian", "read", "decide"))
    number = office.ids["没有房号.jpg"]
    body = {"act": "assign", "household": "3栋2单元501", "type": "入住通知单"}
    answer = client.post(f"/api/v1/documents/{number}/decision", json=body)
    assert answer.status_code == 200, answer.text
    office.settled(number, "filed")
    line = client.get(f"/api/v1/documents/{number}").json()
    assert (line["state"], line["type"]) == ("filed", "movein.notice")
    home = office.households["3-2-501"]
    items = client.get(f"/api/v1/households/{home}").json()["items"]
    assert next(item for item in items if item["type"] == "movein.notice")["digital"]


def test_a_clerk_moves_nothing_filed_by_api(office: Office) -> None:
    client = _client(office, _token(office, "clerk3", "read", "decide"))
    number = office.ids["电话13812345678.jpg"]
    for body in ({"act": "assign", "household": "3-1-102"}, {"act": "discard"}):
        answer = client.post(f"/api/v1/documents/{number}/decision", json=body)
        assert answer.status_code == 404
    assert office.document(number).state == "filed"


def test_every_route_is_described(office: Office) -> None:
    described = office.client().get("/api/v1/openapi.json").json()
    assert len(described["paths"]) >= 10
    for path in described["paths"].values():
        for call in path.values():
            assert call["summary"]
            assert "401" in call["responses"]


CALLERS = {"custodian": 6, "clerk3": 4, "auditor": 4}
"""Who calls, and how often each operation: the custodian may most."""
UNSEEDED = {"/api/v1/documents/{document_id}/reread"}
"""A page that is really read costs seconds, and what reading does is told elsewhere."""


@pytest.mark.parametrize("name", CALLERS)
def test_no_call_breaks_and_every_answer_is_as_described(office: Office, name: str) -> None:
    """Schemathesis makes up calls from the description, about things that are there."""
    token = _token(office, name, "read", "upload", "decide", "download")
    described = schemathesis.openapi.from_url(f"{office.base}/api/v1/openapi.json")
    described.config.base_url = office.base
    there = {
        "document_id": list(office.ids.values()),
        "household_id": list(office.households.values()),
    }
    answers: Counter[int] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy(), picks=st.integers(0, 999))
        @settings(
            max_examples=CALLERS[name], deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        def call(case: schemathesis.Case[Any], picks: int) -> None:
            for parameter in set(case.path_parameters) & set(there):
                if case.operation.path not in UNSEEDED:
                    chosen = there[parameter]
                    case.path_parameters[parameter] = chosen[picks % len(chosen)]
            answer = case.call(headers={"authorization": f"Bearer {token}"})
            answers[answer.status_code] += 1
            assert answer.status_code < 500, (case.operation.label, answer.text[:200])
            case.validate_response(answer, checks=AS_DESCRIBED)

        call()
    assert sum(answers.values()) > 100
    assert answers[200] > 20, answers


def test_nothing_is_answered_without_a_token(office: Office) -> None:
    described = schemathesis.openapi.from_url(f"{office.base}/api/v1/openapi.json")
    described.config.base_url = office.base
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy())
        @settings(max_examples=1, deadline=None, phases=[Phase.generate], derandomize=True,
                  database=None, suppress_health_check=list(HealthCheck))  # fmt: skip
        def call(case: schemathesis.Case[Any]) -> None:
            assert case.call(headers={"authorization": ""}).status_code in (401, 404, 405, 422)

        call()
