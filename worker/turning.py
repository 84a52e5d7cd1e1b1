"""How a person turned the pages of a document, so that everybody sees them upright.

What is kept is the clockwise turn of the page as it lies in the original, by
its number, in the document's note about its pages: a later reading that finds
another way up changes nothing of it. The original and the readings stay as
they are; only what is shown is turned.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.models import Document
from yihu.page import Box

QUARTERS = (90, 180, 270)


def turns_of(document: Document) -> dict[str, int]:
    """The pages a person turned, and how they are shown."""
    return dict((document.split or {}).get("turns", {}))


def keep_turns(document: Document, turns: Mapping[str, int]) -> None:
    """Note these turns with the document; the note says nothing where there are none."""
    note = {key: value for key, value in (document.split or {}).items() if key != "turns"}
    document.split = note | ({"turns": dict(turns)} if turns else {})


def turn_of(document: Document, page: int, rotation: int) -> int:
    """By how much a page is shown turned from the way up it was read, which is `rotation`."""
    return (turns_of(document).get(str(page), rotation) - rotation) % 360


def turned(box: Box, turn: int) -> Box:
    """A place on the page as it was read, on the page turned clockwise."""
    left, top, right, bottom = box
    match turn:
        case 90:
            return (1 - bottom, left, 1 - top, right)
        case 180:
            return (1 - right, 1 - bottom, 1 - left, 1 - top)
        case 270:
            return (top, 1 - right, bottom, 1 - left)
        case _:
            return box
