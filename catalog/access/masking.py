"""Phone and ID numbers covered in any text, without changing its length.

A number is found by its shape, not by what the machine thought it was: runs of
ten digits or more, however they are broken up (mobile, ID, card, account
numbers), passports and permits, and shorter ones after a word for telephone or
papers. What is covered too much costs a click; what is covered too little
cannot be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from yihu.characters import Characters

COVER = "*"
_BETWEEN = r"(?:[^\w\u4e00-\u9fff]|_|、){0,3}"
_RUN = re.compile(rf"[0-9](?:{_BETWEEN}[0-9])*(?:{_BETWEEN}[Xx](?![0-9A-Za-z]))?")
_DATE = (
    r"(?:19|20)\d{2}\s?[-./年]\s?(?:1[0-2]|0?[1-9])\s?[-./月]\s?(?:3[01]|[12]\d|0?[1-9])(?!\d)日?"
)
_MONEY = r"(?:\d{1,3}(?:,\d{3})+|\d{1,6})\.\d{2}(?!\d)"
_HARMLESS = re.compile(rf"(?:{_DATE}|{_MONEY})(?:{_BETWEEN}(?:{_DATE}|{_MONEY}))*")
_SERIAL = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])\d{0,7}")
"""HT20240506001 is a contract's number: two letters or more, a year and a month."""
_WHOLE = re.compile(
    r"(?<!\d)(?:(?:86)?1[3-9]\d{9}"
    r"|[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx])(?!\d)"
)
_PERMIT = re.compile(
    r"(?<![0-9A-Za-z])(?:[A-Za-z]\d{8}(?:\d\d)?|E[A-Za-z]\d{7}"
    r"|[A-Za-z]{1,2}\d{6}\s?\(\s?[0-9Aa]\s?\))(?![0-9A-Za-z])"
)
_PHONE_WORD = r"电\s*话|手\s*机|联系方式|联系电|传\s*真|TEL|MOBILE|PHONE"
_ID_WORD = r"证\s*件|身\s*份\s*证|护\s*照|通\s*行\s*证|居\s*留\s*证|PASSPORT|ID\s?NO"
_LABELLED = re.compile(
    rf"(?:{_PHONE_WORD})\D{{0,6}}((?:[0-9]{_BETWEEN}){{6,11}}[0-9])", re.IGNORECASE
)
_CLOSE = r"(?:[^\w\n\u4e00-\u9fff]|_){0,3}"
_NAMED = re.compile(
    rf"(?:(?P<phone>{_PHONE_WORD})|{_ID_WORD})(?:号|码|[^\w\u4e00-\u9fff]){{0,6}}"
    rf"(?P<number>[0-9A-Za-z](?:{_CLOSE}[0-9A-Za-z]){{5,}})",
    re.IGNORECASE,
)
_SHORTEST_RUN, _SHORTEST_ID, _SHORTEST_NAMED = 10, 14, 4
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
_ID = re.compile(r"[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]")
_LIKE = str.maketrans("OoIilBSsZz", "0011185522")
_ALIKE = re.compile(r"[0-9OoIilBSsZzXx]+")
_AMID = re.compile(r"(?<=[0-9])[OoIilBSsZz]{1,3}(?=[0-9])")
_TOKEN = re.compile(r"[0-9A-Za-z]+")


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
    """A number in a text: where it stands, and whether it is a phone, an ID, or may be either."""

    start: int
    end: int
    phone: bool
    id_no: bool = False

    def covered(self, covers: Covers) -> bool:
        """Whether these covers lie over it."""
        return (self.phone and covers.phones) or (self.id_no and covers.id_nos)


def numbers_in(text: str) -> Iterator[Found]:
    """Every number worth covering, in order of their kind."""
    plain = _plain(text)
    digits = _digits(plain)
    for match in _PERMIT.finditer(plain):
        yield Found(*match.span(), phone=False, id_no=True)
    taken: list[Found] = []
    free = list(digits)
    for match in _RUN.finditer(digits):
        if _HARMLESS.fullmatch(match[0]):
            free[match.start() : match.end()] = "／" * len(match[0])
        elif not _is_serial(plain, match):
            taken += _of_run(digits, *match.span())
    yield from taken
    for match in _LABELLED.finditer("".join(free)):
        start, end = match.span(1)
        if not any(one.start <= start < one.end for one in taken):
            yield Found(start, end, phone=True)
    for match in _NAMED.finditer(plain):
        start, end = match.span("number")
        places = [n for n in range(start, end) if free[n].isdigit()]
        new = [n for n in places if not any(one.start <= n < one.end for one in taken)]
        if len(new) >= _SHORTEST_NAMED:
            phone = match["phone"] is not None
            yield Found(start, end, phone=phone, id_no=not phone)


