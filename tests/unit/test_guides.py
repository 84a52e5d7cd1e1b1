"""The guides show the rooms as they are: each picture is there, each room, reason and key told.

The tests of pictures fail until `make screens` has run: it makes what is missing.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import web
from bench.screens import ROOMS, pictures
from web.app import guarded_routes
from yihu.reasons import REASONS

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "docs" / "screens"
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
NO_ROOM = {
    "/": "leads to the first room",
    "/language": "leads back",
    "/review/desk": "leads to the first document",
    "/sign-in/sso": "leads to the office's own sign-in",
    "/sign-in/sso/answer": "leads on from there",
    "/setup/{secret}": "looks like /password/{secret}",
    "/inbox/rows": "part of a page",
    "/review/types": "for a page's script",
    "/households/find": "for a page's script",
    "/documents/{document_id}/pages/{number}.jpg": "a picture",
    "/documents/{document_id}/original": "a download",
    "/audit/report.{kind}": "a download",
    "/healthz": "for machines",
    "/readyz": "for machines",
    "/metrics": "for machines",
}


def guide(language: str) -> str:
    return (ROOT / "docs" / f"guide.{language}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_every_picture_a_document_names_is_there(page: Path) -> None:
    named = IMAGE.findall(page.read_text(encoding="utf-8"))
    missing = [name for name in named if not (page.parent / name).is_file()]
    assert missing == [], "make screens"


def test_every_room_has_its_pictures_and_no_picture_is_left_over() -> None:
    wanted = {name for room in ROOMS for name in pictures(room)}
    there = {path.name for path in SCREENS.glob("*.jpg")}
    assert wanted - there == set(), "make screens"
    assert there - wanted == set(), "pictures of rooms that are no more"


def test_every_page_a_person_can_open_is_a_room() -> None:
    shown = [re.sub(r"\{\w+\}", "1", urlsplit(address).path) for _, address in ROOMS.values()]
    without = {
        route.path
        for route in guarded_routes()
        if "GET" in (route.methods or ())
        and not route.path.startswith("/api/")
        and not any(route.path_regex.match(path) for path in shown)
    }
    assert without == set(NO_ROOM)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_tells_what_to_do_for_every_reason(language: str) -> None:
    text = " ".join(guide(language).split())
    told = {code: reason.zh if language == "zh" else reason.en for code, reason in REASONS.items()}
    assert {code for code, words in told.items() if words not in text} == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_tells_every_key_of_the_desk(language: str) -> None:
    template = (Path(web.__file__).parent / "templates" / "desk.html").read_text(encoding="utf-8")
    keys = re.findall(r"\('([^']+)', '[a-z]+'\)", template.partition('class="keys"')[2])
    assert len(keys) > 10
    assert [key for key in keys if f"`{key}`" not in guide(language)] == []
