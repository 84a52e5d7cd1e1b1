"""What a household's file holds, and the rows derived from it.

`Holding` and `Waiver` are the truth. `Item` and `Counter` are a projection of
them that the same transaction keeps, so lists and roll-ups cost milliseconds
(measured 3.4); `catalog.audit` compares the two.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment

_LIVE = text("withdrawn_at IS NULL")
_GAP = text("gap IS NOT NULL")
# Sorted as Python sorts, so that pages by key are the same in every locale.
_CODE = String(64).with_variant(String(64, collation="C"), "postgresql")


class Holding(Base):
    """One digital copy or one paper original in a household's file: a tick with its evidence.

    `medium` is "digital" or "paper". `copies` says how many required copies it
    covers (both owners' ID cards on one page: 2). `tick_seq`, `untick_seq` and
    `move_seq` name the ledger events that made, ended and moved it.
    """

    __tablename__ = "holding"
    __table_args__ = (
        Index(
            "uq_holding_document",
            "document_id",
            "medium",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_holding_live",
            "household_id",
            "type",
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_holding_household", "household_id", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    category: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(64))
    medium: Mapped[str] = mapped_column(String(8))
    document_id: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    copies: Mapped[int] = mapped_column(default=1)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    location: Mapped[str] = mapped_column(String(64), default="")
    since: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(64))
    tick_seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    move_seq: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    untick_seq: Mapped[int | None] = mapped_column(BigInteger, unique=True)


class Waiver(Base):
    """A required item a household need not have: who said so, why, until when.

    `until` past does not end it by itself; `ticks.expire_waivers` does, with an
    event.
    """

    __tablename__ = "waiver"
    __table_args__ = (
        Index(
            "uq_waiver_open",
            "household_id",
            "type",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
        Index("ix_waiver_until", "until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    type: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[date | None]
    seq: Mapped[int] = mapped_column(BigInteger)
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    lifted_by: Mapped[str] = mapped_column(String(64), default="")
    lifted_seq: Mapped[int | None] = mapped_column(BigInteger)


class Item(Base):
    """A line of an open household's catalogue, derived from its holdings.

    `needed` is 0 when the type is not required; `gap` says what a required,
    unwaived line lacks: 1 paper, 2 digital, 3 both, NULL nothing.
    """

    __tablename__ = "item"
    __table_args__ = (
        Index(
            "ix_item_gap",
            "gap",
            "household_id",
            "type",
            sqlite_where=_GAP,
            postgresql_where=_GAP,
        ),
        Index(
            "ix_item_gap_category",
            "category",
            "gap",
            "household_id",
            "type",
            sqlite_where=_GAP,
            postgresql_where=_GAP,
        ),
        {"sqlite_with_rowid": False},
    )

    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), primary_key=True)
    type: Mapped[str] = mapped_column(_CODE, primary_key=True)
    category: Mapped[str] = mapped_column(String(32))
    needed: Mapped[int] = mapped_column(default=0)
    digital: Mapped[int] = mapped_column(default=0)
    paper: Mapped[int] = mapped_column(default=0)
    waived: Mapped[bool] = mapped_column(default=False)
    gap: Mapped[int | None]


class Counter(Base):
    """Roll-up of required lines of open households, one row per building and category.

    The row with category "" counts the households themselves.
    """

    __tablename__ = "counter"

    estate: Mapped[str] = mapped_column(String(60), primary_key=True)
    zone: Mapped[str] = mapped_column(String(20), primary_key=True)
    building: Mapped[str] = mapped_column(String(20), primary_key=True)
    category: Mapped[str] = mapped_column(String(32), primary_key=True)
    households: Mapped[int] = mapped_column(default=0)
    required: Mapped[int] = mapped_column(default=0)
    digital: Mapped[int] = mapped_column(default=0)
    paper: Mapped[int] = mapped_column(default=0)
    both: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
