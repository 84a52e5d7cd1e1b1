"""Kinds of paper that were discarded: learnt from several, weighed against what was filed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.office import OWNERS, permit
from bench.papertext import page_of
from classifier import (
    Discard,
    FiledPaper,
    Hints,
    Policy,
    RegisterIndex,
    TypeModel,
    alike,
    judge,
    marks_of,
    shipped_model,
    teach_discards,
    unopposed,
)
from classifier.types.discards import kinds_of
from classifier.types.kinds import Kind, Marks
from yihu.household import HouseholdRecord, RoomKey
from yihu.template import Template

ADVERT = """# 温馨提示
尊敬的3栋1单元{n}01室业主{owner}：
联系电话：1380000100{n}
您家净水器滤芯即将到期，康泉净水本周特惠，全屋滤芯套装仅售{price}元
扫码下单送水质检测一次，老客户介绍新客户再减五十元
免费上门安装，康泉净水社区服务站"""
NOTICE = """# 温馨提示
尊敬的3栋1单元{n}01室业主{owner}：
联系电话：1380000100{n}
因二次供水水箱清洗，本楼栋将于5月{price}日停水，敬请提前储水
恢复供水后请先打开水龙头放水片刻，给您带来不便敬请谅解
阳光花园物业服务中心"""


def marks(text: str, n: int, price: int = 190) -> Marks:
    return marks_of([page_of(text.format(n=n, owner=OWNERS[n - 1], price=price))])


def discards(count: int, *, sure: bool = False) -> list[Discard]:
    return [Discard(n, marks(ADVERT, n, 180 + n), sure) for n in range(1, count + 1)]


def filed(count: int, text: str, *, seen: bool, held: bool) -> list[FiledPaper]:
    return [FiledPaper(marks(text, n % 8 + 1, n), seen, held) for n in range(count)]


def test_copies_are_alike_and_another_letter_in_the_same_frame_is_not() -> None:
    assert alike(marks(ADVERT, 1), marks(ADVERT, 5, 233))
    assert not alike(marks(ADVERT, 1), marks(NOTICE, 1))
    assert not alike(frozenset(), frozenset())
    assert not alike(marks("# 停水", 1), marks("# 停水", 1)), "too little to be a kind"


def test_five_copies_are_a_kind_and_two_are_none() -> None:
    (kind,) = kinds_of([*discards(5), Discard(9, marks(NOTICE, 1))])
    assert kind.members == (1, 2, 3, 4, 5)
    assert kinds_of(discards(2)) == ()


def test_five_copies_are_enough_and_each_is_told_by_the_others() -> None:
    done = teach_discards((), discards(5, sure=True), filed(20, NOTICE, seen=True, held=True))
    result = done.comparison
    assert (done.better, result.gained, result.lost) == (True, 5, 0)
    assert (result.cases, result.right_before, result.right_after) == (25, 20, 25)
    assert (result.bold_before, result.bold_after) == (5, 0)
    again = teach_discards(done.kinds, discards(5), filed(20, NOTICE, seen=True, held=True))
    assert (again.better, again.kinds, again.comparison.right_before) == (False, done.kinds, 25)


def test_four_copies_are_too_few() -> None:
    assert not teach_discards((), discards(4), filed(20, NOTICE, seen=True, held=True)).better


def test_what_people_file_is_no_kind_however_much_is_discarded() -> None:
    one = filed(1, ADVERT, seen=True, held=False)
    done = teach_discards((), discards(8), one)
    assert (done.kinds, done.better) == ((), False)


def test_what_the_machine_alone_filed_speaks_against_a_kind_less() -> None:
    few, many = (filed(count, ADVERT, seen=False, held=False) for count in (3, 5))
    assert teach_discards((), discards(8), few).better
    assert not teach_discards((), discards(8), many).better


def test_held_back_papers_decide() -> None:
    """Nothing spoke against the kind while it was learnt; the papers held back do."""
    done = teach_discards((), discards(8), filed(6, ADVERT, seen=True, held=True))
    assert (done.comparison.gained, done.comparison.lost, done.better) == (8, 6, False)


def test_a_kind_that_people_overrule_is_forgotten() -> None:
    kinds = teach_discards((), discards(5), ()).kinds
    assert unopposed(kinds, filed(3, NOTICE, seen=True, held=True)) == kinds
    assert unopposed(kinds, filed(1, ADVERT, seen=True, held=True)) == ()


@pytest.mark.parametrize(
    ("left", "lives"), [((1, 2, 3, 4, 5), True), ((1, 2, 3), True), ((1, 2), False)]
)
def test_a_kind_lives_while_most_of_its_papers_are_discarded(
    left: tuple[int, ...], lives: bool
) -> None:
    (kind,) = kinds_of(discards(5))
    assert kind.lives(frozenset(left)) is lives
    assert not Kind(kind.marks, tuple(range(9))).lives(frozenset(range(4)))


def test_values_leave_no_marks_and_digits_are_alike() -> None:
    values = (OWNERS[0], "13800001001")
    plain = marks_of([page_of(ADVERT.format(n=1, owner="", price=190))])
    named = ADVERT.format(n=1, owner=OWNERS[0], price=555)
    assert marks_of([page_of(named)], values) <= plain
    assert not marks_of([page_of(OWNERS[0])], values)
    assert not marks_of([page_of("")])


@pytest.fixture
def taught() -> TypeModel:
    model = shipped_model()
    assert model is not None
    return replace(model, discarded=teach_discards((), discards(5), ()).kinds)


def test_kinds_are_data_and_come_back_as_they_were(taught: TypeModel) -> None:
    assert TypeModel.parse(taught.dump()).discarded == taught.discarded
    older = taught.dump()
    shipped = shipped_model()
    assert shipped is not None
    assert TypeModel.parse(shipped.dump()).discarded == ()
    assert len(older) < len(shipped.dump()) + 4000


@pytest.mark.parametrize("text", [ADVERT, NOTICE, permit(2), "# 今日菜单\n红烧肉 38元"])
@pytest.mark.parametrize("home", [1, 2])
def test_it_only_ever_adds_a_reason(
    text: str, home: int, taught: TypeModel, template: Template
) -> None:
    """Everything but the reason and its evidence is as it was; nothing files that did not."""
    key = RoomKey("阳光花园", "-", "3", "1", "201")
    register = RegisterIndex(
        [HouseholdRecord(1, key, owners=(OWNERS[1],), phones=("13800001002",))]
    )
    page = page_of(text.format(n=home, owner=OWNERS[home - 1], price=190))
    before = judge([page], Hints(), register, template, Policy(), shipped_model())
    after = judge([page], Hints(), register, template, Policy(), taught)
    like = text == ADVERT
    assert ("like_discarded" in after.reasons) is like
    assert after.reasons == (("like_discarded", *before.reasons) if like else before.reasons)
    assert after.state == ("review" if like else before.state)
    assert after.classification.guesses == before.classification.guesses
    assert (after.match, after.probability) == (before.match, before.probability)
    extra = after.classification.evidence[len(before.classification.evidence) :]
    assert [item.code for item in extra] == (["discarded"] if like else [])
    assert all("5 份已丢弃" in item.zh and "5 papers" in item.en and item.box for item in extra)
