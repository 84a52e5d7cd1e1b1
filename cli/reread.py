"""`yihu reread` and `yihu searchable`: reading anew, and copies that can be searched."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.ingest import wait_settled
from cli.output import Column, common, line, say, settings_of, show
from yihu.errors import Exit

if TYPE_CHECKING:
    from catalog.models import Chore

COLUMNS = (
    Column("页 page", lambda row: f"{row['sha256'][:12]} {row['page']}"),
    Column("状态 state", lambda row: row["state"]),
    Column("结果 verdict", lambda row: row["verdict"]),
    Column("引擎 engine", lambda row: f"{row['engine']} {row['version']}"),
    Column("原因 why", lambda row: row["error"]),
)


@click.command()
@common
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "everything", is_flag=True, help="Every document that was read.")
@click.option("--state", default=None, help="Only documents in this state.")
@click.option("--engine", default="", help="Another reader: rapidocr or tesseract.")
@click.option("--careful", is_flag=True, help="Slower and finer.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Pages read at once (0: cores).")
@click.option("--timeout", type=float, default=None, help="Stop waiting after so many seconds.")
@click.option("--wait/--no-wait", default=True, help="Wait until it is done.")
def reread(
    home: Path | None,
    as_json: bool,
    ids: tuple[int, ...],
    everything: bool,
    state: str | None,
    engine: str,
    careful: bool,
    workers: int,
    timeout: float | None,
    wait: bool,
) -> int:
    """Read documents again; earlier readings are kept, a worse one never replaces a better.

    Runs behind everything else. Documents in review are judged anew by the new
    text; filed ones stay filed, and say so when the new text speaks for
    another household or type.
    """
    from catalog import chores, documents
    from ingest.engines import NAMES
    from worker import rereading
    from worker.home import open_home
    from worker.supervisor import served

    if bool(ids) == everything:
        raise click.UsageError("give documents, or --all")
    if engine and engine not in NAMES:
        raise click.UsageError(f"no such reader: {engine}; known: {', '.join(NAMES)}")
    if state is not None and state not in documents.STATES:
        raise click.UsageError(f"no such state: {state}; one of {', '.join(documents.STATES)}")
    settings = settings_of(home)
    database = open_home(settings)
    with database.read() as session:
        found = list(documents.listed(session) if everything else documents.by_id(session, ids))
    if missing := set(ids) - {document.id for document in found}:
        say(f"没有这些文件 no such documents: {', '.join(map(str, sorted(missing)))}")
        return Exit.FINDINGS
    found = [document for document in found if state in (None, document.state)]
    with database.write() as session:
        asked = rereading.ask(session, found, engine=engine, careful=careful, by=getpass.getuser())
    if not wait:
        say(f"{len(asked)} 页待重新识别 pages will be read again")
        return Exit.DONE

    def left() -> int:
        with database.read() as session:
            return chores.waiting(session, asked)

    with served(settings, workers):
        done = wait_settled(left, len(asked), timeout)
    with database.read() as session:
        rows = _rows(chores.by_id(session, asked))
    show(rows, COLUMNS, as_json=as_json)
    if not done:
        say("超时，其余页面稍后继续 / timed out; the rest goes on later")
        return Exit.COULD_NOT
    return Exit.REJECTED if any(row["state"] == "failed" for row in rows) else Exit.DONE


def _rows(found: Iterable[Chore]) -> list[dict[str, Any]]:
    rows = []
    for chore in found:
        outcome = chore.outcome or {}
        rows.append(
            {
                "sha256": chore.sha256,
                "page": int(chore.subject.rpartition(":")[2]),
                "state": chore.state,
                "verdict": outcome.get("verdict", ""),
                "engine": outcome.get("engine", ""),
                "version": outcome.get("version", ""),
                "error": chore.last_error,
            }
        )
    return rows


@click.command()
@common
@click.argument("document", metavar="ID", type=int)
@click.argument("target", metavar="OUT.pdf", type=click.Path(path_type=Path, dir_okay=False))
def searchable(home: Path | None, as_json: bool, document: int, target: Path) -> int:
    """Write the searchable copy (PDF/A-2b) of a document; it is made now where it is not there."""
    from catalog import documents
    from worker import copies
    from worker.services import Services
    from yihu.errors import NotFound, Usage

    if target.exists():
        raise Usage(f"the file is there: {target}")
    services = Services.open(settings_of(home))
    try:
        with services.database.read() as session:
            found = documents.by_id(session, [document])
        if not found or found[0].sha256 is None:
            raise NotFound(f"no document {document} with an original")
        there = copies.fetch(found[0], services, target)
    finally:
        services.close()
    if as_json:
        line({"document": document, "file": str(target), "made_now": not there})
    else:
        say(f"{target}")
    return Exit.DONE
