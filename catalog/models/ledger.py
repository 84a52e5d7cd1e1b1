"""The audit trail: append-only events, each sealed with the hash of the one before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class Event(Base):
    """One thing that happened; triggers refuse to change or delete the row.

    `data` is canonical JSON and holds ids and field names, never personal
    values (domain 5.5).
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject_kind", "subject_id", "seq"),
        Index("ix_event_action", "action", "seq"),
        Index("ix_event_hash", "hash"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(80))
    data: Mapped[str] = mapped_column(Text)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    @property
    def subject(self) -> str:
        """What it happened to, e.g. "document:12"."""
        return f"{self.subject_kind}:{self.subject_id}"


class LedgerHead(Base):
    """One row: number and hash of the last event; its lock puts appends in a row."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64))
