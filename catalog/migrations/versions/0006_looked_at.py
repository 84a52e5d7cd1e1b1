"""Indexes with which the state of the archive is told without reading through it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bad = sa.text("verify_result NOT IN ('ok', '')")
    op.create_index("ix_original_verified", "original", ["verified_at"])
    op.create_index(
        "ix_original_bad", "original", ["verify_result"], sqlite_where=bad, postgresql_where=bad
    )
    op.create_index("ix_reading_at", "reading", ["at"])
