"""Real Chromium on a filled office; a console error of any page fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from bench import browser as chrome
from bench.front_office import PAPERS, PASSWORD, Office, Paper, fill, notice, open_office

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Open = Callable[..., "Page"]
QUEUE = tuple(
    Paper(
        f"队列{n:02d}.jpg", "3-1-101", "reno.permit",
        (notice("3-1-101", "张伟", f"1381234{n:04d}"),), "review", ("policy",), sure=0.95,
    )
    for n in range(30)
)  # fmt: skip

pytestmark = pytest.mark.skipif(chrome.chromium() is None, reason="no Chromium")


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all browser tests."""
    if chrome.chromium() is None:
        pytest.skip("no Chromium: make browser")
    made = fill(tmp_path_factory.mktemp("office") / "home", (*PAPERS, *QUEUE))
    with open_office(made):
        yield made


@pytest.fixture(scope="session")
def running(office: Office) -> Iterator[Browser]:
    """The browser."""
    with chrome.browser() as made:
        yield made


@pytest.fixture
def open_as(office: Office, running: Browser) -> Iterator[Open]:
    """A function that gives a page signed in as somebody; errors on its console fail the test."""
    contexts, wrong = [], []

    def opened(
        name: str,
        size: tuple[int, int] = chrome.DESKTOP,
        language: str = "zh",
        *,
        script: bool = True,
    ) -> Page:
        context = chrome.context(running, office.base, size, language, script=script)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        chrome.sign_in(page, name, PASSWORD)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
