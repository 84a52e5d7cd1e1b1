"""Changing the filing policy on its page: seen first, saved with a reason, taken back."""

from __future__ import annotations

from sqlalchemy import select

from bench.front_office import Office, csrf, post
from catalog import policies
from catalog.models import Document

PAGE = "/settings/policy"


def _rate(office: Office) -> float:
    with office.database.read() as session:
        return policies.rate(session, office.settings.wrong_filing_rate)


def test_what_a_rate_would_cost_is_seen_before_anything_is_saved(office: Office) -> None:
    manager = office.client("manager")
    page = manager.get(f"{PAGE}?rate=0.5").text
    assert "若改为 0.5%" in page
    assert "启用 0.5%" in page
    assert _rate(office) == 0.001
    auditor = office.client("auditor").get(f"{PAGE}?rate=0.5").text
    assert "若改为 0.5%" in auditor
    assert "启用 0.5%" not in auditor
    assert "百分数" in manager.get(f"{PAGE}?rate=viel").text
    assert "不超过 5%" in manager.get(f"{PAGE}?rate=80").text


def test_who_may_changes_it_with_a_reason_and_takes_it_back(office: Office) -> None:
    manager = office.client("manager")
    form = {"rate": "0.5", "version": 0}
    assert "problem=" in post(manager, PAGE, **form).headers["location"]
    for name in ("custodian", "sysadmin", "auditor", "clerk3"):
        assert post(office.client(name), PAGE, **form, why="我想改").status_code == 403
    assert _rate(office) == 0.001
    assert post(manager, PAGE, **form, why="旺季").headers["location"].endswith("done=saved")
    assert _rate(office) == 0.005
    page = office.client("cs_head").get(PAGE).text
    assert "旺季" in page
    assert "manager" in page
    late = post(office.client("cs_head"), PAGE, **form, why="晚了一步")
    assert "problem=" in late.headers["location"]
    back = {"to_version": 0, "version": 1, "why": "旺季过了"}
    assert post(manager, f"{PAGE}/back", **back).headers["location"].endswith("done=saved")
    assert _rate(office) == 0.001
    manager.cookies.set("yihu_language", "en")
    assert "Filing policy" in manager.get(PAGE).text


def _decided_as_suggested(office: Office) -> None:
    """A person decides on a judged document what the machine had suggested first."""
    with office.database.write() as session:
        document = session.scalars(
            select(Document).where(Document.state == "filed", Document.household_id.is_not(None))
        ).first()
        assert document is not None
        document.judgement = {
            "types": [{"code": document.type, "probability": 0.95}],
            "households": [{"id": document.household_id, "probability": 1.0}],
        }
        document.decided_by = "person:clerk3"


def test_the_page_says_whether_the_probabilities_were_true(office: Office) -> None:
    manager = office.client("manager")
    assert "尚无人核对过" in manager.get(PAGE).text
    _decided_as_suggested(office)
    page = manager.get(PAGE).text
    assert "平均相差 5.0 个百分点" in page
    assert "90% – 100%" in page
    said = office.client("manager", accept="application/json").get("/api/v1/policy").json()
    assert said["reliability"] == [
        {"low": 0.9, "high": 1.0, "count": 1, "mean": 0.95, "right": 1.0}
    ]


def test_the_api_does_the_same(office: Office) -> None:
    head = office.client("cs_head", accept="application/json")
    before = head.get("/api/v1/policy").json()
    version = before["versions"][0]["version"] if before["versions"] else 0
    assert head.get("/api/v1/policy?rate=0.01").json()["rate"] == 0.01
    token = {"x-csrf-token": csrf(head)}
    wish = {"rate": 0.01, "why": "接口试用", "version": version}
    assert head.post("/api/v1/policy", json=wish, headers=token).json()["rate"] == 0.01
    assert head.post("/api/v1/policy", json=wish, headers=token).status_code == 400
    assert head.post("/api/v1/policy", json={"why": "没有"}, headers=token).status_code == 400
    back = {"back_to": 0, "why": "试完了"}
    assert head.post("/api/v1/policy", json=back, headers=token).json()["rate"] == 0.001
