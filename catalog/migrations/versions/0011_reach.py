"""Indexes by which lists find what is within somebody's reach, instead of testing every document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
oldest_code = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_arrival_dropped_by", "arrival", ["dropped_by", "id"])
    op.create_index("ix_document_household_state", "document", ["household_id", "state", "id"])
    repeats = sa.text("duplicate_of IS NOT NULL")
    op.create_index(
        "ix_document_repeats",
        "document",
        ["duplicate_of", "id"],
        sqlite_where=repeats,
        postgresql_where=repeats,
    )
