"""`yihu facts`: what is noted about a household and makes further papers required."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, line, say, settings_of, show
from yihu.errors import Exit

if TYPE_CHECKING:
    from catalog.models import FactChange

COLUMNS = (
    Column("序号 change", lambda row: f"{row['change']}{' (已撤销 undone)' * row['undone']}"),
    Column("时间 at", lambda row: row["at"][:19].replace("T", " ")),
    Column("谁 who", lambda row: row["by"]),
    Column("改动 what", lambda row: _difference(row["before"], row["after"])),
    Column("原因 why", lambda row: row["why"]),
    Column("依据 evidence", lambda row: row["evidence"]),
)
NAMES = {
    "occupancy": "入住状态 occupancy",
    "agent": "代办收楼 agent",
    "renovations": "装修次数 renovations",
    "renovations_done": "已验收 accepted",
    "vehicles": "车辆 vehicles",
    "leases": "租约 leases",
}


def _difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    changed = [name for name in NAMES if before[name] != after[name]]
    return "; ".join(f"{NAMES[name]} {before[name]} → {after[name]}" for name in changed)


COUNT = click.IntRange(0, 20)


@click.command()
@common
@click.argument("room", metavar="ROOM")
@click.option("--occupancy", default=None, help="自住, 出租, 商住 or 空置.")
@click.option("--agent/--no-agent", default=None, help="Somebody else took the keys over.")
@click.option("--renovations", type=COUNT, default=None, help="How many there were.")
@click.option("--renovations-done", type=COUNT, default=None, help="How many were accepted.")
@click.option("--vehicles", type=COUNT, default=None, help="How many are registered.")
@click.option("--leases", type=COUNT, default=None, help="How many there are.")
@click.option("--why", default="", help="Why it is changed; needed for every change.")
@click.option("--evidence", default="", help="What shows it: a document, a visit, a call.")
@click.option("--undo", is_flag=True, help="Take the newest change back.")
@click.option("--history", "told", is_flag=True, help="The changes, newest first.")
def facts(
    home: Path | None,
    as_json: bool,
    room: str,
    why: str,
    evidence: str,
    undo: bool,
    told: bool,
    **given: Any,
) -> int:
    """Show what is noted about the household of ROOM, or note something else, with a reason."""
    from catalog import facts as repository
    from catalog.models import Household
    from worker.rooms import UnknownRoom, find_household
    from worker.views import View

    wishes = {name: value for name, value in given.items() if value is not None}
    if (undo and (wishes or told)) or (told and wishes):
        raise click.UsageError("--undo, --history and facts to note do not go together")
    view = View.open(settings_of(home))
    try:
        record = find_household(room, view.register())
    except UnknownRoom as error:
        say(str(error))
        return Exit.FINDINGS
    actor = f"person:{getpass.getuser()}"
    if undo or wishes:
        with view.database.write() as session:
            if undo:
                repository.undo(session, record.id, why=why, actor=actor)
            else:
                before = repository.of(session.get_one(Household, record.id))
                repository.change(
                    session, record.id, replace(before, **wishes),
                    why=why, evidence=evidence, actor=actor, seen=before.mark,
                )  # fmt: skip
    with view.database.read() as session:
        now = repository.of(session.get_one(Household, record.id)).as_dict()
        rows = [_row(one) for one in repository.history(session, record.id)] if told else []
    if told:
        show(rows, COLUMNS, as_json=as_json)
    elif as_json:
        line({"household": record.key.as_dict(), "facts": now})
    else:
        click.echo("\n".join(f"{NAMES[name]}: {value}" for name, value in now.items()))
    return Exit.DONE


def _row(change: FactChange) -> dict[str, Any]:
    from yihu.clock import iso

    return {
        "change": change.id, "at": iso(change.made_at), "by": change.made_by,
        "before": change.before, "after": change.after, "why": change.why,
        "evidence": change.evidence, "undoes": change.undoes, "undone": change.undone,
    }  # fmt: skip
