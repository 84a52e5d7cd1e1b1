"""A catalogue of many households and documents, written straight into the tables, to measure on.

Every household needs the same 25 items; a building has 200 households. The rows
are what the journey would leave: documents, their ticks and events, the roll-ups
that follow from them, and the text. Missing are the files, so pages cannot be
drawn, and the ledger's seals, so `verify` has nothing to say about it.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import update

from bench.bulk import Row, bulk
from catalog import search, tallies
from catalog.database import Database
from catalog.models import (
    Arrival,
    Counter,
    Document,
    Estate,
    Event,
    Holding,
    Household,
    Item,
    LedgerHead,
    Original,
    Person,
    Room,
    SearchText,
)
from catalog.projection import MEASURES, Line
from catalog.register.address import shelf_order
from catalog.rules import Facts, default_rules
from worker.home import open_home
from yihu.clock import now
from yihu.household import RoomKey
from yihu.settings import Settings, load

PER_BUILDING = 200
ESTATE = "阳光花园"
NOTED = {"renovations": [{"done": True}]}
TYPES = tuple(default_rules().required(Facts(recommended=True, renovations=1, renovations_done=1)))
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
REVIEW_PERCENT, PAPER_PERCENT, PAPER_ALONE_PERCENT = 2, 60, 20
REASONS = ("policy", "household_unsupported", "type_unsure")
_PHRASES = (
    "申请人已阅读并同意遵守本小区装修管理规定，不拆改承重墙体，不改变房屋使用性质。",
    "施工时间为每日八时至十二时、十四时至十八时，节假日不得进行产生噪声的作业。",
    "业主应在入住通知书约定的日期内携带身份证件到物业服务中心办理入住手续。",
    "房屋验收合格，水表电表读数已核对，钥匙共计五把，门禁卡两张，均已交付业主。",
    "装修押金在竣工验收合格满三个月后凭收据无息退还，遗失收据须登报声明。",
    "物业服务费按建筑面积每月计收，逾期未交的按合同约定承担违约责任。",
    "紧急联系人与业主关系为配偶，如遇漏水、火情等紧急情况请及时联系。",
    "装修许可证应张贴于施工现场入户门处，接受物业服务人员的巡查与监督。",
)


def build(folder: Path, households: int, documents: int) -> Settings:
    """A home with an SQLite catalogue of this size; takes minutes for 100,000 and 1,000,000."""
    settings = load(folder)
    database = open_home(settings)
    fill(database, Size(households, documents))
    database.dispose()
    return settings


@dataclass(frozen=True, slots=True)
class Size:
    """How much; `fresh` documents more stand before their filing and have no text yet."""

    households: int
    documents: int
    fresh: int = 0

    @property
    def all_documents(self) -> int:
        """Those that are settled, and the fresh ones."""
        return self.documents + self.fresh


@dataclass
class _Sums:
    """What the rows written so far add up to."""

    events: array[int] = field(default_factory=lambda: array("l"))
    counters: defaultdict[tuple[str, str], Tally[str]] = field(
        default_factory=lambda: defaultdict(Tally)
    )


def fill(database: Database, size: Size) -> None:
    """Write a catalogue of this size into an empty database."""
    moment, sums = now(), _Sums()
    households = range(1, size.households + 1)
    with bulk(database) as into:
        estate = {"name": ESTATE, "code": "YG", "tower": False, "recommended": True}
        into.load(Estate, [estate])
        into.load(Room, map(_room, households))
        into.load(Household, (_household(number, moment) for number in households))
        into.load(Person, map(_person, households))
        into.load(Original, (_original(n, moment) for n in range(1, size.all_documents + 1)))
        into.load(Arrival, (_arrival(n, moment) for n in range(1, size.all_documents + 1)))
        into.load(Document, (_document(n, size, moment) for n in range(1, size.all_documents + 1)))
        into.load(Holding, _holdings(size, moment, sums))
        into.load(Event, _events(sums, moment))
        into.load(Item, _items(size, sums))
        into.load(Counter, _counters(sums))
        into.load(SearchText, _texts(size))
        into.learn((number, _grams_of(text_of(number, size))) for number in _settled(size))
    with database.write() as session:
        tallies.recount(session)
        seq = len(sums.events)
        session.execute(update(LedgerHead).values(seq=seq, hash=_hash(seq)))


def _settled(size: Size) -> range:
    return range(1, size.documents + 1)


def _chance(number: int, salt: int) -> int:
    """0 to 99, always the same for a number."""
    return ((number * 2654435761 + salt * 40503) >> 7) % 100


# --- households ---------------------------------------------------------------------------------


def key_of_number(number: int) -> RoomKey:
    """The room of the household with this number, which counts from 1."""
    building, place = divmod(number - 1, PER_BUILDING)
    room = f"{place % 50 // 4 + 1}{place % 4 + 1:02d}"
    return RoomKey(ESTATE, "-", str(building + 1), str(place // 50 + 1), room)


def owner_of(number: int) -> str:
    """The owner's name, of two or three characters."""
    mixed = number * 7919 + number // 97
    second = GIVEN[mixed // 7 % len(GIVEN)] if mixed % 3 else ""
    return SURNAMES[mixed % len(SURNAMES)] + GIVEN[mixed // 13 % len(GIVEN)] + second


def _room(number: int) -> Row:
    key = key_of_number(number)
    return {"id": number, **key.as_dict(), "shelf_order": shelf_order(key), "written": ""}


def _household(number: int, moment: datetime) -> Row:
    return {
        "id": number, "room_id": number, "generation": 1, "file_no": f"YG-{number:06d}",
        "owner": owner_of(number), "occupancy": "自住", "vip": number % 500 == 0,
        "facts": NOTED, "opened_at": moment,
    }  # fmt: skip


def _person(number: int) -> Row:
    phone = f"138{_phone(number):08d}"
    return {"household_id": number, "role": "owner", "name": owner_of(number), "phone": phone}


def _phone(number: int) -> int:
    return number * 7907 % 10**8


# --- what their files hold ----------------------------------------------------------------------


def household_of(document: int, size: Size) -> int:
    """Whose a document is: the first ones one each, then each its second, and so on."""
    return (document - 1) % size.households + 1


def type_of(document: int, size: Size) -> str:
    """What a document is; a household's first 25 are of different types."""
    household, place = household_of(document, size), (document - 1) // size.households
    return TYPES[(place * 7 + household) % len(TYPES)]


def _reviewed(document: int) -> bool:
    return _chance(document, 1) < REVIEW_PERCENT


def _held(household: int, size: Size) -> Iterator[tuple[str, int | None, str]]:
    """The ticks of a household: type, document and medium."""
    scanned = set()
    for document in range(household, size.documents + 1, size.households):
        if not _reviewed(document):
            code = type_of(document, size)
            scanned.add(code)
            yield code, document, "digital"
            if _chance(document, 2) < PAPER_PERCENT:
                yield code, document, "paper"
    for place, code in enumerate(TYPES):
        alone = _chance(household * 31 + place, 3) < PAPER_ALONE_PERCENT
        if alone and code not in scanned:
            yield code, None, "paper"


def _holdings(size: Size, moment: datetime, sums: _Sums) -> Iterator[Row]:
    for household in range(1, size.households + 1):
        for code, document, medium in _held(household, size):
            sums.events.append(household)
            digital = medium == "digital"
            yield {
                "household_id": household, "category": code.partition(".")[0], "type": code,
                "medium": medium, "document_id": document,
                "sha256": _hash(document) if document and digital else None,
                "evidence": {"decided_by": "machine", "probability": 0.97, "pages": [1, 1],
                             "codes": ["title", "room", "owner"]} if digital else {"seen_by": "x"},
                "since": moment, "actor": "machine" if digital else "person:x",
                "tick_seq": len(sums.events),
            }  # fmt: skip


def _events(sums: _Sums, moment: datetime) -> Iterator[Row]:
    for seq, household in enumerate(sums.events, start=1):
        yield {
            "seq": seq, "at": moment, "actor": "machine", "action": "ticked",
            "subject_kind": "household", "subject_id": str(household),
            "data": '{"medium":"digital","seal":"' + _hash(seq) + '"}',
            "prev_hash": _hash(seq - 1), "hash": _hash(seq),
        }  # fmt: skip


def _items(size: Size, sums: _Sums) -> Iterator[Row]:
    for household in range(1, size.households + 1):
        held: Tally[tuple[str, str]] = Tally()
        for code, _, medium in _held(household, size):
            held[code, medium] += 1
        building = key_of_number(household).building
        sums.counters[building, ""]["households"] += 1
        for code in TYPES:
            line = Line(
                code, code.partition(".")[0], 1, held[code, "digital"], held[code, "paper"],
                waived=False,
            )  # fmt: skip
            sums.counters[building, line.category].update(line.measures())
            yield {
                "household_id": household, "type": code, "category": line.category, "needed": 1,
                "digital": line.digital, "paper": line.paper, "gap": line.gap,
            }  # fmt: skip


def _counters(sums: _Sums) -> Iterator[Row]:
    for (building, category), counts in sums.counters.items():
        place = {"estate": ESTATE, "zone": "-", "building": building, "category": category}
        yield place | {measure: counts[measure] for measure in MEASURES}


# --- documents ----------------------------------------------------------------------------------


def _hash(number: int) -> str:
    return f"{number:064x}"


def _original(number: int, moment: datetime) -> Row:
    return {
        "sha256": _hash(number), "size": 400_000, "format": "jpeg", "pages": 1,
        "stored_at": moment, "verified_at": moment, "verify_result": "ok",
    }  # fmt: skip


def _arrival(number: int, moment: datetime) -> Row:
    return {
        "id": number, "token": f"t{number}", "path": f"扫描_{number:06d}.jpg",
        "sha256": _hash(number), "size": 400_000, "received_at": moment,
        "dropped_by": "person:scanner",
    }  # fmt: skip


def _document(number: int, size: Size, moment: datetime) -> Row:
    code, fresh, review = type_of(number, size), number > size.documents, _reviewed(number)
    state = "reading" if fresh else "review" if review else "filed"
    return {
        "id": number, "arrival_id": number, "sha256": _hash(number), "state": state,
        "stage": "file" if fresh else "", "since": moment,
        "received_at": moment - timedelta(seconds=number * 7919 % 10**6),
        "settled_at": None if fresh else moment,
        "due_at": moment if fresh else None,
        "category": code.partition(".")[0], "type": code,
        "household_id": household_of(number, size), "probability": 0.9,
        "reasons": [REASONS[number % len(REASONS)]] if review and not fresh else [],
        "judgement": _judgement(code),
    }  # fmt: skip


@lru_cache(maxsize=64)
def _judgement(code: str) -> str:
    """As the column has it: the text is the same for all documents of a type."""
    evidence = {"subject": "type", "code": "title", "zh": "标题", "en": "title", "weight": 2.0}
    place = {"value": "", "page": 1, "box": [0.1, 0.1, 0.5, 0.14]}
    judgement: dict[str, Any] = {
        "types": [{"code": code, "probability": 0.9}],
        "households": [],
        "evidence": [evidence | place] * 8,
        "fields": [],
        "reasons": [],
    }
    return json.dumps(judgement)


def text_of(number: int, size: Size) -> str:
    """The text of a document: a title, whose it is, some 150 characters more."""
    household = household_of(number, size)
    key = key_of_number(household)
    name = default_rules().template.by_code[type_of(number, size)].name
    start = number * 7919 % len(_PHRASES)
    phrases = "\n".join(_PHRASES[(start + step) % len(_PHRASES)] for step in range(4))
    return (
        f"{ESTATE}{name}\n房号：{key.building}栋{key.unit}单元{key.room}室"
        f" 业主：{owner_of(household)}"
        f" 联系电话：138{_phone(household):08d}\n{phrases}\n编号：{number:07d}"
    )


def _texts(size: Size) -> Iterator[Row]:
    for number in _settled(size):
        text = text_of(number, size)
        yield {"document_id": number, "text": text, "folded": "".join(map(_folded, _lines(text)))}


def _lines(text: str) -> list[str]:
    return text.split("\n")


@lru_cache(maxsize=4096)
def _folded(line: str) -> str:
    """A line in the one spelling; most lines come again and again."""
    return search.fold(line)


def _grams_of(text: str) -> list[str]:
    """The bigrams of a text, line by line with the first character of the next line."""
    lines = [folded for line in _lines(text) if (folded := _folded(line))]
    nexts = [line[0] for line in lines[1:]] + [""]
    return [
        gram
        for line, following in zip(lines, nexts, strict=True)
        for gram in _line_grams(line, following)
    ]


@lru_cache(maxsize=4096)
def _line_grams(line: str, following: str) -> list[str]:
    return search.grams(line + following)[: len(line)]
