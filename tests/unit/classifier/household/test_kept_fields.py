"""What a document keeps of all that is read: its own amount and number, its people's phones."""

from __future__ import annotations

import pytest

from bench.papertext import page_of
from classifier import Field, extract_fields
from classifier.key_fields import key_fields
from yihu.page import Box, Line, PageText


def _kept(page: PageText, name: str) -> list[Field]:
    return [field for field in key_fields([page], extract_fields([page])) if field.name == name]


def _values(text: str, name: str) -> list[str]:
    return [field.value for field in _kept(page_of(text), name)]


def _page(*lines: tuple[str, Box]) -> PageText:
    return PageText(1, tuple(Line(text, box) for text, box in lines), 1000, 1400, ink=0.05)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("应缴金额：1,234.56元 | 其中滞纳金：34.56元", "1234.56"),
        ("押金：2000.00\n扣款：500.00\n实退：1500.00", "1500.00"),
        ("已交保证金 | 5000元 | 扣减 | 300.00\n实退 | 5000元", "5000.00"),
        ("应收：3200.00 | 实收：3,000.00", "3000.00"),
        ("房款：1000.00", "1000.00"),
        ("（六）乙方交保证金¥10,800.00元，如有损坏从中抵扣。", "10800.00"),
        ("甲方将3栋501出租给乙方，月租金2680.00，押金5360.00元。", "2680.00"),
        (
            "第一条 租赁期限自2021年4月21日至2023年8月30日，租\n金每月¥3,000.00，押二付一。",
            "3000.00",
        ),
        ("您户2023年1月至6月物业费共计人民币2,345.60元，另滞纳金12.30元。", "2345.60"),
        ("管理费 | 12 | 1334.00\n停车费 | 3 | 300.00\n合　计 | 15 | 1,634.00", "1634.00"),
        ("管理费 | 1334.00\n停车费 | 300.00\n合计 | 1500元\n大写 | 壹仟伍佰元整", "1500.00"),
        ("合计（大写）：伍仟壹佰陆拾元整 | ¥5,160.00\n实收：5200.00 | 找零：40.00", "5160.00"),
        ("总价款人民币：1,200,000元（大写：壹佰贰拾万元整），首付款400,000元", "1200000.00"),
        ("工程总价（元）：10000", "10000.00"),
        ("押金合计：¥2·680.00", "2680.00"),
        ("金额 | 日期\n¥5,000.00 | 2020-01-01", "5000.00"),
    ],
)
def test_the_amount_is_the_documents_own(text: str, amount: str) -> None:
    assert _values(text, "amount") == [amount]


@pytest.mark.parametrize(
    "text",
    [
        "科目 | 单价 | 应收\n管理费 | 3.50 | 1334.00\n电费 | 0.68 | 310.00\n停车费 | 300 | 300.00",
        "逾期每日罚款人民币200元整",
        "扣减：0.00",
        "物业管理费标准：2.80元/㎡",
        "押金合计：" + "9" * 400 + "元",
    ],
)
def test_an_item_a_price_or_a_fine_is_no_amount_of_the_document(text: str) -> None:
    assert _values(text, "amount") == []


def test_where_words_and_figures_differ_both_are_shown_as_unsure() -> None:
    found = _kept(page_of("实收：1800.00 | 大写：壹仟伍佰元整"), "amount")
    assert [field.value for field in found] == ["1500.00", "1800.00"]
    assert all(field.confidence <= 0.5 for field in found)


@pytest.mark.parametrize(
    "text", ["实收：500.00 | 大写：壹仟伍佰元整", "实收：1,500.00 | 大写：伍佰元整"]
)
def test_of_an_amount_that_lost_its_beginning_the_whole_is_kept_as_unsure(text: str) -> None:
    (found,) = _kept(page_of(text), "amount")
    assert found.value == "1500.00"
    assert found.confidence <= 0.5


def test_words_whose_beginning_a_seal_hides_say_nothing() -> None:
    assert _values("交存金额：¥3,250.00 | 千贰佰伍拾元整", "amount") == ["3250.00"]


