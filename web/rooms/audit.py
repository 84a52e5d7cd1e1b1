"""Audit: completeness that opens down to the missing item, backlog, fixity, looks, reports."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from catalog import desk, ledger, overview
from catalog.access import Viewer, areas_shown
from catalog.completeness import LACKING
from catalog.overview import GapRow, Place
from web.guard import front_of, needs
from web.page import Shown, chosen, download, page, shown
from web.reports import Report, Table, as_pdf, as_xlsx
from yihu.clock import now
from yihu.errors import NotFound
from yihu.household import ABSENT

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("audit.see")]
MAY_EXPORT = Annotated[Viewer, needs("audit.export")]
MAY_LOOK = Annotated[Viewer, needs("log.see")]
VIEWS = ("any", "paper", "digital", "both")
MOST_GAPS_IN_A_REPORT = 20_000
KINDS = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "pdf": ("application/pdf", as_pdf),
}


@router.get("/audit")
def audit(request: Request, viewer: MAY_SEE, view: str = "any") -> Response:
    """The map of completeness, building by category, and how the house stands."""
    front, show = front_of(request), shown(request)
    view = chosen(VIEWS, view, "any")
    with front.database.read() as session:
        heat = _heat(session, viewer, view)
        known: dict[str, Any] = {
            "health": overview.health(session) if viewer.reach("audit.see").everywhere else None,
            "backlog": desk.count(session, viewer) if viewer.may("review.see") else None,
            "states": overview.states(session, viewer) if viewer.may("document.list") else {},
        }
    categories = [
        category
        for category in front.template.categories
        if any(category.code in row["cells"] for row in heat)
    ]
    return page(
        request,
        "audit.html",
        viewer,
        heat=heat,
        categories=[(category.code, show.category(category.code)) for category in categories],
        view=view,
        views=VIEWS,
        areas=areas_shown(viewer.areas),
        **known,
    )


def _heat(session: Session, viewer: Viewer, view: str) -> list[dict[str, Any]]:
    found = overview.completeness_map(session, viewer)
    several = len({place[0] for place in found}) > 1
    return [
        {
            "place": place,
            "query": urlencode(dict(zip(("estate", "zone", "building"), place, strict=True))),
            "name": overview.place_name(place, several=several),
            "households": cells.get("", {}).get("households", 0),
            "cells": {
                category: {**counts, "rate": rate(counts, view)}
                for category, counts in cells.items()
                if counts["required"]
            },
        }
        for place, cells in found.items()
    ]


def rate(counts: dict[str, int], view: str) -> float:
    """The share that is there: on paper, digitally, both, or in any form."""
    there = counts["required"] - counts["missing"] if view == "any" else counts[view]
    return there / counts["required"] if counts["required"] else 1.0


@router.get("/audit/gaps")
def gaps(
    request: Request,
    viewer: MAY_SEE,
    estate: str = ABSENT,
    zone: str = ABSENT,
    building: str = "",
    category: str = "",
    lacking: str = "both",
    after: str = "",
) -> Response:
    """The missing items of a building and category, or of all."""
    front = front_of(request)
    place = (estate, zone, building) if building else None
    lacking = chosen(tuple(LACKING), lacking, "both")
    number, _, code = after.partition(":")
    start = (int(number), code) if number.isascii() and number.isdigit() else None
    with front.database.read() as session:
        rows = overview.gaps(
            session, viewer, place=place, category=category, lacking=lacking, after=start, limit=201
        )
        places = overview.buildings(session, viewer)
    last = rows[199] if len(rows) > 200 else None
    return page(
        request,
        "gaps.html",
        viewer,
        rows=rows[:200],
        places=places,
        estate=estate,
        zone=zone,
        building=building,
        category=category,
        lacking=lacking,
        lackings=tuple(LACKING),
        categories=front.template.categories,
        more=f"{last.household_id}:{last.type}" if last else "",
        exports=viewer.may("audit.export"),
    )


@router.get("/audit/report.{kind}")
def report(
    request: Request,
    viewer: MAY_EXPORT,
    kind: str,
    estate: str = ABSENT,
    zone: str = ABSENT,
    building: str = "",
    category: str = "",
    lacking: str = "both",
) -> Response:
    """Completeness and gaps as a table or a document to hand on; its hash is in the ledger."""
    if kind not in KINDS:
        raise NotFound(f"no report as {kind}")
    front, show = front_of(request), shown(request)
    place = (estate, zone, building) if building else None
    with front.database.read() as session:
        made = _report(
            session, viewer, show, place, category, chosen(tuple(LACKING), lacking, "both")
        )
    media, write = KINDS[kind]
    data = write(made)
    with front.database.write() as session:
        told = {"report": "gaps", "kind": kind, "sha256": hashlib.sha256(data).hexdigest()}
        ledger.append(session, "exported", f"account:{viewer.name}", told, viewer.actor)
    name = f"{show.words('audit.report_name')} {now():%Y-%m-%d}.{kind}"
    return download(data, media, name)


def _report(
    session: Session, viewer: Viewer, show: Shown, place: Place | None, category: str, lacking: str
) -> Report:
    t = show.words
    heat = [row for row in _heat(session, viewer, "any") if place is None or row["place"] == place]
    rows = overview.gaps(
        session,
        viewer,
        place=place,
        category=category,
        lacking=lacking,
        limit=MOST_GAPS_IN_A_REPORT + 1,
    )
    names = ("required", "paper", "digital", "both", "missing")
    summary = Table(
        t("audit.completeness"),
        [
            t("audit.building"),
            t("audit.households"),
            *(t(f"audit.{n}") for n in names),
            t("audit.rate"),
        ],
        [_summary_row(row, names) for row in heat],
    )
    listed = Table(
        t("audit.gaps"),
        [t("household.room"), t("household.file_no"), t("household.owner"), t("audit.category"),
         t("document.type"), t("audit.state")],
        [_gap_row(row, show) for row in rows[:MOST_GAPS_IN_A_REPORT]],
    )  # fmt: skip
    note = t("audit.report_note", who=viewer.name, at=show.moment(now()))
    if len(rows) > MOST_GAPS_IN_A_REPORT:
        note += " " + t("audit.report_cut", count=MOST_GAPS_IN_A_REPORT)
    return Report(t("audit.report_name"), note, [summary, listed])


def _summary_row(row: dict[str, Any], names: tuple[str, ...]) -> list[str | int]:
    total: dict[str, int] = row["cells"].get("", {})
    share = f"{total['rate'] * 100:.1f}%" if total else ""
    return [row["name"], row["households"], *(total.get(name, 0) for name in names), share]


def _gap_row(row: GapRow, show: Shown) -> list[str | int]:
    return [
        show.room(row.key),
        row.file_no,
        row.owner,
        show.category(row.category),
        show.type(row.type),
        show.words(f"state.{row.state}"),
    ]


@router.get("/audit/looks")
def looks(
    request: Request, viewer: MAY_LOOK, actor: str = "", kind: str = "", before: int = 0
) -> Response:
    """Who looked at what, and who was refused."""
    show = shown(request)
    actions = (kind,) if kind in overview.LOOKS else overview.LOOKS
    with front_of(request).database.read() as session:
        events = overview.events(
            session, viewer, actions=actions, actor=actor[:64], before=before, limit=101
        )
        rows = [
            {
                "seq": event.seq,
                "at": show.moment(event.at),
                "actor": show.actor(event.actor),
                "action": event.action,
                "kind": event.subject_kind,
                "number": event.subject_id,
                "data": _told(json.loads(event.data), show),
            }
            for event in events
        ]
    return page(
        request,
        "looks.html",
        viewer,
        rows=rows[:100],
        more=rows[99]["seq"] if len(rows) > 100 else 0,
        actor=actor,
        kind=kind,
        kinds=overview.LOOKS,
    )


def _told(data: dict[str, Any], show: Shown) -> str:
    parts = []
    if "what" in data:
        parts.append(str(data["what"]).rstrip("+"))
    if "action" in data:
        parts.append(str(data["action"]))
    if data.get("clear"):
        parts.append(show.words("looks.clear") + ": " + ", ".join(data["clear"]))
    if data.get("with_reason"):
        parts.append(show.words("looks.with_reason"))
    return " · ".join(parts)
