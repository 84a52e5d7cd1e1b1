"""Learning, readings and verification on their screens and through the API."""

from __future__ import annotations

from bench.front_office import Office, csrf, post
from catalog import chores, minds, verifications
from classifier import shipped_model

FIGURES = {"cases": 9, "right_before": 6, "right_after": 8, "bold_before": 1, "bold_after": 0}


def test_a_model_is_put_in_use_and_taken_back_with_a_reason(office: Office) -> None:
    shipped = shipped_model()
    assert shipped is not None
    with office.database.write() as session:
        minds.add(session, shipped.dump(), labels=24, better=True, figures=FIGURES, actor="machine")
    head, path = office.client("cs_head"), "/settings/learning/use"
    page = head.get("/settings/learning").text
    assert "6 → 8" in page
    assert "problem=" in post(head, path, version="1").headers["location"]
    assert "problem=" in post(head, path, version="9", why="没有的").headers["location"]
    for name in ("custodian", "auditor", "sysadmin"):
        assert post(office.client(name), path, version="1", why="不能换").status_code == 403
    assert "done=used" in post(head, path, version="1", why="比较更好").headers["location"]
    assert office.client("sysadmin").get("/settings/learning").text.count("使用中") == 1
    client = office.client("manager", accept="application/json")
    assert [row["in_use"] for row in client.get("/api/v1/models").json()] == [True, False]
    wish = {"version": 0, "why": "先用出厂的"}
    headers = {"x-csrf-token": csrf(client)}
    assert client.post("/api/v1/models/use", json=wish, headers=headers).status_code == 200
    with office.database.read() as session:
        assert minds.state(session).model == 0


def test_a_document_is_asked_to_be_read_again_and_earlier_texts_are_seen(office: Office) -> None:
    number = office.ids["五栋.jpg"]
    path = f"/documents/{number}/reread"
    clerk = office.client("clerk5")
    before = clerk.get(f"/documents/{number}/readings").text
    assert "陈静" in before
    assert "现用" in before
    assert "problem=" in post(clerk, path, engine="magic").headers["location"]
    assert post(office.client("clerk3"), path).status_code == 404
    assert post(office.client("auditor"), path).status_code == 403
    assert "done=asked" in post(clerk, path, careful="yes").headers["location"]
    assert "clerk5" in clerk.get(f"/documents/{number}/readings").text
    found = office.document(number)
    with office.database.read() as session:
        (asked,) = chores.asked_of(session, "reread", found.sha256 or "")
    assert asked.detail == {"engine": "", "careful": True}


def test_earlier_texts_cover_numbers_and_ask_an_auditor_for_a_reason(office: Office) -> None:
    number = office.ids["电话13812345678.jpg"]
    custodian = office.client("custodian", accept="application/json")
    (reading,) = custodian.get(f"/api/v1/documents/{number}/readings").json()
    text = "\n".join(reading["lines"])
    assert "13812345678" in text
    assert "110101199003074514" not in text
    auditor, path = office.client("auditor"), f"/documents/{number}/readings"
    assert auditor.get(path).status_code == 403
    post(auditor, f"/documents/{number}/unmask", reason="抽查")
    assert auditor.get(path).status_code == 200


def test_each_finding_is_named_and_not_checked_is_no_pass(office: Office) -> None:
    findings = [
        {"check": "fixity", "subject": "a" * 64, "result": "failed", "message": "坏 / broken"},
        {"check": "orphan", "subject": "store", "result": "could-not-check", "message": "不应答"},
        {"check": "inbox", "subject": "张伟 13812345678", "result": "unknown", "message": "张伟"},
    ]
    with office.database.write() as session:
        for counts, told in (((9, 0, 1), findings[1:2]), ((9, 2, 1), findings)):
            run = verifications.start(session, fixity=True)
            verifications.finish(session, run.id, counts, told)
    page = office.client("auditor").get("/audit/verification").text
    for word in ("a" * 64, "不符", "无法检查", "来历不明", "有项无法检查", "张伟"):
        assert word in page
    technical = office.client("sysadmin").get("/audit/verification").text
    assert "a" * 64 in technical
    assert "张伟" not in technical
    assert office.client("clerk3").get("/audit/verification").status_code == 403
    api = office.client("manager", accept="application/json").get("/api/v1/verifications").json()
    assert [run["result"] for run in api[:2]] == ["differs", "could-not-check"]
