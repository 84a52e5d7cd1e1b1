"""Who and what a sample document is about: the facts that fill the blanks."""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.corpus import people
from bench.corpus.addresses import cells, styles, write
from bench.corpus.content import Run, Text, plain
from bench.corpus.numerals import DATE_STYLES, day, money, money_words, written
from bench.corpus.register import Household
from bench.corpus.words import Words

_TRADES = ("水电", "泥瓦", "木工", "油漆", "防水", "空调安装", "杂工", "焊工")
_RELATIONS = ("本人", "配偶", "儿子", "女儿", "父亲", "母亲")


@dataclass(slots=True)
class Scene:
    """The facts of one document; slots are resolved once, so a name stays the same.

    `fixed` holds what the case decided (blank owner, other room, ...); `used`
    collects what was really printed, for the truth.
    """

    home: Household
    owner: people.Person
    words: Words
    rng: random.Random
    register: Sequence[Household]
    fixed: dict[str, str] = field(default_factory=dict)
    used: dict[str, Text] = field(default_factory=dict)
    style: str = ""
    when: date = date(2020, 1, 1)
    written_room: Text = ()
    blank: bool = False

    def __post_init__(self) -> None:
        self.when = day(self.rng)
        self.style = self.style or self.rng.choice(styles(self.words.pack))
        self.written_room, _ = write(self.home, self.style, self.rng)

    def value(self, slot: str) -> Text:
        """The text of a slot; "any_*" slots give something new each time."""
        if slot.startswith("any_"):
            return () if self.blank else self._hand(_ANY[slot](self))
        if slot not in self.used:
            self.used[slot] = self._resolve(slot)
        return self.used[slot]

    def string(self, slot: str) -> str:
        """The text of a slot as one string."""
        return plain(self.value(slot))

    def room_cells(self) -> tuple[tuple[str, str], ...]:
        """The address as labelled cells, when this document asks for it that way."""
        if (
            self.blank
            or self.style != "cells"
            or "room" in self.fixed
            or self.home.style in ("villa", "shop", "lane")
        ):
            return ()
        pairs = cells(self.home)
        self.used["room"] = (Run(" ".join(f"{label} {value}" for label, value in pairs)),)
        return pairs

    def date_after(self, days: int) -> str:
        """A date some days after the document's own, in the document's style."""
        style = self.string("date_style")
        return written(self.when + timedelta(days=days), style)

    def _resolve(self, slot: str) -> Text:
        if slot in self.fixed:
            return self._hand(self.fixed[slot])
        if self.blank and slot not in self.words.names and slot not in _PRINTED:
            return ()
        if slot == "room":
            return self.written_room
        if slot in self.words.names:
            return (Run(self.rng.choice(self.words.names[slot])),)
        if slot not in _SLOTS:
            msg = f"unknown slot {slot!r}"
            raise KeyError(msg)
        text = _SLOTS[slot](self)
        return (Run(text),) if slot in _PRINTED else self._hand(text)

    @staticmethod
    def _hand(text: str) -> Text:
        return (Run(text, hand=True),) if text else ()


def _spaced(scene: Scene) -> str:
    name = scene.owner.name
    return "　".join(name) if len(name) == 2 and scene.rng.random() < 0.12 else name


def _owners(scene: Scene) -> str:
    names = [owner.name for owner in scene.home.owners]
    if scene.owner.name not in names:
        return scene.owner.name
    return scene.rng.choice(("、", " ", "，")).join(names)


def _phone(scene: Scene) -> str:
    number = scene.owner.phone
    roll = scene.rng.random()
    if roll < 0.15:
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return f"{number[:3]}-{number[3:7]}-{number[7:]}" if roll < 0.25 else number


def _other(scene: Scene) -> Household:
    return scene.rng.choice([home for home in scene.register if home is not scene.home])


def _other_room(scene: Scene) -> str:
    return write(_other(scene), "plain", scene.rng)[1]


