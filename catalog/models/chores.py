"""Work that nobody waits for: reading pages anew, searchable copies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class Chore(Base):
    """One piece of background work: "waiting", then "done" or "failed".

    `subject` says on what (a page, a document), `detail` how it was asked for,
    `outcome` what came of it. Claimed by lease like a document; asked for twice
    it waits once.
    """

    __tablename__ = "chore"
    __table_args__ = (
        Index(
            "uq_chore_waiting",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_chore_due", "state", "due_at"),
        Index("ix_chore_original", "sha256", "kind", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(96))
    sha256: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str] = mapped_column(String(64), default="")
    last_error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)