def test_two_totals_that_differ_are_both_unsure() -> None:
    found = _kept(page_of("合计：100.00\n总计：900.00"), "amount")
    assert {field.value for field in found} == {"100.00", "900.00"}
    assert all(field.confidence <= 0.5 for field in found)


@pytest.mark.parametrize(
    ("label", "number"),
    [
        ("NO.：2018-6689", "2018-6689"),
        ("№ 0012345", "0012345"),
        ("网签号：YG202011152", "YG202011152"),
        ("催字号：2020-8453", "2020-8453"),
        ("卡号：YG201809970", "YG201809970"),
        ("合同编号：穗(2018)房买字第97284号", "穗(2018)房买字第97284号"),
    ],
)
def test_the_number_at_the_top_right_is_the_documents(label: str, number: str) -> None:
    page = _page(
        ("装修申请表", (0.4, 0.05, 0.6, 0.08)),
        (label, (0.7, 0.1, 0.92, 0.115)),
        ("业主姓名：张伟", (0.1, 0.15, 0.3, 0.165)),
    )
    (found,) = _kept(page, "number")
    assert found.value == number
    assert found.box is not None
    assert found.box[0] > 0.7


def test_a_label_in_pieces_is_one() -> None:
    page = _page(
        ("文", (0.73, 0.13, 0.75, 0.145)),
        ("号：", (0.76, 0.13, 0.79, 0.145)),
        ("YG202004486", (0.8, 0.13, 0.91, 0.145)),
    )
    assert [field.value for field in _kept(page, "number")] == ["YG202004486"]


@pytest.mark.parametrize("text", ["审批号：6665055", "工单 | 6665055 | 日期 | 2024-01-02"])
def test_the_number_of_a_paper_counts_wherever_it_stands(text: str) -> None:
    assert _values(f"# 报告\n业主：张伟\n{text}", "number") == ["6665055"]


@pytest.mark.parametrize(
    "text",
    [
        "卡号：6222021234567890",
        "账号：6222021234567890123",
        "不动产权证号：4422227",
        "车牌号：A12345",
        "水表号：0012345",
        "N0012345",
        "工号：0012345",
        "合同编号：穗(2018)",
        "变更单号：YG2(2008621",
    ],
)
def test_other_numbers_and_pieces_of_one_are_not_the_documents(text: str) -> None:
    assert _values(f"# 登记表\n{text}", "number") == []


@pytest.mark.parametrize("place", [0.03, 0.95])
def test_the_code_of_a_form_stands_alone_at_head_or_foot(place: float) -> None:
    page = _page(
        ("JC/JL4.5-0106-01", (0.73, place, 0.88, place + 0.015)),
        ("钥匙签收单", (0.4, 0.08, 0.6, 0.11)),
        ("档案编号：YG-YH-03", (0.1, 0.5, 0.4, 0.515)),
    )
    assert [field.value for field in _kept(page, "form_no")] == ["JC/JL4.5-0106-01"]


_COMPANY = "广州市恒达装修工程有限公司"


@pytest.mark.parametrize(
    "text",
    [
        f"本人张伟系3栋501业主，委托{_COMPANY}对房屋进行装修",
        f"装修期间，我（张伟）及施工方{_COMPANY}保证做到：\n保证人：张伟 | 施工方：付月",
        f"甲方：阳光物业有限公司乙方（户主）：张伟丙方（施工队）：{_COMPANY}",
        f"施工单位：{_COMPANY}\n业户签字：张伟 | 施工单位：蔡富",
        "装修公司：广州市 恒达装修工程有限公司",
    ],
)
def test_the_contractor_is_the_company_not_who_signs_for_it(text: str) -> None:
    assert [value.replace(" ", "") for value in _values(text, "contractor")] == [_COMPANY]