def _upstairs(scene: Scene) -> str:
    """The neighbour one floor up, or somebody else in the register."""
    key = scene.home.key
    wanted = f"{int(key.room) + 100}" if key.room.isdigit() else ""
    for home in scene.register:
        if (home.key.zone, home.key.building, home.key.unit, home.key.room) == (
            key.zone,
            key.building,
            key.unit,
            wanted,
        ):
            return write(home, "plain", scene.rng)[1]
    return _other_room(scene)


def _number(scene: Scene) -> str:
    rng = scene.rng
    return rng.choice(
        (
            f"{scene.when.year}-{rng.randrange(10000):04d}",
            f"{rng.randrange(10**7):07d}",
            f"YG{scene.when:%Y%m}{rng.randrange(1000):03d}",
        )
    )


def _amount(scene: Scene) -> int:
    return scene.rng.choice((1000, 2000, 3000, 5000, 1500, 2680, 865, 1234, 3250, 10800))


def _amount_in_words(scene: Scene) -> str:
    digits = "".join(char for char in scene.string("amount").partition(".")[0] if char.isdigit())
    return money_words(int(digits or "0"))


def _person(name: str, slot: str) -> Callable[[Scene], str]:
    """A slot that belongs to a further person, made once per document."""

    def resolve(scene: Scene) -> str:
        rng = random.Random(f"{name}/{scene.when}/{scene.owner.id_no}/{scene.home.file_no}")
        builder = name in ("contractor", "tenant_firm")
        who = people.company(rng, builder=name == "contractor") if builder else people.person(rng)
        return {
            "name": who.name,
            "phone": who.phone,
            "id": who.id_no,
            "rep": who.representative,
            "sex": who.sex,
        }[slot]

    return resolve


def _old_owner(scene: Scene) -> str:
    return scene.home.former[0] if scene.home.former else _person("old", "name")(scene)


