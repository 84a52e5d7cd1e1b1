"""Real Chromium on a filled office; a console error of any page fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from bench import browser as chrome
from bench.front_office import PAPERS, Office, Paper, fill, notice, open_office
from catalog.accounts import people, signed_in
from web.guard import COOKIE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Open = Callable[..., "Page"]
QUEUE = tuple(
    Paper(
        f"队列{n:02d}.jpg", "3-1-101", "reno.permit",
        (notice("3-1-101", "张伟", f"1381234{n:04d}"),), "review", ("policy",), sure=0.95,
    )
    for n in range(30)
)  # fmt: skip
KEYS = tuple(
    Paper(
        f"按键{n}.{'pdf' if n < 3 else 'jpg'}", "3-1-101", "movein.convention",
        (notice("3-1-101", "张伟", f"1371234{n:04d}", "110101199003074514"),)
        * (3 if n < 3 else 1),
        "review", ("policy",), sure=0.95,
    )
    for n in range(1, 6)
)  # fmt: skip
"""A queue of its own for the keys that do not file."""
DESK = Paper(
    "桌上.pdf", "3-1-102", "movein.household_form",
    (notice("3-1-102", "李娜", "13987654321", "110101199003074514"),) * 3,
    "review", ("split_unsure",), sure=0.6,
)  # fmt: skip
"""Stays on the desk: nobody decides on it."""


def must_have_chromium() -> None:
    """Skip without Chromium; where everything must run (CI=true) that is a failure."""
    if chrome.chromium() is None:
        without = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        without("no Chromium: make browser")


def enter(office: Office, context: BrowserContext, name: str) -> None:
    """Sign somebody in on this browser profile, without the form that other tests fill in."""
    with office.database.write() as session:
        account = people.named(session, name)
        secret = signed_in.open_session(session, account, "test", "password")
    context.add_cookies([{"name": COOKIE, "value": secret, "url": office.base}])


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all browser tests."""
    must_have_chromium()
    made = fill(tmp_path_factory.mktemp("office") / "home", (*PAPERS, *QUEUE, *KEYS, DESK))
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
        enter(office, context, name)
        page = context.new_page()
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
