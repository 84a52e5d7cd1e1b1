"""A home of many households and documents, written straight into the tables, to measure screens on.

The rows are what the journey would leave; only the files are missing, so pages
cannot be drawn. One building has 200 households.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from catalog import search
from catalog.database import Database
from catalog.models import (
    Arrival,
    Counter,
    Document,
    Household,
    Item,
    Original,
    Person,
    Room,
    table_of,
)
from catalog.register.address import shelf_order
from worker.home import open_home
from yihu.clock import now
from yihu.household import RoomKey
from yihu.settings import Settings, load

CHUNK = 2000
PER_BUILDING = 200
TYPES = (
    "movein.notice", "movein.id_owner", "movein.household_form", "movein.contract_stub",
    "movein.payment_slip", "movein.key_receipt", "movein.feedback", "contact.emergency",
)  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
REVIEW_SHARE = 0.02


def build(folder: Path, households: int, documents: int, seed: int = 7) -> Settings:
    """Make the home; takes a minute or two for 100,000 and 300,000."""
    settings, rng = load(folder), random.Random(seed)
    database = open_home(settings)
    _rows(database, Room, _rooms(households))
    _rows(database, Household, _households(households, rng))
    _rows(database, Person, _people(households, rng))
    _rows(database, Item, _items(households, rng))
    _rows(database, Original, _originals(documents))
    _rows(database, Arrival, _arrivals(documents))
    _rows(database, Document, _documents(documents, households, rng))
    with database.write() as session:
        session.execute(insert(table_of(Counter)), list(_counters(households)))
        _texts(session, rng)
    database.dispose()
    return settings


def _rows(database: Database, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    table: Table = table_of(model)
    chunk: list[dict[str, Any]] = []
    with database.write() as session:
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                session.execute(insert(table), chunk)
                chunk = []
        if chunk:
            session.execute(insert(table), chunk)


def _key(number: int) -> RoomKey:
    building, place = divmod(number, PER_BUILDING)
    room = f"{place % 50 // 4 + 1}{place % 4 + 1:02d}"
    return RoomKey("阳光花园", "-", str(building + 1), str(place // 50 + 1), room)


def _rooms(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        key = _key(number)
        yield {"id": number + 1, **key.as_dict(), "shelf_order": shelf_order(key), "written": ""}


def _name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.randint(1, 2)))


def _households(count: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "id": number, "room_id": number, "generation": 1, "file_no": f"YG-{number:06d}",
            "owner": _name(rng), "occupancy": "自住", "vip": number % 500 == 0, "facts": {},
            "responsible": "", "opened_at": now(),
        }  # fmt: skip


def _people(count: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        phone = f"138{rng.randrange(10**8):08d}"
        yield {
            "household_id": number, "role": "owner", "position": 0, "name": _name(rng),
            "phone": phone, "id_no": "",
        }  # fmt: skip


def _items(count: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        for code in TYPES:
            digital, paper = rng.random() < 0.7, rng.random() < 0.6
            gap = (not paper) + 2 * (not digital) or None
            yield {
                "household_id": number, "type": code, "category": code.partition(".")[0],
                "needed": 1, "digital": int(digital), "paper": int(paper), "waived": False,
                "gap": gap,
            }  # fmt: skip


def _counters(count: int) -> Iterator[dict[str, Any]]:
    for start in range(0, count, PER_BUILDING):
        place = {"estate": "阳光花园", "zone": "-", "building": str(start // PER_BUILDING + 1)}
        here = min(PER_BUILDING, count - start)
        yield place | {"category": "", "households": here, **dict.fromkeys(_SUMS, 0)}
        for category, lines in (("movein", 7), ("contact", 1)):
            required = here * lines
            yield place | {
                "category": category, "households": 0, "required": required,
                "digital": required * 7 // 10, "paper": required * 6 // 10,
                "both": required * 42 // 100, "missing": required * 12 // 100,
            }  # fmt: skip


_SUMS = ("required", "digital", "paper", "both", "missing")


def _hash(number: int) -> str:
    return f"{number:064x}"


def _originals(count: int) -> Iterator[dict[str, Any]]:
    moment = now()
    for number in range(1, count + 1):
        yield {
            "sha256": _hash(number), "size": 400_000, "format": "jpeg", "pages": 1,
            "stored_at": moment, "verified_at": moment, "verify_result": "ok", "version_id": "",
        }  # fmt: skip


def _arrivals(count: int) -> Iterator[dict[str, Any]]:
    moment = now()
    for number in range(1, count + 1):
        yield {
            "id": number, "token": f"t{number}", "path": f"扫描_{number:06d}.jpg",
            "sha256": _hash(number), "size": 400_000, "received_at": moment, "place": "",
            "dropped_by": "person:scanner",
        }  # fmt: skip


def _documents(count: int, households: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    moment = now()
    for number in range(1, count + 1):
        code, review = rng.choice(TYPES), rng.random() < REVIEW_SHARE
        reasons = [rng.choice(["policy", "household_unsupported", "type_unsure"])] if review else []
        yield {
            "id": number, "arrival_id": number, "sha256": _hash(number), "first_page": 1,
            "last_page": 1, "state": "review" if review else "filed", "stage": "",
            "since": moment, "received_at": moment - timedelta(seconds=rng.randrange(10**6)),
            "settled_at": moment, "category": code.partition(".")[0], "type": code,
            "household_id": rng.randrange(households) + 1, "probability": 0.9,
            "reasons": reasons, "judgement": _judgement(code), "urgency": 0,
        }  # fmt: skip


def _judgement(code: str) -> dict[str, Any]:
    evidence = {"subject": "type", "code": "title", "zh": "标题", "en": "title", "weight": 2.0}
    place = {"value": "", "page": 1, "box": [0.1, 0.1, 0.5, 0.14]}
    return {
        "types": [{"code": code, "probability": 0.9}],
        "households": [],
        "evidence": [evidence | place] * 8,
        "fields": [],
        "reasons": [],
    }


def _texts(session: Session, rng: random.Random) -> None:
    """Text of some documents, so that searches have something to find."""
    for number in range(1, 20_001):
        text = f"装修申请表 房号 {_key(number)} 业主 {_name(rng)} 电话 138{number:08d}"
        search.index_document(session, number, text)
