"""The estate of domain 3.5, as a register for the whole folder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier.register_index import RegisterIndex
from yihu.household import HouseholdRecord, RoomKey
from yihu.page import Line, PageText

ESTATE = "阳光花园"
_CORE = """
- 3 1 301 501 502 601
- 3 2 301 501 502 601
东区 3 1 301 501 502 601
东区 3 2 301 501 502 601
一期 3 1 301 501 502 601
一期 3 2 301 501 502 601
- 5 A 1201 1203
- 5 B 1201 1203
- 7 - 301 501 502
- 12 1 301
二期 12 1 301
- 21 - 1203
- 10 2 602
- A - 1203 12C
- B - 1203 12C
- T1 - 601
- A1 2 301
- B2 1 1802
C区 5 - 302
南苑 6 1 402
- 翠竹阁 - 12C 1203
紫荆苑 3 - 25D
- 别墅12 - -
- 14 - 1102
- 3 - 商铺102
- 8 2 401
"""


def _records() -> list[HouseholdRecord]:
    keys = []
    for line in _CORE.strip().splitlines():
        zone, building, unit, *rooms = line.split()
        keys += [RoomKey(ESTATE, zone, building, unit, room) for room in rooms]
    return [HouseholdRecord(number, key) for number, key in enumerate(keys, 1)]


@pytest.fixture(scope="session")
def estate() -> RegisterIndex:
    """The estate of domain 3.5, without owners."""
    return RegisterIndex(_records())


def _household(
    number: int,
    address: str,
    owners: tuple[str, ...],
    phones: tuple[str, ...] = (),
    ids: tuple[str, ...] = (),
    file_no: str = "",
    former: tuple[str, ...] = (),
    tenants: tuple[str, ...] = (),
) -> HouseholdRecord:
    return HouseholdRecord(
        number,
        RoomKey(ESTATE, *address.split("/")),
        1 + len(former),
        file_no,
        owners,
        phones,
        ids,
        former_owners=former,
        tenants=tenants,
    )


@pytest.fixture(scope="session")
def neighbours() -> RegisterIndex:
    """A dozen households that are easily taken for one another."""
    return RegisterIndex(
        [
            _household(
                1,
                "-/3/2/501",
                ("张伟", "李娜"),
                ("13800138000",),
                ("11010519491231002X", "310104197503021221"),
                "YG-YH·03-2-0501-02",
                ("王建国",),
            ),
            _household(
                2,
                "-/3/2/601",
                ("欧阳娜娜",),
                ("13900139000", "0755-88888888"),
                ("440301199003070027",),
                "YG-YH·03-2-0601-01",
            ),
            _household(3, "-/3/1/501", ("李建国",), ("13700137000",), (), "YG-YH·03-1-0501-01"),
            _household(4, "-/7/-/501", ("陈静",), ("13600136000",)),
            _household(5, "-/7/-/502", ("陈静",), ("13600136001",)),
            _household(
                6,
                "-/5/B/1203",
                ("深圳市鸿运贸易有限公司",),
                ("13500135000",),
                ("914403001922038216",),
            ),
            _household(7, "-/别墅12/-/-", ("买买提·吐尔逊",), ("15000150000",)),
            _household(8, "东区/3/2/501", ("赵敏",), ("15100151000",)),
            _household(9, "-/A/-/1203", ("刘洋",), (), ("320102197511150030",), tenants=("孙丽",)),
            _household(10, "-/3/2/502", ("张炜",)),
            _household(11, "-/14/-/1102", ("周杰",), ("18800001111",)),
        ]
    )


def _page(text: str, number: int = 1) -> PageText:
    lines = []
    for index, row in enumerate(text.strip().split("\n")):
        cells = row.split("|")
        for place, cell in enumerate(cells):
            if cell.strip():
                left = 0.1 + 0.8 * place / len(cells)
                width = min(0.75 / len(cells), 0.018 * len(cell.strip()))
                top = 0.2 + index * 0.03
                lines.append(Line(cell.strip(), (left, top, left + width, top + 0.02)))
    return PageText(number, tuple(lines), 1000, 1400)


@pytest.fixture(scope="session")
def form() -> Callable[..., PageText]:
    """A page from text: one row a line, `|` parts cells."""
    return _page
