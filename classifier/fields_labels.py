"""Labels in the text of a row: what each announces, where it and its value begin (domain 2.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from classifier.fields_roles import role_of
from classifier.fields_words import MISREAD, WORDS

STRICT_SOFT = frozenset({"乙方", "申请人", "承诺人", "委托人", "买方", "委托方"})
_ROLE_OF: dict[str, str] = {
    word: role for role, words in reversed(WORDS.items()) for word in words.split()
}
_MARK = (
    r"(?:\s*[(（](?:签字|签名|签章|盖章|章|手印|签字/盖章|签名/盖章|公章|业主|产权人|印章|大写|小写"
    r"|元|正楷|签|代理人|本人|必填|甲方|乙方|物业|施工|出租方|承租方|买受人|/)*[)）]?)?"
)


_LEVEL_WORDS = frozenset({"单元", "栋"})
_SPELT_OUT = re.compile(r"(?:[ ][\u4e00-\u9fff](?![^\s])){3,}")
_AFTER_NUMBER = re.compile(r"[0-9A-Za-z〇零一二三四五六七八九十栋幢楼座]\s*$")
_AFTER_BUILDING = re.compile(
    r"(?:楼\s*号|栋\s*号|幢\s*号|座\s*号|楼\s*栋|楼\s*座)\s*:?\s*[^\s:]{1,4}\s+$"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a row: what it announces, its words, where it and its value begin."""

    role: str
    word: str
    start: int
    end: int
    colon: bool


@lru_cache(maxsize=1)
def _lexicon() -> re.Pattern[str]:
    words = sorted(_ROLE_OF, key=len, reverse=True)
    spelt = "|".join(r"[ ]*".join(map(re.escape, word)) for word in words)
    return re.compile(
        rf"(?P<word>{spelt}){_MARK}(?P<colon>\s*[:;](?!\d{{2}}\b)|(?=[ \t_]|$)|(?=[0-9A-Za-z+¥￥]))"
    )


_GENERIC = re.compile(
    r"(?<![0-9A-Za-z])[\u4e00-\u9fff/]{1,10}(?:[ ]?[\u4e00-\u9fff/]){1,8}" + _MARK + r"\s*:"
)
_TOKEN = re.compile(r"(?<![^\s\t])[\u4e00-\u9fff]{3,9}" + _MARK + r"(?=[\s\t]|$)")
_MISREAD_ANY = re.compile("|".join(sorted(MISREAD, key=len, reverse=True)))


def mended(text: str) -> str:
    """The text with misread label words put right; lengths stay."""
    return _MISREAD_ANY.sub(lambda match: MISREAD[match[0]], text)


def labels_in(text: str) -> list[Label]:
    """The labels of a row's text, left to right.

    A word of the lexicon is a label before a colon, a blank or the end of its
    cell, and only at the start of a cell or behind a blank or mark; any other
    run of Chinese before a colon ends the value before it.
    """
    text = mended(text)
    found = [
        _label(match)
        for match in _lexicon().finditer(text)
        if _stands_free(text, match) and not _in_heading(text, match)
    ]
    taken = [(label.start, label.end) for label in found]
    found.extend(
        _generic(match)
        for match in _GENERIC.finditer(text)
        if all(match.end() <= start or match.start() >= end for start, end in taken)
    )
    found.extend(_cell_labels(text, [(label.start, label.end) for label in found]))
    return sorted(found, key=lambda label: label.start)


def _in_heading(text: str, match: re.Match[str]) -> bool:
    """业 主 信 息 变 更 表 is a heading spelt out, not the label 业主 with a name behind it."""
    rest = _SPELT_OUT.match(text, match.end("word")) if " " in match["word"] else None
    return rest is not None and (len(rest[0].split()) > 3 or rest[0][-1] in "表单书函证卡册簿录")


def _label(match: re.Match[str]) -> Label:
    word = re.sub(r"\s", "", match["word"])
    marks = match[0]
    role = _ROLE_OF[word]
    if role in {"signer", "other_person"} and re.search(r"[(（].*业主", marks):
        role, word = "owner", "业主签名"
    return Label(role, word, match.start(), match.end(), bool(match["colon"].strip()))


def _stands_free(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1] if match.start() else " "
    if match["word"] in _LEVEL_WORDS and _within_address(text[: match.start()]):
        return False
    colon = bool(match["colon"].strip())
    if "\u4e00" <= before <= "\u9fff":
        after_room = before in "室房号户铺" and len(match["word"]) > 2
        return colon and (after_room or _known_value_before(text, match.start()))
    if before.isalnum():
        level = match["word"] in {"单元", "栋", "楼栋", "房屋", "房产", "项目", "物业", "时间"}
        return colon and not level
    return (
        colon
        or match["word"] not in {"时间", "情况", "物业", "内容", "要求", "原因"}
        or _ends_cell(text, match)
    )


def _within_address(before: str) -> bool:
    """10 栋 1 单元 601 室 has no labels, 楼号 10 单元 1 房号 601 has three."""
    return bool(_AFTER_NUMBER.search(before)) and not _AFTER_BUILDING.search(before)


def _ends_cell(text: str, match: re.Match[str]) -> bool:
    return match.end() >= len(text) or text[match.end()] == "\t"


def _known_value_before(text: str, start: int) -> bool:
    """A Chinese value glued to the next label: 张伟联系电话: has the label 联系电话."""
    head = re.search(r"[\u4e00-\u9fff]+$", text[:start])
    return (
        head is not None
        and (2 <= len(head[0]) <= 4 or head[0].endswith("公司"))
        and head.start() > 0
        and text[head.start() - 1] in ":\t "
    )


def _generic(match: re.Match[str]) -> Label:
    """A run of Chinese before a colon: by its form, else a label that only ends a value."""
    word = _bare(match[0])
    role = role_of(word)
    if role in {"", "signer"} and role_of(word[-4:]) == "phone":
        role = "other_phone"
    return Label(role or "stop", word, match.start(), match.end(), True)


def _cell_labels(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Label]:
    """Words that fill a cell, or stand between blanks, and are built like a label."""
    for match in _TOKEN.finditer(text):
        if any(match.start() < end and match.end() > start for start, end in taken):
            continue
        word = _bare(match[0])
        role = role_of(word)
        if role and (role != "signer" or word.endswith(("签名", "签字", "姓名"))):
            yield Label(role, word, match.start(), match.end(), False)


def _bare(written: str) -> str:
    return re.sub(r"[\s:;]|[(（].*?[)）]", "", written)
