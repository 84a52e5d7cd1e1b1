"""`yihu status`: how the house stands, and whether something needs a person."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import Column, common, settings_of, show
from yihu.errors import Exit

SIGNS = {"ok": "√", "attention": "!", "could-not-check": "?"}


@click.command()
@common
def status(home: Path | None, as_json: bool) -> int:
    """Processes, servers, queues, documents, review, pace, failures, disk, originals.

    Exit code 0: all well; 1: something needs a person; 3: something could not be checked.
    """
    from worker.status import look

    rows = [line.as_dict() for line in look(settings_of(home))]
    columns = (
        Column("", lambda row: SIGNS[row["result"]]),
        Column("项目 what", lambda row: row["check"]),
        Column("状况 how it stands", lambda row: row["message"]),
        Column("怎么办 what to do", lambda row: row["remedy"]),
    )
    show(rows, columns, as_json=as_json)
    results = {row["result"] for row in rows}
    if "could-not-check" in results:
        return Exit.COULD_NOT
    return Exit.FINDINGS if "attention" in results else Exit.DONE
