"""The register of the sample estate: rooms of every kind of domain 3.5, with their owners."""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from bench.corpus.people import Person, company, person
from yihu.household import ABSENT, RoomKey

ESTATE = "阳光花园"
_CHINESE = ("小区", "区域", "楼栋", "单元", "房号", "业主姓名", "联系电话", "证件号码", "档案编号", "使用情况", "VIP", "原业主")  # fmt: skip
_ENGLISH = ("estate", "zone", "building", "unit", "room", "owner", "phone", "id_no", "file_no", "occupancy", "vip", "former")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Household:
    """A unit of housing with its present and former owners.

    `style` names how the address is spoken: "stairs" (栋/单元/室), "tower" (座),
    "villa", "lane" (弄/号/室) or "shop".
    """

    key: RoomKey
    owners: tuple[Person, ...]
    file_no: str
    style: str = "stairs"
    occupancy: str = "自住"
    vip: bool = False
    former: tuple[str, ...] = ()

    @property
    def owner_names(self) -> str:
        """The owners as the register writes them."""
        return "、".join(owner.name for owner in self.owners)


def _stairs(
    zone: str, building: str, units: Sequence[str], floors: int, doors: int, style: str = "stairs"
) -> Iterator[tuple[RoomKey, str]]:
    for unit in units:
        for floor in range(1, floors + 1):
            for door in range(1, doors + 1):
                yield RoomKey(ESTATE, zone, building, unit, f"{floor}{door:02d}"), style


def _lettered(
    zone: str, building: str, floors: range, letters: str
) -> Iterator[tuple[RoomKey, str]]:
    for floor in floors:
        for letter in letters:
            yield RoomKey(ESTATE, zone, building, ABSENT, f"{floor}{letter}"), "tower"


def _singles() -> Iterator[tuple[RoomKey, str]]:
    for number in (2, 5, 8, 12, 16, 18):
        yield RoomKey(ESTATE, ABSENT, f"别墅{number}", ABSENT, ABSENT), "villa"
    for building in ("3", "7"):
        for shop in ("101", "102", "103", "105"):
            yield RoomKey(ESTATE, ABSENT, building, ABSENT, f"商铺{shop}"), "shop"


def _core() -> Iterator[tuple[RoomKey, str]]:
    """The estate of domain 3.5, about four hundred rooms."""
    none = (ABSENT,)
    yield from _stairs(ABSENT, "3", ("1", "2"), 6, 2)
    yield from _stairs(ABSENT, "2", ("1", "2", "3"), 6, 2)
    yield from _stairs("东区", "3", ("1", "2"), 6, 2)
    yield from _stairs("一期", "3", ("1", "2"), 6, 2)
    yield from _stairs("二期", "12", ("1",), 6, 2)
    yield from _stairs("C区", "5", none, 6, 2)
    yield from _stairs("南苑", "6", ("1",), 6, 2)
    yield from _singles()
    yield from _stairs(ABSENT, "5", ("A", "B"), 12, 3)
    yield from _stairs(ABSENT, "7", none, 6, 2)
    yield from _stairs(ABSENT, "12", ("1",), 6, 2)
    yield from _stairs(ABSENT, "10", ("1", "2"), 6, 2)
    yield from _stairs(ABSENT, "21", none, 12, 3)
    yield from _stairs(ABSENT, "14", none, 11, 2, "lane")
    yield from _stairs(ABSENT, "A", none, 12, 3, "tower")
    yield from _lettered(ABSENT, "A", range(10, 14), "ABCD")
    yield from _stairs(ABSENT, "B", none, 12, 2, "tower")
    yield from _lettered(ABSENT, "翠竹阁", range(10, 14), "ABCD")
    yield from _stairs(ABSENT, "翠竹阁", none, 12, 3, "tower")
    yield from _stairs(ABSENT, "T1", none, 6, 2, "tower")
    yield from _stairs(ABSENT, "A1", ("1", "2"), 3, 2)
    yield from _stairs(ABSENT, "B2", ("1",), 18, 2)
    yield from _lettered("紫荆苑", "3", range(22, 27), "ABCD")


