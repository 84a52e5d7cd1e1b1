"""What must never be filed says so, and identical pages get their type from whose they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.types import People, TypeModel, classify, shipped_model
from classifier.types.forms import ledger_rooms
from classifier.values import HouseholdGuess, Match
from yihu.household import HouseholdRecord, RoomKey
from yihu.page import PageText
from yihu.template import Template

Paper = Callable[..., PageText]
HOME = HouseholdRecord(
    1,
    RoomKey("阳光花园", "-", "3", "2", "501"),
    owners=("张伟", "深圳市远航贸易有限公司"),
    id_nos=("44030119900307002X",),
    former_owners=("赵六",),
    tenants=("钱七",),
)
AT_HOME = Match((HouseholdGuess(HOME, 0.99),), supported=True)

CARD = """
姓名 {name}
性别 男 民族 汉
出生 1990年3月7日
住址 广东省深圳市福田区某路1号
公民身份号码 {number}
{note}
"""
LICENCE = """
#营业执照
统一社会信用代码 914403001922038216
名称 {name}
类型 有限责任公司
法定代表人 李四
经营范围 {scope}
登记机关 深圳市市场监督管理局
{note}
"""


def test_a_blank_form_is_no_document(paper: Paper, template: Template) -> None:
    page = paper("#装修申请表\n房号：____ | 业主：____\n电话： | 施工单位：\n装修项目：\n年 月 日")
    assert "blank_form" in classify([page], template).reasons


def test_a_filled_form_is_not_blank(paper: Paper, template: Template) -> None:
    page = paper("#装修申请表\n房号：3-2-501 | 业主：张伟\n电话：13800138000 | 施工单位：美居")
    assert classify([page], template).reasons == ()


def test_three_rooms_in_a_column_make_a_ledger(paper: Paper, template: Template) -> None:
    rows = "\n".join(f"{n} | 3-2-{n}01 | 李{n} | 楼上漏水 | 已修" for n in range(1, 6))
    page = paper(f"#投诉登记表\n序号 | 房号 | 投诉人 | 投诉内容 | 处理结果\n{rows}")
    assert ledger_rooms([page]) == 5
    assert "ledger_page" in classify([page], template).reasons


def test_a_ledger_with_rooms_alone_under_their_heading(paper: Paper, template: Template) -> None:
    rows = "\n".join(f"{n} | {n}01 | 李{n} | 0755" for n in range(1, 6))
    assert ledger_rooms([paper(f"#业主花名册\n序号 | 房号 | 姓名 | 电话\n{rows}")]) == 5


def test_dates_and_phones_are_no_rooms(paper: Paper) -> None:
    page = paper("2023-05-01 | 010-66668888\n2023-06-01 | 138-0013-8000\n2023-07-02 | 3-2-501")
    assert ledger_rooms([page]) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "#今日菜单\n红烧肉 38元\n清蒸鱼 68元",
        "#高等数学\n第三章 极限与连续\n设函数f(x)在点x0的某邻域内有定义",
        "#装修须知\n一、业主装修前应办理装修许可证\n二、装修押金2000元\n三、施工时间",
        "三月十二日\n天气晴，今天我们去公园划船，大家都很高兴",
    ],
)
def test_strange_pages_are_nobodys_paper(paper: Paper, template: Template, text: str) -> None:
    assert "not_household_paper" in classify([paper(text)], template).reasons


def test_the_catalogue_lists_everything_and_is_nothing(paper: Paper, template: Template) -> None:
    names = "\n".join(f"□ {kind.name} | 1" for kind in template.types[3:12])
    found = classify([paper(f"房号：3-2-501\n{names}")], template)
    assert found.best is not None
    assert found.best.code == "admin.catalog"
    assert "office_paper" in found.reasons


@pytest.mark.parametrize(
    ("name", "number", "note", "people", "code"),
    [
        ("张伟", "44030119900307002X", "仅供办理收楼使用", None, "movein.id_owner"),
        ("张伟", "44030119900307002X", "", None, "movein.id_owner"),
        ("钱七", "320102197511150030", "", None, "lease.tenant_id"),
        ("孙八", "320102197511150030", "施工队：美居 工种：水电 3-2-501", None, "reno.worker_id"),
        ("孙八", "320102197511150030", "", People(workers=frozenset({"孙八"})), "reno.worker_id"),
        ("孙八", "320102197511150030", "受托人身份证", None, "movein.id_agent"),
        ("孙八", "320102197511150030", "租户 仅供租赁登记", None, "lease.tenant_id"),
    ],
)
def test_an_id_card_gets_its_type_from_whose_it_is(
    paper: Paper,
    template: Template,
    name: str,
    number: str,
    note: str,
    people: People | None,
    code: str,
) -> None:
    page = paper(CARD.format(name=name, number=number, note=note))
    found = classify([page], template, match=AT_HOME, people=people)
    assert found.best is not None
    assert (found.best.code, found.reasons) == (code, ())


@pytest.mark.parametrize(
    ("name", "number", "note"),
    [
        ("孙八", "320102197511150030", ""),  # nobody known
        ("孙八", "320102197511150030", "仅供办理收楼使用"),  # says owner, is none
        ("赵六", "320102197511150030", ""),  # a former owner
        ("张伟", "44030119900307002X", "工种：水电 施工队"),  # owner or worker?
        ("张伟", "320102197511150030", ""),  # the name, but another number
    ],
)
def test_an_id_card_of_unknown_standing_goes_to_a_person(
    paper: Paper, template: Template, name: str, number: str, note: str
) -> None:
    page = paper(CARD.format(name=name, number=number, note=note))
    assert classify([page], template, match=AT_HOME).reasons == ("type_whose",)


@pytest.mark.parametrize(
    ("name", "scope", "note", "code"),
    [
        ("深圳市远航贸易有限公司", "国内贸易", "", "movein.license"),
        ("深圳市美居装饰工程有限公司", "室内装饰装修工程", "", "reno.contractor_license"),
        ("深圳市蓝天餐饮有限公司", "餐饮服务", "租户", "lease.biz_license"),
        ("深圳市蓝天餐饮有限公司", "餐饮服务", "", ""),
    ],
)
def test_a_licence_gets_its_type_from_whose_it_is(
    paper: Paper, template: Template, name: str, scope: str, note: str, code: str
) -> None:
    page = paper(LICENCE.format(name=name, scope=scope, note=note))
    found = classify([page], template, match=AT_HOME)
    if code:
        assert found.best is not None
        assert (found.best.code, found.reasons) == (code, ())
    else:
        assert found.reasons == ("type_whose",)


def test_a_photo_and_an_empty_page_have_no_type(template: Template, paper: Paper) -> None:
    assert classify([paper("", flags=("photo",))], template).reasons == ("photo",)
    assert classify([paper("")], template).reasons == ("no_text",)


def test_evidence_names_the_title_and_its_place(paper: Paper, template: Template) -> None:
    found = classify([paper("#装修申请表\n房号：3-2-501 | 业主：张伟")], template)
    title = next(item for item in found.evidence if item.code == "title")
    assert title.value == "reno.application"
    assert title.page == 1
    assert title.box is not None
    assert "装修申请表" in title.zh


def test_a_sheet_confirms_or_contradicts(paper: Paper, template: Template) -> None:
    page = paper("#装修申请表\n房号：3-2-501 | 业主：张伟")
    same = classify([page], template, promised="reno.application")
    other = classify([page], template, promised="movein.notice")
    assert same.best is not None
    assert other.best is not None
    assert same.best.probability > 0.98
    assert other.best.probability < 0.9


def test_a_model_comes_back_as_it_was_written() -> None:
    model = shipped_model()
    if model is None:
        pytest.skip("built without a model")
    again = TypeModel.parse(model.dump())
    assert again.classes == model.classes
    said, once_more = (m.log_probabilities("装修申请表") for m in (model, again))
    assert max(said, key=lambda c: said[c]) == max(once_more, key=lambda c: once_more[c])
    assert len(model.dump()) < 1_000_000
