"""The code of the next version: one revision more than ours, run over a database of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog import migrate
from catalog.database import Database

NEXT = "0012"
REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = {next!r}, {head!r}, None, None
oldest_code = {oldest!r}


def upgrade() -> None:
    op.create_table("colour", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column(
        "document", sa.Column("colour", sa.String(8), nullable=False, server_default="red")
    )
"""


def upgrade_with_next(database: Database, scripts: Path, oldest: str) -> None:
    """What the next version does when it starts; `scripts` is a folder for its revisions."""
    shutil.copytree(Path(migrate.__file__).parent / "migrations", scripts)
    text = REVISION.format(next=NEXT, head=migrate.HEAD, oldest=oldest)
    (scripts / "versions" / f"{NEXT}_colour.py").write_text(text)
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(migrate, "SCRIPTS", str(scripts))
        newer.setattr(migrate, "HEAD", NEXT)
        migrate.upgrade(database)
        with database.read() as session:
            assert migrate.revision(session.connection()) == NEXT
