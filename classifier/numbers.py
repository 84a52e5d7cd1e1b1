"""Numbers that identify people, companies, vehicles, files and amounts, with their checks.

Patterns and check digits of domain 3.3, file numbers of 3.4. Everything here
takes text as read and gives canonical digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from classifier.address.numerals import to_number
from classifier.normalise import compact, plain

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHORT_AREAS = ("010", "020", "021", "022", "023", "024", "025", "027", "028", "029")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

_MOBILE = re.compile(r"(?<!\d)(?:\(?\+?(?:00)?86\)?[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(
    r"(?<![\d-])\(?(0\d{2,3})\)?\s?[- ]?\s?(\d{3,4})[- ]?(\d{4})(?:\s?(?:-|转)\s?\d{1,5})?(?!\d)"
)
_LOCAL = re.compile(r"(?<![\d-])([2-8]\d{6,7}|[2-8]\d{2,3}[- ]\d{4})(?![\d-])")
_SERVICE = re.compile(r"(?<!\d)(?:400[- ]?\d{3,4}[- ]?\d{3,4}|95\d{3})(?!\d)")
_ID_STUTTERED = re.compile(r"(?<![0-9A-Za-z])\d{18,19}[\dXx](?![0-9A-Za-z])")
_ID18 = re.compile(r"(?<![0-9A-Za-z])(\d{6})\s?(\d{8})\s?(\d{3}[\dXx*×])(?![0-9A-Za-z])")
_ID15 = re.compile(r"(?<!\d)\d{6}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_USCC_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][ ·.]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9港澳学警]")
_MOBILE_DIGITS = 11
_DIGIT_FOR = str.maketrans("OoDQlI|SsBZzbG", "00001115582266"[:14])


def phone_digits(text: str) -> str:
    """The digits of one phone number without country code; "" when it is none or a service line."""
    text = plain(text).strip()
    if len(text) == _MOBILE_DIGITS and is_mobile(text):
        return text
    if _SERVICE.search(text):
        return ""
    if match := _MOBILE.search(text):
        return "".join(match.groups())
    if match := _LANDLINE.search(text):
        return "".join(match.groups())
    if match := _LOCAL.search(text):
        return re.sub(r"\D", "", match[1])
    return ""


def phones_in(text: str) -> list[tuple[str, int, int]]:
    """Every phone number of a normalised text: digits, start, end; service lines are left out."""
    found: list[tuple[str, int, int]] = []
    text = _SERVICE.sub(lambda match: "\x00" * len(match[0]), text)
    for pattern in (_MOBILE, _LANDLINE):
        for match in pattern.finditer(text):
            found.append(("".join(match.groups()), match.start(), match.end()))
            text = text[: match.start()] + "\x00" * len(match[0]) + text[match.end() :]
    return sorted(found, key=lambda item: item[1])


def is_mobile(digits: str) -> bool:
    """True for the digits of a mobile number."""
    return re.fullmatch(r"1[3-9]\d{9}", digits) is not None


def id_number_valid(number: str) -> bool:
    """True for 18 digits with a possible birthday and the right check digit (GB 11643)."""
    if not re.fullmatch(r"[1-9]\d{5}(?:18|19|20)\d{9}[\dX]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    return _ID_CHECK[total % 11] == number[17]


def id_numbers_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Every ID number with a right check digit in a normalised text: number, start, end.

    A last × or * is read as X; letters that OCR makes of digits are tried, and
    count because the check digit confirms them.
    """
    for match in _ID18.finditer(text):
        number = "".join(match.groups()).upper().replace("*", "X").replace("×", "X")
        if id_number_valid(number):
            yield number, match.start(), match.end()
    for match in _ID_STUTTERED.finditer(text):
        meant = {number for number in _without_stutter(match[0].upper()) if id_number_valid(number)}
        if len(meant) == 1:
            yield meant.pop(), match.start(), match.end()
    for match in _USCC_RUN.finditer(text):
        if match[0].isdigit() or not any(char.isdigit() for char in match[0]):
            continue
        body = match[0][:17].translate(_DIGIT_FOR)
        number = body + match[0][17].translate(_DIGIT_FOR).upper()
        if number != match[0].upper() and id_number_valid(number):
            yield number, match.start(), match.end()


