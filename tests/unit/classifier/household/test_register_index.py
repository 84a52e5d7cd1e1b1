"""The register in memory: every lookup the matcher needs."""

from __future__ import annotations

from classifier.register_index import RegisterIndex
from classifier.values import Register
from yihu.household import HouseholdRecord, RoomKey


def test_it_is_a_register(neighbours: RegisterIndex) -> None:
    register: Register = neighbours
    assert set(register.estates()) == {"阳光花园"}
    assert set(register.zones()) == {"东区"}
    assert set(register.units("7")) == {"-"}
    assert set(register.units("3")) == {"1", "2"}
    assert list(register.units("99")) == []


def test_levels_left_out_are_open(neighbours: RegisterIndex) -> None:
    assert len(neighbours.find(building="3", room="501")) == 3
    assert len(neighbours.find(building="3", room="501", zone="-")) == 2
    assert len(neighbours.find(building="3", unit="2", room="501", zone="东区")) == 1
    assert len(neighbours.find(room="501")) == 4
    assert len(neighbours.find(building="3")) == 5
    assert neighbours.find(building="9", room="501") == []
    assert len(neighbours.find()) == len(neighbours)


def test_people_and_numbers_lead_to_their_households(neighbours: RegisterIndex) -> None:
    assert [h.id for h in neighbours.by_owner("張　偉")] == [1]
    assert [h.id for h in neighbours.by_owner("陈静")] == [4, 5]
    assert [h.id for h in neighbours.by_phone("075588888888")] == [2]
    assert [h.id for h in neighbours.by_phone("88888888")] == [2]
    assert [h.id for h in neighbours.by_id_no("11010519491231002x")] == [1]
    assert [h.id for h in neighbours.by_file_no("YG-YH.03-2-0501-02")] == [1]
    assert neighbours.by_file_no("YG-YH·03-2-0501-01") == []


def test_a_key_leads_to_exactly_its_household(neighbours: RegisterIndex) -> None:
    assert neighbours.get(RoomKey("阳光花园", "东区", "3", "2", "501")) is not None
    assert neighbours.get(RoomKey("阳光花园", "西区", "3", "2", "501")) is None


def test_owners_in_one_cell_are_found_one_by_one() -> None:
    register = RegisterIndex(
        [HouseholdRecord(1, RoomKey("甲", "-", "1", "1", "101"), owners=("张伟、李娜",))]
    )
    assert [h.id for h in register.by_owner("李娜")] == [1]
