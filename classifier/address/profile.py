"""What an estate's addresses look like, derived from its register (domain 3.1).

Estates, zones, named buildings, numbered villas, and whether a building has
units: with these a written form has one reading or is known to be open.
"""

from __future__ import annotations

import re
import weakref
from dataclasses import dataclass

from classifier.address.numerals import is_numeral, to_number
from classifier.normalise import plain
from classifier.values import Register
from yihu.household import ABSENT

_TYPED = re.compile(r"([\u4e00-\u9fff]+)(\d+[A-Z]?)")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_PERIOD = re.compile(r"第?([0-9]+|[IVXl1]+|[〇零一二三四五六七八九十]+)\s*期")
_ROMANS = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8"}
DEFAULT_TYPES = ("别墅",)


def zone_key(text: str) -> str:
    """One spelling of a zone: 第二期, Ⅱ期, II期 and 2期 are the same zone."""
    text = re.sub(r"\s+", "", plain(text)).upper()
    match = _PERIOD.fullmatch(text)
    if not match:
        return text
    word = match[1]
    if is_numeral(word):
        word = to_number(word) or word
    elif not word.isdigit():
        word = _ROMANS.get(word.replace("L", "I").replace("1", "I"), word)
    return f"{word}期"


@dataclass(frozen=True, slots=True)
class Profile:
    """The words an estate uses.

    `zones` maps the spelling of `zone_key` to the register's own; `named` holds
    buildings with a name in Chinese; `types` the words of numbered houses
    (别墅 of 别墅12).
    """

    estates: tuple[str, ...]
    zones: dict[str, str]
    buildings: frozenset[str]
    named: tuple[str, ...]
    types: tuple[str, ...]
    with_units: frozenset[str]

    def has_units(self, building: str) -> bool:
        """True when the building is divided into units."""
        return building in self.with_units


_KNOWN: weakref.WeakKeyDictionary[Register, Profile] = weakref.WeakKeyDictionary()


def profile_of(register: Register) -> Profile:
    """The profile of a register; derived once, so a register must not change under it."""
    known = _KNOWN.get(register)
    if known is None:
        known = _derive(register)
        _KNOWN[register] = known
    return known


def _derive(register: Register) -> Profile:
    buildings = frozenset(register.buildings())
    types = {match[1] for name in buildings if (match := _TYPED.fullmatch(name))}
    named = [name for name in buildings if _HAN.match(name) and not _TYPED.fullmatch(name)]
    divided = {name for name in buildings if any(unit != ABSENT for unit in register.units(name))}
    estates = (name for name in register.estates() if name and name != ABSENT)
    return Profile(
        estates=tuple(sorted(estates, key=len, reverse=True)),
        zones={zone_key(name): name for name in register.zones()},
        buildings=buildings,
        named=tuple(sorted(named, key=len, reverse=True)),
        types=tuple(sorted({*types, *DEFAULT_TYPES}, key=len, reverse=True)),
        with_units=frozenset(divided),
    )
