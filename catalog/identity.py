"""Which database this is, told apart from every other, a copy of it included."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from catalog.ledger import GENESIS, digest
from catalog.models import Event


@dataclass(frozen=True, slots=True)
class Identity:
    """Digests of where the database lies and how its ledger begins: `name`.

    Until its first event it was known by `fresh`, so that one is its own as well.
    """

    name: str
    fresh: str


def identity(session: Session) -> Identity:
    """The identity of this session's database; the same in every process that opens it."""
    first = session.scalar(select(Event.hash).order_by(Event.seq).limit(1)) or GENESIS
    place = _place(session)
    return Identity(digest([*place, first]), digest([*place, GENESIS]))


def _place(session: Session) -> tuple[str | int, ...]:
    """Not the path of a file: two containers may see one file under two, or two under one."""
    if session.connection().dialect.name == "postgresql":
        mine = "SELECT datname, oid::bigint FROM pg_database WHERE datname = current_database()"
        return tuple(session.execute(text(mine)).one())
    file = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    found = Path(session.execute(text(file)).scalar_one()).stat()
    return found.st_dev, found.st_ino