def _rooms(households: int, rng: random.Random) -> list[tuple[RoomKey, str]]:
    core = list(_core())
    must = core[:24] + [room for room in core if _named_in_the_cases(room[0])]
    rest = [room for room in core if room not in must]
    rng.shuffle(rest)
    rooms = list(dict.fromkeys(must)) + rest
    number = 30
    while len(rooms) < households:
        number += 1
        rooms += _stairs(ABSENT, str(number), ("1", "2", "3"), 18, 4)
    return rooms[:households]


def _named_in_the_cases(key: RoomKey) -> bool:
    named = {
        "3-1-501", "3-2-501", "3-2-601", "2-3-501", "东区-3-2-501", "一期-3-2-501", "5-B-1203", "7-501",
        "12-1-301", "二期-12-1-301", "21-1203", "10-2-602", "A-1203", "A-12C", "B-1203", "T1-601",
        "A1-2-301", "B2-1-1802", "C区-5-302", "南苑-6-1-402", "翠竹阁-12C", "翠竹阁-1203", "紫荆苑-3-25D",
        "别墅12", "14-1102", "3-商铺102",
    }  # fmt: skip
    return str(key) in named


def _file_no(key: RoomKey, generation: int) -> str:
    building = key.building.zfill(2) if key.building.isdigit() else key.building
    zone = "" if key.zone == ABSENT else f"{key.zone}·"
    room = "0000" if key.room == ABSENT else key.room.zfill(4)
    unit = "0" if key.unit == ABSENT else key.unit
    return f"YG-YH·{zone}{building}-{unit}-{room}-{generation:02d}"


def _owners(rng: random.Random, key: RoomKey) -> tuple[Person, ...]:
    roll = rng.random()
    if roll < (0.5 if key.room.startswith("商铺") else 0.05):
        return (company(rng),)
    first = person(rng)
    if roll < 0.27:
        return first, person(rng)
    if roll < 0.29:
        return first, person(rng), person(rng)
    return (first,)


def _with_shared_owners(homes: list[Household], rng: random.Random) -> list[Household]:
    """Some people own two rooms, and some namesakes live next to each other."""
    for _ in range(max(2, len(homes) // 60)):
        one, two = rng.sample(range(len(homes)), 2)
        homes[two] = replace(homes[two], owners=homes[one].owners[:1])
    for _ in range(max(2, len(homes) // 60)):
        one, two = rng.sample(range(len(homes)), 2)
        if not homes[one].owners[0].company:
            namesake = replace(person(rng), name=homes[one].owners[0].name)
            homes[two] = replace(homes[two], owners=(namesake,))
    return homes


@lru_cache(maxsize=4)
def make_register(seed: int, pack: str, households: int) -> tuple[Household, ...]:
    """The households of the sample estate, the same for the same arguments."""
    rng = random.Random(f"register/{pack}/{seed}/{households}")
    homes = []
    for key, style in _rooms(households, rng):
        former = (person(rng).name,) if rng.random() < 0.15 else ()
        occupancy = rng.choices(("自住", "出租", "商住", "空置"), (70, 18, 7, 5))[0]
        homes.append(
            Household(
                key=key,
                owners=_owners(rng, key),
                file_no=_file_no(key, 1 + len(former)),
                style=style,
                occupancy="商住" if style == "shop" else occupancy,
                vip=rng.random() < 0.03,
                former=former,
            )
        )
    return tuple(_with_shared_owners(homes, rng))


def households_of(register: Sequence[Household], person_: Person) -> list[Household]:
    """The households in which this very person (by ID number) is a present owner."""
    return [home for home in register if any(o.id_no == person_.id_no for o in home.owners)]


def write_register(homes: Sequence[Household], path: Path, *, english: bool) -> None:
    """Write the register as the import command takes it, absent levels left empty."""
    with path.open("w", encoding="utf-8" if english else "utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_ENGLISH if english else _CHINESE)
        writer.writerows(_row(home, english=english) for home in homes)


def _row(home: Household, *, english: bool) -> list[str]:
    levels = ["" if level == ABSENT else level for level in home.key.as_dict().values()]
    yes = "yes" if english else "是"
    return [
        *levels,
        home.owner_names,
        "、".join(owner.phone for owner in home.owners),
        "、".join(owner.id_no for owner in home.owners),
        home.file_no,
        home.occupancy,
        yes if home.vip else "",
        "、".join(home.former),
    ]
