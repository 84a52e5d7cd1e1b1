"""What the review desk shows of one document: pages with boxes, suggestions, for and against."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import desk, readings
from catalog.access import Sight, Viewer, documents_for, mask, mask_value
from catalog.households import key_of
from catalog.models import Document, Event, Household, Room
from classifier import LIKE_DISCARDED
from web.page import Shown
from worker.explaining import field_rows, spoken_by
from worker.finder import suggestion
from worker.front import Front, coverable
from worker.turning import turn_of, turned
from worker.undoing import last_decision
from yihu.page import Box, PageText
from yihu.template import Template

NEVER_FILED = ("admin", "unknown")


def desk_view(
    session: Session, front: Front, viewer: Viewer, document: Document, sight: Sight, show: Shown
) -> dict[str, Any]:
    """Everything the desk and the document page show besides the row itself."""
    judgement = document.judgement or {}
    read = _pages(session, document)
    return {
        "pages": [
            page_view(document, number, read.get(number), sight, judgement)
            for number in range(document.first_page, document.last_page + 1)
        ],
        "file": mask(document.arrival.path, sight.covers),
        "suggested": _household(session, viewer, document.household_id),
        "others": _other_households(front, viewer, document, judgement),
        "types": [
            {"code": guess["code"], "name": show.type(guess["code"]), "p": guess["probability"]}
            for guess in judgement.get("types", [])
            if guess["code"].partition(".")[0] not in NEVER_FILED
        ],
        "evidence": _evidence(front, judgement, sight, show) if sight.page else [],
        "whys": _whys(document, judgement, sight),
        "fields": _fields(document, sight) if sight.page else [],
        "siblings": _siblings(session, viewer, document),
        "fileable": fileable(front.template, document),
        "discard_first": LIKE_DISCARDED in document.reasons,
        "cover_mark": cover_mark(sight),
    }


def cover_mark(sight: Sight) -> str:
    """Part of a picture's address: it differs where something else is covered."""
    return f"{int(sight.covers.phones)}{int(sight.covers.id_nos)}"


def fileable(template: Template, document: Document) -> bool:
    """Whether the suggestion is whole and may be accepted as it is."""
    kind = template.by_code.get(document.type or "")
    return (
        document.household_id is not None and kind is not None and kind.category not in NEVER_FILED
    )


def _pages(session: Session, document: Document) -> dict[int, PageText]:
    if document.sha256 is None:
        return {}
    read = readings.texts(session, document.sha256, document.first_page, document.last_page)
    return {page.number: page for page in read}


def page_view(
    document: Document,
    number: int,
    read: PageText | None,
    sight: Sight,
    judgement: dict[str, Any],
) -> dict[str, Any]:
    """One page: its shape, and where the evidence stands on it."""
    blank = (document.split or {}).get("blank_pages", ())
    turn = turn_of(document, number, read.rotation if read else 0)
    placed = [
        (item, item["subject"], str(position))
        for position, item in enumerate(judgement.get("evidence", []), start=1)
    ]
    placed += [
        (item, "field", f"f{position}")
        for position, item in enumerate(judgement.get("fields", []), start=1)
    ]
    boxes = [
        {"box": rect(turned(item["box"], turn)), "kind": kind, "n": n}
        for item, kind, n in placed
        if item.get("page") == number and item.get("box")
    ]
    return {
        "number": number,
        "turn": turn,
        "width": 1000,
        "height": round(1000 * _tall(read, turn)),
        "shows": sight.covers.none or coverable(read),
        "blank": number in blank or (read is not None and read.blank),
        "marked_blank": number in blank,
        "boxes": boxes if sight.page else [],
    }


def _tall(read: PageText | None, turn: int) -> float:
    """How many times as high as wide a page is shown; one nobody read as a sheet of paper."""
    tall = read.height / read.width if read and read.width and read.height else 1.414
    return 1 / tall if turn % 180 else tall


def rect(box: Box) -> tuple[float, float, float, float]:
    """A box as left, top, width and height."""
    left, top, right, bottom = box
    return (round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4))


_ROOM = re.compile(r"[(（]([^()（）]*-[^()（）]*)[)）]")


def _rooms_within(front: Front, viewer: Viewer) -> set[str] | None:
    """The rooms evidence may name to this viewer; None: any."""
    reach = viewer.reach("household.name")
    if reach.everywhere:
        return None
    register = front.register.current()
    return {
        str(record.key)
        for area in reach.areas
        for record in register.find(building=area.building or None)
        if area.holds(record.key)
    }


def _beyond(text: str, rooms: set[str] | None) -> bool:
    """Whether a line of evidence names a household outside the viewer's reach."""
    return rooms is not None and any(room not in rooms for room in _ROOM.findall(text))


def _evidence(
    front: Front, judgement: dict[str, Any], sight: Sight, show: Shown
) -> list[dict[str, Any]]:
    rooms = _rooms_within(front, sight.viewer)
    found = [
        {
            "n": position,
            "subject": item["subject"],
            "text": mask(show.words.pick(item["zh"], item["en"]), sight.covers),
            "weight": item["weight"],
            "page": item["page"],
            "boxed": bool(item.get("box")),
        }
        for position, item in enumerate(judgement.get("evidence", []), start=1)
        if item["subject"] != "household" or not _beyond(item["en"], rooms)
    ]
    return sorted(found, key=lambda item: (item["subject"] != "household", -abs(item["weight"])))


