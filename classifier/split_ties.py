"""What ties a page without a title to the page before it, and what shows that it begins anew.

A form begins with whose it is and ends with who signed. So a page that says whose
it is, behind one that was signed, is another form; signatures without a form
and the next clause of an agreement belong to what stands before (domain 2.7 row 26).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from classifier.fields_entries import Entry, sheet_of
from classifier.types.folding import fold, simplified
from yihu.page import PageText

# What stands at the end of a form: who signs, when, and the seal.
_SIGNED = re.compile(
    r"(签名|签字|签发|签收|签署|盖章|专用章|日期|代表|(?<!负责)(?<!联系)[人员])\s*[:：(（]|专用章|公章"
    r"|^\W*(?:\d{4}\s*[年.\-/]\s*\d{1,2}\s*[月.\-/]|二[〇零○O0][一二三四五六七八九〇零○]{2}年)"
)
_SIGNER = re.compile(r"[人名字][:：]\s*([一-龥]{2,4})(?![一-龥])")
_CLAUSE = re.compile(
    r"^\s*(?:第\s*([\d一二三四五六七八九十]{1,3})\s*条|([\d一二三四五六七八九十]{1,3})\s*[、.．](?!\d))"
)
_HAN = {han: digit for digit, han in enumerate("零一二三四五六七八九")}
_MOST_SIGNATURES, _FOOT_LINES, _HEAD_ROWS = 8, 4, 9
_NAMES = frozenset({"owner", "co_owner", "signer", "tenant"})
_BESIDE_ROOM = _NAMES | {"phone", "id_no", "number", "file_no"}


@dataclass(frozen=True, slots=True)
class Home:
    """The household a page speaks of: digits of the first labelled room, first labelled name."""

    room: str = ""
    name: str = ""

    def differs(self, other: Home) -> bool:
        """Whether both say something and nothing they both say is the same."""
        room = bool(self.room and other.room) and not _same_room(self.room, other.room)
        name = bool(self.name and other.name) and self.name != other.name
        return (room and name) or (room and not (self.name and other.name))

    def agrees(self, other: Home) -> bool:
        """Whether the room or the name is the same."""
        same = bool(self.room and other.room) and _same_room(self.room, other.room)
        return same or bool(self.name and self.name == other.name)


def _same_room(one: str, other: str) -> bool:
    """3-2-501 and 501 are the same room on two pages of one form."""
    short, long = sorted((one, other), key=len)
    return long == short or long.endswith("-" + short)


def home_of(page: PageText) -> Home:
    """Whose the page says it is."""
    return _home(sheet_of(page).entries)


def _home(entries: tuple[Entry, ...]) -> Home:
    room = next((e.value for e in entries if e.role == "room"), "")
    name = next((e.value for e in entries if e.role == "owner"), "")
    name = name or next((e.value for e in entries if e.role in _NAMES), "")
    return Home(re.sub(r"\D+", "-", room).strip("-"), re.sub(r"\s", "", name))


def head_of(page: PageText) -> Home | None:
    """Whose the page says it is where a form begins; None where no form begins at its top."""
    entries = sheet_of(page).entries
    roles = {entry.role for entry in entries if entry.row < _HEAD_ROWS}
    return _home(entries) if "room" in roles and roles & _BESIDE_ROOM else None


def closed(page: PageText) -> bool:
    """Whether the page ends as a form ends: with a signature, a date or a seal."""
    return any(_SIGNED.search(line) for line in _lines(page)[-_FOOT_LINES:])


def only_signs(before: PageText, page: PageText) -> bool:
    """The signatures of a form that ran over its page: the same people, or nobody signed yet."""
    lines = [line for line in _lines(page) if len(fold(line)) > 1]
    signed = sum(bool(_SIGNED.search(line)) for line in lines)
    if not signed or len(lines) > _MOST_SIGNATURES or 2 * signed < len(lines):
        return False
    named = {match[1] for line in lines for match in _SIGNER.finditer(line)}
    if named and any(name in line for name in named for line in _lines(before)):
        return True
    return not closed(before)


def clauses_go_on(before: PageText, page: PageText) -> bool:
    """Whether the first clause of the page is the one after the last of the page before."""
    numbers = list(_clauses(before))
    first = next(_clauses(page), 0)
    return bool(numbers) and first > 1 and first == numbers[-1] + 1


def _clauses(page: PageText) -> Iterator[int]:
    for line in _lines(page):
        if match := _CLAUSE.match(line):
            yield number_of(match[1] or match[2])


def _lines(page: PageText) -> list[str]:
    return [simplified(line.text) for line in page.lines]


def number_of(text: str) -> int:
    """A small number in digits (l and I read for 1) or Chinese; 0 when it is none."""
    text = text.replace("l", "1").replace("I", "1")
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _HAN.get(text, 0)
    return (_HAN.get(tens, 0) if tens else 1) * 10 + (_HAN.get(ones, 0) if ones else 0)
