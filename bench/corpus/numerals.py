"""Numbers, money and dates as Chinese forms write them."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

_PLAIN = "零一二三四五六七八九"
_FORMAL = "零壹贰叁肆伍陆柒捌玖"
_CIRCLE = "〇一二三四五六七八九"


def digitwise(text: str, *, circle: bool = False) -> str:
    """Every digit as its own numeral: 501 is 五零一, or 五〇一 with `circle`."""
    numerals = _CIRCLE if circle else _PLAIN
    return "".join(numerals[int(char)] if char.isdigit() else char for char in text)


def positional(number: int) -> str:
    """A number below 100 as spoken: 12 is 十二, 21 is 二十一."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _PLAIN[ones]
    head = "十" if tens == 1 else f"{_PLAIN[tens]}十"
    return head + (_PLAIN[ones] if ones else "")


def formal(number: int) -> str:
    """A number below 100 in the numerals of cheques: 3 is 叁, 12 is 拾贰."""
    spoken = positional(number).replace("十", "拾")
    return "".join(_FORMAL[_PLAIN.index(char)] if char in _PLAIN else char for char in spoken)


def full_width(text: str) -> str:
    """ASCII letters, digits and signs in their full-width forms."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def money_words(yuan: int) -> str:
    """A whole amount in words: 1234 is 壹仟贰佰叁拾肆元整."""
    if yuan == 0:
        return "零元整"
    out = ""
    digits = str(yuan)
    zero = False
    for place, char in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        step, block = place % 4, place // 4
        if char == "0":
            zero = True
        else:
            out += ("零" if zero else "") + _FORMAL[int(char)] + ("", "拾", "佰", "仟")[step]
            zero = False
        if step == 0 and block and out:
            out += "万" if block == 1 else "亿"
            zero = False
    return out + "元整"


def money(yuan: int, rng: random.Random) -> str:
    """An amount in figures, in one of the usual ways."""
    return rng.choice((f"¥{yuan:,}.00", f"{yuan}元", f"{yuan}.00", f"￥{yuan}.00元"))


def day(rng: random.Random, first: int = 2016, last: int = 2024) -> date:
    """A working date between two years."""
    return date(first, 1, 1) + timedelta(days=rng.randrange((last - first + 1) * 365))


def written(when: date, style: str) -> str:
    """A date in one of the styles "cn", "spaced", "iso", "dots", "slash", "words"."""
    return {
        "cn": f"{when.year}年{when.month}月{when.day}日",
        "spaced": f"{when.year} 年 {when.month} 月 {when.day} 日",
        "iso": when.isoformat(),
        "dots": f"{when.year}.{when.month}.{when.day}",
        "slash": f"{when.year}/{when.month}/{when.day}",
        "words": f"{digitwise(str(when.year), circle=True)}年"
        f"{positional(when.month)}月{positional(when.day)}日",
    }[style]


def day_of(text: str) -> str:
    """The date that `written` wrote, in any style, as 2024-03-05; "" for anything else."""
    spoken = {positional(number): number for number in range(1, 32)}
    parts = [part for part in re.split(r"[-./年月日\s]+", text) if part]
    if parts and not parts[0].isascii():
        parts[0] = "".join(str(_CIRCLE.find(char)) for char in parts[0])
    numbers = [int(part) if part.isascii() else spoken.get(part, 0) for part in parts]
    try:
        return date(*numbers).isoformat()
    except (TypeError, ValueError):
        return ""


DATE_STYLES = ("cn", "cn", "spaced", "iso", "dots", "slash", "words")
