"""Approvals as people do them: asked where it was refused, decided in the room, used once."""

from __future__ import annotations

import re

import httpx
import pytest

from bench.front_office import Office, csrf, post
from bench.home import Home
from catalog import ledger, ticks
from catalog.accounts import people


def _asked(client: httpx.Client, action: str, subject: str, back: str = "/approvals") -> None:
    answer = post(
        client, "/approvals", action=action, subject=subject, reason="业主来访", back=back
    )
    assert (answer.status_code, "problem=" in answer.headers["location"]) == (303, False)


def _waiting(client: httpx.Client) -> list[str]:
    return re.findall(r'action="/approvals/(\d+)/grant"', client.get("/approvals").text)


def _granted(client: httpx.Client, number: str) -> None:
    answer = post(client, f"/approvals/{number}/grant", days="1")
    assert answer.headers["location"] == "/approvals?done=granted"


def test_the_page_that_refuses_takes_the_request_and_tells_nothing(office: Office) -> None:
    there, nowhere = office.ids["五栋.jpg"], 987_654
    for name in ("staff", "dept_head", "clerk3"):
        client = office.client(name)
        pages = [client.get(f"/documents/{number}") for number in (there, nowhere)]
        plain = [
            re.sub(rf"(document:|documents(?:/|%2F)){number}\b", "N", page.text)
            for page, number in zip(pages, (there, nowhere), strict=True)
        ]
        assert plain[0] == plain[1]
        assert pages[0].status_code == pages[1].status_code
        assert f'name="subject" value="document:{there}"' in pages[0].text
    for name in ("scanner", "sysadmin", "auditor"):
        assert 'name="subject"' not in office.client(name).get(f"/documents/{nowhere}").text


def test_another_department_reads_one_document_for_a_while(office: Office) -> None:
    number = office.ids["五栋.jpg"]
    staff, head = office.client("staff"), office.client("cs_head")
    assert "/approvals" not in staff.get("/account").text
    _asked(staff, "document.page", f"document:{number}")
    assert staff.get(f"/documents/{number}").status_code == 403
    assert 'class="count"' in head.get("/households").text
    (request,) = _waiting(head)
    for other in ("custodian", "estate_head"):
        client = office.client(other)
        assert _waiting(client) == []
        assert post(client, f"/approvals/{request}/grant", days="1").status_code == 404
    assert post(staff, f"/approvals/{request}/grant", days="1").status_code == 403
    assert "problem=" in post(head, f"/approvals/{request}/grant", days="99").headers["location"]
    _granted(head, request)
    page = staff.get(f"/documents/{number}")
    assert page.status_code == 200
    assert "13655556666" not in page.text
    assert staff.get(f"/documents/{number}/pages/1.jpg").status_code == 200
    assert staff.get(f"/documents/{number}/original").status_code == 403
    assert staff.get(f"/documents/{office.ids['重要.jpg']}").status_code == 404
    assert office.client("dept_head").get(f"/documents/{number}").status_code in (403, 404)
    found = staff.get("/api/v1/search?q=陈静").json()
    assert [hit["document"] for hit in found] == [number]
    assert post(staff, f"/approvals/{request}/withdraw").status_code == 303
    assert staff.get(f"/documents/{number}").status_code == 403


def test_another_department_finds_the_documents_of_an_approved_household(office: Office) -> None:
    home = office.households["3-1-101"]
    head, manager = office.client("dept_head"), office.client("manager")
    assert 'value="document.page"' in head.get(f"/households/{home}").text
    _asked(head, "document.page", f"household:{home}")
    _granted(manager, _waiting(manager)[0])
    shown = re.findall(r'href="/documents/(\d+)"', head.get("/approvals").text)
    assert shown == [str(office.ids["电话13812345678.jpg"])]
    assert head.get(f"/documents/{shown[0]}").status_code == 200
    assert head.get(f"/households/{home}").status_code == 403  # the catalogue is another right


def test_a_copy_is_handed_out_once(office: Office) -> None:
    number = office.ids["电话13812345678.jpg"]
    clerk, head = office.client("clerk3"), office.client("estate_head")
    path = f"/documents/{number}"
    assert clerk.get(f"{path}/original").status_code == 403
    assert 'value="document.original"' in clerk.get(path).text
    _asked(clerk, "document.original", f"document:{number}", path)
    assert 'value="document.original"' not in clerk.get(path).text
    _granted(head, _waiting(head)[0])
    assert f'href="{path}/original"' in clerk.get(path).text
    assert clerk.get(f"{path}/original").content[:2] == b"\xff\xd8"
    assert clerk.get(f"{path}/original").status_code == 403
    with office.database.read() as session:
        told = [event.action for event in ledger.events_of(session, f"document:{number}")]
    for action in ("approval_asked", "approval_granted", "approval_used", "downloaded"):
        assert action in told


def test_a_clerk_moves_a_filed_document_once_and_a_failed_try_costs_nothing(
    office: Office,
) -> None:
    number = office.ids["扫描员.jpg"]
    clerk, custodian = office.client("clerk5"), office.client("custodian")
    move = {"household": "5-1-102", "reason": "归错户"}
    assert post(clerk, f"/documents/{number}/refile", **move).status_code == 403
    _asked(clerk, "document.refile", f"document:{number}", f"/documents/{number}")
    _granted(custodian, _waiting(custodian)[0])
    for wrong in ({"household": "9-9-999"}, {"type": "没有这种"}, {"reason": ""}):
        answer = post(clerk, f"/documents/{number}/refile", **(move | wrong))
        assert "problem=" in answer.headers["location"] or answer.status_code == 404
    assert post(clerk, f"/documents/{number}/refile", **move).status_code == 303
    moved = office.settled(number, "filed")
    assert moved.household_id == office.households["5-1-102"]
    assert post(clerk, f"/documents/{number}/take-out", reason="再来").status_code == 403
    api = {"act": "discard", "reason": "再来"}
    headers = {"x-csrf-token": csrf(clerk)}
    answer = clerk.post(f"/api/v1/documents/{number}/decision", json=api, headers=headers)
    assert answer.status_code == 404
    assert office.document(number).state == "filed"


