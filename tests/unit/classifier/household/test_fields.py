"""Values beside, in the next cell, below and wrapped; names only under the owner's labels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.fields import extract_fields
from classifier.fields_labels import labels_in
from classifier.fields_roles import role_of
from classifier.normalise import normalise, plain
from yihu.page import Line, PageText

Form = Callable[..., PageText]


def _values(page: PageText, name: str) -> list[str]:
    return [field.value for field in extract_fields([page]) if field.name == name]


@pytest.mark.parametrize(
    "text",
    [
        "业主姓名：张伟",
        "业主姓名|张伟",
        "业主姓名：|张伟",
        "业主姓名 张伟 房号 3-2-501",
        "业 主 姓 名 ： 张 伟",
        "业主（签字）：张伟 日期：2023.5.1",
        "产权人：张伟",
        "业王姓名：张伟",
        "业主姓名|房号\n张伟|3-2-501",
    ],
)
def test_the_owner_is_found_wherever_the_form_puts_him(text: str, form: Form) -> None:
    assert _values(form(text), "owner") == ["张伟"]


def test_other_roles_are_not_owners(form: Form) -> None:
    page = form(
        "施工负责人：李四 经办人：王五\n工人：赵六\n紧急联系人：钱七\n邻居：孙八\n业主：张伟"
    )
    assert _values(page, "owner") == ["张伟"]
    assert _values(page, "signer") == []


def test_every_role_has_its_name(form: Form) -> None:
    page = form(
        "原业主：张伟|新业主：李娜\n承租人：孙丽|受托人：周杰\n施工单位：某某装饰公司|报修人：吴刚"
    )
    fields = {field.name: field.value for field in extract_fields([page])}
    assert fields["former_owner"] == "张伟"
    assert fields["owner"] == "李娜"
    assert fields["tenant"] == "孙丽"
    assert fields["agent"] == "周杰"
    assert fields["contractor"] == "某某装饰公司"
    assert fields["signer"] == "吴刚"


def test_numbers_have_their_fields(form: Form) -> None:
    page = form(
        "编号：2023-0156 档案编号：YG-YH·03-2-0501-01\n许可证号：ZX20163329 收据号：0012345\n"
        "联系电话：138-0013-8000 身份证号：11010519491231002X\n"
        "金额：¥5,000.00 大写 伍仟元整\n日期：2023年5月1日"
    )
    fields = {field.name: field.value for field in extract_fields([page])}
    assert fields["number"] == "2023-0156"
    assert _values(page, "file_no")[-1] == "YG-YH·03-2-0501-01"
    assert fields["permit_no"] == "ZX20163329"
    assert fields["receipt_no"] == "0012345"
    assert fields["phone"] == "13800138000"
    assert fields["id_no"] == "11010519491231002X"
    assert fields["amount"] == "5000.00"
    assert fields["date"] == "2023-05-01"


def test_a_form_code_is_not_a_file_number(form: Form) -> None:
    page = form("表单号：JC/JL4.5-0103-02\n编号：JC/JL4.5-0103-02")
    assert _values(page, "file_no") == []
    assert _values(page, "form_no") == ["JC/JL4.5-0103-02"]


def test_the_hotline_is_not_the_owners_phone(form: Form) -> None:
    page = form("服务热线：0755-82886600\n咨询电话：0755-82886601\n负责人电话：13612345678")
    assert _values(page, "phone") == []


def test_the_documents_own_date_comes_first(form: Form) -> None:
    page = form("租期 2022年5月5日 至 2024年3月17日\n日期：2022年5月1日")
    assert _values(page, "date")[0] == "2022-05-01"


def test_a_field_knows_its_page_box_and_label(form: Form) -> None:
    (owner,) = [f for f in extract_fields([form("业主姓名|张伟", number=3)]) if f.name == "owner"]
    assert (owner.page, owner.label) == (3, "业主姓名")
    assert owner.box is not None
    assert owner.box[0] > 0.4


def test_a_wrapped_cell_is_joined_around_its_label() -> None:
    lines = (
        Line("南苑6#楼1单元10", (0.194, 0.215, 0.341, 0.240)),
        Line("房号", (0.10, 0.230, 0.146, 0.260)),
        Line("2", (0.19, 0.250, 0.208, 0.278)),
        Line("原业主", (0.384, 0.234, 0.447, 0.262)),
        Line("莫轩", (0.48, 0.234, 0.532, 0.262)),
    )
    assert _values(PageText(1, lines, 1000, 1400), "room") == ["南苑6#楼1单元102"]


def test_level_words_inside_an_address_are_no_labels() -> None:
    assert [label.word for label in labels_in("房号: 10 栋 1 单元 601 室")] == ["房号"]
    assert [label.word for label in labels_in("楼号 10 单元 1 房号 601")] == [
        "楼号",
        "单元",
        "房号",
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("３－２－５０１", "3-2-501"),
        ("Ⅱ期", "2期"),
        ("棟單元號樓", "栋单元号楼"),
        ("3一2一501", "3-2-501"),
        ("3栋一单元", "3栋一单元"),
        ("＃＿～", "# -"),
        ("①3栋", " 3栋"),
        ("89.5㎡", "89.5㎡"),
        ("№12", "NO12"),
    ],
)
def test_one_spelling(written: str, expected: str) -> None:
    assert plain(written) == expected


def test_every_character_knows_where_it_stood() -> None:
    source = normalise("№３栋")
    assert source.text == "NO3栋"
    assert source.written(2, 4) == "３栋"


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("租户手机", "other_phone"),
        ("业主手机号", "phone"),
        ("受影响房号", "neighbour"),
        ("被投诉人房号", "neighbour"),
        ("报修房屋地址", "room"),
        ("通讯地址", "contact_address"),
        ("公司地址", "office_address"),
        ("房屋所有人签认", "owner"),
        ("新产权人姓名", "owner"),
        ("原产权人签字", "former"),
        ("承租人姓名", "tenant"),
        ("装修许可证编号", "permit_no"),
        ("送达人", "other_person"),
        ("满意程度", ""),
    ],
)
def test_a_label_is_understood_by_how_it_is_built(word: str, role: str) -> None:
    assert role_of(word) == role
