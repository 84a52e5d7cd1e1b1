"""Titles are found where they stand, however they are written, and mean what they compose to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.types.concepts import RECIPES, WORDS, compose
from classifier.types.titles import read_title
from yihu.page import PageText
from yihu.template import Template

Paper = Callable[..., PageText]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#装修申请表\n房号：3-2-501", "reno.application"),
        ("#装 修 申 请 表\n房号：3-2-501", "reno.application"),
        ("阳光物业服务有限公司\n#房屋装修验收单\n房号：", "reno.acceptance"),
        ("#阳光物业服务有限公司装修申请表\n房号：", "reno.application"),
        ("#裝修許可證（存根）\n房號：", "reno.permit"),
        ("#收樓通知書\n致：", "movein.notice"),
        ("#入伙通\n#知书\n致：", "movein.notice"),
        ("#装修押金退还申请表 | 编号：TY-2023-08\n房号：", "reno.deposit_refund"),
        ("#袋修申清表\n房号：", "reno.application"),
        ("#收款收据（第二联 客户）\n交款人：", "payment.receipt"),
        ("装修承诺书\n房号：3-2-501\n本人承诺\n以上", "reno.commitment"),
        ("#房屋装饰工程开工申报单\n房号：", "reno.application"),
        ("#业主入伙验楼记录表\n房号：", "movein.inspection"),
        ("#阳光花园交楼书\n兹确认：", "movein.handover"),
        ("#阳光花园施工许可证（装修\n房号：", "reno.permit"),
        ("#阳光花园关于夜间噪音的投诉\n物业经理：", "complaint.letter"),
        ("#阳光物业管理处关于夜间噪音的投诉\n物业经理：", "complaint.letter"),
    ],
)
def test_a_title_names_its_type(paper: Paper, template: Template, text: str, code: str) -> None:
    reading = read_title(paper(text), template)
    assert reading.best is not None
    assert reading.score(code) == reading.best.score
    assert reading.best.score > 0.6


def test_a_title_quoted_in_a_sentence_is_no_title(paper: Paper, template: Template) -> None:
    page = paper("#客户投诉处理单\n投诉内容：楼上装修申请表未办\n请填写装修申请表后交回")
    reading = read_title(page, template)
    assert reading.best is not None
    assert reading.best.code == "complaint.form"
    assert reading.score("reno.application") < 0.4


@pytest.mark.parametrize("title", ["装修管理规定", "装修须知", "菜单", "业主手册", "停车公告"])
def test_instructions_and_news_are_guides(paper: Paper, template: Template, title: str) -> None:
    reading = read_title(paper(f"#{title}\n第一条 总则"), template)
    assert reading.guide
    assert not reading.best or reading.best.score < 0.8


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("装修开工申请单", "reno.application"),
        ("装修工程竣工验收申请", "reno.acceptance"),
        ("噪音投诉处理表", "complaint.form"),
        ("业户资料更改登记", "change.register"),
        ("物业管理费催收单", "violation.arrears"),
        ("装修消防安全承诺书", "reno.fire_duty"),
        ("租客资料登记表", "lease.register"),
        ("车位租赁合约", "vehicle.parking"),
        ("装修保证金退款单", "reno.deposit_refund"),
        ("装修期间施工人员登记", "reno.worker_register"),
        ("入伙验收表", "movein.inspection"),
        ("装修违规停工通知", "reno.violation_notice"),
    ],
)
def test_titles_nobody_listed_compose(title: str, code: str) -> None:
    assert compose(title)[0].code == code


def test_recipes_speak_of_known_concepts_and_types(template: Template) -> None:
    for recipe in RECIPES:
        assert recipe.code in template.by_code
        assert recipe.needs | recipe.may <= set(WORDS)
