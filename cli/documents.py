"""`yihu documents` and `yihu search`: where everything is, and finding it by its words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, room, settings_of, show

if TYPE_CHECKING:
    from catalog.database import Database


def _file(row: dict[str, Any]) -> str:
    first, last = row["pages"]
    return f"{row['file']} [{first}-{last}]" if (first, last) != (1, 1) else str(row["file"])


DOCUMENT_COLUMNS = (
    Column("id", lambda row: str(row["document"])),
    Column("文件 file", _file),
    Column("状态 state", lambda row: row["state"]),
    Column("业户 household", lambda row: room(row["household"])),
    Column("类型 type", lambda row: row["type"] or ""),
    Column("p", lambda row: "" if row["probability"] is None else f"{row['probability']:.3f}"),
    Column("原因 why", lambda row: row["message"] or ", ".join(row["reasons"])),
    Column("自 since", lambda row: (row["since"] or "")[:19].replace("T", " ")),
)


@click.command()
@common
@click.option("--state", default=None, help="Only documents in this state.")
@click.option("--since", default=None, help="Only changes since this moment (ISO 8601).")
@click.option("--readings", type=int, default=None, metavar="ID", help="How this one was read.")
@click.option("--why", type=int, default=None, metavar="ID", help="What spoke for and against.")
def documents(
    home: Path | None,
    as_json: bool,
    state: str | None,
    since: str | None,
    readings: int | None,
    why: int | None,
) -> None:
    """For each document where it is, since when, and why."""
    if why is not None:
        from cli.evidence import explain

        explain(home, why, as_json=as_json)
        return
    from catalog import documents as repository
    from catalog.listing import document_lines
    from worker.home import open_home

    if state is not None and state not in repository.STATES:
        raise click.UsageError(f"no such state: {state}; one of {', '.join(repository.STATES)}")
    database = open_home(settings_of(home))
    if readings is not None:
        _readings(database, readings, as_json=as_json)
        return
    with database.read() as session:
        found = repository.listed(session, state=state, since=_moment(since))
        show(document_lines(session, found), DOCUMENT_COLUMNS, as_json=as_json)


READING_COLUMNS = (
    Column("页 page", lambda row: str(row["page"])),
    Column("", lambda row: "→" if row["current"] else ""),
    Column("识别 reading", lambda row: str(row["reading"])),
    Column("引擎 engine", lambda row: f"{row['engine']} {row['version']}"),
    Column("时间 at", lambda row: row["at"][:19].replace("T", " ")),
    Column("字数 characters", lambda row: str(row["characters"])),
    Column("置信 sure", lambda row: f"{row['confidence']:.3f}"),
    Column("标记 flags", lambda row: " ".join(row["flags"])),
)


def _readings(database: Database, number: int, *, as_json: bool) -> None:
    """Every reading of a document's pages; the current ones are marked."""
    from catalog import documents as repository
    from catalog.readings import history
    from yihu.clock import iso
    from yihu.errors import NotFound

    with database.read() as session:
        found = repository.by_id(session, [number])
        if not found or found[0].sha256 is None:
            raise NotFound(f"no document {number} with an original")
        told = history(session, found[0].sha256, found[0].first_page, found[0].last_page)
    rows = (
        {
            "page": item.page,
            "reading": item.reading,
            "current": item.current,
            "engine": item.engine,
            "version": item.version,
            "at": iso(item.at) or "",
            "seconds": round(item.seconds, 3),
            "characters": sum(len(line.text) for line in item.text.lines),
            "confidence": round(item.text.sureness, 4),
            "rotation": item.text.rotation,
            "flags": sorted(item.text.flags),
            "text": item.text.text,
        }
        for item in told
    )
    show(rows, READING_COLUMNS, as_json=as_json)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"not a moment: {text} (ISO 8601, e.g. 2026-11-24T08:00)") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command()
@common
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 1000), default=50)
def search(home: Path | None, as_json: bool, text: str, limit: int) -> None:
    """Documents whose text holds TEXT, with snippets."""
    from catalog import documents as repository
    from catalog.listing import document_lines
    from catalog.search import search as find
    from worker.home import open_home

    database = open_home(settings_of(home))

    def rows() -> Iterator[dict[str, Any]]:
        with database.read() as session:
            hits = find(session, text, limit)
            loaded = repository.by_id(session, [hit.document_id for hit in hits])
            snippets = {hit.document_id: hit.snippet for hit in hits}
            for line in document_lines(session, loaded):
                yield line | {"snippet": snippets[line["document"]]}

    columns = (*DOCUMENT_COLUMNS[:5], Column("摘录 snippet", lambda row: row["snippet"]))
    show(rows(), columns, as_json=as_json)
