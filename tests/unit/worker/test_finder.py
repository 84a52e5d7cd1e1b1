"""Whoever answers for some buildings is searched for there alone, and finds the same."""

from __future__ import annotations

from typing import cast

import pytest

from bench.large_home import ESTATE, key_of_number, owner_of
from catalog.access import Area, Viewer
from classifier import RegisterIndex
from worker import finder
from worker.finder import Finder
from worker.register_cache import RegisterCache
from yihu.household import HouseholdRecord, RoomKey

NUMBERS = range(1, 601)
REACHES = (
    (Area(building="2"),),
    (Area(building="3"), Area(building="1")),
    (Area(ESTATE, "", "2"), Area("别处", "", "1")),
    (Area(ESTATE),),
    (Area(building="2"), Area("", "-")),
    (Area(building="99"),),
    (),
)
TYPED = ("wf", "w", "王", "芳", "2-1", "21101", "2", "0079", "13800", "装", "YG-000207")


class _Register:
    def __init__(self) -> None:
        self._index = RegisterIndex(
            HouseholdRecord(
                number,
                key_of_number(number),
                file_no=f"YG-{number:06d}",
                owners=(owner_of(number),),
                phones=(f"138-{number * 7907 % 10**8:08d}",),
                vip=number % 50 == 0,
            )
            for number in NUMBERS
        )

    def current(self) -> RegisterIndex:
        return self._index


@pytest.fixture(scope="module")
def register() -> RegisterCache:
    """Three buildings of two hundred households."""
    return cast("RegisterCache", _Register())


@pytest.mark.parametrize("areas", REACHES, ids=str)
@pytest.mark.parametrize("typed", TYPED)
def test_a_reach_finds_in_order_what_a_look_at_everybody_finds_there(
    register: RegisterCache,
    monkeypatch: pytest.MonkeyPatch,
    areas: tuple[Area, ...],
    typed: str,
) -> None:
    viewer = Viewer(1, "somebody", ("clerk",), areas)
    found = Finder(register).find(typed, viewer, limit=600)
    monkeypatch.setattr(Finder, "_near", lambda self, _reach, of: self._index(of)[0])
    assert found == Finder(register).find(typed, viewer, limit=600)


def test_another_building_is_not_gone_through(
    register: RegisterCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RoomKey] = []
    ours = finder.may_see_phone

    def noting(viewer: Viewer, record: HouseholdRecord) -> bool:
        asked.append(record.key)
        return ours(viewer, record)

    monkeypatch.setattr(finder, "may_see_phone", noting)
    clerk = Viewer(1, "clerk", ("clerk",), (Area(building="2"),))
    Finder(register).find("0079", clerk, limit=600)
    assert {key.building for key in asked} <= {"2"}