def _without_stutter(run: str) -> set[str]:
    """What a run of one or two digits too many was, where a reader took a digit or pair twice."""
    over = len(run) - 18
    pairs = {run[:i] + run[i + 2 :] for i in range(2, len(run)) if run[i - 2 : i] == run[i : i + 2]}
    found = {run}
    for _ in range(over):
        found = {s[:i] + s[i + 1 :] for s in found for i in range(1, len(s)) if s[i] == s[i - 1]}
    return found | (pairs if over == 2 else set())


def id_number_15(text: str) -> str:
    """An old ID number of 15 digits with a possible birthday, or ""; it has no check digit."""
    match = _ID15.search(plain(text))
    return match[0] if match else ""


def same_person_number(one: str, other: str) -> bool:
    """True when two ID numbers are the same, the old form of 15 digits included."""
    one, other = one.upper(), other.upper()
    if one == other:
        return bool(one)
    short, long = sorted((one, other), key=len)
    return len(short) == 15 and len(long) == 18 and short == long[:6] + long[8:17]


def credit_code_valid(code: str) -> bool:
    """True for a unified social credit code with the right check character (GB 32100)."""
    if len(code) != 18 or any(char not in _USCC for char in code):
        return False
    total = sum(_USCC.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    return _USCC[(31 - total % 31) % 31] == code[17]


def credit_codes_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Every valid credit code in a normalised text: code, start, end."""
    for match in _USCC_RUN.finditer(text):
        code = match[0].upper()
        for candidate in (code, code.translate(str.maketrans("OIZS", "0125"))):
            if credit_code_valid(candidate) and not id_number_valid(candidate):
                yield candidate, match.start(), match.end()
                break


def plates_in(text: str) -> list[str]:
    """Number plates in a text, without the dot."""
    return [re.sub(r"[ ·.]", "", match[0]) for match in _PLATE.finditer(plain(text).upper())]


# --- money -------------------------------------------------------------------------------------
_FORMAL = ("零〇", "壹一", "贰二两", "叁三", "肆四", "伍五", "陆六", "柒七", "捌八", "玖九")
_FORMAL_DIGITS = {char: value for value, group in enumerate(_FORMAL) for char in group}
_PLACES = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_IN_WORDS = re.compile(
    rf"[{''.join(_FORMAL)}{''.join(_PLACES)}万亿\s]{{2,}}[元圆]"
    r"(?:[零壹贰叁肆伍陆柒捌玖]角)?(?:[零壹贰叁肆伍陆柒捌玖]分)?整?"
)
_FIGURES = re.compile(
    r"(?:[¥￥]\s*|(?<![\d.,-]))((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d{1,2})?)(?=\s*元|(?<=\.\d\d))|[¥￥]\s*(\d[\d,]*(?:\.\d{1,2})?)"
)
_LONGEST_FIGURES = 20


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in fen, and whether figures and words agree (None: only one of them is there)."""

    fen: int
    agrees: bool | None = None

    def __str__(self) -> str:
        return f"{self.fen // 100}.{self.fen % 100:02d}"


def words_to_fen(words: str) -> int | None:
    """The fen of an amount in words: 壹仟贰佰叁拾肆元伍角整 is 123450."""
    whole, _, rest = re.sub(r"[\s整]", "", words).replace("圆", "元").partition("元")
    total, section, digit = 0, 0, 0
    for char in whole:
        if char in _FORMAL_DIGITS:
            digit = _FORMAL_DIGITS[char]
        elif char in _PLACES:
            section += (digit or 1) * _PLACES[char]
            digit = 0
        elif char in "万亿":
            total = (total + section + digit) * (10_000 if char == "万" else 100_000_000)
            section, digit = 0, 0
        else:
            return None
    fen = (total + section + digit) * 100
    for char, unit in re.findall(r"([零壹贰叁肆伍陆柒捌玖])([角分])", rest):
        fen += _FORMAL_DIGITS[char] * (10 if unit == "角" else 1)
    return fen


def fen_of(figures: str) -> int:
    """The fen of figures: 1,234.5 is 123450."""
    return int(Decimal(figures.replace(",", "")) * 100)


def amount_in(text: str) -> Amount | None:
    """The amount of a text, checked against its words where both are written (domain 3.3)."""
    text = plain(text)
    words = _IN_WORDS.search(text)
    in_words = words_to_fen(words[0]) if words else None
    figures = [
        fen_of(figures)
        for match in _FIGURES.finditer(text)
        if len(figures := match[1] or match[2]) <= _LONGEST_FIGURES
    ]
    if in_words is not None and figures:
        agrees = in_words in figures
        return Amount(in_words if agrees else figures[-1], agrees)
    if in_words is not None:
        return Amount(in_words)
    return Amount(figures[-1]) if figures else None


# --- dates -------------------------------------------------------------------------------------
_NUM = r"[〇零○OoＯ一二三四五六七八九十廿卅]"
_DATES = (
    re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?"),
    re.compile(
        r"(?<!\d)((?:19|20)\d{2})\s*([-./])\s*(\d{1,2})\s*\2\s*(\d{1,2})"
        r"(?:(?!\d)|(?<=[-./]\d\d)(?=\d{1,2}:\d{2}))"  # a time of day may stand behind it
    ),
    re.compile(rf"({_NUM}{{4}})\s*年\s*({_NUM}{{1,3}})\s*月\s*({_NUM}{{1,3}})\s*[日号]?"),
    re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<![\d./-])(\d{2})([-./])(\d{1,2})\2(\d{1,2})(?![\d./-])"),
)  # fmt: skip


