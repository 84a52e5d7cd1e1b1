"""How soon a document and a page must be worked on; what verifying found."""

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
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fixity", sa.Boolean(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("could_not_check", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verification"),
    )
