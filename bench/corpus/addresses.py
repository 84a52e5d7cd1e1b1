"""The many ways in which people write the address of a flat (domain 3.5)."""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

import random
from collections.abc import Callable

from bench.corpus.content import Run, Text
from bench.corpus.numerals import digitwise, formal, full_width, positional
from bench.corpus.register import Household
from yihu.household import ABSENT, RoomKey

Writer = Callable[[RoomKey, random.Random], str]

_TRAIN = ("plain", "plain", "dashes", "dashes", "estate", "hash", "chinese", "padded", "floor", "wide", "under", "cells", "spaced")  # fmt: skip
_EVAL = ("plain", "plain", "dashes", "dashes", "estate", "road", "hash_unit", "formal", "padded_dashes", "wide_dashes", "slash", "under", "cells", "mixed", "gate", "ordinal")  # fmt: skip


def styles(pack: str) -> tuple[str, ...]:
    """The names of the styles a pack writes in, common ones more than once."""
    return _EVAL if pack == "eval" else _TRAIN


def _zone(key: RoomKey) -> str:
    return "" if key.zone == ABSENT else key.zone


def _digits(text: str, turn: Callable[[int], str]) -> str:
    return turn(int(text)) if text.isdigit() else text


def _spoken(
    key: RoomKey, house: str, unit: str, room: str, number: Callable[[int], str] = str
) -> str:
    text = (
        _zone(key)
        + _digits(key.building, number)
        + (house if key.building[-1] not in "阁轩苑" else "")
    )
    if key.unit != ABSENT:
        text += _digits(key.unit, number) + (unit if key.unit.isdigit() else "座")
    return text + key.room + room


def _plain(key: RoomKey, rng: random.Random) -> str:
    towered = not key.building[0].isdigit()
    house = "座" if towered and len(key.building) == 1 else rng.choice(("栋", "栋", "幢", "号楼"))
    return _spoken(key, house, "单元", rng.choice(("室", "室", "房", "")))


def _dashes(key: RoomKey, _: random.Random) -> str:
    parts = [level for level in (key.building, key.unit, key.room) if level != ABSENT]
    return _zone(key) + "-".join(parts)


def _padded(key: RoomKey, _: random.Random) -> str:
    wide = {
        level: value.zfill(2) if value.isdigit() else value
        for level, value in (("b", key.building), ("u", key.unit))
    }
    unit = "" if key.unit == ABSENT else wide["u"] + ("单元" if key.unit.isdigit() else "座")
    house = "" if key.building[-1] in "阁轩苑" else "栋"
    return f"{_zone(key)}{wide['b']}{house}{unit}{key.room.zfill(4)}室"


def _padded_dashes(key: RoomKey, _: random.Random) -> str:
    parts = [
        key.building.zfill(2),
        "" if key.unit == ABSENT else key.unit.zfill(2),
        key.room.zfill(4),
    ]
    return _zone(key) + "-".join(part for part in parts if part)


def _floor(key: RoomKey, _: random.Random) -> str:
    number = "".join(char for char in key.room if char.isdigit())
    floor = number[:-2] if key.room.isdigit() else number
    unit = "" if key.unit == ABSENT else key.unit + ("单元" if key.unit.isdigit() else "座")
    house = "" if key.building[-1] in "阁轩苑" else "栋"
    return f"{_zone(key)}{key.building}{house}{unit}{floor}{'楼' if unit else '层'}{key.room}室"


def _chinese(key: RoomKey, _: random.Random) -> str:
    spoken = _spoken(key, "号楼", "单元", "", positional)
    return spoken[: len(spoken) - len(key.room)] + digitwise(key.room)


def _formal(key: RoomKey, _: random.Random) -> str:
    return _spoken(key, "栋", "单元", "", formal)


def _hash(key: RoomKey, _: random.Random) -> str:
    return _spoken(key, "#楼", "单元", "")


def _hash_unit(key: RoomKey, _: random.Random) -> str:
    unit = "" if key.unit == ABSENT else f"{key.unit}-"
    return f"{_zone(key)}{key.building}#{unit}{key.room}"


def _mixed(key: RoomKey, _: random.Random) -> str:
    unit = "" if key.unit == ABSENT else key.unit + ("单元-" if key.unit.isdigit() else "座-")
    return f"{_zone(key)}{key.building}-{unit}{key.room}"


def _ordinal(key: RoomKey, _: random.Random) -> str:
    unit = "" if key.unit == ABSENT else f"第{key.unit}单元"
    return f"{_zone(key)}第{key.building}栋{unit}第{key.room}室"


