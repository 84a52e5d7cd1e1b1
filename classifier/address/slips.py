"""Misreadings that OCR makes in addresses, and what they may have been (domain 3.1).

Level words are put right only beside a number; letters inside a number are
alternatives that count only when the register has the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

_NUMBER = "0-9A-Za-z〇零一二三四五六七八九十廿卅两壹贰叁肆伍陆柒捌玖拾"
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?<=[{_NUMBER}])(\s*)[拣楝冻栎揀株](?=\s*第?[{_NUMBER}商铺])"), "栋"),
    (re.compile(rf"(?<=[{_NUMBER}])(\s*)[憧撞僮瞳疃](?=\s*第?[{_NUMBER}商铺])"), "幢"),
    (
        re.compile(
            rf"(?<=[{_NUMBER}甲乙丙丁])(\s*)"
            rf"(?:单\s?[无兀亓云尤]|单单元|[草早革罩][元无兀]|[单甲]\s?元)(?=\s*第?[{_NUMBER}])"
        ),
        "单元",
    ),
    (re.compile(rf"(?<=[{_NUMBER}])(\s*)[号弓]\s?[搂褛缕偻数](?=\s*第?[{_NUMBER}])"), "号楼"),
    (re.compile(rf"(?<=[{_NUMBER}])(\s*)[坐庄唑座](?=\s*第?[{_NUMBER}])"), "座"),
    # 翠竹阁－203 and －期3栋: dash and 一 are one stroke to a reader
    (re.compile(r"(?<=[阁轩苑居庭斋榭筑邸])(\s*)一(?=\s*[0-9]{3,4}(?![0-9]))"), "-"),
    (re.compile(r"(?<![0-9A-Za-z\u4e00-\u9fff])(\s*)-期(?=\s*[0-9])"), "一期"),
    (re.compile(rf"(?<=[0-9])(\s*)井(?=\s*[{_NUMBER}])"), "#"),
)  # fmt: skip
_DIGIT_FOR = dict(zip("OoDQlIi|LSsBZzbG", "0000111115582266", strict=True))
_LETTER_FOR = {"0": "OD", "1": "I", "5": "S", "8": "B", "2": "Z", "6": "G"}
_MOST = 16


def words_repaired(text: str) -> tuple[str, tuple[int, ...]]:
    """The text with misread level words put right, same length, and where that happened."""
    places: list[int] = []
    for pattern, word in _WORDS:

        def put(match: re.Match[str], word: str = word) -> str:
            wrong = match[0][len(match[1]) :]
            if wrong.replace(" ", "") == word:
                return match[0]
            places.extend(range(match.start() + len(match[1]), match.end()))
            return match[1] + word.ljust(len(wrong))

        text = pattern.sub(put, text)
    return text, tuple(places)


def as_digits(value: str) -> Iterator[str]:
    """What a value may have been when letters in it are misread digits; not the value itself."""
    options = [(char, _DIGIT_FOR[char]) if char in _DIGIT_FOR else (char,) for char in value]
    for choice in islice(product(*options), 1, _MOST):
        yield "".join(choice)


def as_building(value: str) -> Iterator[str]:
    """What a building may have been: digits for letters and letters for digits (R93).

    A guess of this kind points at another building that exists, so it is for
    a person to confirm, never to file by.
    """
    yield from as_digits(value)
    for index, char in enumerate(value):
        for letter in _LETTER_FOR.get(char, ""):
            yield value[:index] + letter + value[index + 1 :]
