"""What a separator sheet speaks for: the document it names, or all documents within its pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.separator import Sheet, decode, encode
from classifier.split import split
from classifier.values import Part
from yihu.household import RoomKey
from yihu.page import Code, PageText
from yihu.template import Template

Paper = Callable[..., PageText]
HOME = RoomKey("阳光花园", "-", "3", "2", "501")
APPLICATION = "#装修申请表\n房号：3-2-501 | 业主：张伟\n电话：13800138000"
PERMIT = "#装修施工许可证\n房号：3-2-501 | 业主：张伟\n准予施工"
RECEIPT = "#装修押金收据\n交款人：张伟 | 2000.00\n收款人：李"
KEYS = "#钥匙发放确认单\n房号：3-2-501 业主：张伟 入户门钥匙 5把\n领取人：张伟"
AGREEMENT = "#前期物业服务协议\n甲方：阳光物业 | 乙方：张伟\n第一条 总则"
CLAUSES = "第二条 服务内容\n甲方应按约定提供服务\n第三条 收费"
CARD = "姓名 张伟\n性别 男 民族 汉\n公民身份号码 44030119900307002X"
DRAWING = "图号 {0}\n比例 1:50"


@pytest.fixture
def cut(paper: Paper, template: Template) -> Callable[..., list[Part]]:
    """The documents of papers scanned behind each other; a sheet among them is a page too."""

    def of(*papers: str | Sheet) -> list[Part]:
        pages = [
            paper("扫描分隔页", number, codes=(Code("QRCode", encode(it), (0.4, 0.4, 0.6, 0.6)),))
            if isinstance(it, Sheet)
            else paper(it, number, flags=() if it else ("blank",))
            for number, it in enumerate(papers, 1)
        ]
        return [part for part in split(pages, template) if not part.separator]

    return of


def _said(parts: list[Part]) -> list[tuple[int, int, tuple[str, ...], bool]]:
    return [(part.first, part.last, part.reasons, bool(part.sheet)) for part in parts]


def test_a_cover_without_a_type_speaks_for_every_document_of_its_pages(
    cut: Callable[..., list[Part]],
) -> None:
    parts = cut(Sheet(household=HOME, pages=4), APPLICATION, PERMIT, RECEIPT, KEYS)
    assert _said(parts) == [(n, n, (), True) for n in (2, 3, 4, 5)]
    assert {part.sheet for part in parts} == {encode(Sheet(household=HOME, pages=4))}


def test_within_a_cover_pages_and_backs_stay_with_their_document(
    cut: Callable[..., list[Part]],
) -> None:
    parts = cut(Sheet(household=HOME, pages=4), AGREEMENT, CLAUSES, PERMIT, "", CARD)
    assert _said(parts) == [(2, 3, (), True), (4, 5, (), True), (6, 6, (), True)]


def test_the_scope_of_a_cover_ends_with_its_own_pages(cut: Callable[..., list[Part]]) -> None:
    parts = cut(Sheet(household=HOME, pages=2), APPLICATION, PERMIT, RECEIPT)
    assert _said(parts) == [(2, 2, (), True), (3, 3, (), True), (4, 4, (), False)]


@pytest.mark.parametrize("behind", [(), (Sheet(household=HOME), KEYS)])
def test_of_fewer_pages_than_a_cover_promised_every_document_is_looked_at(
    cut: Callable[..., list[Part]], behind: tuple[str | Sheet, ...]
) -> None:
    parts = cut(Sheet(household=HOME, pages=3), APPLICATION, PERMIT, *behind)
    assert [part.reasons for part in parts[:2]] == [("page_missing",)] * 2
    assert [part.reasons for part in parts[2:]] == [()] * len(parts[2:])


def test_a_page_that_goes_on_behind_the_promise_was_counted_wrongly(
    cut: Callable[..., list[Part]],
) -> None:
    parts = cut(Sheet(household=HOME, pages=2), PERMIT, AGREEMENT, CLAUSES)
    assert _said(parts) == [
        (2, 2, (), True),
        (3, 3, ("split_unsure",), True),
        (4, 4, ("split_unsure",), False),
    ]


def test_a_sheet_that_names_a_type_makes_its_pages_one_document(
    cut: Callable[..., list[Part]],
) -> None:
    sheet = Sheet(household=HOME, type="reno.drawings", pages=3)
    parts = cut(sheet, DRAWING.format(1), "", DRAWING.format(2), DRAWING.format(3), RECEIPT)
    assert _said(parts) == [(2, 5, (), True), (6, 6, (), False)]


@pytest.mark.parametrize(
    "inside",
    [
        PERMIT,
        CARD,
        "尊敬的物业管理处：\n我是三栋的住户，请尽快处理。",
        "#装修申请表\n房号：5-1-202 | 业主：李敏",
    ],
)
def test_another_paper_among_the_pages_of_a_type_is_looked_at(
    cut: Callable[..., list[Part]], inside: str
) -> None:
    parts = cut(Sheet(household=HOME, type="reno.application", pages=2), APPLICATION, inside)
    assert _said(parts) == [(2, 3, ("split_unsure",), True)]


def test_cards_of_several_people_are_one_document_where_the_sheet_says_so(
    cut: Callable[..., list[Part]],
) -> None:
    other = CARD.replace("张伟", "李娜")
    parts = cut(Sheet(household=HOME, type="reno.worker_id", pages=2), CARD, other)
    assert _said(parts) == [(2, 3, (), True)]


def test_counters_are_believed_within_a_promise(cut: Callable[..., list[Part]]) -> None:
    sheet = Sheet(household=HOME, type="movein.service_agreement", pages=2)
    parts = cut(sheet, AGREEMENT + "\n~\n1/3", CLAUSES + "\n~\n3/3")
    assert _said(parts) == [(2, 3, ("page_missing",), True)]
    parts = cut(sheet, AGREEMENT + "\n~\n1/1", AGREEMENT + "\n~\n1/1")
    assert _said(parts) == [(2, 3, ("split_unsure",), True)]


def test_a_sheet_without_a_promise_speaks_for_the_one_document_behind_it(
    cut: Callable[..., list[Part]],
) -> None:
    for sheet in (Sheet(household=HOME), Sheet(type="reno.application")):
        parts = cut(sheet, APPLICATION, PERMIT)
        assert _said(parts) == [(2, 2, (), True), (3, 3, (), False)]
        assert decode(parts[0].sheet) == sheet


def test_a_new_sheet_ends_what_the_one_before_it_speaks_for(
    cut: Callable[..., list[Part]],
) -> None:
    first, second = Sheet(household=HOME, pages=1), Sheet(type="reno.permit")
    parts = cut(first, APPLICATION, second, PERMIT, RECEIPT)
    assert [part.sheet for part in parts] == [encode(first), encode(second), ""]
