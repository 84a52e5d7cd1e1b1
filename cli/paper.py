"""`yihu paper confirm|withdraw`: paper ticks; who saw it, when, and where it lies."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from cli.catalogue import print_catalogue
from cli.output import common, line, settings_of


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
    _change(home, as_json, room, type_code, location=location)


@paper.command()
@common
@click.argument("room", metavar="ROOM")
@click.option("--type", "type_code", required=True, help="The document type.")
@click.option("--reason", required=True, help="Why the tick is withdrawn.")
def withdraw(home: Path | None, as_json: bool, room: str, type_code: str, reason: str) -> None:
    """The paper is not there after all."""
    _change(home, as_json, room, type_code, reason=reason)


def _change(
    home: Path | None,
    as_json: bool,
    room: str,
    type_code: str | None,
    *,
    location: str = "",
    reason: str = "",
) -> None:
    from catalog import ticks
    from worker.rooms import find_household
    from worker.views import View
    from yihu.errors import Usage

    view = View.open(settings_of(home))
    record = find_household(room, view.register())
    if type_code is not None and type_code not in view.template.by_code:
        raise Usage(f"no such document type: {type_code}")
    actor = f"person:{getpass.getuser()}"
    with view.database.write() as session:
        if reason:
            assert type_code is not None
            ticks.withdraw_paper(
                session, household_id=record.id, type=type_code, reason=reason, actor=actor
            )
        else:
            ticks.confirm_paper(
                session, household_id=record.id, type=type_code, location=location, actor=actor
            )
    catalogue = view.catalogue(record.id)
    if as_json:
        line(catalogue)
    else:
        print_catalogue(catalogue)