def dates_in(text: str) -> list[tuple[date, int, int]]:
    """Every date of a normalised text in any form of domain 3.3: date, start, end."""
    found: list[tuple[date, int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            groups = [group for group in match.groups() if group not in {"-", ".", "/"}]
            if (day := _day(*groups)) is not None:
                found.append((day, match.start(), match.end()))
        text = pattern.sub(lambda match: "\x00" * len(match[0]), text)
    return sorted(found, key=lambda item: item[1])


def _day(year: str, month: str, day: str) -> date | None:
    numbers = [part if part.isdigit() else to_number(part) for part in (year, month, day)]
    if any(number is None for number in numbers):
        return None
    one, two, three = (int(number or 0) for number in numbers)
    if one < 100:
        one += 2000
    try:
        return date(one, two, three)
    except ValueError:
        return None


# --- file numbers ------------------------------------------------------------------------------
_FILE_NO = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]*(?:[-·/.()]+[A-Za-z0-9\u4e00-\u9fff]+)+")
_FORM_NO = re.compile(r"(?<![0-9A-Za-z])[A-Z]{1,4}[/-][A-Z]{1,4}[0-9.]+(?:-\d+)+(?![0-9A-Za-z])")
_GENERATION = re.compile(r"(\d{2})$")


def canonical_file_no(text: str) -> str:
    """A file number without dots, dashes and blanks, upper case: what is compared.

    The marks between the parts are what a scan loses first; the characters
    that are left are unique, because numbers are never reused (domain 3.4).
    """
    return re.sub(r"[^0-9A-Z\u4e00-\u9fff]", "", compact(text))


def is_form_no(text: str) -> bool:
    """True for the number of a form (JC/JL4.5-0103-02), which is no file number (domain 3.4)."""
    return _FORM_NO.search(plain(text).upper()) is not None


def other_generations(number: str) -> Iterator[str]:
    """The same file number with the generation of an earlier or later owner (domain 3.4)."""
    number = canonical_file_no(number)
    match = _GENERATION.search(number)
    if match is None:
        return
    for generation in range(1, 10):
        if generation != int(match[1]):
            yield f"{number[:-2]}{generation:02d}"


def file_numbers_in(text: str) -> list[str]:
    """What may be a file number in a text: long runs with marks between, form numbers left out."""
    text = plain(text)
    return [
        match[0]
        for match in _FILE_NO.finditer(text)
        if sum(char.isdigit() for char in match[0]) >= 4 and not is_form_no(match[0])
    ]
