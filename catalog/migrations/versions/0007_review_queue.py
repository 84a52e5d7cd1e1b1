"""An index of what waits for review, so that the queue costs nothing in a large archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("state = 'review' AND stage = ''")
    op.create_index(
        "ix_document_review",
        "document",
        ["id", "household_id", "type"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