def test_a_clerk_withdraws_the_one_tick_it_was_approved_for(office: Office) -> None:
    home = office.households["3-1-102"]
    with office.database.write() as session:
        for kind in ("reno.permit", "reno.application"):
            ticks.confirm_paper(session, household_id=home, type=kind, location="", actor="test")
    clerk, head = office.client("clerk3"), office.client("cs_head")
    page = f"/households/{home}"
    assert clerk.get(page).text.count('value="paper.withdraw"') == 2
    _asked(clerk, "paper.withdraw", f"tick:{home}/reno.permit", page)
    _granted(head, _waiting(head)[0])
    body = {"reason": "原件不在"}
    other = post(clerk, f"{page}/paper/withdraw", type="reno.application", **body)
    assert other.status_code == 404
    assert (
        "done="
        in post(clerk, f"{page}/paper/withdraw", type="reno.permit", **body).headers["location"]
    )
    again = post(clerk, f"{page}/paper/withdraw", type="reno.permit", **body)
    assert again.status_code == 403


def test_numbers_of_one_household_show_after_approval(office: Office) -> None:
    home = office.households["3-1-101"]
    head, manager = office.client("estate_head"), office.client("manager")
    assert "110101199003074514" not in head.get(f"/households/{home}").text
    _asked(head, "household.id_no", f"household:{home}", f"/households/{home}")
    _granted(manager, _waiting(manager)[0])
    assert "110101199003074514" in head.get(f"/households/{home}").text


def test_a_declined_request_tells_why(office: Office) -> None:
    number = office.ids["重要.jpg"]
    staff, head = office.client("staff"), office.client("cs_head")
    _asked(staff, "document.page", f"document:{number}")
    (request,) = _waiting(head)
    assert "problem=" in post(head, f"/approvals/{request}/decline", reason="").headers["location"]
    post(head, f"/approvals/{request}/decline", reason="请走<b>书面</b>申请")
    told = staff.get("/approvals").text
    assert "请走&lt;b&gt;书面" in told
    assert "刘洋" not in told
    assert staff.get(f"/documents/{number}").status_code in (403, 404)


def test_forms_need_their_token_and_their_own_request(office: Office) -> None:
    staff = office.client("staff")
    body = {"action": "document.page", "subject": "document:1", "reason": "因为"}
    assert staff.post("/approvals", data=body).status_code == 403
    _asked(
        office.client("supervisor"),
        "document.page",
        f"document:{office.ids['电话13812345678.jpg']}",
    )
    (request,) = _waiting(office.client("manager"))
    assert post(staff, f"/approvals/{request}/withdraw").status_code == 404
    assert staff.post(f"/approvals/{request}/withdraw").status_code == 403
    bad = post(staff, "/approvals", action="user.manage", subject="document:1", reason="因为")
    assert bad.status_code == 404
    unknown = post(staff, "/approvals", action="no.such", subject="document:1", reason="因为")
    assert unknown.status_code == 404


def test_programs_ask_and_decide_with_the_same_rights(office: Office) -> None:
    number = office.ids["待定五.jpg"]
    clerk, staff = office.client("clerk5"), office.client("staff")
    asking = {"actions": ["document.page"], "subject": f"document:{number}", "reason": "核对"}
    made = staff.post("/api/v1/approvals", json=asking, headers={"x-csrf-token": csrf(staff)})
    assert made.status_code == 201
    (request,) = made.json()["approvals"]
    head = office.client("cs_head")
    waiting = head.get("/api/v1/approvals").json()["waiting"]
    assert request in [line["approval"] for line in waiting]
    verdict = {"act": "grant", "days": 1}
    path = f"/api/v1/approvals/{request}/decision"
    refused = clerk.post(path, json=verdict, headers={"x-csrf-token": csrf(clerk)})
    assert refused.status_code == 403
    granted = head.post(path, json=verdict, headers={"x-csrf-token": csrf(head)})
    assert granted.json() == {"state": "granted"}
    assert staff.get(f"/api/v1/documents/{number}/pages/1.jpg").status_code in (200, 403)
    assert "/api/v1/approvals" in staff.get("/api/v1/openapi.json").json()["paths"]


@pytest.mark.parametrize("act", ["grant", "decline"])
def test_the_command_line_decides_as_an_account(office: Office, act: str) -> None:
    number = office.ids["待定三.jpg"]
    staff, home = office.client("staff"), Home(office.settings.home)
    _asked(staff, "document.page", f"document:{number}")
    code, lines = home.run("approval", "list", "--as", "cs_head")
    (request,) = [one["approval"] for one in lines if one["subject"] == f"document:{number}"]
    more = ("--reason", "不需要") if act == "decline" else ("--days", "1")
    assert home.run("approval", act, str(request), "--as", "custodian", *more)[0] == 1
    assert home.run("approval", act, str(request), "--as", "cs_head", *more)[0] == 0
    shows = staff.get(f"/documents/{number}").status_code == 200
    assert (code, shows) == (0, act == "grant")
    if act == "grant":
        with office.database.write() as session:
            people.disable(session, people.named(session, "staff"), "person:root")
            people.enable(session, people.named(session, "staff"), "person:root")
        assert office.client("staff").get(f"/documents/{number}").status_code == 403
