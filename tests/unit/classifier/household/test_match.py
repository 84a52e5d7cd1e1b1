"""Whose document: what files, what is asked, and why (domain 3.5, the recipe and its traps)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from classifier.match import match_household
from classifier.register_index import RegisterIndex
from classifier.separator import Sheet, encode
from classifier.values import Hints, Match
from yihu.page import Code, Line, PageText

Form = Callable[..., PageText]
_THRESHOLD = 0.97

_HEADER = "阳光物业服务有限公司\n地址:阳光路88号阳光花园3栋1单元501室 服务热线:0755-82886600\n"
_CHECKED = (
    "入住会签表\n业主签收:深圳市鸿运贸易有限公司\n"
    + "自接收之日起各项费用由业主承担。\n" * 23  # so that the next stands at the foot of the page
    + "兹确认:深圳市鸿运贸易有限公司已于2022年12月20日对阳光花园{}室进行了查验,同意"
)
_FILED = [
    (1, "装修申请表\n房号:3-2-501 业主:张伟 电话:13800138000"),
    (1, "装修申请表\n房号|3-2-501|业主姓名|张\u3000伟\n电话|138 0013 8000"),
    (1, "业主过户登记表\n房号:3-2-501\n原业主:张伟|新业主:周涛"),
    (1, "业主过户登记表\n房号:3-2-501\n原业主:王建国|新业主:张伟"),
    (1, "投诉处理单\n房号:3-2-501 投诉人:张伟 电话:13800138000\n投诉内容:楼上3栋2单元601装修噪音"),
    (1, "投诉信\n我是3栋2单元501业主张伟，反映楼上3栋2单元601漏水"),
    (1, "尊敬的物业：\n我住在3栋2单元501室，楼上601室漏水。\n投诉人：张伟\n日期：2023年5月1日"),
    (1, "姓名 张伟\n性别 男 民族 汉\n公民身份号码 11010519491231002X"),
    (4, "房号:7-501\n业主:陈静"),
    (6, "房号:5栋B座1203\n业主:深圳市鸿运贸易有限公司"),
    (6, "房号:5栋B座1203\n业主:鸿运贸易有限公司(法定代表人:王五)"),
    (
        6,
        _CHECKED.format("5栋B座1203"),
    ),
    (1, "房号:3-2-501\n业主:张伟\n本表一式两份,交物业服务中心(阳光花园3栋1单元501室)留存。"),
    (7, "房号:别墅12号\n业主:买买提吐尔逊"),
    (2, "房号:3-2-601\n业主:欧阳□娜"),
    (1, "房号:3-2-501\n业主:张炜\n电话:13800138000\n业主签名:张伟"),
    (8, "房号:东区3-2-501\n业主:赵敏"),
    (9, "房号:A座1203\n承租人:孙丽"),
    (1, "档案编号:YG-YH·03-2-0501-02\n业主:张伟"),
    (
        1,
        _HEADER + "房号:3-2-501 业主:张伟",
    ),
    (1, "楼号|3|单元|2|房号|501\n业主|张伟"),
    (1, "楼号|单元|房号|业主姓名\n3|2|501|张伟"),
    (1, "楼号:3\n单元:2\n房号:501\n业主:张伟"),
    (1, "兹证明张伟系我小区3栋2单元501室业主"),
    (1, "尊敬的张伟:\n您认购的阳光花园3栋2单元501房已具备交付条件"),
    (1, "致:3栋2单元501室业主张伟"),
    (1, "房号:3栋2单元5O1室\n业主:张伟"),
    (1, "房导:3-2-501\n业王:张伟"),
    (1, "房号:3-2-501\n通讯地址:阳光花园3栋2单元601\n业主:张伟"),
    (1, "收据\n今收到 张伟 交来装修押金\n房号 3-2-501"),
    (1, "3栋2单元501 装修工人身份证 业主张伟"),
    (1, "房号:3-2-501\n业主:张伟\n施工单位:李建国装饰公司"),
    (1, "房号3-2-501\n业主张伟\n电话13800138000"),
    (1, "房 号 : 3 栋 2 单元 501 室   业 主 : 张 伟"),
    (1, "本人张伟，系阳光花园3栋2单\n元501室业主，现申请装修"),
    (11, "房屋坐落:柳营路669弄14号1102室\n产权人:周杰"),
    (2, "房号:3-2-601\n电话:88888888"),
]

_ASKED = [
    ("household_unsupported", 1, "装修申请表\n房号:3-2-501"),
    ("household_conflict", 1, "装修申请表\n房号:3-2-501 业主:欧阳娜娜"),
    ("household_conflict", 2, "房号:3-2-601\n业主姓名:张伟\n电话:13800138000"),
    ("household_conflict", 1, "房号:3-2-501\n业主姓名:赵四海"),
    ("former_owner", 1, "房号:3-2-501\n业主:王建国"),
    ("former_owner", 1, "房号:3-2-501\n兹收到王建国交来装修押金"),
    ("household_several", 0, "房号:3-2-501\n业主:张伟\n房号:3-2-601\n业主:欧阳娜娜"),
    ("household_several", 0, "房号:3栋2单元501-502\n业主:张伟"),
    ("household_unknown_room", 0, "房号:9栋2单元501\n业主:张伟"),
    ("other_estate", 0, "房号:翠湖名苑3栋2单元501\n业主:张伟"),
    ("other_estate", 0, "小区名称:翠湖名苑\n房号:3栋2单元501\n业主:张伟"),
    ("other_estate", 0, "房屋地址:滨江一号3栋2单元501室\n业主:张伟"),
    ("household_conflict", 1, "姓名 张伟\n公民身份号码 440301199003070027\n房号:3-2-501"),
    ("household_ambiguous", 0, "房号:3栋501"),
    ("household_missing", 0, "业主:陈静"),
    ("household_conflict", 6, "房号:5栋B座1203\n业主:广州市鸿运贸易有限公司"),
    ("household_unsupported", 2, "房号:3-2-601\n业主:欧阳女士"),
    ("household_unsupported", 1, "房号:3-2-501\n业主:张*"),
    ("household_unsupported", 1, "房号:3-2-501\n经办人:张伟"),
    ("household_unsupported", 1, "房号:3-2-501\n施工负责人:张伟 电话:13612345678"),
    ("household_conflict", 1, "房号:3-2-501\n业主:张炜"),
    ("household_conflict", 3, "房号:3-1-501\n业主:张伟"),
    ("household_conflict", 1, "房号:3-2-501\n业主:赵敏"),
    ("former_owner", 1, "档案编号:YG-YH·03-2-0501-01\n房号:3-2-501"),
    ("household_conflict", 1, "档案编号:YG-YH·03-2-0601-01\n房号:3-2-501"),
    (
        "household_missing",
        0,
        _HEADER + "温馨提示 请各位业主注意",
    ),
    ("household_repaired", 1, "房号:3栋2单元5O1室"),
    ("household_missing", 1, "业主:张伟 联系电话:13800138000"),  # he may have another home
    (  # a company in a sentence at the page's edge is a party, not the letterhead
        "household_conflict",
        0,
        _CHECKED.format("3栋2单元501"),
    ),
    ("household_partial", 1, "房号:501\n业主:张伟\n电话:13800138000"),
    ("household_conflict", 1, "房号:3-2-501\n业主:李建国"),
    ("household_conflict", 1, "房号:3-2-501\n业主:张伟\n身份证号:440301199003070027"),
    ("household_conflict", 1, "房号:3-2-501\n电话:13900139000"),
]

_OPEN = [
    "姓名:张伟",
    "联系电话:13800138000",
    "房号:501\n业主:张伟",
    "房号:7栋50\n业主:陈静",
    "被投诉人房号:3-2-501\n投诉人:张伟",
]


def _files(found: Match) -> bool:
    sure = found.best is not None and found.best.probability >= _THRESHOLD
    return found.supported and sure and not found.reasons


@pytest.mark.parametrize(("household", "text"), _FILED)
def test_room_and_another_identifier_file(
    household: int, text: str, form: Form, neighbours: RegisterIndex
) -> None:
    found = match_household([form(text)], Hints(), neighbours)
    assert found.reasons == ()
    assert _files(found)
    assert found.best is not None
    assert found.best.household.id == household


@pytest.mark.parametrize(("reason", "household", "text"), _ASKED)
def test_a_doubt_is_asked_with_its_reason(
    reason: str, household: int, text: str, form: Form, neighbours: RegisterIndex
) -> None:
    found = match_household([form(text)], Hints(), neighbours)
    assert reason in found.reasons
    assert not found.supported
    if household:
        assert found.best is not None
        assert found.best.household.id == household


@pytest.mark.parametrize("text", _OPEN)
def test_too_little_never_files(text: str, form: Form, neighbours: RegisterIndex) -> None:
    assert not _files(match_household([form(text)], Hints(), neighbours))


def test_a_conflict_shows_both_sides(form: Form, neighbours: RegisterIndex) -> None:
    page = form("房号:3-2-501\n业主:欧阳娜娜")
    found = match_household([page], Hints(), neighbours)
    assert [guess.household.id for guess in found.guesses] == [1, 2]
    assert any(item.weight < 0 and item.code == "owner" for item in found.evidence)


def test_owner_and_phone_of_the_room_in_another_zone_come_first_and_a_person_decides(
    form: Form, neighbours: RegisterIndex
) -> None:
    page = form("房号:3-2-501\n业主:赵敏\n电话:15100151000")  # the zone 东区 was not read
    found = match_household([page], Hints(), neighbours)
    assert [guess.household.id for guess in found.guesses] == [8, 1]
    assert found.reasons == ("household_conflict",)
    assert not found.supported


def test_evidence_points_to_the_page_in_both_languages(
    form: Form, neighbours: RegisterIndex
) -> None:
    found = match_household([form("房号|3-2-501|业主|张伟", number=2)], Hints(), neighbours)
    assert {item.code for item in found.evidence} >= {"room", "owner"}
    for item in found.evidence:
        assert item.zh
        assert item.en
        assert item.page == 2
        assert item.box is not None


@dataclass(frozen=True)
class _Hinted:
    path: str
    text: str
    files: int
    reason: str = ""


@pytest.mark.parametrize(
    "case",
    [
        _Hinted("3-2-501/装修/扫描1.pdf", "房号:3-2-501", 1),
        _Hinted("3-2-501/扫描.pdf", "业主:张伟", 1),
        _Hinted("3栋2单元501室 张伟.pdf", "业主:张伟", 1),
        _Hinted("IMG_20240410_00000.pdf", "房号:3-2-501", 0, "household_unsupported"),
        _Hinted("3-2-601/扫描.pdf", "房号:3-2-501\n业主:张伟", 0, "household_conflict"),
        _Hinted("3-2-601/x.pdf", "业主:张伟\n电话:13800138000", 0, "household_conflict"),
        _Hinted("3-2-501/扫描.pdf", "温馨提示", 0, "household_unsupported"),
    ],
)
def test_a_folder_is_a_hint_never_an_order(
    case: _Hinted, form: Form, neighbours: RegisterIndex
) -> None:
    found = match_household([form(case.text)], Hints(path=case.path), neighbours)
    if case.files:
        assert _files(found)
        assert found.best is not None
        assert found.best.household.id == case.files
    else:
        assert case.reason in found.reasons


def test_a_sheet_of_ours_is_obeyed_unless_the_page_contradicts(
    form: Form, neighbours: RegisterIndex
) -> None:
    household = neighbours.by_owner("张伟")[0]
    sheet = encode(Sheet(household=household.key))
    silent = match_household([form("照片粘贴单")], Hints(sheet=sheet), neighbours)
    assert _files(silent)
    other = match_household([form("房号:3-2-601\n业主:欧阳娜娜")], Hints(sheet=sheet), neighbours)
    assert "household_conflict" in other.reasons


def test_a_code_with_the_file_number_counts_as_a_promise(
    form: Form, neighbours: RegisterIndex
) -> None:
    page = form("业主:张伟")
    code = Code("QRCode", "YG-YH·03-2-0501-02", (0.8, 0.1, 0.9, 0.2))
    coded = PageText(1, page.lines, 1000, 1400, codes=(code,))
    found = match_household([coded], Hints(), neighbours)
    assert _files(found)


def test_the_batch_suggests_and_never_files_even_with_the_owners_name(
    form: Form, neighbours: RegisterIndex
) -> None:
    batch = Hints(batch_household=neighbours.by_owner("张伟")[0])
    assert not _files(match_household([form("装修平面图")], batch, neighbours))
    assert not _files(match_household([form("业主签名:张伟")], batch, neighbours))
    other = match_household([form("房号:3-2-601 业主:欧阳娜娜")], batch, neighbours)
    assert other.best is not None
    assert other.best.household.id == 2


def test_an_incomplete_room_and_the_owner_single_out_a_household_less_surely(
    form: Form, neighbours: RegisterIndex
) -> None:
    found = match_household([form("房号:3栋501\n业主:张伟")], Hints(), neighbours)
    assert found.reasons == ("household_ambiguous",)
    assert found.best is not None
    assert found.best.household.id == 1
    assert found.best.probability < _THRESHOLD


@pytest.mark.parametrize("room", ["3栋", "#%&", ""])
def test_a_form_whose_room_was_not_legible_never_files_by_the_person(
    room: str, form: Form, neighbours: RegisterIndex
) -> None:
    page = form(f"房号：{room}\n业主：张伟 电话：13800138000\n身份证号：11010519491231002X")
    found = match_household([page], Hints(), neighbours)
    assert not _files(found)
    assert found.reasons == ("household_partial",)
    assert found.best is not None
    assert found.best.household.id == 1


def test_a_phone_below_a_room_is_not_taken_for_its_rest(neighbours: RegisterIndex) -> None:
    lines = (
        Line("楼宇单元", (0.10, 0.20, 0.18, 0.22)),
        Line("3栋2单元501", (0.20, 0.20, 0.35, 0.22)),
        Line("租户手机", (0.10, 0.225, 0.18, 0.245)),
        Line("13591269307", (0.20, 0.225, 0.35, 0.245)),
        Line("户主姓名", (0.10, 0.25, 0.18, 0.27)),
        Line("张伟", (0.20, 0.25, 0.26, 0.27)),
    )
    found = match_household([PageText(1, lines, 1000, 1400)], Hints(), neighbours)
    assert _files(found)


@pytest.mark.parametrize(
    ("label", "value"), [("来访日期", "2019-12-07"), ("数量", "2"), ("收费面积", "3")]
)
def test_another_labels_value_below_a_room_is_not_taken_for_its_rest(
    neighbours: RegisterIndex, label: str, value: str
) -> None:
    lines = (
        Line("楼号", (0.10, 0.20, 0.14, 0.24)),
        Line("3", (0.16, 0.20, 0.17, 0.24)),
        Line("单元", (0.30, 0.20, 0.34, 0.24)),
        Line("2", (0.40, 0.20, 0.41, 0.24)),
        Line("房号", (0.50, 0.20, 0.54, 0.24)),
        Line("501", (0.60, 0.20, 0.64, 0.24)),
        Line(label, (0.50, 0.25, 0.58, 0.29)),
        Line(value, (0.60, 0.25, 0.70, 0.29)),
        Line("户主姓名", (0.10, 0.32, 0.18, 0.36)),
        Line("张伟", (0.20, 0.32, 0.26, 0.36)),
    )
    found = match_household([PageText(1, lines, 1000, 1400)], Hints(), neighbours)
    assert _files(found)
    assert found.best is not None
    assert str(found.best.household.key).endswith("3-2-501")


def test_the_card_of_a_namesake_does_not_file(form: Form, neighbours: RegisterIndex) -> None:
    card = form("姓名 张伟\n公民身份号码 44030119900307002X\n3栋2单元501")
    other = form("姓名 张伟\n公民身份号码 320102197511150030\n3栋2单元501")
    own = form("姓名 张伟\n公民身份号码 11010519491231002X\n3栋2单元501")
    assert _files(match_household([card], Hints(), neighbours))  # the check digit fails: unread
    assert "household_conflict" in match_household([other], Hints(), neighbours).reasons
    assert _files(match_household([own], Hints(), neighbours))


def test_a_relative_may_sign_for_the_owner_but_a_neighbour_may_not(
    form: Form, neighbours: RegisterIndex
) -> None:
    head = "房号:3-2-501\n业主姓名:张伟\n业主签名:"
    assert _files(match_household([form(head + "张小明")], Hints(), neighbours))
    other = match_household([form(head + "欧阳娜娜")], Hints(), neighbours)
    assert "household_conflict" in other.reasons


def test_two_pages_with_two_rooms_are_asked(form: Form, neighbours: RegisterIndex) -> None:
    pages = [form("房号:3-2-501\n业主:张伟"), form("房号:3-2-601\n业主:欧阳娜娜", number=2)]
    assert "household_several" in match_household(pages, Hints(), neighbours).reasons


def test_no_pages_no_household(neighbours: RegisterIndex) -> None:
    assert match_household([], Hints(), neighbours).reasons == ("household_missing",)
