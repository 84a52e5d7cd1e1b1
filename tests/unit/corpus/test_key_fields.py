"""The key fields a page bears are known with their places, and what is kept is compared."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench.corpus.conditions import CONDITIONS, HOUSEHOLDS, pages_of
from bench.corpus.marks import Glyphs, Page
from bench.corpus.numerals import DATE_STYLES, day_of, written
from bench.corpus.printed import Field, fields_on
from bench.corpus.register import make_register
from bench.papertext import page_of
from bench.read_fields import Keeper, Kept, placed


@pytest.fixture(scope="module")
def keeper() -> Keeper:
    return Keeper(make_register(4, "eval", HOUSEHOLDS))


@pytest.mark.parametrize("style", sorted(set(DATE_STYLES)))
def test_a_written_date_is_read_back(style: str) -> None:
    for day in (date(2020, 1, 1), date(2016, 10, 20), date(2024, 12, 31)):
        assert day_of(written(day, style)) == day.isoformat()
    assert day_of("无") == ""


def test_a_field_is_known_by_every_place_where_it_stands() -> None:
    page = Page(200, 100, [
        Glyphs(10, 10, "业主：", "song", 5, width=15),
        Glyphs(25, 10, "张", "song", 5, width=5),
        Glyphs(30, 10, "伟", "song", 5, width=5),
        Glyphs(100, 50, "张伟", "song", 5, hand=True, width=10),
    ])  # fmt: skip
    (owner,) = fields_on(page, {"owner": "张伟", "phone": "13800138000"})
    assert (owner.name, owner.parts, owner.hand) == ("owner", ("张伟",), False)
    assert owner.boxes == ((0.125, 0.1, 0.175, 0.15), (0.5, 0.5, 0.55, 0.55))


def test_of_several_owners_the_first_is_the_owner() -> None:
    page = Page(200, 100, [Glyphs(10, 10, "张伟、李娜", "song", 5, width=25)])
    found = fields_on(page, {"owner": "张伟、李娜"})
    assert [(one.name, one.written) for one in found] == [("owner", "张伟"), ("co_owner", "李娜")]


def test_fields_of_drawn_pages_have_places_on_the_page_unless_the_scan_moved_them(
    tmp_path: Path,
) -> None:
    by_name = {condition.name: condition for condition in CONDITIONS}
    for name, known in (("clean", True), ("photo", False)):
        for page in pages_of(by_name[name], tmp_path, pack="eval", seed=4, count=3):
            assert page.fields
            for field in page.fields:
                assert bool(field.boxes) == known
                assert all(0 <= side <= 1.01 for box in field.boxes for side in box)


def test_what_is_kept_is_compared_by_its_meaning(keeper: Keeper) -> None:
    page = page_of("""
        # 装修申請表
        業主姓名： | 張偉 | 联系电话： | 138-0013-8000
        施工日期： | 二〇二〇年三月五日 | 金额： | ¥1,234.00
        房号： | 3栋2单元501室
    """)
    kept = keeper.kept(page)
    for name, printed in (
        ("title", "装修申请表"),
        ("owner", "张伟"),
        ("phone", "13800138000"),
        ("date", "2020.3.5"),
        ("amount", "1234元"),
        ("room", "3栋2单元501室"),
        ("room", "楼号 3 单元 2 房号 501"),
        ("room", "区域南苑 楼号3 单元2 房号501"),
    ):
        assert keeper.right(Field(name, (printed,), False, printed), kept), name
    for name, wrong in (
        ("owner", "张韦"),
        ("date", "2020.3.6"),
        ("room", "3栋2单元502室"),
        ("room", "楼号 3 单元 1 房号 501"),
        ("room", "区域南苑 楼号3 单元1 房号501"),
    ):
        assert not keeper.right(Field(name, (wrong,), False, wrong), kept), name


def test_without_an_owners_label_the_signer_is_the_owner_named(keeper: Keeper) -> None:
    key = Field("owner", ("张伟",), False, "张伟")
    signer = Kept("signer", "张伟", None)
    assert keeper.right(key, [signer])
    assert not keeper.right(key, [signer, Kept("owner", "李娜", None)])


def test_a_place_is_right_when_it_lies_over_one_where_the_value_is_printed() -> None:
    key = Field("owner", ("张伟",), False, "张伟", ((0.1, 0.1, 0.2, 0.15),))
    assert placed(key, [Kept("owner", "张伟", (0.11, 0.11, 0.21, 0.16))])
    assert not placed(key, [Kept("owner", "张伟", (0.1, 0.5, 0.2, 0.55))])
    assert not placed(key, [Kept("owner", "张伟", None)])


def test_another_value_under_the_name_of_a_printed_field_is_counted(keeper: Keeper) -> None:
    printed = [Field("phone", ("13800138000",), False, "138 0013 8000")]
    kept = [
        Kept("phone", "13800138000", None),
        Kept("phone", "13911112222", None),
        Kept("amount", "5.00", None),
        Kept("date", "2020-01-01", None),
    ]
    assert keeper.others(printed, kept) == ["phone"]
    numbers = [Field("number", ("2020-1234",), False, "2020-1234")]
    assert keeper.others(numbers, [Kept("form_no", "WY-KF-03", None)]) == ["form_no"]
    assert keeper.others(numbers, [Kept("receipt_no", "8375074", None)]) == ["receipt_no"]
