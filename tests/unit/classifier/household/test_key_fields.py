"""The key fields of issue 4: each kind is read with its place, whatever way it is written."""

from __future__ import annotations

import pytest

from bench.papertext import page_of
from classifier import Field, extract_fields, id_checks

FORM = """# 装修申请表
表单编号：JC/JL4.5-0103-02 | 档案编号：RZ-03-02-0501
房号：3栋2单元501 | 业主姓名：张伟国、李美玲
共有人：赵明亮 | 联系电话：138 1111 0001
身份证号：110101199003070732 | 许可证号：ZX2024-017
施工单位：广州市名匠装饰有限公司 | 原业主：刘德胜
押金金额：¥2,000.00 | 大写：贰仟元整
申请日期：二〇二四年三月一日 | 竣工日期：2024.6.30"""


@pytest.fixture(scope="module")
def found() -> tuple[Field, ...]:
    return extract_fields([page_of(FORM)])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("owner", {"张伟国", "李美玲"}),
        ("co_owner", {"赵明亮"}),
        ("former_owner", {"刘德胜"}),
        ("contractor", {"广州市名匠装饰有限公司"}),
        ("phone", {"13811110001"}),
        ("id_no", {"110101199003070732"}),
        ("file_no", {"RZ-03-02-0501"}),
        ("form_no", {"JC/JL4.5-0103-02"}),
        ("permit_no", {"ZX2024-017"}),
        ("amount", {"2000.00"}),
        ("room", {"3栋2单元501"}),
    ],
)
def test_it_is_read_with_its_place(found: tuple[Field, ...], name: str, values: set[str]) -> None:
    fields = [field for field in found if field.name == name]
    assert {field.value for field in fields} == values
    assert all(field.page == 1 and field.box is not None for field in fields)


def test_the_documents_own_date_comes_first_in_either_writing(found: tuple[Field, ...]) -> None:
    dates = [field.value for field in found if field.name == "date"]
    assert dates[0] == "2024-03-01"
    assert "2024-06-30" in dates


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("91350100M000100Y43", True),
        ("91350100M000100Y44", False),
    ],
)
def test_a_check_digit_is_checked(number: str, right: bool) -> None:
    assert id_checks(number) is right


def test_workers_on_a_crew_list_are_named() -> None:
    page = page_of(
        """# 装修施工人员登记表
        房号：3栋2单元501 | 施工单位：名匠装饰
        序号 | 姓名 | 身份证号 | 工种
        1 | 马二强 | 420101198503070011 | 水电
        2 | 钱大宝 | 420101197503070038 | 木工"""
    )
    workers = {field.value for field in extract_fields([page]) if field.name == "worker"}
    assert workers == {"马二强", "钱大宝"}