_WRITERS: dict[str, Writer] = {
    "plain": _plain,
    "dashes": _dashes,
    "padded": _padded,
    "padded_dashes": _padded_dashes,
    "floor": _floor,
    "chinese": _chinese,
    "formal": _formal,
    "hash": _hash,
    "hash_unit": _hash_unit,
    "mixed": _mixed,
    "ordinal": _ordinal,
    "estate": lambda key, rng: key.estate + _plain(key, rng),
    "road": lambda key, rng: f"阳光路{rng.choice((66, 88, 108))}号{key.estate}" + _plain(key, rng),
    "wide": lambda key, rng: full_width(_plain(key, rng)),
    "wide_dashes": lambda key, rng: _dashes(key, rng).replace("-", rng.choice("－—–")),
    "slash": lambda key, rng: _dashes(key, rng).replace("-", "/"),
    "spaced": lambda key, _: f" {_spoken(key, ' 栋 ', ' 单元 ', ' 室')}",
    "gate": lambda key, _: _spoken(key, "号楼", "梯", "房"),
    "glued": lambda key, _: f"{key.building}{key.room}",
}
_NEEDS_NUMBERS = frozenset({"padded", "chinese", "formal", "hash", "hash_unit", "ordinal", "spaced", "slash", "gate", "padded_dashes", "mixed"})  # fmt: skip


def write(home: Household, style: str, rng: random.Random) -> tuple[Text, str]:
    """The address as runs (printed level words, written values) and as one string."""
    if home.style in ("villa", "shop", "lane"):
        text = _special(home, rng)
    elif style in ("under", "cells"):
        runs = _underlined(home.key)
        return runs, "".join(run.text for run in runs)
    elif home.style == "tower" and style in _NEEDS_NUMBERS:
        text = _tower(home.key, rng)
    elif style in _NEEDS_NUMBERS and not _numeric(home.key):
        text = _plain(home.key, rng)
    else:
        text = _WRITERS[style](home.key, rng)
    return (Run(text.strip(), hand=True),), text.strip()


def dashed(key: RoomKey) -> str:
    """The short form used in folder names: 3-2-501."""
    return str(key)


def _numeric(key: RoomKey) -> bool:
    return key.building.isdigit() and key.room.isdigit()


def _tower(key: RoomKey, rng: random.Random) -> str:
    if len(key.building) > 1 or key.zone != ABSENT:
        return rng.choice((_plain, _dashes))(key, rng)
    writers: tuple[Writer, ...] = (_plain, _WRITERS["glued"], _dashes)
    return rng.choice(writers)(key, rng)


def _special(home: Household, rng: random.Random) -> str:
    key = home.key
    if home.style == "villa":
        number = key.building.removeprefix("别墅")
        return rng.choice((f"别墅{number}号", f"{number}号别墅", f"{key.estate}别墅{number}号"))
    if home.style == "shop":
        number = key.room.removeprefix("商铺")
        return rng.choice(
            (
                f"{key.building}栋商铺{number}",
                f"{key.building}栋{number}铺",
                f"{key.estate}{key.building}栋商铺{number}",
            )
        )
    return rng.choice(
        (
            f"柳营路669弄{key.building}号{key.room}室",
            f"669弄{key.building}号{key.room}",
            f"{key.building}号{key.room}室",
        )
    )


def _underlined(key: RoomKey) -> Text:
    runs: list[Run] = []
    if key.zone != ABSENT:
        runs.append(Run(key.zone, hand=True))
    runs += [Run(f" {key.building} ", hand=True)]
    if key.building[-1] not in "阁轩苑":
        runs.append(Run("栋" if key.building[0].isdigit() else "座"))
    if key.unit != ABSENT:
        runs += [Run(f" {key.unit} ", hand=True), Run("单元" if key.unit.isdigit() else "座")]
    return (*runs, Run(f" {key.room} ", hand=True), Run("室"))


def cells(home: Household) -> tuple[tuple[str, str], ...]:
    """The levels as labelled cells, for forms that ask for each by itself."""
    key = home.key
    pairs = [("区域", key.zone), ("楼号", key.building), ("单元", key.unit), ("房号", key.room)]
    return tuple((label, value) for label, value in pairs if value != ABSENT)


def partial(home: Household, rng: random.Random) -> str:
    """The address with its beginning or its end cut off: it names no single household."""
    key = home.key
    if key.unit != ABSENT and rng.random() < 0.5:
        return f"{key.unit}单元{key.room}"
    return rng.choice((f"{key.room}室", f"{key.room}"))


def without_unit(home: Household) -> str:
    """Building and room of a house with units: several households fit (N03)."""
    return f"{_zone(home.key)}{home.key.building}栋{home.key.room}"
