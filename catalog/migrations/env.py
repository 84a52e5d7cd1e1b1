"""Alembic's entry: runs revisions on the connection that `catalog.migrate` hands over.

The caller holds the transaction and the lock, so a revision that fails leaves
the schema as it was.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from catalog.migrate import is_ours
from catalog.models import Base, Moment


def _render(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def _run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        include_object=is_ours,
        render_item=_render,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
