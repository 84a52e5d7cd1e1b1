"""Whether the key fields that the product keeps of a page are those printed on it, and where.

What is judged is what the review desk shows: the fields of the judgement, the
title its type was told by, the address and the owner named in running text that
its household was told by. A value counts when it is the one printed (traditional
and simplified characters are one, a date in any style is that day), its place
when it lies over one of the places where the value is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import opencc

from bench.characters import bare
from bench.corpus.numerals import day_of
from bench.corpus.printed import Field
from bench.corpus.register import Household
from catalog.template import load_template
from classifier import Hints, Policy, RegisterIndex, judge, parse_address
from classifier.types.titles import read_title
from yihu.household import HouseholdRecord
from yihu.page import Box, PageText

NAMES = (
    "title", "room", "owner", "co_owner", "phone", "id_no", "date", "form_no", "number",
    "file_no", "contractor", "permit_no", "receipt_no", "amount",
)  # fmt: skip
_NUMBERS = frozenset({"number", "form_no", "file_no", "permit_no", "receipt_no"})
_ONE_VALUE = ("phone", "contractor", "amount", *sorted(_NUMBERS - {"file_no"}))
"""Of these a document bears those printed; a name may be anybody's, a date any day's."""
_LEAST_SHARE = 0.3
"""Of the smaller of two boxes must lie within the other."""
_IN_CELLS = re.compile(
    r"(?:区域\s*(?P<zone>\S+?)\s*)?楼号\s*(?P<building>\S+?)\s*"
    r"(?:单元\s*(?P<unit>\S+?)\s*)?房号\s*(?P<room>\S+)"
)
_EVIDENCE = {"room": "room", "owner": "signer"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that the product keeps under a name, and where it saw it."""

    name: str
    value: str
    box: Box | None


class Keeper:
    """Judges single pages as the product does, against the register the pages were made from."""

    def __init__(self, households: Sequence[Household]) -> None:
        self._template = load_template()
        self._register = RegisterIndex(
            HouseholdRecord(
                number,
                home.key,
                file_no=home.file_no,
                owners=tuple(owner.name for owner in home.owners),
                phones=tuple(owner.phone for owner in home.owners),
                id_nos=tuple(owner.id_no for owner in home.owners),
                former_owners=home.former,
            )
            for number, home in enumerate(households, 1)
        )

    def kept(self, page: PageText) -> list[Kept]:
        """Every field of the page that a person would be shown."""
        judged = judge([page], Hints(), self._register, self._template, Policy())
        found = [Kept(field.name, field.value, field.box) for field in judged.fields]
        found += [
            Kept(_EVIDENCE[seen.code], seen.value, seen.box)
            for seen in judged.match.evidence
            if seen.code in _EVIDENCE
        ]
        title = read_title(page, self._template)
        if title.best is not None:
            found.append(Kept("title", title.best.text, title.best.box))
        elif title.headline:
            box = next((x.box for x in page.lines if title.headline in x.text), None)
            found.append(Kept("title", title.headline, box))
        return found

    def right(self, key: Field, kept: Iterable[Kept]) -> list[Kept]:
        """Those of what was kept that are this field."""
        same = self._same_room if key.name == "room" else _SAME.get(key.name, _same_text)
        return [one for one in _of(key.name, list(kept)) if same(key.written, one.value)]

    def others(self, keys: Sequence[Field], kept: Iterable[Kept]) -> list[str]:
        """The name of each value kept under a name the page bears that is none of those printed."""
        shown = [one for one in kept if one.name in _ONE_VALUE]
        right = [one for key in keys for one in self.right(key, shown)]
        borne = {
            name for key in keys for name in (_NUMBERS if key.name in _NUMBERS else {key.name})
        }
        return [one.name for one in shown if one.name in borne and one not in right]

    def _same_room(self, printed: str, value: str) -> bool:
        printed = _in_one(printed)
        if _plain(printed) in _plain(value):
            return True
        levels = self._levels(printed)
        return bool(levels) and levels == self._levels(value)

    def _levels(self, text: str) -> list[Any]:
        """The building, unit and room of each address in a text."""
        read = parse_address(text, self._register, field=True)
        return [(one.building, one.unit, one.room) for one in read if one.building and one.room]


def _in_one(printed: str) -> str:
    """An address printed in cells of their own, 楼号 10 单元 2 房号 602, as one: 10栋2单元602."""
    match = _IN_CELLS.fullmatch(printed.strip())
    if match is None:
        return printed
    building = match["building"] + ("栋" if match["building"].isascii() else "")
    unit = f"{match['unit']}单元" if match["unit"] else ""
    return f"{match['zone'] or ''}{building}{unit}{match['room']}"


def placed(key: Field, right: Iterable[Kept]) -> bool:
    """Whether one of the right values was seen where the field is printed."""
    return any(one.box and _overlap(one.box, box) for one in right for box in key.boxes)


def _of(name: str, kept: list[Kept]) -> list[Kept]:
    """What may be a field of this name: without an owner's label, who signed or is mentioned."""
    if name in ("owner", "co_owner"):
        owners = [one for one in kept if one.name in ("owner", "co_owner")]
        return owners or [one for one in kept if one.name == "signer"]
    wanted = _NUMBERS if name in _NUMBERS else {name}
    return [one for one in kept if one.name in wanted]


def _overlap(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return wide > 0 and high > 0 and wide * high >= _LEAST_SHARE * least


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


def _plain(text: str) -> str:
    return str(_simplifier().convert(bare(text)))


def _same_text(printed: str, value: str) -> bool:
    return _plain(printed) == _plain(value)


def _within(printed: str, value: str) -> bool:
    return _plain(printed) in _plain(value)


def _same_signs(printed: str, value: str) -> bool:
    return _signs(printed) == _signs(value) != ""


def _signs(text: str) -> str:
    return re.sub(r"[^0-9A-Z一-龥]", "", _plain(text).upper())


def _same_day(printed: str, value: str) -> bool:
    return day_of(printed) == value


def _same_money(printed: str, value: str) -> bool:
    return f"{float(re.sub(r'[^0-9.]', '', printed) or 0):.2f}" == value


_SAME: dict[str, Callable[[str, str], bool]] = {
    "title": _within,
    "phone": _same_signs,
    "id_no": _same_signs,
    "date": _same_day,
    "amount": _same_money,
    **dict.fromkeys(_NUMBERS, _same_signs),
}
