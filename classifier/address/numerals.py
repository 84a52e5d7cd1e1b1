"""Chinese numerals as building and room numbers write them (domain 3.1).

Digit by digit (五〇一), positional (二十一, 一百零二), 廿 and 卅, and the formal
ones of cheques (叁, 拾贰).
"""

from __future__ import annotations

import re

_GROUPS = (
    "〇零○O0", "一壹弌幺", "二贰弍两", "三叁弎参", "四肆",
    "五伍", "六陆", "七柒", "八捌", "九玖",
)  # fmt: skip
_DIGITS = {char: value for value, group in enumerate(_GROUPS) for char in group}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SCORES = {"廿": 20, "卅": 30}
CHARACTERS = "〇零一二三四五六七八九十百千廿卅两壹贰叁肆伍陆柒捌玖拾佰仟幺弍弎"
_ONLY = re.compile(f"[{CHARACTERS}O0○]+")


def is_numeral(text: str) -> bool:
    """True when the text is made of Chinese numerals (a misread O counts as 零)."""
    return bool(_ONLY.fullmatch(text)) and any(char in CHARACTERS for char in text)


def to_number(text: str) -> str | None:
    """The Arabic digits of a Chinese numeral; None when it is not well formed."""
    if not is_numeral(text):
        return None
    if not any(char in _TENS or char in _SCORES for char in text):
        return str(int("".join(str(_DIGITS[char]) for char in text)))
    return _positional(text)


def _positional(text: str) -> str | None:
    total, pending = 0, 0
    for char in text:
        if char in _SCORES:
            if total or pending:
                return None
            total = _SCORES[char]
        elif char in _TENS:
            total += (pending or 1) * _TENS[char]
            pending = 0
        elif _DIGITS[char] == 0:
            pending = 0
        elif pending:
            return None
        else:
            pending = _DIGITS[char]
    return str(total + pending)
