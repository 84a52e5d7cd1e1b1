"""Owner cells: who they name, and whether two cells name somebody in common (domain 3.2)."""

from __future__ import annotations

import re
import unicodedata

from catalog.register.address import plain

_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_CO_OWNER = re.compile(r"[(（](?:共有人?|共同共有人|配偶)[:：]?([^()（）]+)[)）]")
_ASIDE = re.compile(r"[(（](?:法定代表人|法人|监护人|代理人|身份证)[^()（）]*[)）]")
_TAIL = re.compile(r"(?:等\d*[人户]|夫妇|夫妻)$")
_COMPANY = re.compile(
    r"公司|集团|企业|工厂|[厂行]$|合伙|事务所|银行|商行|经营部|超市|酒店|学校|医院|委员会|中心$|协会"
    r"|\b(?:LTD|LIMITED|INC|CORP|LLC)\b"
)
_MASKED = re.compile(r"[*某×?？□]|(?:先生|女士|小姐|太太)$")
_DOTS = re.compile(r"[·•・‧∙⋅.．\s]")


def owners_in(cell: str) -> tuple[str, ...]:
    """The persons and companies a cell names, in order, without asides.

    Separated by 、 ; / or ，; a comma alone separates only Chinese names, so
    "Smith, John" stays one. Two Chinese names with a blank between are two.
    """
    text = unicodedata.normalize("NFC", cell).strip()
    text = _CO_OWNER.sub(lambda m: f"、{m[1]}", text)
    text = _ASIDE.sub("", text)
    marks = r"[、;；/，\n]" if not re.search(f"[{_HAN}]", text) else r"[、;；/，,\n]"
    found: list[str] = []
    for part in re.split(marks, text):
        for whole in _unspaced(part.strip()):
            name = _TAIL.sub("", whole).strip()
            if name and name not in found:
                found.append(name)
    return tuple(found)


def _unspaced(part: str) -> list[str]:
    words = part.split()
    if len(words) < 2 or not all(re.fullmatch(f"[{_HAN}·]+", word) for word in words):
        return [" ".join(words)] if words else []
    return words if all(len(word) > 1 for word in words) else ["".join(words)]


def name_key(name: str) -> str:
    """One spelling for comparing: simplified, no blanks or dots, brackets alike."""
    return _DOTS.sub("", plain(name))


def is_company(name: str) -> bool:
    """Whether a name is that of an organisation."""
    return bool(_COMPANY.search(plain(name)))


def is_masked(name: str) -> bool:
    """Whether a name hides or leaves out part of itself: 张*, 王先生."""
    return bool(_MASKED.search(plain(name)))


def alike(one: str, other: str) -> bool:
    """Whether two names may be two spellings of one: same length, one character differs."""
    first, second = name_key(one), name_key(other)
    if len(first) != len(second) or len(first) < 2:
        return False
    return sum(a != b for a, b in zip(first, second, strict=True)) <= 1
