"""Owner cells, ID numbers and telephone numbers as registers write them."""

from __future__ import annotations

import pytest

from catalog.register.difference import Being, Known, difference
from catalog.register.names import alike, is_company, is_masked, name_key, owners_in
from catalog.register.numbers import canonical_id, canonical_phone, id_number_holds
from catalog.register.rows import Wanted, parse
from catalog.register.table import TableRow


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("张伟", ("张伟",)),
        ("张　伟", ("张伟",)),
        ("张伟、李娜", ("张伟", "李娜")),
        ("张伟；李娜", ("张伟", "李娜")),
        ("张伟;李娜", ("张伟", "李娜")),
        ("张伟/李娜", ("张伟", "李娜")),
        ("张伟，李娜", ("张伟", "李娜")),
        ("张伟,李娜", ("张伟", "李娜")),
        ("张伟 李娜", ("张伟", "李娜")),
        ("张伟（共有人：李娜）", ("张伟", "李娜")),
        ("张伟等2人", ("张伟",)),
        ("张小明（监护人：张伟）", ("张小明",)),
        ("深圳市某某实业有限公司（法定代表人：王五）", ("深圳市某某实业有限公司",)),
        ("买买提·吐尔逊", ("买买提·吐尔逊",)),
        ("Smith, John", ("Smith, John",)),
        ("", ()),
    ],
)
def test_a_cell_names_its_owners(cell: str, names: tuple[str, ...]) -> None:
    assert owners_in(cell) == names


def test_names_compare_in_one_spelling() -> None:
    assert name_key("陳偉") == name_key("陈 伟")
    assert name_key("买买提·吐尔逊") == name_key("买买提•吐尔逊") == name_key("买买提吐尔逊")
    assert is_company("深圳市某某实业有限公司")
    assert not is_company("张伟")
    assert is_masked("张*")
    assert is_masked("王先生")
    assert not is_masked("张伟")
    assert alike("张伟", "张玮")
    assert not alike("张伟", "李娜")


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("11010519491231002X", True),
        ("440301199003070027", True),
        ("440301199003070028", False),
        ("914403001922038216", True),
        ("914403001922038217", False),
        ("440301900307002", True),
        ("E12345678", True),
        ("12345", False),
    ],
)
def test_an_id_number_holds_by_its_check(number: str, holds: bool) -> None:
    assert id_number_holds(canonical_id(number)) is holds


@pytest.mark.parametrize(
    ("written", "number", "holds"),
    [
        ("138 0013 8000", "13800138000", True),
        ("+86 138-0013-8000", "13800138000", True),
        ("(0755)88888888", "0755-88888888", True),
        ("0571 8888 8888", "057188888888", True),
        ("88888888", "88888888", True),
        ("暂无", "暂无", False),
    ],
)
def test_a_phone_comes_to_one_spelling(written: str, number: str, holds: bool) -> None:
    assert canonical_phone(written) == (number, holds)


def _wanted(**cells: str) -> Wanted:
    wanted, _ = parse(TableRow(2, {"building": "3", "room": "501", **cells}), estate="")
    assert wanted is not None
    return wanted


def _known(*owners: Being) -> Known:
    names = "、".join(being.name for being in owners)
    return Known(1, 1, 1, "N1", names, "自住", False, list(owners), [])


def test_the_same_row_changes_nothing() -> None:
    known = _known(Being("张伟", "13800138000"), Being("李娜"))
    assert difference(known, _wanted(owner="张伟、李娜", phone="13800138000")).fields == ()


def test_another_owner_opens_the_next_generation() -> None:
    known = _known(Being("张伟", "13800138000"))
    assert "generation" in difference(known, _wanted(owner="李娜", phone="13800138000")).fields


def test_a_co_owner_added_stays_in_the_generation_and_one_who_left_is_former() -> None:
    found = difference(_known(Being("张伟")), _wanted(owner="张伟、李娜"))
    assert found.fields == ("owner",)
    left = difference(_known(Being("张伟"), Being("李娜")), _wanted(owner="张伟"))
    assert "generation" not in left.fields
    assert left.former == ("李娜",)


def test_a_similar_name_with_the_same_id_is_a_correction() -> None:
    known = _known(Being("张伟", "13800138000", "440301199003070027"))
    found = difference(known, _wanted(owner="张玮", id_no="440301199003070027"))
    assert "generation" not in found.fields
    assert found.doubts == ("owner_corrected",)
    assert found.owners == (Being("张玮", "13800138000", "440301199003070027"),)


def test_a_masked_name_does_not_replace_the_known_one() -> None:
    found = difference(_known(Being("张伟")), _wanted(owner="张*"))
    assert found.fields == ()
    assert found.doubts == ("masked_owner",)


def test_an_empty_cell_says_nothing() -> None:
    known = _known(Being("张伟", "13800138000", "440301199003070027"))
    assert difference(known, _wanted(owner="", phone="", id_no="", occupancy="")).fields == ()
