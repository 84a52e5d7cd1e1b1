"""`yihu review` and `yihu retry`: a person's decisions, the same journey as the machine's."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.documents import DOCUMENT_COLUMNS
from cli.ingest import wait_settled
from cli.output import common, say, settings_of, show
from yihu.errors import Exit

if TYPE_CHECKING:
    from worker.services import Services
    from worker.undoing import Desk

IDS = click.argument("ids", nargs=-1, required=True, type=int)


@click.group()
def review() -> None:
    """Documents the machine was not sure of."""


@review.command("list")
@common
def list_(home: Path | None, as_json: bool) -> None:
    """What waits for a person, oldest first, with the best suggestion and the reasons."""
    from catalog import documents
    from catalog.listing import document_lines
    from worker.home import open_home

    database = open_home(settings_of(home))
    with database.read() as session:
        found = documents.listed(session, state="review")
        show(document_lines(session, found), DOCUMENT_COLUMNS, as_json=as_json)


@review.command()
@common
@IDS
def accept(home: Path | None, as_json: bool, ids: tuple[int, ...]) -> int:
    """File documents as suggested."""
    return _decide(home, as_json, ids, lambda desk, number: desk.accept(number))


@review.command()
@common
@click.argument("document", metavar="ID", type=int)
@click.option("--household", "room", default=None, help="The room, in any written form.")
@click.option("--type", "type_code", default=None, help="The document type, e.g. reno.permit.")
def assign(
    home: Path | None, as_json: bool, document: int, room: str | None, type_code: str | None
) -> int:
    """File a document under this household and type."""
    household: list[int | None] = [None]

    def resolve(services: Services) -> None:
        from worker.rooms import find_household

        if room is not None:
            household[0] = find_household(room, services.register.current()).id

    return _decide(
        home,
        as_json,
        (document,),
        lambda desk, number: desk.assign(number, household[0], type_code),
        before=resolve,
    )


@review.command()
@common
@IDS
def discard(home: Path | None, as_json: bool, ids: tuple[int, ...]) -> int:
    """Put documents into the trash; originals stay, `review restore` brings them back."""
    return _decide(home, as_json, ids, lambda desk, number: desk.discard(number))


@review.command()
@common
@IDS
def restore(home: Path | None, as_json: bool, ids: tuple[int, ...]) -> int:
    """Take documents out of the trash, back into review."""
    return _decide(home, as_json, ids, lambda desk, number: desk.restore(number))


@review.command()
@common
@click.argument("document", metavar="ID", type=int)
@click.option("--by", required=True, type=int, help="The document that takes its place.")
@click.option("--reason", required=True, help="Why.")
def replace(home: Path | None, as_json: bool, document: int, by: int, reason: str) -> int:
    """Let a newer document of the same household and item take a filed one's place."""
    return _decide(
        home, as_json, (document,), lambda desk, number: desk.replace(number, by, reason)
    )


@click.command()
@common
@IDS
def retry(home: Path | None, as_json: bool, ids: tuple[int, ...]) -> int:
    """Walk failed, rejected or reviewed documents again."""
    return _decide(home, as_json, ids, lambda desk, number: desk.retry(number))


def _decide(
    home: Path | None,
    as_json: bool,
    ids: tuple[int, ...],
    act: Callable[[Desk, int], None],
    before: Callable[[Services], None] | None = None,
) -> int:
    """Apply a decision to each document, wait until the journey settled it, print its line."""
    from catalog import documents
    from catalog.listing import document_lines
    from worker.services import Services
    from worker.supervisor import served
    from worker.undoing import Desk
    from yihu.errors import YihuError

    settings = settings_of(home)
    code = Exit.DONE
    with served(settings):
        services = Services.open(settings)
        if before is not None:
            before(services)
        desk = Desk(services, f"person:{getpass.getuser()}")
        done = []
        for number in ids:
            try:
                act(desk, number)
                done.append(number)
            except YihuError as error:
                say(f"{number}: {error}")
                code = error.exit_code
        wait_settled(lambda: _moving(services, done), len(done), timeout=60)
    with services.database.read() as session:
        found = documents.by_id(session, done)
        show(document_lines(session, found), DOCUMENT_COLUMNS, as_json=as_json)
    services.close()
    return code


def _moving(services: Services, ids: list[int]) -> int:
    from catalog import documents

    with services.database.read() as session:
        return sum(1 for document in documents.by_id(session, ids) if document.stage)
