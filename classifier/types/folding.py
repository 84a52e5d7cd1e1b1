"""Fold text so that the same words always look the same, and measure how far two words differ.

Full width and half width, traditional and simplified, spaced-out titles and
punctuation fold to one spelling; the characters that readers mix up on Chinese
forms count as half a difference.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_SPACE = re.compile(
    r"[\s　_＿…·•‧.。,，、;；:：\"'“”‘’「」『』《》〈〉<>\[\]【】|｜~～\-—–−★☆※*#◆◇●○■□△▲~^`=+]+"
)
_BRACKETS = str.maketrans("（）", "()")

# Pairs that OCR engines confuse in titles and labels; each counts as half a difference.
_GROUPS = (
    "装袋", "表衷农袁", "书韦", "申中甲由", "请清诸情", "单卑", "证让征", "许讨", "可司", "诺若",
    "施旋", "工土干", "验脸检", "收牧", "楼搂", "住佳往", "伙火夥", "通逋", "知如", "钥钢", "匙是",
    "诉拆析斥", "处外", "更史", "户尸卢", "登澄", "记已己巳", "入人八", "业亚", "主王", "修俢",
    "退迟", "还坏", "缴激", "费贷", "欠久", "租祖", "赁货", "车东", "函涵", "规现", "改攻", "末未",
    "日曰目", "房户", "屋屈", "金全", "保堡", "押抻", "款歉", "条杀", "卡下",
    "档挡", "案桉", "合台",
)  # fmt: skip


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=8192)
def simplified(text: str) -> str:
    """The text in simplified characters and half-width forms, otherwise unchanged."""
    plain = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    if not any("一" <= char <= "鿿" for char in plain):
        return plain
    folded: str = _converter().convert(plain)
    return folded


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text without spaces and punctuation, simplified, lower case; brackets and / stay."""
    return _SPACE.sub("", simplified(text)).lower()


_ALIKE: dict[str, frozenset[str]] = {}
for _group in _GROUPS:
    for _char in _group:
        _ALIKE[_char] = _ALIKE.get(_char, frozenset()) | frozenset(_group)


def alike(one: str, other: str) -> bool:
    """Whether a reader may take one character for the other."""
    return other in _ALIKE.get(one, ())


def distance(one: str, other: str, limit: float) -> float:
    """Edit distance with look-alikes at half price; above `limit` it is `limit` + 1."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before = [float(i) for i in range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        now = [float(i)]
        for j, b in enumerate(other, 1):
            cost = 0.0 if a == b else (0.5 if alike(a, b) else 1.0)
            now.append(min(before[j] + 1, now[j - 1] + 1, before[j - 1] + cost))
        if min(now) > limit:
            return limit + 1
        before = now
    return before[-1]
