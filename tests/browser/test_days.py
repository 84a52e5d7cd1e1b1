"""Each person's day in a real browser: by keyboard, on a phone, without scripts, bilingual."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import select

from bench import browser as chrome
from bench.front_office import PASSWORD, Office, draw
from bench.home import until
from catalog import documents
from catalog.models import Arrival, Document

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Open


def test_a_custodian_clears_a_queue_of_thirty_by_keyboard_alone(
    office: Office, open_as: Open
) -> None:
    page = open_as("custodian")
    page.goto("/review?type=reno.permit")
    page.keyboard.press("Tab")
    _begin(page)
    seen = set()
    for left in range(30, 0, -1):
        assert page.inner_text("#left") == str(left)
        number = page.get_attribute("#doc", "data-id")
        seen.add(number)
        page.keyboard.press("Enter")
        if left > 1:
            page.wait_for_function(
                "id => document.getElementById('doc').dataset.id !== id", arg=number
            )
    page.wait_for_url(re.compile(r"/review\?"))
    assert len(seen) == 30
    page.keyboard.press("z")  # the last one of a queue is taken back like any other
    page.wait_for_url(re.compile(rf"/review/desk/{number}\b"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/review\?"))
    for file, settled in office.ids.items():
        if file.startswith("队列"):
            office.settled(settled, "filed")


def test_a_wrong_suggestion_is_corrected_by_typing_a_few_letters(
    office: Office, open_as: Open
) -> None:
    page, number = open_as("custodian"), office.ids["没有房号.jpg"]
    page.goto(f"/review/desk/{number}")
    page.keyboard.press("h")
    page.keyboard.type("wf")  # 王芳, by the initials of her name
    page.wait_for_selector("#household-list li")
    assert "3-2-501" in page.inner_text("#household-list li >> nth=0")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.keyboard.type("rhtz")  # 入伙通知单 or 入住通知单
    page.wait_for_selector("#type-list li")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    found = office.settled(number, "filed")
    assert found.household_id == office.households["3-2-501"]
    assert found.type == "movein.notice"
    page.wait_for_function(
        "id => document.getElementById('doc')?.dataset.id !== id", arg=str(number)
    )
    page.keyboard.press("z")
    office.settled(number, "review")


def test_the_keys_are_told_and_the_image_is_turned_and_zoomed(
    office: Office, open_as: Open
) -> None:
    page = open_as("custodian")
    page.goto(f"/review/desk/{office.ids['多页.pdf']}")
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")
    page.keyboard.press("]")
    page.wait_for_selector(".sheet[data-at='2']")
    page.keyboard.press("+")
    assert page.evaluate("document.querySelector('.paper').style.width") == "130%"
    page.keyboard.press("r")  # it stays turned, for everybody
    page.wait_for_selector(".sheet[data-at='2'] .paper img[width='1000'][height='707']")
    turned = office.document(office.ids["多页.pdf"]).split or {}
    assert turned["turns"] == {"2": 90}
    page.click(".fields a >> text=3-1-102")  # read on page 1, and shown there
    page.wait_for_selector(".sheet[data-at='1'] .box.field.lit", state="attached")
    page.keyboard.press("]")
    page.wait_for_selector(".sheet[data-at='2']")
    page.keyboard.press("0")
    page.keyboard.press("b")
    assert page.evaluate("document.querySelector('.sheet').classList.contains('no-boxes')")
    page.keyboard.press("s")  # split at page 2
    until(lambda: office.document(office.ids["多页.pdf"]).last_page == 1, 60)


def test_what_is_dropped_is_seen_to_arrive_without_a_reload(office: Office, open_as: Open) -> None:
    page = open_as("clerk3")
    page.goto("/inbox")
    page.evaluate("window.kept = 1")
    page.set_input_files(
        "#files",
        {"name": "刚扫的.jpg", "mimeType": "image/jpeg", "buffer": draw(("刚扫的",), "drop")},
    )
    page.wait_for_selector("#rows >> text=刚扫的.jpg", timeout=60_000)
    folder = office.settings.inbox / "共享夹里的.jpg"
    folder.write_bytes(draw(("从共享文件夹来",), "shared"))
    page.wait_for_selector("#rows >> text=共享夹里的.jpg", timeout=90_000)
    assert page.evaluate("window.kept") == 1


def test_an_auditor_goes_from_the_map_to_a_missing_paper_and_exports(open_as: Open) -> None:
    page = open_as("auditor")
    page.goto("/audit?view=paper")
    page.click("table.heat td a >> nth=0")
    page.wait_for_url(re.compile("/audit/gaps"))
    with page.expect_download() as coming:
        page.click("text=导出 Excel")
    data = io.BytesIO(coming.value.path().read_bytes())
    assert openpyxl.load_workbook(data).sheetnames == ["齐全率", "缺件清单"]
    page.click("table.list a >> nth=0")
    page.wait_for_selector("tr.gap")
    assert page.is_visible("text=应存")


def test_without_scripts_a_decision_is_made_and_a_page_turned(
    office: Office, open_as: Open
) -> None:
    page, number = open_as("custodian", script=False), office.ids["待定三.jpg"]
    page.goto(f"/review/desk/{number}")
    page.click("text=确认归档")
    assert f"done={number}" in page.url
    office.settled(number, "filed")
    page.click(".undo-bar button")
    office.settled(number, "review")


def test_shots_of_a_phone_become_one_document_and_progress_is_shown(
    office: Office, open_as: Open
) -> None:
    page = open_as("clerk3", chrome.PHONE)
    page.goto("/inbox")
    page.evaluate(
        """() => {
          const bar = document.getElementById("progress");
          window.bars = [];
          const note = () => window.bars.push(!bar.hidden);
          new MutationObserver(note).observe(bar, {attributes: true});
          const says = document.getElementById("toast");
          window.said = [];
          new MutationObserver(() => window.said.push(says.textContent))
            .observe(says, {attributes: true, childList: true});
        }"""
    )
    for number in range(1, 4):
        page.set_input_files(
            "#camera",
            {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": _shot(number)},
        )
        page.wait_for_selector(f"#shots li:nth-child({number}) img")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("#send-shots")
    page.wait_for_selector("#shots", state="hidden")
    page.wait_for_selector("#rows >> text=/photo \\d{4}-/", timeout=60_000)
    assert page.evaluate("window.bars.includes(true)")  # it was shown while sending
    assert not page.is_visible("#progress")
    assert page.evaluate("window.said.filter(Boolean).length") >= 2  # that it goes, and is there
    assert len(page.query_selector_all("#rows >> text=/photo \\d{4}-/")) == 1
    assert until(lambda: _pages_of_the_photos(office) == 3, 120)


def _shot(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (120, 160), 40 * number).save(out, "JPEG")
    return out.getvalue()


def _pages_of_the_photos(office: Office) -> int:
    with office.database.read() as session:
        arrived = select(Arrival.id).where(Arrival.path.startswith("photo "))
        found = session.scalars(select(Document).where(Document.arrival_id.in_(arrived))).all()
        return sum(document.last_page - document.first_page + 1 for document in found)


def test_each_key_of_the_desk_does_its_own_thing(office: Office, open_as: Open) -> None:
    first, second, gone, again, covered = (
        office.ids[name] for name in office.ids if name.startswith("按键")
    )
    part = _in_two_parts(office, first)
    page = open_as("custodian")
    page.goto("/review?type=movein.convention")
    _begin(page)
    _on(page, first)
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    page.keyboard.press("Escape")

    page.keyboard.press("n")
    page.wait_for_function("id => document.getElementById('doc').dataset.id !== id", arg=str(first))
    assert office.document(first).state == "review"  # passed over, not decided

    _to(page, part)
    page.keyboard.press("m")
    until(lambda: office.document(first).last_page == 3, 30)
    assert office.document(part).state == "duplicate"

    _to(page, second)
    page.keyboard.press("x")
    until(lambda: (office.document(second).split or {}).get("blank_pages") == [1], 30)
    assert office.document(second).state == "review"

    _to(page, covered)
    page.keyboard.press("u")
    assert page.evaluate("document.activeElement.name") == "reason"
    assert page.is_visible("details.uncover[open] button")

    for number, key, why in ((gone, "d", "discarded"), (again, "g", "rescan")):
        _to(page, number)
        page.keyboard.press(key)
        assert office.settled(number, "rejected").reasons == [why]


def _to(page: Page, number: int) -> None:
    page.goto(f"/review/desk/{number}?type=movein.convention")
    _on(page, number)


def _begin(page: Page) -> None:
    """Go from the queue to its first document, and wait until the desk listens to keys."""
    page.click("text=开始复核")
    page.wait_for_url(re.compile("/review/desk/"))  # loaded: its scripts have run by then


def _on(page: Page, number: int) -> None:
    page.wait_for_selector(f"#doc[data-id='{number}']")


def _in_two_parts(office: Office, number: int) -> int:
    """The scan of three pages as two documents that wait."""
    with office.database.write() as session:
        whole = session.get_one(Document, number)
        whole.last_page = 1
        part = documents.add_sibling(session, whole, 2, 3)
        part.state, part.stage, part.due_at = "review", "", None
        part.household_id, part.type = whole.household_id, whole.type
        session.flush()
        return part.id


NOWHERE = {
    "staff": (
        "/inbox",
        "/review",
        "/review/desk/{document}",
        "/households",
        "/households/{household}",
        "/documents/{document}/text",
        "/documents/{document}/original",
        "/search?q=张伟",
        "/audit",
        "/audit/report.xlsx",
        "/settings",
        "/settings/policy",
    ),
    "clerk5": (
        "/households/{household}",
        "/documents/{document}",
        "/documents/{document}/pages/1.jpg",
        "/documents/{document}/original",
        "/settings",
    ),
}
PROGRAM = (
    "/api/v1/documents/{document}",
    "/api/v1/documents/{document}/pages/1.jpg",
    "/api/v1/households/{household}",
)


@pytest.mark.parametrize("name", NOWHERE)
def test_a_person_without_rights_gets_nowhere(office: Office, running: Browser, name: str) -> None:
    ids = {"document": office.ids["电话13812345678.jpg"], "household": office.households["3-1-101"]}
    context = chrome.context(running, office.base)  # its console tells of every refusal
    page = context.new_page()
    chrome.sign_in(page, name, PASSWORD)
    for address in NOWHERE[name]:
        answer = page.goto(address.format(**ids))
        assert answer is not None
        assert answer.status in (403, 404), address
        assert "13812345678" not in page.content()
        assert page.inner_text("main").strip()  # told in words
    page.goto("/account")
    for address in PROGRAM:
        assert _fetched(page, "GET", address.format(**ids))[0] in (403, 404)
    for address in ("/api/v1/search?q=张伟", "/api/v1/households?q=张伟", "/households/find?q=zw"):
        status, text = _fetched(page, "GET", address)
        assert status == 403 or (status, text) == (200, "[]"), address
    before = office.document(ids["document"]).state
    for address in ("/documents/{document}/take-out", "/api/v1/documents/{document}/decision"):
        assert _fetched(page, "POST", address.format(**ids))[0] in (403, 404)
    assert office.document(ids["document"]).state == before
    context.close()


def _fetched(page: Page, method: str, address: str) -> tuple[int, str]:
    """What a script of the page itself gets, with its cookie and its form token."""
    status, text = page.evaluate(
        """async ([method, address]) => {
          const headers = {"X-CSRF-Token": yihu.csrf, "Content-Type": "application/json",
                           Accept: "application/json"};
          const body = method === "POST" ? '{"act": "discard", "reason": "so"}' : undefined;
          const answer = await fetch(address, {method, headers, body});
          return [answer.status, await answer.text()];
        }""",
        [method, address],
    )
    return int(status), str(text)
