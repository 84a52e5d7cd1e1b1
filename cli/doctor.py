"""`yihu doctor`: what is installed, reachable, writable, and what to do where not."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import Column, common, settings_of, show
from yihu.errors import Exit


@click.command()
@common
def doctor(home: Path | None, as_json: bool) -> int:
    """Check this machine and this home; exit code 1 when something needs doing."""
    from worker.checkup import examine

    rows = [check.as_dict() for check in examine(settings_of(home))]
    columns = (
        Column("", lambda row: {"ok": "√", "warning": "!", "failed": "×"}[row["result"]]),
        Column("检查 check", lambda row: row["check"]),
        Column("结果 result", lambda row: row["message"]),
        Column("怎么办 what to do", lambda row: row["remedy"]),
    )
    show(rows, columns, as_json=as_json)
    return Exit.FINDINGS if any(row["result"] == "failed" for row in rows) else Exit.DONE
