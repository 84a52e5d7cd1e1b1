"""One judgement composes fields, household, type and policy, and says what follows in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier import Hints, Policy, RegisterIndex, Sheet, judge
from classifier.separator import encode
from yihu.household import HouseholdRecord, RoomKey
from yihu.page import PageText
from yihu.template import Template

Paper = Callable[..., PageText]
HOMES = (
    HouseholdRecord(
        1,
        RoomKey("阳光花园", "-", "3", "2", "501"),
        owners=("张伟",),
        phones=("13800138000",),
        id_nos=("44030119900307002X",),
        file_no="YG-3-2-501",
    ),
    HouseholdRecord(
        2, RoomKey("阳光花园", "-", "3", "2", "502"), owners=("李娜",), phones=("13900139000",)
    ),
)
APPLICATION = """
阳光物业服务有限公司
#装修申请表
房号：3-2-501 | 业主：张伟
联系电话：13800138000 | 施工单位：美居装饰
装修项目：水电、墙面
申请人：张伟 | 日期：2023年5月1日
"""


@pytest.fixture(scope="module")
def register() -> RegisterIndex:
    """Two neighbours."""
    return RegisterIndex(HOMES)


def test_a_clear_form_of_a_known_household_files(
    paper: Paper, template: Template, register: RegisterIndex
) -> None:
    found = judge([paper(APPLICATION)], Hints(), register, template, Policy())
    assert (found.state, found.reasons) == ("filed", ())
    assert found.match.best is not None
    assert found.match.best.household.id == 1
    assert found.classification.best is not None
    assert found.classification.best.code == "reno.application"
    assert "3-2-501" in found.message
    assert "Renovation application" in found.message
    assert {field.name for field in found.fields} >= {"owner", "phone", "date"}


def test_a_form_with_another_owner_goes_to_a_person(
    paper: Paper, template: Template, register: RegisterIndex
) -> None:
    page = paper(APPLICATION.replace("张伟", "李娜").replace("13800138000", "13900139000"))
    found = judge([page], Hints(), register, template, Policy())
    assert found.state == "review"
    assert "household_conflict" in found.reasons
    assert found.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#今日菜单\n红烧肉 38元\n清蒸鱼 68元", "not_household_paper"),
        ("#装修申请表\n房号：____ | 业主：____\n电话： | 施工单位：", "blank_form"),
        ("#业户档案目录\n房号：3-2-501 | 业主：张伟\n□ 装修申请书 | 1", "office_paper"),
        ("#装修申请表\n业主：王五 | 施工单位：美居\n日期：2023年5月1日", "household_missing"),
    ],
)
def test_what_must_not_be_filed_says_why(
    paper: Paper, template: Template, register: RegisterIndex, text: str, reason: str
) -> None:
    found = judge([paper(text)], Hints(), register, template, Policy())
    assert found.state == "review"
    assert reason in found.reasons


def test_a_page_that_could_not_be_read_holds_the_document_back(
    paper: Paper, template: Template, register: RegisterIndex
) -> None:
    pages = [paper(APPLICATION), paper("", 2, flags=("unread",))]
    found = judge(pages, Hints(), register, template, Policy())
    assert found.reasons == ("page_unread",)


def test_a_sheet_that_promises_another_type_holds_it_back(
    paper: Paper, template: Template, register: RegisterIndex
) -> None:
    hints = Hints(sheet=encode(Sheet(household=HOMES[0].key, type="movein.notice")))
    found = judge([paper(APPLICATION)], hints, register, template, Policy())
    assert found.state == "review"


def test_complaints_about_renovation_and_repairs_that_mention_moving_in_keep_their_drawer(
    paper: Paper, template: Template, register: RegisterIndex
) -> None:
    head = "\n房号：3-2-501 | 业主：张伟\n联系电话：13800138000 | 日期：2023年5月1日\n"
    complaint = (
        "#业主投诉处理单" + head + "投诉内容：楼上装修施工噪音，未见装修许可证，要求停工整改"
    )
    repair = "#报修单" + head + "报修内容：入住收楼验房时厨房漏水，钥匙留在管理处\n报修人：张伟"
    for text, code in ((complaint, "complaint.form"), (repair, "repair.request")):
        found = judge([paper(text)], Hints(path="装修/入住.pdf"), register, template, Policy())
        assert found.classification.best is not None
        assert (found.state, found.classification.best.code) == ("filed", code), found.reasons
