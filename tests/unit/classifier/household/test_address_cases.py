"""Every written form of domain 3.5 by its number, and more of the same kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.address import AddressReading, parse
from classifier.register_index import RegisterIndex

_CASES = [
    line.split("\t")
    for line in (Path(__file__).parent / "cases_3_5.tsv").read_text("utf-8").splitlines()
]


def _levels(reading: AddressReading) -> str:
    levels = (reading.zone, reading.building, reading.unit, reading.room)
    return "/".join("?" if level is None else level for level in levels)


@pytest.mark.parametrize(
    ("written", "expected"),
    [pytest.param(case[1], "/".join(case[2:6]), id=case[0]) for case in _CASES],
)
def test_case_of_the_domain_reference(written: str, expected: str, estate: RegisterIndex) -> None:
    readings = parse(written, estate)
    if "∅" in expected:
        assert all(reading.status == "unknown" for reading in readings)
        assert all(not reading.households for reading in readings)
        return
    assert [_levels(reading) for reading in readings] == [expected]
    if "?" not in expected:
        assert readings[0].status == "known"
    else:
        assert readings[0].status in {"partial", "ambiguous"}


_KNOWN = """
3号楼2单元501 -/3/2/501
3#2单元501 -/3/2/501
三栋二单元五〇一 -/3/2/501
三棟2單元501號 -/3/2/501
３栋２单元５０１室 -/3/2/501
3栋2单元5层501室 -/3/2/501
阳光花园小区3栋2单元501 -/3/2/501
3一2一501 -/3/2/501
3–2–501 -/3/2/501
3~2~501 -/3/2/501
3_2_501 -/3/2/501
3栋2-501 -/3/2/501
3-2单元501 -/3/2/501
3栋-2单元-501室 -/3/2/501
3栋,2单元,501室 -/3/2/501
3号楼2门501 -/3/2/501
3号楼2号门501室 -/3/2/501
3栋2单元501号 -/3/2/501
3栋2单元501户 -/3/2/501
第三栋第二单元第五零一室 -/3/2/501
三栋二单元五百零一室 -/3/2/501
3楼2单元501 -/3/2/501
拾贰栋壹单元叁零壹 -/12/1/301
7座501 -/7/-/501
二十一栋1203 -/21/-/1203
A栋1203室 -/A/-/1203
A座-1203 -/A/-/1203
T1栋601 -/T1/-/601
A座12楼C -/A/-/12C
A座12层03室 -/A/-/1203
A座12F03 -/A/-/1203
B座12c -/B/-/12C
5-B-1203 -/5/B/1203
5栋B单元1203 -/5/B/1203
5#B座1203 -/5/B/1203
A1-2-301 -/A1/2/301
A01栋2单元301 -/A1/2/301
C区5-302 C区/5/-/302
c区5#302 C区/5/-/302
南苑6栋1单元402 南苑/6/1/402
一期3栋2单元501 一期/3/2/501
阳光花园一期3-2-501 一期/3/2/501
II期12-1-301 二期/12/1/301
2期12-1-301 二期/12/1/301
第二期12-1-301 二期/12/1/301
阳光花园东区3#楼2单元501 东区/3/2/501
紫荆苑3栋25D 紫荆苑/3/-/25D
别墅十二号 -/别墅12/-/-
12栋别墅 -/别墅12/-/-
阳光花园别墅12号 -/别墅12/-/-
柳营路669弄14号1102 -/14/-/1102
14号1102室 -/14/-/1102
3栋底商102 -/3/-/商铺102
3栋102商铺 -/3/-/商铺102
3栋102号铺 -/3/-/商铺102
3栋商铺102号 -/3/-/商铺102
栋号:3单元号:2室号:501 -/3/2/501
3栋2单元50l室 -/3/2/501
3栋2单元5OI -/3/2/501
3冻2单元501 -/3/2/501
3栋2单兀501室 -/3/2/501
3拣Z单元501 -/3/2/501
A庄1203 -/A/-/1203
致:3栋2单元501室业主 -/3/2/501
您认购的阳光花园3栋2单元501房已具备交付条件 -/3/2/501
业主于2023年5月1日入住阳光花园3栋2单元501室,电话13800138000 -/3/2/501
房号:3.2.501面积:89.5 -/3/2/501
阳光花圆3栋2单元501 -/3/2/501
"""


@pytest.mark.parametrize("line", _KNOWN.strip().splitlines())
def test_another_form_of_the_same_kind_is_read(line: str, estate: RegisterIndex) -> None:
    written, expected = line.rsplit(" ", 1)
    readings = parse(written, estate)
    assert [(_levels(reading), reading.status) for reading in readings] == [(expected, "known")]


@pytest.mark.parametrize(
    "written",
    [
        "电话：8250-1203",
        "13800138000",
        "2023.5.01",
        "23/5/1",
        "合同编号：3-2-501",
        "收据号NO.0501203",
        "车位号：B1-123",
        "负一层车位123号",
        "粤B·D12345",
        "¥3,250.10",
        "建筑面积：120.5平方米",
        "3室2厅2卫",
        "第3页 共5页",
        "3.2.1 施工时间",
        "JC/JL4.5-0103-02",
        "YG-YH·03-2-0501-01",
        "上午8:30-12:00 下午14:00-18:00",
        "阳光路3号",
        "解放街道12号院",
        "水表底数：0501",
        "工期：2023-05-01至2023-07-01",
        "身份证号：11010519491231002X",
        "建行6217 0012 3456 7890 123",
        "一式三联",
        "一栋楼",
        "负责人：李四 3人",
        "请于5月1日前办理",
    ],
)
def test_a_number_that_is_no_address_yields_nothing(written: str, estate: RegisterIndex) -> None:
    assert parse(written, estate) == []


@pytest.mark.parametrize(
    "written",
    [
        "3栋2单元501-502",
        "3栋2单元501、502",
        "3-2-501、502",
        "3栋2单元501室、502室",
        "3栋2单元501和502",
    ],
)
def test_joined_rooms_give_two_keys(written: str, estate: RegisterIndex) -> None:
    readings = parse(written, estate)
    assert [reading.room for reading in readings] == ["501", "502"]
    assert all(reading.joined for reading in readings)


@pytest.mark.parametrize(
    "written",
    [
        "翠湖名苑3栋2单元501",
        "阳光家园3栋2单元501室",
        "新阳光花园3栋2单元501室",
        "滨江一号3栋2单元501",
        "某市某区阳光路88号碧桂园3栋2单元501",
        "房号：保利心语3栋2单元501",
    ],
)
def test_an_address_of_another_estate_is_not_ours(written: str, estate: RegisterIndex) -> None:
    assert [reading.status for reading in parse(written, estate)] == ["other_estate"]


@pytest.mark.parametrize("written", ["四期3栋2单元501", "北区3-2-501", "3栋2单元701", "3-2-507"])
def test_a_room_or_zone_the_register_lacks_is_unknown(written: str, estate: RegisterIndex) -> None:
    assert [reading.status for reading in parse(written, estate)] == ["unknown"]


def test_a_repaired_building_is_for_review_only(estate: RegisterIndex) -> None:
    (reading,) = parse("B栋2单元401", estate)
    assert reading.review_only
    assert reading.building == "8"


def test_a_repaired_room_is_marked_and_less_sure(estate: RegisterIndex) -> None:
    (reading,) = parse("房号：3栋2单元5O1室", estate)
    assert reading.repaired
    assert reading.confidence == "low"


def test_a_code_without_separators_counts_only_as_the_value_of_a_label(
    estate: RegisterIndex,
) -> None:
    assert parse("03020501", estate) == []
    (reading,) = parse("03020501", estate, field=True)
    assert _levels(reading) == "-/3/2/501"


def test_a_floor_that_contradicts_the_room_is_a_doubt(estate: RegisterIndex) -> None:
    (reading,) = parse("3栋2单元6楼501室", estate)
    assert reading.confidence == "low"


def test_digits_torn_apart_are_closed_up_in_a_cell(estate: RegisterIndex) -> None:
    (reading,) = parse("3栋2单元50 1室", estate, field=True)
    assert (_levels(reading), reading.status) == ("-/3/2/501", "known")


def test_the_span_points_into_the_text_as_read(estate: RegisterIndex) -> None:
    text = "业主张伟，住３栋２单元５０１室。"
    (reading,) = parse(text, estate)
    start, end = reading.span
    assert text[start:end] == "３栋２单元５０１室"
