"""Phone and ID numbers covered in any text, without changing its length.

A number is found by its shape, not by what the machine thought it was: runs of
11 digits or more (mobile, ID, card, account numbers), and shorter ones after a
word for telephone. What is covered too much costs a click; what is covered too
little cannot be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

COVER = "*"
_DATE = re.compile(
    r"(?:19|20)\d{2}\s*[-./年]\s*(?:1[0-2]|0?[1-9])\s*[-./月]\s*(?:3[01]|[12]\d|0?[1-9])(?!\d)\s*日?"
)
_RUN = re.compile(
    r"(?<![0-9])\+?[0-9][\s\-–—·.]{0,2}(?:[0-9OoIl][\s\-–—·.]{0,2}){8,23}[0-9OoIlXx](?![0-9])"
)
_LABELLED = re.compile(
    r"(?:电\s*话|手\s*机|联系方式|联系电|传\s*真|TEL|MOBILE|PHONE)\D{0,6}"
    r"((?:[0-9OoIl][\s\-–—]{0,2}){6,11}[0-9OoIl])(?![0-9])",
    re.IGNORECASE,
)
_SHORTEST_RUN, _SHORTEST_ID = 10, 14
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")


@dataclass(frozen=True, slots=True)
class Covers:
    """Which kinds of number to cover."""

    phones: bool = True
    id_nos: bool = True

    @property
    def none(self) -> bool:
        """Nothing is covered."""
        return not (self.phones or self.id_nos)


@dataclass(frozen=True, slots=True)
class Found:
    """A number in a text: where it stands, and whether it is a phone (else an ID or account)."""

    start: int
    end: int
    phone: bool


def numbers_in(text: str) -> Iterator[Found]:
    """Every number worth covering, in order of their kind."""
    plain = _plain(text)
    free = _DATE.sub(lambda match: "／" * len(match[0]), plain)
    taken: list[tuple[int, int]] = []
    for match in _RUN.finditer(free):
        digits = sum(c.isalnum() for c in match[0])
        if sum(c.isdigit() for c in match[0]) < _SHORTEST_RUN - 2:
            continue
        before = free[match.start() - 1 : match.start()]
        serial = before.isascii() and before.isalpha()  # HT20240506001 is a contract's number
        if serial and digits < _SHORTEST_ID and not _MOBILE.fullmatch(_bare(match[0])):
            continue
        taken.append(match.span())
        yield Found(*match.span(), phone=_is_phone(match[0], digits))
    for match in _LABELLED.finditer(free):
        start, end = match.span(1)
        if not any(first <= start < last for first, last in taken):
            yield Found(start, end, phone=True)


def _plain(text: str) -> str:
    """Half width, character by character, so that places stay."""
    return "".join(
        folded if len(folded := unicodedata.normalize("NFKC", char)) == 1 else char for char in text
    )


def _is_phone(run: str, digits: int) -> bool:
    bare = _bare(run)
    if _MOBILE.fullmatch(bare) or _LANDLINE.fullmatch(bare):
        return True
    return digits < _SHORTEST_ID  # neither: covered with the phones, and never shown without them


def _bare(run: str) -> str:
    return "".join(c for c in run if c.isalnum()).translate(str.maketrans("OoIl", "0011"))


def mask(text: str, covers: Covers) -> str:
    """The text with its numbers covered: the same length, first and last digits of a phone left.

    138****5678 for a phone; an ID number keeps its last two characters only.
    """
    if covers.none or not text:
        return text
    out = list(text)
    for found in numbers_in(text):
        if covers.phones if found.phone else covers.id_nos:
            _cover(out, found)
    return "".join(out)


def _cover(out: list[str], found: Found) -> None:
    places = [n for n in range(found.start, found.end) if out[n].isalnum()]
    head, tail = (3, 4) if found.phone and len(places) >= 11 else (0, 2)
    for place in places[head : len(places) - tail]:
        out[place] = COVER


def spans(text: str, covers: Covers) -> list[tuple[float, float]]:
    """Where numbers stand in a line, as shares of its width; wide characters count double."""
    if covers.none:
        return []
    widths = [2.0 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text]
    total = sum(widths) or 1.0
    return [
        (sum(widths[: found.start]) / total, sum(widths[: found.end]) / total)
        for found in numbers_in(text)
        if (covers.phones if found.phone else covers.id_nos)
    ]


def phone_shown(phone: str, *, clear: bool) -> str:
    """A phone cell (several numbers apart by 、) as this viewer may see it."""
    if clear:
        return phone
    return "、".join(_tail(one) for one in phone.split("、") if one)


def _tail(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else f"****{phone[-2:]}"


def id_shown(number: str, *, clear: bool) -> str:
    """An ID number as this viewer may see it."""
    if clear or not number:
        return number
    return COVER * max(0, len(number) - 2) + number[-2:]
