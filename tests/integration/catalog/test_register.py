"""A register is taken as a difference: nothing reloads or vanishes, every refusal is named."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
from sqlalchemy import select

from catalog import households
from catalog.audit import drift_audit
from catalog.database import Database
from catalog.models import Event, FileNumber, Household
from catalog.register import import_register, read_rows
from tests.integration.catalog.conftest import Find, Register
from yihu.household import HouseholdRecord, RoomKey

ZHANG = {
    "building": "3栋", "unit": "2单元", "room": "501室", "owner": "张伟、李娜",
    "phone": "13800138000", "id_no": "440301199003070027", "occupancy": "自住", "vip": "否",
}  # fmt: skip
WANG = {"building": "3", "unit": "2", "room": "502", "owner": "王五"}


def _records(database: Database) -> dict[str, HouseholdRecord]:
    with database.read() as session:
        return {record.key.room: record for record in households.records(session)}


def _version(database: Database) -> int:
    with database.read() as session:
        return households.register_version(session)


def test_new_rooms_are_added_with_numbers_people_and_events(
    database: Database, register: Register
) -> None:
    report = register(ZHANG, WANG)
    assert report.counts() == {
        "added": 2, "changed": 0, "unchanged": 0, "refused": 0, "warning": 0,
    }  # fmt: skip
    assert [note.line for note in report.added] == [2, 3]
    record = _records(database)["501"]
    assert record.key == RoomKey("阳光花园", "-", "3", "2", "501")
    assert record.file_no == "YG-YH·03-2-0501-01"
    assert record.owners == ("张伟", "李娜")
    assert record.phones == ("13800138000",)
    assert record.id_nos == ("440301199003070027",)
    assert record.occupancy == "自住"
    assert _version(database) == 1


def test_importing_again_changes_nothing(database: Database, register: Register) -> None:
    register(ZHANG, WANG)
    again = register(ZHANG | {"building": "03", "unit": "二单元", "room": "0501"}, WANG)
    assert again.counts()["unchanged"] == 2
    assert _version(database) == 1


def test_a_dry_run_says_the_same_and_writes_nothing(database: Database, register: Register) -> None:
    dry = register(ZHANG, WANG, dry_run=True)
    assert dry.counts()["added"] == 2
    assert _records(database) == {}
    assert _version(database) == 0
    assert list(register(ZHANG, WANG).lines()) == list(dry.lines())


def test_rooms_the_file_does_not_name_stay(database: Database, register: Register) -> None:
    register(ZHANG, WANG)
    register(WANG)
    assert set(_records(database)) == {"501", "502"}


def test_a_new_owner_closes_the_generation_and_opens_the_next(
    database: Database, register: Register
) -> None:
    register(ZHANG)
    report = register(ZHANG | {"owner": "赵六", "phone": "13900139000", "id_no": ""})
    assert report.changed[0].fields[0] == "generation"
    record = _records(database)["501"]
    assert (record.generation, record.file_no) == (2, "YG-YH·03-2-0501-02")
    assert record.owners == ("赵六",)
    assert record.id_nos == ()
    assert record.former_owners == ("张伟", "李娜")
    with database.read() as session:
        first, second = session.scalars(select(Household).order_by(Household.generation))
        assert first.closed_at is not None
        assert second.closed_at is None
        actions = session.scalars(select(Event.action).order_by(Event.seq)).all()
    assert actions == ["opened", "imported", "closed", "opened", "imported"]
    assert _version(database) == 2


def test_phone_and_co_owner_change_the_open_generation(
    database: Database, register: Register
) -> None:
    register(WANG)
    report = register(WANG | {"owner": "王五、赵六", "phone": "13900139000、0755-88888888"})
    assert report.changed[0].fields == ("owner", "phone")
    record = _records(database)["502"]
    assert record.generation == 1
    assert record.phones == ("13900139000", "0755-88888888")


def test_former_owners_come_from_their_column_too(database: Database, register: Register) -> None:
    register(WANG | {"former": "周七、吴八"})
    assert _records(database)["502"].former_owners == ("周七", "吴八")
    assert register(WANG | {"former": "周七、吴八"}).counts()["unchanged"] == 1


def test_bad_rows_are_refused_alone_with_line_and_reason(
    database: Database, register: Register
) -> None:
    report = register(
        ZHANG,
        {"building": "", "room": "101"},
        {"building": "3", "room": ""},
        {"building": "3", "room": "2026-03-02 00:00:00"},
        ZHANG | {"owner": "别人"},
        {"building": "3", "room": "1" * 40},
        WANG,
    )
    refused = [(note.line, note.reason) for note in report.refused]
    assert refused == [
        (3, "missing_building"),
        (4, "missing_room"),
        (5, "date_cell"),
        (6, "duplicate_room"),
        (7, "too_long"),
    ]
    assert all(note.message for note in report.refused)
    assert "line 2" in report.refused[3].message
    assert set(_records(database)) == {"501", "502"}


def test_a_bad_id_is_kept_with_a_warning_and_never_matches(
    database: Database, register: Register
) -> None:
    report = register(WANG | {"id_no": "440301199003070028"})
    assert [note.reason for note in report.warnings] == ["bad_id"]
    assert _records(database)["502"].id_nos == ()
    assert register(WANG | {"id_no": "440301199003070028"}).counts()["unchanged"] == 1


def test_a_number_cut_by_the_spreadsheet_is_not_stored(
    database: Database, register: Register
) -> None:
    report = register(WANG | {"id_no": "4.40301E+17", "phone": "1.38E+10"})
    assert {note.reason for note in report.warnings} == {"damaged_number"}
    assert _records(database)["502"].phones == ()


def test_a_file_number_is_never_given_twice(database: Database, register: Register) -> None:
    register(ZHANG | {"file_no": "A-03-0501"}, WANG)
    taken = register(WANG | {"file_no": "A-03-0501"})
    assert [note.reason for note in taken.refused] == ["file_no_taken"]
    renumbered = register(ZHANG | {"file_no": "A-1"})
    assert renumbered.changed[0].fields == ("file_no",)
    assert [n.reason for n in register(WANG | {"file_no": "A-03-0501"}).refused] == [
        "file_no_taken"
    ]
    follower = register(ZHANG | {"file_no": "A-1", "owner": "赵六"})
    assert [note.reason for note in follower.warnings] == ["former_file_no"]
    assert _records(database)["501"].file_no == "YG-YH·03-2-0501-02"
    with database.read() as session:
        assert len(session.scalars(select(FileNumber)).all()) == 4


def test_vip_follows_its_column_and_stays_without_one(
    database: Database, register: Register
) -> None:
    register(WANG | {"vip": "是"})
    register(WANG)
    assert _records(database)["502"].vip
    assert register(WANG | {"vip": ""}).changed[0].fields == ("vip",)
    assert not _records(database)["502"].vip


def test_zones_and_estates_keep_equal_rooms_apart(database: Database, register: Register) -> None:
    report = register(
        {"zone": "东区", "building": "3", "room": "501"},
        {"zone": "西区", "building": "3", "room": "501"},
        {"estate": "月光花园", "building": "3", "room": "501"},
        {"building": "3", "room": "501"},
    )
    assert report.counts()["added"] == 4
    with database.read() as session:
        numbers = {record.file_no for record in households.records(session)}
    assert len(numbers) == 4


def test_events_hold_no_personal_values(database: Database, register: Register) -> None:
    register(ZHANG)
    register(ZHANG | {"phone": "13900139000"})
    with database.read() as session:
        told = " ".join(session.scalars(select(Event.data)))
    for value in ("张伟", "13800138000", "13900139000", "440301199003070027"):
        assert value not in told
    assert json.dumps(["phone"]) in told


def test_the_catalogue_follows_the_register_at_once(
    database: Database, register: Register, household: Find
) -> None:
    register(ZHANG, WANG)
    register(ZHANG | {"occupancy": "出租"}, WANG | {"owner": "赵六"})
    with database.read() as session:
        assert list(drift_audit(session)) == []


def test_a_real_xlsx_with_a_title_line(database: Database, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["阳光花园业户基本情况汇总表"])
    sheet.append(
        ["序号", "楼栋", "单元", "房号", "业主姓名", "联系电话", "身份证号", "房屋状态", "VIP"]
    )
    sheet.append(
        [1, "3栋", "2单元", 501, "张伟、李娜", 13800138000, "440301199003070027", "自住", "是"]
    )
    sheet.append(
        [2, "A座", None, "12C", "深圳市某某实业有限公司", "0755-88888888", None, "商住", None]
    )
    path = tmp_path / "register.xlsx"
    book.save(path)
    with database.write() as session:
        report = import_register(session, read_rows(path), estate="阳光花园")
    assert report.counts()["added"] == 2
    assert [note.line for note in report.added] == [3, 4]
    assert _records(database)["12C"].key.building == "A"


def test_a_wish_of_a_thousand_rows_is_one_version(database: Database, register: Register) -> None:
    rows = [{"building": "1", "room": str(n), "owner": f"业主{n}"} for n in range(1000, 2200)]
    assert register(*rows).counts()["added"] == 1200
    assert register(*rows).counts()["unchanged"] == 1200
    assert _version(database) == 1
    assert len(_records(database)) == 1200
