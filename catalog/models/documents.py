"""Where every dropped file and every document is: the truth the broker never holds.

An *arrival* is a file as dropped. An *original* is its bytes, once by hash. A
*document* is a page range of an original and walks the journey. A *page* is
read once a reader took it; every *reading* of it is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.models.base import Base, Moment

BAD = text("verify_result NOT IN ('ok', '')")
"""The original did not agree when it was last read, or could not be read."""
_REVIEW = text("state = 'review' AND stage = ''")
_REPEATS = text("duplicate_of IS NOT NULL")


class Original(Base):
    """Bytes kept in the store, once; the primary key is their SHA-256 in hex."""

    __tablename__ = "original"
    __table_args__ = (
        Index("ix_original_verified", "verified_at"),
        Index("ix_original_bad", "verify_result", sqlite_where=BAD, postgresql_where=BAD),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    format: Mapped[str] = mapped_column(String(32), default="")
    pages: Mapped[int | None]
    stored_at: Mapped[datetime | None] = mapped_column(Moment)
    version_id: Mapped[str] = mapped_column(String(128), default="")
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    verify_result: Mapped[str] = mapped_column(String(16), default="")


class Verification(Base):
    """One run of `verify`: when, of what, and what it found; unfinished when it was interrupted.

    `fixity` tells whether every original was read again; `findings` holds the
    first of them, as printed.
    """

    __tablename__ = "verification"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    fixity: Mapped[bool]
    checked: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    could_not_check: Mapped[int] = mapped_column(default=0)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class Arrival(Base):
    """One file as dropped: its path below the inbox, and where its bytes lie now.

    `token` names the claim and is unique, so a claim is recorded once.
    `place` is a path below the home: claimed, spool or inbox/_rejected.
    """

    __tablename__ = "arrival"
    __table_args__ = (Index("ix_arrival_dropped_by", "dropped_by", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(40), unique=True)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    received_at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(Text, default="")
    dropped_by: Mapped[str] = mapped_column(String(64), default="")


class Document(Base):
    """A page range of an original on its journey; the unit a person sees.

    `stage` is what runs next ("" when settled), `state` what a person sees,
    `resume_stage` where a failed document goes on when it is retried.
    `due_at` is when the sweeper may send it again; `lease_until` guards a claim;
    `urgency` is a `yihu.urgency.Urgency`.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index(
            "uq_document_pages",
            "sha256",
            "first_page",
            unique=True,
            sqlite_where=text("state != 'duplicate'"),
            postgresql_where=text("state != 'duplicate'"),
        ),
        Index("ix_document_due", "stage", "due_at"),
        Index("ix_document_state_since", "state", "since"),
        Index("ix_document_household", "household_id", "type"),
        Index("ix_document_household_state", "household_id", "state", "id"),
        Index(
            "ix_document_repeats",
            "duplicate_of",
            "id",
            sqlite_where=_REPEATS,
            postgresql_where=_REPEATS,
        ),
        Index(
            "ix_document_review",
            "id",
            "household_id",
            "type",
            sqlite_where=_REVIEW,
            postgresql_where=_REVIEW,
        ),
        Index(
            "ix_document_review_household",
            "household_id",
            "id",
            sqlite_where=_REVIEW,
            postgresql_where=_REVIEW,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrival.id"), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    first_page: Mapped[int] = mapped_column(default=1)
    last_page: Mapped[int] = mapped_column(default=1)

    state: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16), default="")
    resume_stage: Mapped[str] = mapped_column(String(16), default="")
    since: Mapped[datetime] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)

    urgency: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str] = mapped_column(String(64), default="")
    last_error: Mapped[str] = mapped_column(Text, default="")

    category: Mapped[str | None] = mapped_column(String(32))
    type: Mapped[str | None] = mapped_column(String(64))
    household_id: Mapped[int | None]
    probability: Mapped[float | None]
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    message: Mapped[str] = mapped_column(Text, default="")
    judgement: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    split: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    duplicate_of: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)

    arrival: Mapped[Arrival] = relationship(lazy="raise")


class Page(Base):
    """A page of an original and whether it was read: "waiting", "read" or "unread"."""

    __tablename__ = "page"
    __table_args__ = (Index("ix_page_due", "state", "urgency", "due_at"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    urgency: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str] = mapped_column(String(64), default="")
    last_error: Mapped[str] = mapped_column(Text, default="")
    reading_id: Mapped[int | None]


class Reading(Base):
    """One reading of a page by one engine; earlier readings are never overwritten."""

    __tablename__ = "reading"
    __table_args__ = (
        Index("ix_reading_page", "sha256", "number"),
        Index("ix_reading_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    engine: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    seconds: Mapped[float] = mapped_column(default=0.0)
    packed: Mapped[bytes]
