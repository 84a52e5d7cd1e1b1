"""ID numbers and telephone numbers: one spelling, and whether they hold (domain 3.3)."""

from __future__ import annotations

import re
import unicodedata

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID_18 = re.compile(r"\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_ID_15 = re.compile(r"\d{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_OTHER = re.compile(r"[A-Z]{1,2}\d{7,10}(?:\(\w\))?|\d{8}")
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_SEPARATORS = re.compile(r"[、;；,，/\n]+")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:-\d{1,5})?")
_FOREIGN = re.compile(r"\+?\d{7,15}")


def canonical_id(text: str) -> str:
    """An ID number in one spelling: half width, upper case, no blanks, × and * as X."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub(r"(?<=^\d{17})[×*✕]$", "X", plain)


def id_number_holds(number: str) -> bool:
    """Whether a canonical number can be an ID card, company code, passport or permit."""
    if len(number) == len(_ID_WEIGHTS) + 1:
        return _id_card_holds(number) or _company_code_holds(number)
    return bool(_ID_15.fullmatch(number) or _OTHER.fullmatch(number))


def _id_card_holds(number: str) -> bool:
    if not _ID_18.fullmatch(number):
        return False
    total = sum(int(d) * w for d, w in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == number[-1]


def _company_code_holds(number: str) -> bool:
    if any(sign not in _USCC_SIGNS for sign in number):
        return False
    total = sum(_USCC_SIGNS.index(s) * w for s, w in zip(number, _USCC_WEIGHTS, strict=False))
    return _USCC_SIGNS[(31 - total % 31) % 31] == number[-1]


def several(text: str) -> list[str]:
    """The entries of a cell that may hold more than one, separated by 、 ; / or ，."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def canonical_phone(text: str) -> tuple[str, bool]:
    """A telephone number in one spelling, and whether it can be one.

    Mobiles lose blanks, dashes and 86; landlines read 0755-88888888; what makes
    no sense stays as written.
    """
    plain = unicodedata.normalize("NFKC", text).translate(dict.fromkeys(map(ord, "()（）"), " "))
    plain = re.sub(r"[‐-―−]", "-", plain).strip()
    digits = re.sub(r"[\s-]", "", plain)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return mobile[1], True
    joined = re.sub(r"-+", "-", re.sub(r"\s+", "-", plain))
    if _LANDLINE.fullmatch(joined):
        return joined, True
    return (digits, True) if _FOREIGN.fullmatch(digits) else (text.strip(), False)
