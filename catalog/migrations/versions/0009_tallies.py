"""Counts kept by triggers, and an index of what waits for review by household."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOVED = "UPDATE OF state, stage, reasons, type, household_id"


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "slot", name=op.f("pk_tally")),
    )
    waits = sa.text("state = 'review' AND stage = ''")
    op.create_index(
        "ix_document_review_household",
        "document",
        ["household_id", "id"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.execute(_note(_document("d", 1, "document AS d"), "0"))
    op.execute(_note(_original("o", 1, "original AS o"), "0"))
    for table, adds in (("document", _document), ("original", _original)):
        _trigger(table, "insert", "INSERT", adds("NEW", 1))
        _trigger(table, "delete", "DELETE", adds("OLD", -1))
    moves = f"OLD.state <> NEW.state OR ({_waits('OLD')}) OR ({_waits('NEW')})"
    both = _document("OLD", -1) + _document("NEW", 1)
    _trigger("document", "update", _MOVED, both, f"WHEN ({moves})")


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _waits(row: str) -> str:
    return f"{row}.state = 'review' AND {row}.stage = ''"


def _document(row: str, number: int, source: str = "") -> list[str]:
    """What a document adds, one SELECT each; without `source` the row is a trigger's."""
    reasons = f"{row}.reasons" if _is_sqlite() else f"CAST({row}.reasons AS text)"
    merged = f"{row}.state = 'duplicate' AND {reasons} LIKE '%\"merged\"%'"
    key = f"CASE WHEN {merged} THEN 'merged' ELSE {row}.state END"
    each = (
        f"json_each({row}.reasons) AS reason"
        if _is_sqlite()
        else f"json_array_elements_text({row}.reasons) AS reason (value)"
    )
    home = "household AS h, room AS r"
    there = f"h.id = {row}.household_id AND r.id = h.room_id"
    parts = [
        ("state", key, "", f"{row}.id IS NOT NULL"),
        ("review", "''", "", _waits(row)),
        ("type", f"{row}.type", "", f"{row}.type IS NOT NULL AND {_waits(row)}"),
        ("reason", "reason.value", each, _waits(row)),
        ("building", "r.building", home, f"{there} AND {_waits(row)}"),
    ]
    return [_select(kind, key, number, (source, other), where) for kind, key, other, where in parts]


def _original(row: str, number: int, source: str = "") -> list[str]:
    return [_select("original", "''", number, (source,), f"{row}.sha256 IS NOT NULL")]


def _select(kind: str, key: str, number: int, tables: tuple[str, ...], where: str) -> str:
    named = ", ".join(table for table in tables if table)
    source = f" FROM {named}" if named else ""
    return f"SELECT '{kind}' AS kind, {key} AS key, {number} AS number{source} WHERE {where}"


def _note(parts: list[str], slot: str) -> str:
    """The statement that adds these to the numbers, each key once and in order."""
    return (
        f"INSERT INTO tally (kind, key, slot, number) "  # noqa: S608 - our words
        f"SELECT kind, key, {slot}, sum(number) FROM ({' UNION ALL '.join(parts)}) AS moved "
        "GROUP BY kind, key HAVING sum(number) <> 0 ORDER BY kind, key "
        "ON CONFLICT (kind, key, slot) DO UPDATE SET number = tally.number + excluded.number"
    )


def _trigger(table: str, name: str, event: str, parts: list[str], when: str = "") -> None:
    """On PostgreSQL every connection adds to a slot of its own, so that none waits for another."""
    name = f"tally_{table}_{name}"
    if _is_sqlite():
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} "
            f"BEGIN {_note(parts, '0')}; END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {_note(parts, 'pg_backend_pid()')}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} "
        f"EXECUTE FUNCTION {name}()"
    )

