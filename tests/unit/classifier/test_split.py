"""A file is cut where its documents begin, and says so when that is not certain."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.separator import PREFIX, Sheet, decode, encode
from classifier.split import split
from yihu.household import RoomKey
from yihu.page import Code, PageText
from yihu.template import Template

Paper = Callable[..., PageText]
APPLICATION = "#装修申请表\n房号：3-2-501 | 业主：张伟\n电话：13800138000"
RECEIPT = "#装修押金收据\n交款人：张伟 | 2000.00\n收款人：李"
TEXT = "甲方应按约定提供服务，乙方应按时交纳费用。\n双方应遵守管理规约。\n本协议一式两份。"
AGREEMENT = "#前期物业服务协议\n甲方：阳光物业 | 乙方：张伟\n第一条 总则"
CARD = "姓名 {0}\n性别 男 民族 汉\n公民身份号码 44030119900307002X"


def _cut(template: Template, *pages: PageText) -> list[tuple[int, int]]:
    return [(part.first, part.last) for part in split(pages, template)]


def _qr(sheet: Sheet) -> tuple[Code, ...]:
    return (Code("QRCode", encode(sheet), (0.4, 0.4, 0.6, 0.6)),)


def test_a_title_starts_a_document(paper: Paper, template: Template) -> None:
    assert _cut(template, paper(APPLICATION, 1), paper(RECEIPT, 2)) == [(1, 1), (2, 2)]


def test_an_untitled_page_continues_the_agreement(paper: Paper, template: Template) -> None:
    pages = [paper(AGREEMENT, 1), paper(TEXT, 2), paper(TEXT, 3), paper(RECEIPT, 4)]
    assert _cut(template, *pages) == [(1, 3), (4, 4)]


def test_a_blank_back_belongs_to_its_front(paper: Paper, template: Template) -> None:
    pages = [paper(APPLICATION, 1), paper("", 2, flags=("blank",)), paper(RECEIPT, 3)]
    parts = split(pages, template)
    assert [(p.first, p.last, p.blank_pages) for p in parts] == [(1, 2, (2,)), (3, 3, ())]


def test_page_counters_hold_pages_together(paper: Paper, template: Template) -> None:
    one = paper(APPLICATION + "\n~\n第1页 共2页", 1)
    two = paper("#装修申请表\n续\n~\n第 2 页，共 2 页", 2)
    parts = split([one, two], template)
    assert [(p.first, p.last, p.reasons) for p in parts] == [(1, 2, ())]


@pytest.mark.parametrize(
    "foot", ["第1页 共3页", "1/3", "共3页 第1页", "第一页 共三页", "Page 1 of 3"]
)
def test_missing_pages_are_seen(paper: Paper, template: Template, foot: str) -> None:
    (part,) = split([paper(APPLICATION + f"\n~\n{foot}")], template)
    assert part.reasons == ("page_missing",)


def test_a_gap_in_the_count_is_seen(paper: Paper, template: Template) -> None:
    pages = [
        paper(AGREEMENT + "\n~\n1/4", 1),
        paper(TEXT + "\n~\n2/4", 2),
        paper(TEXT + "\n~\n4/4", 3),
    ]
    (part,) = split(pages, template)
    assert part.reasons == ("page_missing",)


def test_more_pages_than_the_counter_promises_are_seen(paper: Paper, template: Template) -> None:
    counted = [paper(AGREEMENT + "\n~\n1/3", 1), *(paper(TEXT, n) for n in (2, 3))]
    (whole,) = split(counted, template)
    assert (whole.last, whole.reasons) == (3, ())
    (part,) = split([*counted, paper(TEXT, 4)], template)
    assert (part.last, part.reasons) == (4, ("split_unsure",))


def test_the_same_form_number_continues_the_same_title_without_it_does_not(
    paper: Paper, template: Template
) -> None:
    first = APPLICATION + "\n编号：ZX-2023-0012"
    pages = [paper(first, 1), paper("#装修申请表\n编号：ZX-2023-0012\n附页", 2)]
    assert _cut(template, *pages) == [(1, 2)]
    assert _cut(template, paper(APPLICATION, 1), paper(APPLICATION, 2)) == [(1, 1), (2, 2)]


def test_id_pages_stand_alone_and_a_back_goes_with_its_front(
    paper: Paper, template: Template
) -> None:
    back = "中华人民共和国\n居民身份证\n签发机关 深圳市公安局\n有效期限 2015.01.01-2035.01.01"
    pages = [paper(APPLICATION, 1), paper(CARD.format("张伟"), 2), paper(CARD.format("李娜"), 3)]
    assert _cut(template, *pages) == [(1, 1), (2, 2), (3, 3)]
    assert _cut(template, paper(CARD.format("张伟"), 1), paper(back, 2)) == [(1, 2)]


def test_a_separator_cuts_and_speaks_for_its_own_pages_only(
    paper: Paper, template: Template
) -> None:
    sheet = Sheet(
        household=RoomKey("阳光花园", "-", "3", "2", "501"), type="reno.drawings", pages=2
    )
    pages = [
        paper("扫描分隔页", 1, codes=_qr(sheet)),
        paper("图号 1", 2),
        paper("图号 2", 3),
        paper(RECEIPT, 4),
    ]
    parts = split(pages, template)
    assert [(p.first, p.last, p.separator) for p in parts] == [
        (1, 1, True),
        (2, 3, False),
        (4, 4, False),
    ]
    assert decode(parts[1].sheet) == sheet
    assert parts[2].sheet == ""


def test_a_sheet_that_promised_more_pages_is_seen(paper: Paper, template: Template) -> None:
    pages = [paper("", 1, codes=_qr(Sheet(pages=3))), paper(APPLICATION, 2)]
    assert split(pages, template)[1].reasons == ("page_missing",)


def test_foreign_codes_are_never_obeyed(paper: Paper, template: Template) -> None:
    code = (Code("QRCode", "https://example.org/YH1:K=S", (0, 0, 1, 1)),)
    (part,) = split([paper(APPLICATION, 1, codes=code)], template)
    assert not part.separator


def test_payloads_come_back_and_damaged_ones_do_not() -> None:
    sheet = Sheet("S", RoomKey("阳光花园", "-", "3", "2", "501/A"), "reno.application", "B-1", 4)
    text = encode(sheet)
    assert text.startswith(PREFIX)
    assert decode(text) == sheet
    assert decode(text.replace("501", "502")) is None
    assert decode(text[:-1]) is None
    assert decode("YH1:K=S!!") is None
    assert decode("hello") is None


def test_pages_nobody_could_read_stay_with_their_document(paper: Paper, template: Template) -> None:
    pages = [paper(AGREEMENT, 1), paper("", 2, flags=("unread",)), paper(RECEIPT, 3)]
    parts = split(pages, template)
    assert [(p.first, p.last, p.blank_pages) for p in parts] == [(1, 2, ()), (3, 3, ())]


def test_blank_pages_alone_are_a_part(paper: Paper, template: Template) -> None:
    assert _cut(template, paper("", 1, flags=("blank",)), paper("", 2, flags=("blank",))) == [
        (1, 2)
    ]
    assert split([], template) == ()


def test_a_page_counted_one_of_one_is_a_document_of_its_own(
    paper: Paper, template: Template
) -> None:
    pages = [paper(AGREEMENT + "\n~\n第1真／共1真", 1), paper(TEXT, 2)]
    assert _cut(template, *pages) == [(1, 1), (2, 2)]


def test_a_letter_begins_with_its_salutation(paper: Paper, template: Template) -> None:
    letter = "尊敬的物业管理处：\n我是三栋的住户，楼上天天吵闹，请尽快处理。\n此致敬礼"
    parts = split([paper(APPLICATION, 1), paper(letter, 2)], template)
    assert [(p.first, p.last, p.reasons) for p in parts] == [(1, 1, ()), (2, 2, ("split_unsure",))]


def test_a_ledger_of_two_pages_is_one_document(paper: Paper, template: Template) -> None:
    rows = "\n".join(f"{n} | 3-2-{n}01 | 李{n} | 漏水" for n in range(1, 6))
    pages = [paper("#投诉登记表\n序号 | 房号 | 投诉人 | 内容", 1), paper(rows, 2)]
    assert _cut(template, *pages) == [(1, 2)]


def test_the_number_at_the_foot_of_a_page_begins_or_continues(
    paper: Callable[..., PageText], template: Template
) -> None:
    form = "#装修许可证\n房号：3-2-501 | 业主：张伟\n准予施工\n~\n- 1 -"
    second = paper("签发：王主任\n备注：见背面条款\n~\n- 2 -", 2)
    (whole,) = split([paper(form), second], template)
    assert (whole.first, whole.last, whole.reasons) == (1, 2, ())
    other = paper("签发：王主任\n备注：见背面条款\n~\n- 1 -", 2)
    assert [part.first for part in split([paper(form), other], template)] == [1, 2]


def test_an_untitled_form_of_another_household_is_a_document_of_its_own(
    paper: Callable[..., PageText], template: Template
) -> None:
    first = paper("#报修单\n房号：3-2-501 | 业主姓名：张伟\n报修内容：漏水")
    second = paper("房号：5-1-202 | 业主姓名：李敏\n故障描述：阀门关不死", 2)
    parts = split([first, second], template)
    assert [(part.first, part.reasons) for part in parts] == [(1, ()), (2, ("split_unsure",))]


def test_the_signatures_of_a_form_belong_to_it(
    paper: Callable[..., PageText], template: Template
) -> None:
    form = paper("#装修保证金退还申请表\n房号：3-2-501 | 业主姓名：张伟\n应退：2000.00")
    (whole,) = split([form, paper("领款人：张伟\n日期：2024年1月16日", 2)], template)
    assert (whole.last, whole.reasons) == (2, ())


UNTITLED = (
    "客户姓名：李敏 | 室号：5-1-202\n手机号码：13900139000\n验房日期：2020年1月3日\n位置 | 问题"
)
SIGNED_FORM = APPLICATION + "\n装修内容：水电改造\n业主签名：张伟\n日期：2020年1月2日"


def test_what_seems_blank_at_the_front_is_nobodys_paper(paper: Paper, template: Template) -> None:
    pages = [paper("", 1, flags=("blank",)), paper(APPLICATION, 2), paper("", 3, flags=("blank",))]
    parts = split(pages, template)
    assert [(p.first, p.last, p.blank_pages) for p in parts] == [(1, 1, (1,)), (2, 3, (3,))]


def test_the_blank_back_of_a_separator_belongs_to_it(paper: Paper, template: Template) -> None:
    pages = [
        paper("", 1, codes=_qr(Sheet(pages=1))),
        paper("", 2, flags=("blank",)),
        paper(APPLICATION, 3),
    ]
    parts = split(pages, template)
    assert [(p.first, p.last, p.separator) for p in parts] == [(1, 2, True), (3, 3, False)]
    assert decode(parts[1].sheet) == Sheet(pages=1)


def test_a_photo_stands_alone_and_the_form_before_it_stays_certain(
    paper: Paper, template: Template
) -> None:
    pages = [paper(SIGNED_FORM, 1), paper("", 2, flags=("photo",)), paper(UNTITLED, 3)]
    parts = split(pages, template)
    assert [(p.first, p.last) for p in parts] == [(1, 1), (2, 2), (3, 3)]
    assert parts[0].reasons == ()


def test_a_form_without_title_behind_a_signed_one_is_another(
    paper: Paper, template: Template
) -> None:
    nobodys = (
        "#邻里纠纷调解记录\n申请方：巴特尔\n纠纷事由：杂物\n申请方签名：巴特尔\n日期：2024-10-21"
    )
    parts = split([paper(nobodys, 1), paper(UNTITLED, 2)], template)
    assert [(p.first, p.reasons) for p in parts] == [(1, ()), (2, ("split_unsure",))]


def test_the_same_people_at_the_top_of_the_next_page_are_the_same_form(
    paper: Paper, template: Template
) -> None:
    second = "房号：3-2-501 | 业主：张伟\n管理处意见：同意\n签名：王主任"
    parts = split([paper(SIGNED_FORM, 1), paper(second, 2)], template)
    assert [(p.first, p.last) for p in parts] == [(1, 2)]


def test_a_title_that_goes_on_belongs_to_its_form(paper: Paper, template: Template) -> None:
    for mark in ("（续）", "续表", "（背面）", "（第2页）"):
        pages = [paper(APPLICATION, 1), paper(f"#装修申请表{mark}\n管理处意见：同意", 2)]
        assert _cut(template, *pages) == [(1, 2)], mark


def test_a_running_title_over_the_next_clause_begins_nothing(
    paper: Paper, template: Template
) -> None:
    first = AGREEMENT + "\n第二条 服务内容\n第三条 收费"
    second = "#前期物业服务协议\n第四条 双方的权利\n第五条 违约责任"
    assert _cut(template, paper(first, 1), paper(second, 2)) == [(1, 2)]
    again = "#前期物业服务协议\n甲方：阳光物业 | 乙方：李敏\n第一条 总则"
    assert _cut(template, paper(first, 1), paper(again, 2)) == [(1, 1), (2, 2)]


def test_the_code_of_the_office_s_own_form_joins_no_two_households(
    paper: Paper, template: Template
) -> None:
    form = "#装修申请表\n编号：QR-WY-0012\n房号：{} | 业主：{}\n电话：13800138000"
    pages = [paper(form.format("3-2-501", "张伟"), 1), paper(form.format("5-1-202", "李敏"), 2)]
    assert _cut(template, *pages) == [(1, 1), (2, 2)]


def test_an_address_to_all_owners_begins_a_letter(paper: Paper, template: Template) -> None:
    rules = (
        "阳光花园全体业主：为维护共同利益，均应遵守本规约。\n第一条 业主应爱护公共设施\n业主：韦颖"
    )
    parts = split([paper(SIGNED_FORM, 1), paper(rules, 2)], template)
    assert [(p.first, p.reasons) for p in parts] == [(1, ()), (2, ("split_unsure",))]


@pytest.mark.parametrize("foot", ["+1-", "-1.", "~ 1 -"])
def test_page_numbers_are_known_though_their_dashes_were_misread(
    paper: Paper, template: Template, foot: str
) -> None:
    pages = [paper(AGREEMENT, 1), paper(TEXT + f"\n~\n{foot}", 2)]
    assert _cut(template, *pages) == [(1, 1), (2, 2)]


def test_office_signatures_and_its_seal_belong_to_the_permit(
    paper: Paper, template: Template
) -> None:
    permit = "#装修施工许可证\n房号：3-2-501 | 业主：张伟\n消防负责人：马志\n有效期至2024年5月28日"
    (whole,) = split([paper(permit, 1), paper("签发：万才\n装修管理专用章", 2)], template)
    assert (whole.last, whole.reasons) == (2, ())
