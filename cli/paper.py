"""`yihu paper confirm|withdraw`: paper ticks; who saw it, when, and where it lies."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.catalogue import print_catalogue
from cli.output import common, line, settings_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@click.group()
def paper() -> None:
    """Paper in the folder."""


@paper.command()
@common
@click.argument("room", metavar="ROOM")
@click.option(
    "--type", "type_code", default=None, help="Only this type; else all that is expected."
)
@click.option("--location", default="", help="Where it lies, e.g. K1-A03-2-07-15.")
def confirm(
    home: Path | None, as_json: bool, room: str, type_code: str | None, location: str
) -> None:
    """I saw the paper in the folder."""

    def tick(session: Session, household: int, actor: str) -> None:
        from catalog import ticks

        ticks.confirm_paper(
            session, household_id=household, type=type_code, location=location, actor=actor
        )

    _change(home, as_json, room, type_code, tick)


@paper.command()
@common
@click.argument("room", metavar="ROOM")
@click.option("--type", "type_code", required=True, help="The document type.")
@click.option("--reason", required=True, help="Why the tick is withdrawn.")
def withdraw(home: Path | None, as_json: bool, room: str, type_code: str, reason: str) -> None:
    """The paper is not there after all."""

    def untick(session: Session, household: int, actor: str) -> None:
        from catalog import ticks
        from catalog.stated import stated

        ticks.withdraw_paper(
            session, household_id=household, type=type_code, reason=stated(reason), actor=actor
        )

    _change(home, as_json, room, type_code, untick)


def _change(
    home: Path | None,
    as_json: bool,
    room: str,
    type_code: str | None,
    change: Callable[[Session, int, str], None],
) -> None:
    """Make a change of a household's paper and print its catalogue as it is then."""
    from worker.rooms import find_household
    from worker.views import View
    from yihu.errors import Usage

    view = View.open(settings_of(home))
    record = find_household(room, view.register())
    if type_code is not None and type_code not in view.template.by_code:
        raise Usage(f"no such document type: {type_code}")
    with view.database.write() as session:
        change(session, record.id, f"person:{getpass.getuser()}")
    catalogue = view.catalogue(record.id)
    if as_json:
        line(catalogue)
    else:
        print_catalogue(catalogue)
