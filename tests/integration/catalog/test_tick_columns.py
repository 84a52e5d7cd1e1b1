"""Whatever column of a tick or a waiver is edited by hand, the audit names the row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, select, update
from sqlalchemy.orm import Session

from catalog import ticks
from catalog.audit import audit_ticks
from catalog.database import Database
from catalog.models import Holding, Waiver, table_of
from catalog.models.base import Moment
from tests.integration.catalog.conftest import Find, Register, Scan
from yihu.clock import now

MEANINGLESS = {
    "id",  # the row's own number: nothing refers to it, and no fact stands in it
}
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def columns(model: type[Any]) -> list[Column[Any]]:
    return [column for column in table_of(model).columns if column.name not in MEANINGLESS]


@pytest.fixture
def home(database: Database, register: Register, household: Find, scan: Scan) -> int:
    """Ticks and waivers of every kind: standing, moved, taken back, ended. Gives another home."""
    register(
        {"building": "3", "unit": "2", "room": "501", "owner": "王五"},
        {"building": "3", "unit": "2", "room": "502", "owner": "赵六"},
    )
    mine = household("501")
    first, second = scan("a"), scan("b")
    with database.write() as session:
        for number, sha256 in (first, second):
            ticks.tick_digital(
                session, household_id=mine, type="movein.notice", document_id=number,
                sha256=sha256, evidence={"by": "person"}, actor="ann",
            )  # fmt: skip
        ticks.confirm_paper(session, household_id=mine, location="A-1", actor="ann")
        ticks.confirm_paper(
            session, household_id=mine, type="movein.notice", location="A-2", actor="bob"
        )
        ticks.untick(session, second[0], "投错", "ann")
        for kind in ("movein.contract_stub", "movein.handover"):
            ticks.waive(
                session, household_id=mine, type=kind, reason="无", actor="ann",
                until=date(2030, 1, 1),
            )  # fmt: skip
        ticks.lift_waiver(session, household_id=mine, type="movein.handover", actor="bob")
    with database.read() as session:
        assert list(audit_ticks(session)) == []
    return household("502")


def others(value: Any, column: Column[Any], other_home: int) -> Iterator[Any]:
    """Values that somebody might write instead of this one."""
    if column.name == "household_id":
        yield other_home
        return
    if value is not None and column.nullable:
        yield None
    if isinstance(column.type, Moment):
        yield now() if value is None else value + timedelta(seconds=1)
        return
    kind = column.type.python_type
    if kind is date:
        yield date(2031, 1, 1)
    elif kind is dict:
        yield {"by": "nobody"}
    elif kind is int:
        yield 9999 if value is None else value + 1000
    else:
        yield f"{value or ''}x"
        if value:
            yield ""


def named(
    database: Database, model: type[Any], number: int, column: Column[Any], value: Any
) -> set[str]:
    """What the audit names after this edit, which is taken back."""
    table = table_of(model)
    edit = update(table).where(table.c.id == number).values({column.name: value})
    with Session(database.engine) as session:
        session.execute(edit)
        found = {problem.subject for problem in audit_ticks(session)}
        session.rollback()
    return found


@SQLITE
@pytest.mark.parametrize(
    ("model", "column"),
    [(model, column) for model in (Holding, Waiver) for column in columns(model)],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
def test_an_edited_column_is_named(
    database: Database, home: int, model: type[Any], column: Column[Any]
) -> None:
    with database.read() as session:
        rows = [(row.id, getattr(row, column.name)) for row in session.scalars(select(model))]
    assert len(rows) >= 2
    missed = [
        (number, value, other)
        for number, value in rows
        for other in others(value, column, home)
        if f"{model.__tablename__}:{number}" not in named(database, model, number, column, other)
    ]
    assert missed == []