@pytest.mark.parametrize(
    "lines",
    [
        (
            ("户装修期间，我(林军)及施工方广州市恒达装", (0.13, 0.13, 0.88, 0.145)),
            ("修工程有限公司保证做到以下各点：", (0.1, 0.165, 0.6, 0.18)),
        ),
        (
            ("甲方：阳光物业有限公司 丙方(施工队)：", (0.13, 0.13, 0.85, 0.145)),
            (_COMPANY, (0.13, 0.165, 0.43, 0.18)),
        ),
        (
            ("施工单位", (0.08, 0.13, 0.15, 0.145)),
            ("广州市恒达", (0.2, 0.13, 0.34, 0.145)),
            ("装修工程有限公司", (0.2, 0.15, 0.4, 0.165)),
        ),
    ],
)
def test_a_company_goes_on_in_the_next_line(lines: tuple[tuple[str, Box], ...]) -> None:
    assert [field.value for field in _kept(_page(*lines), "contractor")] == [_COMPANY]


@pytest.mark.parametrize(
    "text",
    ["丙方（施工单位）：\n阳光物业管理有限公司", "委托阳光置业有限公司办理", "施工单位电话：139"],
)
def test_an_office_or_a_seller_is_no_contractor(text: str) -> None:
    assert _values(text, "contractor") == []


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        (
            "业主：张伟 | 电话：(0755) 8288 6600 | 手机：138 0013 8000",
            ["075582886600", "13800138000"],
        ),
        ("联系电话：13800138000\n工地电话：13911112222\n应急电话：13722223333", ["13800138000"]),
        ("业主：张伟 | 电话：13800138000\n负责人 | 李四 | 电话 | 13911112222", ["13800138000"]),
        ("转让方电话：13911112222 | 受让方手机：13800138000", ["13800138000"]),
        ("旧号码 | 13911112222 | 新号码 | 13800138000 | 生效日期 | 2024-06-13", ["13800138000"]),
        ("事项 | 原内容 | 现内容\n手机号 | 13911112222 | 13800138000", ["13800138000"]),
        (
            "业主 | 张伟 | 电话 | 13800138000\n成员 | 称谓 | 手机号\n李梅 | 配偶 | 13911112222",
            ["13800138000"],
        ),
        ("我户3栋501将于下月出国，来电请打13800138000。", ["13800138000"]),
        ("请联系工程部李工，电话13911112222。", []),
        ("房屋地址：三号楼二单元四零二手机：13800138000", ["13800138000"]),
        ("联系电话：13800 | 138000", ["13800138000"]),
        ("联系电话：13800 | 13800", []),
    ],
)
def test_the_phones_are_the_households(text: str, phones: list[str]) -> None:
    assert _values(text, "phone") == phones


def test_a_phone_goes_on_below_only_to_its_full_length() -> None:
    begun = ("电话：1380013", (0.1, 0.42, 0.26, 0.435))
    for rest, whole in (("8000", ["13800138000"]), ("80001", [])):
        page = _page(begun, (rest, (0.14, 0.44, 0.2, 0.455)))
        assert [field.value for field in _kept(page, "phone")] == whole


def test_what_tells_the_household_is_kept_as_it_was_read() -> None:
    page = page_of(
        "# 装修申请表\n房号：3栋2单元501 | 业主：张伟 | 共有人：李梅\n"
        "身份证号：11010519491231002X | 档案编号：YG-YH-03-2-0501 | 日期：2024-03-01"
    )
    found = extract_fields([page])
    assert set(key_fields([page], found)) == set(found)


def test_a_time_of_day_glued_to_a_date_does_not_hide_it() -> None:
    assert _values("期望上门：2022-07-0818:30", "date") == ["2022-07-08"]


@pytest.mark.parametrize(
    ("rest", "ids"), [("002X），现因住院", ["11010519491231002X"]), ("0021", [])]
)
def test_an_id_number_over_the_end_of_a_line_is_confirmed_by_its_check_digit(
    rest: str, ids: list[str]
) -> None:
    assert _values(f"我是3栋501业主张伟（证件号11010519491231\n{rest}", "id_no") == ids