_SLOTS: dict[str, Callable[[Scene], str]] = {
    "owner": _spaced,
    "owners": _owners,
    "phone": _phone,
    "id_no": lambda s: s.owner.id_no,
    "sex": lambda s: s.owner.sex,
    "birth": lambda s: f"{s.owner.birth[:4]}.{s.owner.birth[4:6]}" if not s.owner.company else "",
    "file_no": lambda s: s.home.file_no,
    "estate": lambda s: s.home.key.estate,
    "occupancy": lambda s: s.home.occupancy,
    "area": lambda s: f"{s.rng.randint(5200, 16800) / 100:.2f}㎡",
    "inner_area": lambda s: f"{s.rng.randint(4200, 9800) / 100:.2f}㎡",
    "flat": lambda s: s.rng.choice(("三房二厅", "两房一厅", "四房两厅", "一房一厅", "复式")),
    "date_style": lambda s: s.rng.choice(DATE_STYLES),
    "date": lambda s: s.date_after(0),
    "date_before": lambda s: s.date_after(-s.rng.randint(3, 40)),
    "date_soon": lambda s: s.date_after(s.rng.randint(3, 10)),
    "date_later": lambda s: s.date_after(s.rng.randint(30, 100)),
    "date_end": lambda s: s.date_after(s.rng.randint(330, 1100)),
    "year": lambda s: str(s.when.year),
    "number": _number,
    "permit_no": lambda s: f"ZX{s.when.year}{s.rng.randrange(10000):04d}",
    "receipt_no": lambda s: f"{s.rng.randrange(10**7):07d}",
    "contract_no": lambda s: f"{s.rng.choice(('深', '穗', '沪', '杭'))}({s.when.year}){s.rng.choice(('房现售', '预售', '房买'))}字第{s.rng.randrange(10**5):05d}号",
    "case_no": lambda s: f"TS-{s.when:%Y%m}-{s.rng.randrange(1000):03d}",
    "title_no": lambda s: f"粤({s.when.year})深圳市不动产权第{s.rng.randrange(10**7):07d}号",
    "amount": lambda s: money(_amount(s), s.rng),
    "amount_words": _amount_in_words,
    "rate": lambda s: s.rng.choice(("1.80", "2.30", "2.80", "3.50", "1.95")),
    "months": lambda s: s.rng.choice(("3", "6", "12")),
    "count": lambda s: str(s.rng.randint(2, 9)),
    "contractor": _person("contractor", "name"),
    "contractor_code": _person("contractor", "id"),
    "contractor_rep": _person("contractor", "rep"),
    "contractor_address": lambda s: s.rng.choice(("建设路128号创业大厦", "滨河大道305号金地中心", "人民南路56号国贸")) + f"{s.rng.randint(2, 9)}栋{s.rng.randint(3, 28)}0{s.rng.randint(1, 9)}室",
    "grade": lambda s: s.rng.choice(("二级", "三级", "一级", "贰级")),
    "leader": _person("leader", "name"),
    "leader_phone": _person("leader", "phone"),
    "leader_id": _person("leader", "id"),
    "agent": _person("agent", "name"),
    "agent_id": _person("agent", "id"),
    "agent_phone": _person("agent", "phone"),
    "tenant": _person("tenant", "name"),
    "tenant_id": _person("tenant", "id"),
    "tenant_phone": _person("tenant", "phone"),
    "tenant_firm": _person("tenant_firm", "name"),
    "tenant_firm_code": _person("tenant_firm", "id"),
    "old_owner": _old_owner,
    "old_phone": _person("old", "phone"),
    "clerk": _person("clerk", "name"),
    "clerk2": _person("clerk2", "name"),
    "manager": _person("manager", "name"),
    "mender": _person("mender", "name"),
    "plate": lambda s: people.plate(s.rng),
    "space": lambda s: f"{s.rng.choice(('B1', 'B2', '负一层'))}-{s.rng.randint(1, 400):03d}",
    "employer": lambda s: people.company(s.rng).name,
    "mail": lambda s: s.rng.choice(("人民路12号", "解放路301号", "中山大道西89号")) + f"{s.rng.randint(1, 12)}栋{s.rng.randint(2, 20)}0{s.rng.randint(1, 6)}",
    "email": lambda s: f"{s.rng.choice(('wei', 'lin', 'chen88', 'happy', 'sunny'))}{s.rng.randrange(1000)}@example.com",
    "meter": lambda s: f"{s.rng.randrange(10**8):08d}",
    "reading": lambda s: str(s.rng.randrange(300)),
    "bank": lambda s: s.rng.choice(("中国建设银行阳光支行", "中国工商银行滨河支行", "招商银行科技园支行")),
    "account": lambda s: f"6217{s.rng.randrange(10**12):012d}"[:19],
    "upstairs": _upstairs,
    "neighbour": _other_room,
    "hour": lambda s: f"{s.rng.randint(8, 20)}:{s.rng.choice(('00', '15', '30', '40'))}",
}  # fmt: skip
_PRINTED = frozenset({"estate", "rate", "year", "date_style"})

_ANY: dict[str, Callable[[Scene], str]] = {
    "any_name": lambda s: people.person_name(s.rng),
    "any_phone": lambda s: people.mobile(s.rng),
    "any_id": lambda s: people.id_number(s.rng),
    "any_sex": lambda s: s.rng.choice("男女"),
    "any_trade": lambda s: s.rng.choice(_TRADES),
    "any_relation": lambda s: s.rng.choice(_RELATIONS),
    "any_age": lambda s: str(s.rng.randint(3, 78)),
    "any_money": lambda s: f"{s.rng.randint(30, 4800)}.00",
    "any_number": lambda s: f"{s.rng.randrange(100000):05d}",
    "any_count": lambda s: str(s.rng.randint(1, 6)),
    "any_date": lambda s: written(s.when + timedelta(days=s.rng.randint(-60, 60)), "dots"),
    "any_room": _other_room,
    "any_owner": lambda s: _other(s).owners[0].name,
    "any_firm": lambda s: people.company(s.rng).name,
    "any_reading": lambda s: str(s.rng.randrange(500)),
    "any_plate": lambda s: people.plate(s.rng),
    "any_months": lambda s: s.rng.choice(("3", "6", "12", "1")),
    "any_months_span": lambda s: (
        f"{s.when.year}年{s.rng.randint(1, 6)}月至{s.rng.randint(7, 12)}月"
    ),
}
