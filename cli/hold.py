"""`yihu hold set|release|list`: originals that nobody may remove from the store meanwhile."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.output import Column, common, line, say, settings_of, show

if TYPE_CHECKING:
    from worker.holding import Holding

COLUMNS = (
    Column("文件 document", lambda row: row["document"]),
    Column("起 since", lambda row: row["since"]),
    Column("谁 by", lambda row: row["by"]),
    Column("案号 case", lambda row: row["case"]),
    Column("存储 store", lambda row: row["store"]),
)


def _case_number(_: click.Context, __: click.Parameter, value: str) -> str:
    if not value.strip() or len(value) > CASE_LENGTH or not any(map(str.isdigit, value)):
        raise click.BadParameter(f"a number of at most {CASE_LENGTH} characters, no names")
    return value.strip()


CASE_LENGTH = 60
CASE = click.option(
    "--case",
    required=True,
    callback=_case_number,
    help="Number of the case or order that asks for it, e.g. （2026）粤0104民初1234号.",
)
NUMBER = click.argument("number", metavar="ID", type=int)


@click.group()
def hold() -> None:
    """Legal hold: the store refuses to remove an original until the hold is ended."""


@hold.command("set")
@common
@NUMBER
@CASE
def set_(home: Path | None, as_json: bool, number: int, case: str) -> None:
    """Hold the original of document ID."""
    _holding(home).hold(number, case, f"person:{getpass.getuser()}")
    _told(number, "已冻结 held", held=True, as_json=as_json)


@hold.command()
@common
@NUMBER
@CASE
def release(home: Path | None, as_json: bool, number: int, case: str) -> None:
    """End the hold on the original of document ID."""
    _holding(home).release(number, case, f"person:{getpass.getuser()}")
    _told(number, "已解除 released", held=False, as_json=as_json)


@hold.command("list")
@common
def list_(home: Path | None, as_json: bool) -> None:
    """What is held, since when, why, and whether the store still says so."""
    show(_holding(home).lines(), COLUMNS, as_json=as_json)


def _told(number: int, words: str, *, held: bool, as_json: bool) -> None:
    if as_json:
        line({"document": number, "held": held})
    else:
        say(f"{number}: {words}")


def _holding(home: Path | None) -> Holding:
    from worker.holding import Holding
    from worker.home import open_home, open_store

    settings = settings_of(home)
    database = open_home(settings)
    return Holding(database, open_store(settings, database))
