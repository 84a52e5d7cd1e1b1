"""Phone and ID numbers are covered in any text, and the text keeps its length."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.access import Covers, id_shown, mask, phone_shown, spans

ALL = Covers()
PHONES_ONLY, IDS_ONLY = Covers(id_nos=False), Covers(phones=False)


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("电话 13812345678", "电话 138****5678"),
        ("13812345678.jpg", "138****5678.jpg"),
        ("138-1234-5678", "138-****-5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("身份证 110101199003074514", "身份证 ****************14"),
        ("11010119900307451X", "****************1X"),
        ("110101 19900307 4514", "****** ******** **14"),
        ("电话：87654321", "电话：******21"),
        ("020-87654321", "020-****4321"),
        ("Tel13812345678a", "Tel138****5678a"),
        ("ID110101199003074514", "ID****************14"),
        ("13812345678110101199003074514", "*" * 27 + "14"),
        ("电话：(0571)88881234", "电话：(057*)****1234"),
        ("I3812345678", "*********78"),
        ("l3812345678", "*********78"),
        ("13B12345678", "13B****5678"),
        ("138/1234/5678", "138/****/5678"),
        ("138,1234,5678", "138,****,5678"),
        ("138   1234   5678", "138   ****   5678"),
        ("|".join("110101199003074514"), "|".join("*" * 16 + "14")),
        ("110101/19900307/4514", "******/********/**14"),
        ("110101 1990.03.07 4514", "****** ****.**.** **14"),
        ("E12345678", "*******78"),
        ("H12345678", "*******78"),
        ("A123456(7)", "******6(7)"),
        ("护照号码：XY123456", "护照号码：******56"),
        ("证件 K-1234567", "证件 *-*****67"),
        ("3-1-101 13812345678", "3-1-101 138****5678"),
        ("13812345678 2024-05-06", "138****5678 2024-05-06"),
        ("电话 87654321 / 13812345678", "电话 ******21 / 138****5678"),
    ],
)
def test_numbers_are_covered(text: str, covered: str) -> None:
    assert mask(text, ALL) == covered


@pytest.mark.parametrize(
    "text",
    [
        "3-2-1501",
        "2024-05-06 2025-06-07",
        "2024年5月6日",
        "YG-YH·03-1-0101-01",
        "金额 12,300.00",
        "HT20240506001",
        "第 12 页",
        "1,200.00 3,400.00 560.00",
    ],
)
def test_what_is_no_number_of_a_person_stays(text: str) -> None:
    assert mask(text, ALL) == text


def test_each_kind_is_covered_on_its_own() -> None:
    text = "13812345678 / 110101199003074514"
    assert mask(text, PHONES_ONLY) == "138****5678 / 110101199003074514"
    assert mask(text, IDS_ONLY) == "13812345678 / ****************14"
    assert mask(text, Covers(phones=False, id_nos=False)) == text


@given(st.text(max_size=80))
def test_the_length_never_changes(text: str) -> None:
    assert len(mask(text, ALL)) == len(text)


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
    | st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
    st.text(alphabet="房号业主，：。 \n", max_size=6),
    st.text(alphabet="房号业主，：。 \n", max_size=6),
)
def test_a_number_between_words_never_shows_whole(number: str, before: str, after: str) -> None:
    seen = mask(f"{before}{number}{after}", ALL)
    assert number not in seen
    assert not re.search(r"[0-9]{5}", seen)


def test_where_a_number_stands_in_a_line() -> None:
    ((start, end),) = spans("电话13812345678", ALL)
    assert start == pytest.approx(4 / 15)
    assert end == 1.0
    assert spans("房号 3-2-501", ALL) == []


def test_cells_of_the_register() -> None:
    assert phone_shown("13812345678、87654321", clear=False) == ""
    assert phone_shown("13812345678", clear=True) == "13812345678"
    assert id_shown("110101199003074514", clear=False) == "*" * 16 + "14"
    assert id_shown("", clear=False) == ""
