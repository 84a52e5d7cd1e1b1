"""Approvals in a real browser: asked for on the page itself, granted in one step, used once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import browser as chrome

if TYPE_CHECKING:
    from bench.front_office import Office
    from tests.browser.conftest import Open


def test_a_clerk_asks_without_scripts_and_the_head_of_the_estate_approves_on_a_phone(
    office: Office, open_as: Open
) -> None:
    number = office.ids["电话13812345678.jpg"]
    clerk = open_as("clerk3", script=False)
    clerk.goto(f"/documents/{number}")
    assert clerk.query_selector(f"a[href='/documents/{number}/original']") is None
    clerk.click("summary:has-text('下载、打印、复制原件')")
    clerk.fill("details.ask[open] input[name=reason]", "业主要一份复印件")
    clerk.click("details.ask[open] button")
    assert "已申请，待审批" in clerk.inner_text(".panel")

    head = open_as("estate_head", chrome.PHONE, "en")
    head.goto("/approvals")
    assert head.inner_text("nav.rooms .count").startswith("1")
    assert "业主要一份复印件" in head.inner_text("article.request")
    assert head.evaluate("document.documentElement.scrollWidth <= innerWidth")
    head.click("article.request button:has-text('Approve')")
    assert head.query_selector("article.request") is None

    clerk.goto("/approvals")
    assert "已批准" in clerk.inner_text("#main")
    clerk.goto(f"/documents/{number}")
    with clerk.expect_download() as saved:
        clerk.click(f"a[href='/documents/{number}/original']")
    assert saved.value.suggested_filename.endswith((".jpg", ".jpeg"))
    clerk.reload()
    assert clerk.query_selector(f"a[href='/documents/{number}/original']") is None
