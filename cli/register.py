"""`yihu register import`: the household register, as a diff."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.errors import Exit


@click.group()
def register() -> None:
    """The household register."""


@register.command("import")
@common
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def import_(home: Path | None, as_json: bool, file: Path, dry_run: bool) -> int:
    """Import FILE (.csv or .xlsx): added, changed, unchanged and refused rows with reasons."""
    from catalog.register import import_register, read_rows
    from worker.home import open_home

    settings = settings_of(home)
    database = open_home(settings)
    rows = read_rows(file)
    with database.write() as session:
        report = import_register(
            session, rows, estate=settings.estate, actor="command", dry_run=dry_run
        )
    for entry in report.lines():
        if as_json:
            line(entry)
        elif entry["result"] != "unchanged":
            fields = "、".join(entry["fields"])
            say(
                f"第{entry['line']}行 {entry['result']} {entry['room']} {fields} {entry['message']}"
            )
    summary = report.counts()
    if not as_json:
        click.echo(
            "新增 added {added}  变更 changed {changed}  未变 unchanged {unchanged}  "
            "拒绝 refused {refused}  提示 warnings {warning}".format(**summary)
        )
    return Exit.REJECTED if summary["refused"] else Exit.DONE
