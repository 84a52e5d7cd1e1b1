"""An address as a chain of parts: numbers or letters, each with its level word or without.

3#2-501, 3栋2单元501室 and 楼号：3 单元：2 房号：501 are three chains of the same
kind; what each part means is decided in `levels` (domain 3.1, 3.5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from classifier.address.numerals import CHARACTERS
from classifier.address.profile import Profile

_CN = CHARACTERS
_ALNUM = r"[0-9A-Za-z|]{1,6}"
_ATOM = rf"(?:{_ALNUM}(?![0-9A-Za-z|])|[{_CN}][{_CN}Oo○0]{{0,5}})"
_SHOP = (
    r"(?:号\s*)?(?:商\s*铺|底\s*商|商\s*业|店\s*铺|门\s*面|门\s*市|门\s*店|网\s*点|铺\s*位"
    r"|铺\s*面|铺|商(?=\s*[0-9A-Z]))(?:\s*房)?"
)
_UNIT = (
    r"号?\s*单\s*元(?:\s*号(?=\s*[:;]))?|号\s*门(?![牌窗])|梯(?![间级])"
    r"|门(?![牌窗禁口市面卡铃锁店诊])"
)
_ROOM = (
    r"(?:号\s*)?(?:室(?![内外])|房间|房(?![屋产东号间款型地租改子])"
    r"|户(?![型主口籍名号内外]))"
)
# level words after a value, by kind: B building, Z building or unit, U unit, F floor, S shop,
# R room, H house number
_WORDS: tuple[tuple[str, str], ...] = (
    ("B", r"[号#]\s*楼|[号#]?\s*[栋幢](?:\s*楼)?|#(?:\s*楼)?"),
    ("Z", r"[号#]?\s*座(?![落机])"),
    ("U", _UNIT),
    ("S", _SHOP + r"(?![0-9A-Za-z])"),
    ("F", r"[层楼](?![上下宇房盘道梯栋顶])|跃层|F(?![A-Za-z])"),
    ("R", _ROOM),
    ("H", r"号(?![码楼栋幢座])"),
)  # fmt: skip
_WORD = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _WORDS)
_LABELS: tuple[tuple[str, str], ...] = (
    ("LB", r"楼\s*栋\s*号?|楼\s*号|栋\s*号|幢\s*号|座\s*号|楼\s*座|楼\s*幢|栋|幢|楼"),
    ("LU", r"单\s*元\s*号?|梯\s*号|单\s*元\s*/\s*梯"),
    ("LF", r"楼\s*层|层\s*数|所在层"),
    ("LR", r"房\s*间?\s*号\s*码?|室\s*号|房\s*号|门\s*牌\s*号?|房|室"),
)
_LABEL = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _LABELS)
_COLON = r"\s*[:;]\s*|[ ]*\t\s*"
_JOINER = re.compile(r"\s*([-/.,、·~&]|和|及|与|至)?\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """One link: its value as written, its kind ("" when no word says it), and how it is joined.

    `joiner` is what stands between the previous part and this one.
    """

    value: str
    kind: str
    start: int
    end: int
    joiner: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts that stand together, with their place in the text."""

    parts: tuple[Part, ...]
    start: int
    end: int

    @property
    def worded(self) -> bool:
        """True when at least one level word stands in it."""
        return any(part.kind for part in self.parts)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of one estate."""

    part: re.Pattern[str]
    label: re.Pattern[str]
    typed: re.Pattern[str]
    named: re.Pattern[str] | None


@lru_cache(maxsize=8)
def grammar(named: tuple[str, ...], types: tuple[str, ...]) -> Grammar:
    """The patterns for these named buildings and these words of numbered houses."""
    kinds = "|".join(map(re.escape, types))
    after = r"(?:\s*(?:号\s*楼|号|栋|幢|座|#))?"
    names = "|".join(r"\s*".join(map(re.escape, name)) for name in named)
    return Grammar(
        part=re.compile(rf"第?\s*(?P<value>{_ATOM}(?!\s*弄)|[甲乙丙丁戊东西南北中](?=\s*(?:单\s*元|门)))(?:\s*(?:{_WORD})(?!\s*号?\s*[:;]))?"),
        label=re.compile(rf"(?:{_LABEL})(?:{_COLON})第?\s*(?P<value>{_ATOM})(?:(?:\s+(?=\S{{1,3}}\s*[^\s:]))?(?:{_WORD})(?!\s*号?\s*[:;]))?"),
        typed=re.compile(
            rf"(?P<before>{kinds})\s*(?:区)?\s*[-:]?\s*第?\s*(?P<one>{_ATOM}){after}"
            rf"|第?\s*(?P<two>{_ATOM}){after}\s*(?P<behind>{kinds})(?!区)"
        ),
        named=re.compile(rf"(?P<value>{names})(?:\s*[栋幢座楼])?") if names else None,
    )  # fmt: skip


def chains(text: str, profile: Profile, *, field: bool) -> list[Chain]:
    """All chains in a masked text, left to right; `field` when the text is the value of a label."""
    rules = grammar(profile.named, profile.types)
    found: list[Chain] = []
    at = 0
    while at < len(text):
        chain = _chain_at(text, at, rules, field=field) if _may_start(text, at) else None
        if chain is None:
            at += 1
        else:
            found.append(chain)
            at = max(chain.end, at + 1)
    return found


def _may_start(text: str, at: int) -> bool:
    char = text[at]
    if char in " \t\n\x00":
        return False
    if not (char.isascii() and (char.isalnum() or char == "|")):
        return not char.isascii()
    before = text[at - 1] if at else " "
    return not (before.isascii() and (before.isalnum() or before in "|.$"))


def _chain_at(text: str, at: int, rules: Grammar, *, field: bool) -> Chain | None:
    parts: list[Part] = []
    joiner, here = "", at
    while True:
        part = _part_at(text, here, rules, joiner, first=not parts)
        if part is None or not _may_follow(parts, part, field=field):
            break
        parts.append(part)
        match = _JOINER.match(text, part.end)
        assert match is not None
        joiner, here = (match[1] or (" " if match.end() > match.start() else "")), match.end()
        if here >= len(text):
            break
    if parts and parts[0].kind == "H" and any(part.kind in {"B", "T"} for part in parts):
        return None  # 滨江一号3栋: the number belongs to the estate's name
    if not parts or (len(parts) == 1 and not field and not _tells(parts[0])):
        return None
    return Chain(tuple(parts), parts[0].start, parts[-1].end)


_GLUED = re.compile(r"[A-Za-z]{1,2}[0-9OolI]{3,4}[A-Za-z]?")


def _tells(part: Part) -> bool:
    """A single part says something with a level word, or as tower letter and room (A1203)."""
    return bool(part.kind) or _GLUED.fullmatch(part.value) is not None


def _part_at(text: str, at: int, rules: Grammar, joiner: str, *, first: bool) -> Part | None:
    if (match := rules.typed.match(text, at)) is not None:
        word = match["before"] or match["behind"]
        return Part(word + (match["one"] or match["two"]), "T", at, match.end(), joiner)
    if first and rules.named is not None and (match := rules.named.match(text, at)) is not None:
        return Part(re.sub(r"\s+", "", match["value"]), "N", at, match.end(), joiner)
    if (match := rules.label.match(text, at)) is not None:
        kind = next(kind for kind, _ in _LABELS if match[kind])
        if kind in {"LR", "LU"} and _GOES_ON.match(text, match.end("value")):
            return None  # 房号：3-2-501: the label names the whole address, not this value
        return Part(match["value"], _labelled(kind, match), at, _end(match), joiner)
    if (match := _SHOP_FIRST.match(text, at)) is not None:
        return Part(match["value"], "S", at, match.end(), joiner)
    if (match := rules.part.match(text, at)) is not None:
        kind = next((kind for kind, _ in _WORDS if match[kind]), "")
        if not kind and first and not _stands_alone(text, match):
            return None
        return Part(match["value"], kind, at, _end(match), joiner)
    return None


_SHOP_FIRST = re.compile(
    rf"(?:商\s*铺|底\s*商|店\s*铺|门\s*面|门\s*市|铺\s*位|铺|商)\s*(?:号|:)?\s*(?P<value>[A-Za-z]?-?[0-9]{{1,4}}|[{_CN}]{{1,4}})\s*(?:号|室)?(?:\s*(?:商铺|铺))?"
)  # fmt: skip


_GOES_ON = re.compile(
    rf"\s*(?:[-/.#]\s*[0-9A-Za-z{_CN}]|[号#]?\s*[栋幢座]|号\s*楼|单\s*元\s*[0-9A-Za-z]|#)"
)
_DASH_NEXT = re.compile(rf"\s*[-/]\s*[0-9A-Za-z{_CN}]")


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """A numeral in Chinese without a level word may begin an address only before a dash."""
    if text[match.start("value")].isascii():
        return True
    return _DASH_NEXT.match(text, match.end()) is not None


def _labelled(kind: str, match: re.Match[str]) -> str:
    own = next((word for word, _ in _WORDS if match[word]), "")
    if kind == "LR":
        return "S" if own == "S" else "R"
    if kind == "LB" and own == "U":
        return own
    return kind[1]


def _end(match: re.Match[str]) -> int:
    end = match.end()
    while end > match.start() and match.string[end - 1] in " \t":
        end -= 1
    return end


def _may_follow(parts: list[Part], part: Part, *, field: bool) -> bool:
    if not parts:
        return True
    last = parts[-1]
    if part.kind in "TN" and part.kind:
        return False
    if last.kind in {"R", "S"}:
        return part.joiner not in {"", " "} and part.kind in {"", "R", "S"}
    if last.kind:
        return True
    if part.joiner in {"-", "/"}:
        return True
    if part.joiner == ".":
        return field
    if part.joiner in {"、", ",", "和", "及", "与", "至", "~", "&"}:
        return len(last.value) >= 3 or field
    if part.joiner == " ":
        return field and all(not one.kind for one in parts) and not part.kind
    return False
