"""Real Chromium for tests and pictures: the system's own, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESKTOP, PHONE = (1440, 900), (390, 844)


def chromium() -> str | None:
    """The path of the system's Chromium; None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium until the block ends; RuntimeError when none is installed."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        raise RuntimeError("no Chromium: apt-get install chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=[*sandbox, "--disable-gpu", "--font-render-hinting=none"]
        )
        try:
            yield running
        finally:
            running.close()


def context(
    running: Browser,
    base: str,
    size: tuple[int, int] = DESKTOP,
    language: str = "zh",
    *,
    script: bool = True,
) -> BrowserContext:
    """A fresh browser profile of this size and language; `script` False is without JavaScript."""
    made = running.new_context(
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        has_touch=size == PHONE,
        java_script_enabled=script,
        locale="zh-CN" if language == "zh" else "en-GB",
    )
    made.add_cookies([{"name": "yihu_language", "value": language, "url": base}])
    return made


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign in through the form, as a person does."""
    page.goto("/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.click("main button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
