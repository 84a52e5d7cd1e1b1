"""Each person's day in a real browser: by keyboard, on a phone, without scripts, bilingual."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import openpyxl
import pytest

from bench import browser as chrome
from bench.front_office import Office, draw
from bench.home import until

if TYPE_CHECKING:
    from tests.browser.conftest import Open

ROOMS = {
    "custodian": (
        "/inbox",
        "/review",
        "/review/desk",
        "/households",
        "/search?q=张伟",
        "/approvals",
        "/account",
    ),
    "auditor": ("/audit", "/audit/gaps", "/audit/looks", "/settings/policy", "/settings/rights"),
    "sysadmin": ("/settings",),
}


def test_a_custodian_clears_a_queue_of_thirty_by_keyboard_alone(
    office: Office, open_as: Open
) -> None:
    page = open_as("custodian")
    page.goto("/review?type=reno.permit")
    page.keyboard.press("Tab")
    page.click("text=开始复核")
    page.wait_for_selector("#doc")
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


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(chrome.DESKTOP, "zh", id="desktop-zh"),
        pytest.param(chrome.PHONE, "en", id="phone-en"),
        pytest.param(chrome.DESKTOP, "en", id="desktop-en", marks=pytest.mark.slow),
        pytest.param(chrome.PHONE, "zh", id="phone-zh", marks=pytest.mark.slow),
    ],
)
def test_rooms_fit_the_screen_and_pass_the_accessibility_check(
    office: Office, open_as: Open, size: tuple[int, int], language: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for name, rooms in ROOMS.items():
        page = open_as(name, size, language)
        extra = (
            f"/households/{office.households['3-1-101']}",
            f"/documents/{office.ids['五栋.jpg']}",
        )
        for room in rooms + (extra if name == "custodian" else ()):
            page.goto(room)
            page.wait_for_load_state("networkidle")
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (room, wide)
            bad = [
                (v["id"], [n["html"][:120] for n in v["nodes"][:2]])
                for v in Axe().run(page).response["violations"]
            ]
            assert bad == [], (room, bad)
            assert page.get_attribute("html", "lang") == ("zh-CN" if language == "zh" else "en")


def test_it_can_be_read_at_twice_the_size(office: Office, open_as: Open) -> None:
    page = open_as("custodian", (720, 450))  # 1440 x 900 at 200 %
    for room in ("/inbox", "/review", f"/households/{office.households['3-1-101']}"):
        page.goto(room)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