def _whys(document: Document, judgement: dict[str, Any], sight: Sight) -> list[dict[str, Any]]:
    """The reasons it waits for, each with the piece of evidence that shows it on the page."""
    evidence = judgement.get("evidence", []) if sight.page else []
    found = []
    for code in document.reasons:
        at = spoken_by(code, evidence)
        page = None if at is None else evidence[at].get("page")
        found.append({"code": code, "n": 0 if at is None else at + 1, "page": page})
    return found


def _fields(document: Document, sight: Sight) -> list[dict[str, Any]]:
    """The key fields read, each name once with its values and their places, covered as text is."""
    found: dict[str, list[dict[str, Any]]] = {}
    for position, row in enumerate(field_rows(document, shown=True), start=1):
        values = found.setdefault(row["name"], [])
        if any(row["value"] == other["read"] for other in values):
            continue
        value = mask_value(row["name"], row["value"], sight.covers)
        values.append(
            {
                "n": f"f{position}",
                "read": row["value"],
                "value": value,
                "page": row["page"] if row["box"] else None,
                "wrong": row["valid"] is False and value == row["value"],
            }
        )
    return [{"name": name, "values": values} for name, values in found.items()]


def _household(session: Session, viewer: Viewer, household_id: int | None) -> dict[str, Any] | None:
    if household_id is None:
        return None
    household, room = session.execute(
        select(Household, Room)
        .join(Room, Room.id == Household.room_id)
        .where(Household.id == household_id)
    ).one()
    key = key_of(room)
    if not viewer.reach("household.name").holds(key):
        return None
    return {
        "id": household.id,
        "room": str(key),
        "estate": key.estate,
        "owner": household.owner,
        "file_no": household.file_no,
    }


def _other_households(
    front: Front, viewer: Viewer, document: Document, judgement: dict[str, Any]
) -> list[dict[str, Any]]:
    """The other candidates, only those within the viewer's reach."""
    reach = viewer.reach("household.name")
    wanted = {
        guess["id"]: guess["probability"]
        for guess in judgement.get("households", [])
        if guess["id"] != document.household_id
    }
    if not wanted:
        return []
    records = {
        record.id: record for record in front.register.current().find() if record.id in wanted
    }
    return [
        suggestion(records[number], viewer).as_dict() | {"p": probability}
        for number, probability in wanted.items()
        if number in records and reach.holds(records[number].key)
    ]


def _siblings(session: Session, viewer: Viewer, document: Document) -> dict[str, Any]:
    """The documents of the same scan this viewer may know of: how many, and whether the one
    before waits to be joined, is theirs to decide and on nobody else's desk."""
    scan = (Document.arrival_id == document.arrival_id, Document.duplicate_of.is_(None))
    count = session.scalar(
        select(func.count())
        .select_from(Document)
        .where(*scan, documents_for(viewer, "document.list"))
    )
    before = session.scalar(
        select(Document.id).where(
            *scan,
            Document.last_page == document.first_page - 1,
            Document.state == "review",
            documents_for(viewer, "review.decide"),
        )
    )
    joins = before is not None and (
        desk.holders(session, [before]).get(before, (viewer.account_id, ""))[0] == viewer.account_id
    )
    return {"count": count or 0, "joins_before": joins}


def undoable(session: Session, viewer: Viewer, document_id: int) -> bool:
    """Whether the last decision on a document is this viewer's own."""
    return last_decision(session, viewer.actor, document_id) is not None


def history(events: list[Event], show: Shown) -> list[dict[str, str]]:
    """Events as a person reads them."""
    return [
        {"at": show.moment(e.at), "actor": show.actor(e.actor), "action": e.action} for e in events
    ]


@lru_cache(maxsize=4)
def _initials(template_key: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, tuple[str, ...]]:
    from pypinyin import Style, lazy_pinyin

    return {
        code: tuple(
            "".join(p[:1] for p in lazy_pinyin(name, style=Style.FIRST_LETTER)).casefold()
            for name in names
        )
        for code, names in template_key
    }


def types_by_category(template: Template) -> dict[str, list[str]]:
    """The types that may stand in a household's file, for a choice without a script."""
    found: dict[str, list[str]] = {}
    for kind in template.types:
        if kind.category not in NEVER_FILED:
            found.setdefault(kind.category, []).append(kind.code)
    return found


def type_choices(template: Template, show: Shown) -> list[dict[str, Any]]:
    """Every type that may stand in a household's file, with all that finds it."""
    names = tuple((kind.code, (kind.name, *kind.titles)) for kind in template.types)
    initials = _initials(names)
    return [
        {
            "code": kind.code,
            "name": show.type(kind.code),
            "category": show.category(kind.category),
            "find": [
                kind.name,
                kind.name_en.casefold(),
                *kind.titles,
                *dict.fromkeys(initials[kind.code]),
            ],
        }
        for kind in template.types
        if kind.category not in NEVER_FILED
    ]
