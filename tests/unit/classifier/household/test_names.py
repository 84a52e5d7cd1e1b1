"""Owner names as domain 3.2 lists them: one spelling, sets of owners, agreement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.names import (
    Agreement,
    compare,
    contradicts,
    could_be_misread,
    is_masked,
    is_salutation,
    looks_like_name,
    name_key,
    people_in,
    surname,
)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("张　伟", ("张伟",)),
        ("张伟、李娜", ("张伟", "李娜")),
        ("张伟 李娜", ("张伟", "李娜")),
        ("张伟/李娜", ("张伟", "李娜")),
        ("张伟，李娜", ("张伟", "李娜")),
        ("张伟（共有人：李娜）", ("张伟", "李娜")),
        ("张伟夫妇", ("张伟",)),
        ("张伟等2人", ("张伟",)),
        ("张小明（监护人：张伟）", ("张小明", "张伟")),
        ("張偉", ("张伟",)),
        ("张伟先生", ("张伟",)),
        ("张伟（签字）", ("张伟",)),
        ("JOHN SMITH", ("JOHN SMITH",)),
        ("买买提·吐尔逊", ("买买提·吐尔逊",)),
        ("王先生", ("王先生",)),
        ("", ()),
    ],
)
def test_a_value_is_split_into_the_people_it_names(written: str, names: tuple[str, ...]) -> None:
    assert people_in(written) == names


@pytest.mark.parametrize(
    ("written", "registered", "agreement"),
    [
        ("张 伟", "张伟", "exact"),
        ("陳偉", "陈伟", "exact"),
        ("買買提•吐爾遜", "买买提·吐尔逊", "exact"),
        ("买买提吐尔逊", "买买提·吐尔逊", "exact"),
        ("约翰．史密斯", "约翰·史密斯", "exact"),
        ("Smith, John", "JOHN SMITH", "exact"),
        ("某某(集团)股份有限公司", "某某（集团）股份有限公司", "exact"),
        ("鸿运贸易有限公司", "深圳市鸿运贸易有限公司", "exact"),
        ("深圳市鸿运贸易有限公司（法定代表人：王五）", "深圳市鸿运贸易有限公司", "exact"),
        ("鸿运（深圳）贸易有限公司", "深圳市鸿运贸易有限公司", "exact"),
        ("广州市鸿运贸易有限公司", "深圳市鸿运贸易有限公司", "none"),
        ("深圳市鸿运实业有限公司", "深圳市鸿运贸易有限公司", "none"),
        ("深圳市鸿运贸易有限公司广州分公司", "深圳市鸿运贸易有限公司", "none"),
        ("欧阳娜郷", "欧阳娜娜", "none"),
        ("欧阳□娜", "欧阳娜娜", "near"),
        ("李健国", "李建国", "near"),
        ("李建围", "李建国", "near"),
        ("李建军", "李建国", "none"),
        ("张炜", "张伟", "none"),
        ("张伟民", "张伟", "none"),
        ("张*", "张伟", "none"),
        ("张某", "张伟", "none"),
        ("张某某", "张伟民", "none"),
        ("王先生", "王伟", "none"),
        ("李女士", "李娜", "none"),
        ("", "张伟", "none"),
    ],
)
def test_names_agree_exactly_nearly_or_not(written: str, registered: str, agreement: str) -> None:
    assert compare(written, registered) is Agreement(agreement)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("张*", False),
        ("李女士", False),
        ("张某", False),
        ("王先生", True),
        ("赵四海", True),
        ("张伟", False),
        ("张炜", True),
        ("买买提·", True),
    ],
)
def test_only_somebody_else_contradicts(written: str, expected: bool) -> None:
    assert contradicts(written, ("张伟", "李娜")) is expected


def test_a_name_cut_after_its_dot_does_not_contradict() -> None:
    assert not contradicts("买买提·", ("买买提·吐尔逊",))


def test_a_two_character_name_may_be_a_misreading_but_is_never_near() -> None:
    assert could_be_misread("张炜", "张伟")
    assert not could_be_misread("张磊", "张伟")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("欧阳娜娜", "欧阳"),
        ("司马南", "司马"),
        ("诸葛亮", "诸葛"),
        ("尉迟敬", "尉迟"),
        ("张伟", "张"),
        ("欧阳", "欧"),
    ],
)
def test_compound_surnames_are_known(name: str, expected: str) -> None:
    assert surname(name) == expected


@pytest.mark.parametrize(
    "text", ["张伟", "欧阳娜娜", "买买提·吐尔逊", "JOHN SMITH", "某某超市", "深圳市鸿运有限公司"]
)
def test_what_can_be_a_name(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize("text", ["应当遵守", "2023年", "房号", "3-2-501", "的", ""])
def test_what_can_not_be_a_name(text: str) -> None:
    assert not looks_like_name(text)


def test_masked_names_and_salutations_are_recognised() -> None:
    assert is_masked("张*")
    assert is_masked("张某某")
    assert not is_masked("张伟")
    assert is_salutation("王先生")
    assert is_salutation("欧阳女士")
    assert not is_salutation("王先")


@given(st.text(max_size=12))
def test_a_name_always_agrees_with_itself_in_any_spacing(text: str) -> None:
    key = name_key(text)
    if key and not is_masked(text) and not is_salutation(text):
        assert compare(text, text) is Agreement.EXACT


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert compare(one, other) in Agreement
    people_in(one)
