"""Numbers of domain 3.3 and 3.4 with their check digits."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import numbers


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("138 0013 8000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("(86)13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0755-88888888", "075588888888"),
        ("(0755)88888888", "075588888888"),
        ("010-66668888-8012", "01066668888"),
        ("0571 8888 8888", "057188888888"),
        ("88888888", "88888888"),
        ("400-830-8866", ""),
        ("95588", ""),
        ("12345", ""),
    ],
)
def test_phones_in_any_spelling(written: str, digits: str) -> None:
    assert numbers.phone_digits(written) == digits


def test_all_phones_of_a_line_without_service_numbers() -> None:
    text = "电话:13800138000 热线:400-830-8866 座机:0755-88888888"
    assert [digits for digits, _, _ in numbers.phones_in(text)] == ["13800138000", "075588888888"]


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440301199003070027", "320102197511150030"]
)
def test_id_numbers_of_the_reference_are_valid(number: str) -> None:
    assert numbers.id_number_valid(number)


@given(st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_makes_an_id_number_invalid(place: int, shift: int) -> None:
    right = "440301199003070027"
    digit = str((int(right[place]) + shift) % 10)
    assert not numbers.id_number_valid(right[:place] + digit + right[place + 1 :])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("身份证号:11010519491231002x", "11010519491231002X"),
        ("11010519491231002*", "11010519491231002X"),
        ("440301 19900307 0027", "440301199003070027"),
        ("44O3O119900307OO27", "440301199003070027"),
    ],
)
def test_id_numbers_are_found_as_written_and_misread(text: str, number: str) -> None:
    assert [found for found, _, _ in numbers.id_numbers_in(text)] == [number]


def test_a_number_with_a_wrong_check_digit_is_not_found() -> None:
    assert list(numbers.id_numbers_in("440301199003070028")) == []


def test_the_old_form_of_fifteen_digits_is_the_same_person() -> None:
    assert numbers.id_number_15("440301900307002") == "440301900307002"
    assert numbers.same_person_number("440301900307002", "440301199003070027")
    assert not numbers.same_person_number("440301900307003", "440301199003070027")


def test_credit_codes_are_checked() -> None:
    assert numbers.credit_code_valid("914403001922038216")
    assert not numbers.credit_code_valid("914403001922038217")
    assert [code for code, _, _ in numbers.credit_codes_in("信用代码 914403001922038216")] == [
        "914403001922038216"
    ]


def test_plates_with_and_without_a_dot() -> None:
    assert numbers.plates_in("粤B12345 粤B·D12345") == ["粤B12345", "粤BD12345"]


@pytest.mark.parametrize(
    ("words", "fen"),
    [
        ("壹仟贰佰叁拾肆元伍角整", 123450),
        ("伍仟元整", 500000),
        ("叁万零伍拾元整", 3005000),
        ("壹佰贰拾万元整", 120000000),
        ("拾元整", 1000),
    ],
)
def test_amounts_in_words(words: str, fen: int) -> None:
    assert numbers.words_to_fen(words) == fen


def test_figures_and_words_check_each_other() -> None:
    right = numbers.amount_in("¥1,234.50 大写 壹仟贰佰叁拾肆元伍角整")
    wrong = numbers.amount_in("¥1,243.50 大写 壹仟贰佰叁拾肆元伍角整")
    alone = numbers.amount_in("1234.5元")
    assert right is not None
    assert (right.fen, right.agrees, str(right)) == (123450, True, "1234.50")
    assert wrong is not None
    assert wrong.agrees is False
    assert alone is not None
    assert (alone.fen, alone.agrees) == (123450, None)


@pytest.mark.parametrize(
    "written",
    [
        "2023年5月1日",
        "2023 年 5 月 1 日",
        "2023-05-01",
        "2023.5.1",
        "2023/5/1",
        "23/5/1",
        "二〇二三年五月一日",
        "20230501",
    ],
)
def test_dates_in_every_form(written: str) -> None:
    assert [day for day, _, _ in numbers.dates_in(written)] == [date(2023, 5, 1)]


def test_dates_in_long_numerals() -> None:
    assert numbers.dates_in("二〇一九年十二月二十一日")[0][0] == date(2019, 12, 21)
    assert numbers.dates_in("2023年13月1日") == []


def test_a_form_code_is_no_file_number() -> None:
    assert numbers.is_form_no("JC/JL4.5-0103-02")
    assert not numbers.is_form_no("YG-YH·03-2-0501-01")


def test_file_numbers_are_compared_without_their_marks() -> None:
    one = numbers.canonical_file_no("YG-YH·03-2-0501-01")
    assert one == numbers.canonical_file_no("YG—YH.03－2－0501－01")
    assert one != numbers.canonical_file_no("YG-YH·03-2-0601-01")
    assert numbers.canonical_file_no("YG-YH·03-2-0501-02") in set(numbers.other_generations(one))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("4403011196904130804", "440301196904130804"),  # a digit twice
        ("44030419910808066939", "440304199108066939"),  # a pair twice
        ("44030119690413080", ""),
        ("4403011196904130805", ""),  # the check digit is wrong however it is read
        ("440301196904130804123", ""),
    ],
)
def test_a_digit_read_twice_is_told_by_the_check_digit(read: str, meant: str) -> None:
    assert [found for found, _, _ in numbers.id_numbers_in(read)] == ([meant] if meant else [])
