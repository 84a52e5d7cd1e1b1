"""`yihu household`, `completeness`, `gaps`: catalogues with ticks, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.output import Column, common, line, room, say, settings_of, show
from yihu.errors import Exit

TICK, NO_TICK = "√", "□"
STATE_WORDS = {
    "missing": "缺 missing",
    "paper": "仅纸质 paper only",
    "digital": "仅电子 digital only",
    "both": "齐 both",
    "waived": "免 waived",
    "n/a": "不适用 n/a",
    "loan": "借出 on loan",
}


@click.command()
@common
@click.argument("room_text", metavar="ROOM")
def household(home: Path | None, as_json: bool, room_text: str) -> int:
    """One household's catalogue; ROOM in any written form, e.g. 3-2-501 or 3栋2单元501室."""
    from worker.rooms import UnknownRoom, find_household
    from worker.views import View

    view = View.open(settings_of(home))
    try:
        record = find_household(room_text, view.register())
    except UnknownRoom as error:
        say(str(error))
        return Exit.FINDINGS
    catalogue = view.catalogue(record.id)
    if as_json:
        line(catalogue)
    else:
        print_catalogue(catalogue)
    return Exit.DONE


def print_catalogue(catalogue: dict[str, Any]) -> None:
    """The catalogue as a table: a tick and a word in each column, never colour alone."""
    owner = catalogue["owner"]
    click.echo(
        f"{room(catalogue['household'])}  {owner}  档号 {catalogue['file_no']}  "
        f"第{catalogue['generation']}代"
    )
    columns = (
        Column("", lambda item: TICK if item["digital"] or item["paper"] else NO_TICK),
        Column("类型 type", lambda item: item["type"]),
        Column("名称 name", lambda item: item["name"]),
        Column("应存 required", lambda item: "应 yes" if item["required"] else ""),
        Column("纸质 paper", lambda item: f"{TICK} 有" if item["paper"] else f"{NO_TICK} 无"),
        Column("电子 digital", lambda item: f"{TICK} 有" if item["digital"] else f"{NO_TICK} 无"),
        Column("状态 state", lambda item: STATE_WORDS[item["state"]]),
        Column("文件 documents", lambda item: ", ".join(map(str, item["documents"]))),
    )
    show(catalogue["items"], columns, as_json=False)
    click.echo(
        "应存 required {required}  电子 digital {digital}  "
        "纸质 paper {paper}  齐 both {both}".format(**catalogue)
    )


@click.command()
@common
@click.option("--by", type=click.Choice(["estate", "building", "category"]), default="estate")
def completeness(home: Path | None, as_json: bool, by: str) -> None:
    """Counts and rates, paper and digital apart."""
    from worker.views import View

    view = View.open(settings_of(home))
    columns = (
        Column("", lambda row: str(row["key"])),
        *(
            Column(heading, lambda row, name=name: str(row[name]))  # type: ignore[misc]
            for heading, name in (
                ("业户 households", "households"),
                ("应存 required", "required"),
                ("电子 digital", "digital"),
                ("纸质 paper", "paper"),
                ("齐 both", "both"),
                ("缺 missing", "missing"),
            )
        ),
        Column("齐全率 rate", lambda row: f"{row['rate']:.1%}"),
    )
    show(view.completeness(by), columns, as_json=as_json)


@click.command()
@common
@click.option("--category", default=None, help="Only this category, e.g. movein.")
@click.option("--building", default=None, help="Only this building, e.g. 3.")
def gaps(home: Path | None, as_json: bool, category: str | None, building: str | None) -> int:
    """Missing required items, one line each; exit code 1 when there are any."""
    from worker.views import View

    view = View.open(settings_of(home))
    if category is not None and category not in view.categories():
        raise click.UsageError(f"no such category: {category}")
    columns = (
        Column("业户 household", lambda row: room(row["household"])),
        Column("业主 owner", lambda row: row["owner"]),
        Column("类型 type", lambda row: row["type"]),
        Column("名称 name", lambda row: row["name"]),
        Column("缺 lacks", lambda row: row["state"]),
    )
    rows: Iterator[dict[str, Any]] = view.gaps(category, building)
    return Exit.FINDINGS if show(rows, columns, as_json=as_json) else Exit.DONE
