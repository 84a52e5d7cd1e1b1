"""Every room: it fits every width and twice the size, and the accessibility check is clean.

One browser profile per language visits each room once; width is changed in place
and the checker is put into a page once, because starting is what costs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from bench import browser as chrome
from catalog import samples, verifications
from catalog.models import Sample
from tests.browser.conftest import DESK, enter, must_have_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from bench.front_office import Office
    from tests.browser.conftest import Open

TWICE = (720, 450)
"""A window of 1440 x 900 at 200 %."""
ROOMS = {
    "": ("/sign-in",),
    "custodian": (
        "/inbox",
        "/review",
        "/review/desk/{desk}",
        "/households",
        "/households/{household}",
        "/documents/{document}",
        "/documents/{document}/readings",
        "/search?q=张伟",
        "/approvals",
        "/audit/samples",
        "/audit/samples/{sample}",
        "/account",
    ),
    "auditor": (
        "/audit",
        "/audit/gaps",
        "/audit/looks",
        "/audit/verification",
        "/settings/policy",
        "/settings/learning",
        "/settings/rights",
    ),
    "sysadmin": ("/settings",),
}
DAILY = {"/inbox", "/review/desk/{desk}", "/households/{household}", "/audit"}
"""Checked at both widths in both languages every time; the others so in the long run."""
CHECK = """axe.run(document, {resultTypes: ["violations"], preload: false}).then(found =>
  found.violations.map(one => [one.id, one.nodes.slice(0, 2).map(node => node.html.slice(0, 120))]))
"""


@pytest.fixture(scope="module")
def places(office: Office) -> dict[str, int]:
    """The numbers in the addresses; there is a sample to answer and a run of verify."""
    document = office.ids["五栋.jpg"]
    with office.database.write() as session:
        samples.draw(session, 1.0, "person:test", 500)
        sample = session.query(Sample).filter_by(document_id=document).one().id
        run = verifications.start(session, fixity=True)
        finding = {
            "check": "fixity",
            "subject": "1",
            "result": "failed",
            "message": "改动 / altered",
        }
        verifications.finish(session, run.id, (8, 1, 0), [finding])
    return {
        "document": document,
        "sample": sample,
        "desk": office.ids[DESK.file],
        "household": office.households["3-1-101"],
    }


@pytest.mark.parametrize(
    ("language", "thorough"),
    [
        pytest.param("zh", False, id="zh"),
        pytest.param("en", False, id="en"),
        pytest.param("zh", True, id="zh-every-width", marks=pytest.mark.slow),
        pytest.param("en", True, id="en-every-width", marks=pytest.mark.slow),
    ],
)
def test_rooms_fit_the_screen_and_pass_the_accessibility_check(
    office: Office, running: Browser, places: dict[str, int], language: str, thorough: bool
) -> None:
    context = chrome.context(running, office.base, chrome.DESKTOP, language)
    page, wrong = context.new_page(), []
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    usual = chrome.DESKTOP if language == "zh" else chrome.PHONE
    for name, room in _rooms():
        if name:
            enter(office, context, name)
        _shaped(page, chrome.DESKTOP)
        page.goto(room.format(**places))
        assert urlsplit(page.url).path == urlsplit(room.format(**places)).path
        assert page.get_attribute("html", "lang") == ("zh-CN" if language == "zh" else "en")
        for size in (chrome.DESKTOP, TWICE, chrome.PHONE):
            _shaped(page, size)
            wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, (room, size, wide)
            if size == usual or (size != TWICE and (thorough or room in DAILY)):
                assert _complaints(page) == [], (room, size)
    context.close()
    assert wrong == []


def _rooms() -> Iterator[tuple[str, str]]:
    for name, rooms in ROOMS.items():
        for room in rooms:
            yield name, room


def _shaped(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def _complaints(page: Page) -> list[Any]:
    """What the checker finds wrong; only that leaves the page, which is much less than it knows."""
    if not page.evaluate("Boolean(window.axe)"):
        from axe_playwright_python.sync_playwright import Axe

        page.evaluate(Axe().axe_script)
    found: list[Any] = page.evaluate(CHECK)
    return found


def test_what_opens_on_the_desk_passes_the_check_too(open_as: Open, places: dict[str, int]) -> None:
    page = open_as("custodian", language="en")
    page.goto(f"/review/desk/{places['desk']}")
    page.keyboard.press("?")
    page.wait_for_selector("dialog#keys[open]")
    assert _complaints(page) == []
    assert page.evaluate("document.activeElement.closest('dialog') !== null")  # focus is in it
    page.keyboard.press("Escape")
    assert page.query_selector("dialog[open]") is None
    page.keyboard.press("h")
    page.keyboard.type("wf")
    page.wait_for_selector("#household-list li")
    assert page.get_attribute("#household", "aria-expanded") == "true"
    lit = page.get_attribute("#household", "aria-activedescendant")
    assert page.get_attribute(f"#{lit}", "aria-selected") == "true"
    assert _complaints(page) == []


FOCUSED = """() => {
  const it = document.activeElement;
  const style = getComputedStyle(it);
  const verb = it.closest("[data-verb]");
  return {
    name: it.id || it.dataset.tool || (it.tagName === "BUTTON" && verb ? verb.dataset.verb : "")
      || it.className,
    shown: it.getClientRects().length > 0,
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none",
    body: it === document.body,
    first: it.matches("a.skip"),
  };
}"""
ORDER = (
    "leave", "show-keys", "on", "out", "in", "canvas", "accept", "household", "type", "assign",
    "blank", "rescan", "discard",
)  # fmt: skip
"""What is decided with, in the order it is read: image, suggestion, correction, the rest."""


def test_the_tab_key_goes_through_the_desk_as_it_is_read(
    open_as: Open, places: dict[str, int]
) -> None:
    page = open_as("custodian")
    page.goto(f"/review/desk/{places['desk']}")
    passed: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["body"] or (passed and focused["first"]):
            break
        assert focused["shown"], focused
        assert focused["marked"], focused
        passed.append(focused["name"])
    decides = [name for name in passed if name in ORDER]  # a form's suggestions count as the form
    assert [name for name, _ in itertools.groupby(decides)] == list(ORDER), passed


@pytest.mark.parametrize(("ci", "how"), [("true", "Failed"), ("", "Skipped")])
def test_where_everything_must_run_a_missing_browser_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, ci: str, how: str
) -> None:
    monkeypatch.setattr(chrome, "chromium", lambda: None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(BaseException, match="no Chromium") as told:
        must_have_chromium()
    assert type(told.value).__name__ == how
