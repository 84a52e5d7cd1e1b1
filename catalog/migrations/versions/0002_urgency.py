"""How soon a document and a page must be worked on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("document", "page"):
        urgency = sa.Column("urgency", sa.SmallInteger(), nullable=False, server_default="0")
        op.add_column(table, urgency)
    op.drop_index("ix_page_state_due", table_name="page")
    op.create_index("ix_page_due", "page", ["state", "urgency", "due_at"])
