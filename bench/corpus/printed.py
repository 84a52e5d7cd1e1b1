"""The key fields that really stand on a page: how they are written, broken, and where they lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench.corpus.marks import Glyphs, Page
from bench.corpus.wear import Wear
from yihu.page import Box

MOST_SKEW = 1.0
"""Degrees: beyond them a line near the edge is no longer where the page says it is."""
_KEY = {
    "title": "title", "room_written": "room", "phone": "phone", "id_no": "id_no", "date": "date",
    "number": "number", "form_no": "form_no", "file_no": "file_no", "permit_no": "permit_no",
    "receipt_no": "receipt_no", "contractor": "contractor", "amount": "amount",
}  # fmt: skip
_SEVERAL = re.compile(r"[、， ]")


@dataclass(frozen=True, slots=True)
class Field:
    """A key field as it stands on the page: its parts, one a line it was broken to.

    `boxes` are the places where it is printed, in shares of the upright page;
    empty where the scan moved them (a photo, a skewed sheet).
    """

    name: str
    parts: tuple[str, ...]
    hand: bool
    written: str = ""
    boxes: tuple[Box, ...] = ()


def fields_on(page: Page, said: Mapping[str, str]) -> Iterator[Field]:
    """The key fields of a document that stand on its page."""
    marks = [mark for mark in page.marks if isinstance(mark, Glyphs)]
    whole = "".join("".join(mark.text.split()) for mark in marks)
    for name, written in _named(said):
        wanted = "".join(written.split())
        starts = [found.start() for found in re.finditer(re.escape(wanted), whole)]
        if wanted and starts:
            boxes = tuple(
                _box(_standing(marks, start, start + len(wanted)), page) for start in starts
            )
            parts, hand = _parts(_standing(marks, starts[0], starts[0] + len(wanted)))
            yield Field(name, parts, hand, written, boxes)


def boxes_known(wear: Wear) -> bool:
    """Whether what stands on the page is still where it was set, once the page is upright."""
    return not (wear.photo or wear.border) and abs(wear.skew) <= MOST_SKEW


def _named(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each key field by name; of several owners the first is the owner, the others co-owners."""
    owners = [name for name in _SEVERAL.split(said.get("owner", "")) if name]
    for place, owner in enumerate(owners):
        yield ("co_owner" if place else "owner"), owner
    for name, key in _KEY.items():
        if name in said:
            yield key, said[name]


def _standing(marks: Iterable[Glyphs], start: int, end: int) -> list[tuple[Glyphs, str]]:
    """The marks that hold characters [start, end) of all text, with what of it they hold."""
    found, place = [], 0
    for mark in marks:
        text = "".join(mark.text.split())
        if inside := text[max(0, start - place) : max(0, end - place)]:
            found.append((mark, inside))
        place += len(text)
    return found


def _parts(standing: Iterable[tuple[Glyphs, str]]) -> tuple[tuple[str, ...], bool]:
    """The pieces of a field, those of one line together; whether a pen wrote any of it."""
    parts: list[tuple[float, str]] = []
    hand = False
    for mark, inside in standing:
        hand = hand or mark.hand
        if parts and abs(parts[-1][0] - mark.y) < mark.size / 2:
            parts[-1] = (mark.y, parts[-1][1] + inside)
        else:
            parts.append((mark.y, inside))
    return tuple(text for _, text in parts), hand


def _box(standing: Iterable[tuple[Glyphs, str]], page: Page) -> Box:
    marks = [mark for mark, _ in standing]
    return (
        min(mark.x for mark in marks) / page.width,
        min(mark.y for mark in marks) / page.height,
        max(mark.x + mark.width for mark in marks) / page.width,
        max(mark.y + mark.size for mark in marks) / page.height,
    )
