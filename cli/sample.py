"""`yihu sample`: machine-filed documents checked by a person who does not see the answer."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from cli.output import Column, common, line, say, settings_of, show
from yihu.errors import Exit

COLUMNS = (
    Column("样本 sample", lambda row: str(row["sample"])),
    Column("文件 document", lambda row: str(row["document"])),
    Column("页 pages", lambda row: "-".join(map(str, row["pages"]))),
    Column("抽取 drawn", lambda row: row["drawn_at"][:19].replace("T", " ")),
)


@click.group()
def sample() -> None:
    """The blind sample: how often the machine files wrongly, measured by people."""


@sample.command()
@common
@click.option("--size", type=click.IntRange(1), default=None, help="So many; else the share set.")
def draw(home: Path | None, as_json: bool, size: int | None) -> None:
    """Draw machine-filed documents at random for a person to check."""
    from catalog import samples
    from worker.home import open_home

    settings = settings_of(home)
    database = open_home(settings)
    with database.write() as session:
        made = samples.draw(session, settings.sample_share, _person(), size)
        count = len(made)
    if as_json:
        line({"drawn": count})
    else:
        click.echo(f"抽取 drawn {count}")


@sample.command("list")
@common
def list_(home: Path | None, as_json: bool) -> None:
    """What waits for an answer; the machine's answer is not shown."""
    from catalog import documents, samples
    from worker.home import open_home
    from yihu.clock import iso

    database = open_home(settings_of(home))
    with database.read() as session:
        waiting = samples.waiting(session)
        found = {d.id: d for d in documents.by_id(session, [one.document_id for one in waiting])}
        rows = [
            {
                "sample": one.id,
                "document": one.document_id,
                "sha256": found[one.document_id].sha256,
                "pages": [found[one.document_id].first_page, found[one.document_id].last_page],
                "drawn_at": iso(one.drawn_at),
            }
            for one in waiting
            if one.document_id in found
        ]
    show(rows, COLUMNS, as_json=as_json)


@sample.command()
@common
@click.argument("number", metavar="ID", type=int)
@click.option("--household", "room", default=None, help="The room, in any written form.")
@click.option("--type", "type_code", default=None, help="The document type, e.g. reno.permit.")
@click.option("--unclear", is_flag=True, help="It cannot be told whose or what it is.")
def answer(
    home: Path | None,
    as_json: bool,
    number: int,
    room: str | None,
    type_code: str | None,
    unclear: bool,
) -> int:
    """Say what sample ID is; an answer that differs takes the document out of the file."""
    from worker.decisions import Decisions
    from worker.rooms import find_household
    from worker.services import Services

    if unclear == bool(room or type_code) or bool(room) != bool(type_code):
        raise click.UsageError("give --household and --type, or --unclear")
    services = Services.open(settings_of(home))
    try:
        household = find_household(room, services.register.current()).id if room else None
        agrees = Decisions(services, _person()).answer_sample(number, household, type_code)
    finally:
        services.close()
    if as_json:
        line({"sample": number, "agrees": agrees})
    else:
        click.echo("一致 agrees" if agrees else "不一致，已退回复核 differs: back in review")
    return Exit.DONE if agrees else Exit.FINDINGS


@sample.command()
@common
def report(home: Path | None, as_json: bool) -> None:
    """The measured share of wrong filings, with its exact 95 % interval."""
    from catalog import samples
    from classifier.thresholds import interval
    from worker.home import open_home

    database = open_home(settings_of(home))
    with database.read() as session:
        found = samples.figures(session)
    low, high = interval(found.wrong, found.answered)
    data: dict[str, Any] = {
        "drawn": found.drawn,
        "answered": found.answered,
        "wrong": found.wrong,
        "wrong_household": found.wrong_household,
        "wrong_type": found.wrong_type,
        "rate": round(found.wrong / found.answered, 6) if found.answered else None,
        "interval": [round(low, 6), round(high, 6)],
        "confidence": 0.95,
    }
    if as_json:
        line(data)
        return
    click.echo(
        f"抽取 drawn {found.drawn}  已答 answered {found.answered}  错误 wrong {found.wrong}"
        f"（业户 household {found.wrong_household}，类型 type {found.wrong_type}）"
    )
    if found.answered:
        click.echo(
            f"误归率 wrong filing rate {found.wrong / found.answered:.2%}，"
            f"95% 置信区间 interval {low:.2%} - {high:.2%}（Clopper-Pearson）"
        )
    else:
        say("还没有答复，无法给出误归率 / no answers yet: nothing is measured")


def _person() -> str:
    return f"person:{getpass.getuser()}"
