"""One spelling for everything that is written in several ways, before any rule looks at it.

Half and full width, traditional and simplified, Roman numerals, dashes, `#`
and blanks become one form each (domain 3.1). Every character of the result
remembers where it stood, so a finding can be shown in the text as read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_ROMAN = {chr(0x2160 + i): str(i + 1) for i in range(12)} | {
    chr(0x2170 + i): str(i + 1) for i in range(12)
}
_DASHES = dict.fromkeys("‐‑‒–—―−－﹣﹘~～〜⁓╴─━ー", "-")
_HASHES = dict.fromkeys("＃♯﹟", "#")
_BLANKS = dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009\u202f\u200b\ufeff_＿﹍﹎", " ")
_DOTS = dict.fromkeys("•・‧∙⋅●", "·")
_BARS = dict.fromkeys("丨｜∣￨", "|")
_COLONS = dict.fromkeys("：﹕∶︰", ":")
# Kept as they are: NFKC would turn them into digits that glue to their neighbours.
_KEPT = set("㎡²³℃…")
_CIRCLED = {chr(code): " " for code in range(0x2460, 0x249C)}
_TABLE: dict[str, str] = {
    **_ROMAN, **_DASHES, **_HASHES, **_BLANKS, **_DOTS, **_BARS, **_COLONS, **_CIRCLED,
    "〇": "〇", "○": "〇", "◯": "〇", "▁": " ", "№": "NO",
}  # fmt: skip
_HAN_ONE = re.compile(r"(?<=[0-9A-Za-z#])([ \t]*)一(?=[ \t]*[0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised text; `origin[i]` is the index in the text as read of its character `i`."""

    text: str
    origin: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the text as read of `text[start:end]`."""
        if start >= end or start >= len(self.origin):
            return (len(self.source), len(self.source))
        return self.origin[start], self.origin[end - 1] + 1

    def written(self, start: int, end: int) -> str:
        """How `text[start:end]` was written."""
        first, last = self.span(start, end)
        return self.source[first:last]


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


class _Spelling(dict[int, str]):
    """The one spelling of every character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = spelt = _character(chr(code))
        return spelt


def _character(char: str) -> str:
    if char in _TABLE:
        return _TABLE[char]
    if char in _KEPT or char.isascii():
        return char
    plain = unicodedata.normalize("NFKC", char)
    if len(plain) == 1 and "\u3400" <= plain <= "\U0003ffff":
        converted = str(_converter().convert(plain))
        return converted if len(converted) == 1 else plain
    return "".join(_TABLE.get(part, part) for part in plain)


_SPELLING = _Spelling()


def normalise(text: str) -> Normalised:
    """The text in one spelling, with the origin of every character.

    Blanks stay (one for each); case stays, because a small l may be a misread
    1; 一 between digits becomes a dash (domain 3.1).
    """
    spelt = plain(text)
    if len(spelt) == len(text):
        return Normalised(spelt, tuple(range(len(text))), text)
    origin = [index for index, char in enumerate(text) for _ in _SPELLING[ord(char)]]
    return Normalised(spelt, tuple(origin), text)


def plain(text: str) -> str:
    """Only the normalised text, for comparisons."""
    return _HAN_ONE.sub(lambda match: f"{match[1]}-", text.translate(_SPELLING))


def compact(text: str) -> str:
    """Normalised, without any blanks, upper case."""
    return "".join(plain(text).split()).upper()