def _is_serial(plain: str, match: re.Match[str]) -> bool:
    before = plain[max(0, match.start() - 2) : match.start()]
    lettered = len(before) == 2 and before.isascii() and before.isalpha()
    return lettered and _SERIAL.fullmatch(match[0]) is not None


def _of_run(digits: str, start: int, end: int) -> Iterator[Found]:
    """The numbers of one run: those that stand whole in it, and what is left between them."""
    whole = _found(digits, start, end)
    if whole.phone != whole.id_no and _count(digits, start, end) >= _SHORTEST_ID:
        yield whole  # one ID number in pieces
        return
    parts = list(_WHOLE.finditer(digits, start, end))
    for part in parts:
        yield _found(digits, *part.span())
    edges = [start, *(edge for part in parts for edge in part.span()), end]
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        rest = digits[first:last]
        if _HARMLESS.fullmatch(rest.strip(" \n\t,;/|")):
            continue
        longest = max((len(piece) for piece in re.findall("[0-9]+", rest)), default=0)
        count = _count(digits, first, last)
        if count >= _SHORTEST_RUN or (parts and count > 5 and longest > 4):
            yield _found(digits, first, last)


def _count(digits: str, start: int, end: int) -> int:
    return sum(c.isalnum() for c in digits[start:end])


def _found(digits: str, start: int, end: int) -> Found:
    bare = "".join(c for c in digits[start:end] if c.isalnum()).upper()
    if _ID.fullmatch(bare):
        return Found(start, end, phone=False, id_no=True)
    if _MOBILE.fullmatch(bare) or _LANDLINE.fullmatch(bare) or len(bare) < _SHORTEST_ID:
        return Found(start, end, phone=True)
    return Found(start, end, phone=True, id_no=True)  # an account, or numbers run together


def _half_width(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


_HALF_WIDTH = Characters(_half_width)


def _plain(text: str) -> str:
    """Half width, character by character, so that places stay."""
    return text.translate(_HALF_WIDTH)


def _digits(plain: str) -> str:
    """The text with letters that were read for digits turned back, in the same places."""

    def back(match: re.Match[str]) -> str:
        token = match[0]
        numeric = any(c.isdigit() for c in token) or len(token) == 1
        if _ALIKE.fullmatch(token) and numeric:
            return token.translate(_LIKE)
        return _AMID.sub(lambda amid: amid[0].translate(_LIKE), token)

    return _TOKEN.sub(back, plain)


def mask(text: str, covers: Covers) -> str:
    """The text with its numbers covered: the same length, first and last digits of a phone left.

    138****5678 for a phone; an ID number keeps its last two characters only.
    """
    if covers.none or not text:
        return text
    out = list(text)
    for found in numbers_in(text):
        if found.covered(covers):
            _cover(text, out, found)
    return "".join(out)


def mask_value(name: str, value: str, covers: Covers) -> str:
    """A key field's value covered: a phone or an ID number by what it is, whatever its shape."""
    out = list(mask(value, covers))
    known = Found(0, len(value), phone=name == "phone", id_no=name == "id_no")
    if known.covered(covers):
        _cover(value, out, known)
    return "".join(out)


def _cover(text: str, out: list[str], found: Found) -> None:
    places = [n for n in range(found.start, found.end) if text[n].isalnum()]
    whole = found.phone and not found.id_no and len(places) >= 11
    head, tail = (3, 4) if whole else (0, 2)
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
        if found.covered(covers)
    ]


def phone_shown(phone: str, *, clear: bool) -> str:
    """A phone cell as this viewer may see it: whole, or nothing of it (domain 5.2, L3 and VIP)."""
    return phone if clear else ""


def id_shown(number: str, *, clear: bool) -> str:
    """An ID number as this viewer may see it."""
    if clear or not number:
        return number
    return COVER * max(0, len(number) - 2) + number[-2:]
