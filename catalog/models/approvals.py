"""What somebody asked to be allowed once, for one thing, and what was decided on it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment

EVENTS = tuple(
    f"approval_{verb}" for verb in ("asked", "granted", "declined", "withdrawn", "used", "ended")
)
"""What the ledger tells of approvals; none of it changes a document or a household."""


class Approval(Base):
    """One person's request for one action on one subject.

    `state` is open, granted, declined, withdrawn, used or ended; a moment past
    `until` makes an open or granted one expired without anybody's doing.
    `subject_id` is the number somebody wrote: it may name nothing, so it is no
    foreign key. `household_id` is where the subject stood when it was asked for;
    once it stands elsewhere the approval holds no more.
    """

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_account", "account_id", "state"),
        Index("ix_approval_state", "state", "id"),
        Index(
            "uq_approval_open",
            "account_id",
            "action",
            "subject_kind",
            "subject_id",
            "subject_type",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[int]
    subject_type: Mapped[str] = mapped_column(String(64), default="")
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="open")
    asked_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    uses_left: Mapped[int | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
