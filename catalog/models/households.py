"""Units of housing, the households that live through them, and their people.

A *room* is the unit of housing (domain 3.1). A *household* is a dated
generation over it: a new owner closes one and opens the next, so the former
owner's papers stay apart (P2-4.4.1). A file number is never given twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.models.base import Base, Moment

_BYTES_ORDER = String(160).with_variant(String(160, collation="C"), "postgresql")


class Estate(Base):
    """An estate and its profile; `code` is the unique start of its file numbers.

    `tower` swaps in the rows of an office tower (P3), `recommended` makes the
    rows required that most offices keep but the customer's text does not name.
    """

    __tablename__ = "estate"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    tower: Mapped[bool] = mapped_column(default=False)
    recommended: Mapped[bool] = mapped_column(default=False)


class Room(Base):
    """A unit of housing by its canonical address; an unused level is "-".

    `shelf_order` sorts as the shelf does: building 2 before building 10
    (P2-4.2.1a). `written` is the address as the register first wrote it.
    """

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("estate", "zone", "building", "unit", "room"),
        Index("ix_room_building_room", "building", "room"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    estate: Mapped[str] = mapped_column(String(60), default="-")
    zone: Mapped[str] = mapped_column(String(20), default="-")
    building: Mapped[str] = mapped_column(String(20), default="-")
    unit: Mapped[str] = mapped_column(String(20), default="-")
    room: Mapped[str] = mapped_column(String(20), default="-")
    shelf_order: Mapped[str] = mapped_column(_BYTES_ORDER, index=True)
    written: Mapped[str] = mapped_column(Text, default="")


class Household(Base):
    """A generation of owners of a room; exactly one of a room is open (P1-4.3a).

    `owner` is the owner as the register wrote it; the people stand in
    `Person`. `facts` turn catalogue rows on (domain 2.3): `agent` (bool),
    `renovations` (list of {"done": bool}), `vehicles` (list), `leases` (list).
    """

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("room_id", "generation"),
        Index(
            "uq_household_open",
            "room_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    generation: Mapped[int] = mapped_column(default=1)
    file_no: Mapped[str] = mapped_column(String(80), unique=True)
    owner: Mapped[str] = mapped_column(String(200), default="")
    occupancy: Mapped[str] = mapped_column(String(16), default="")
    vip: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    responsible: Mapped[str] = mapped_column(String(64), default="")
    last_verified_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    place: Mapped[Room] = relationship(lazy="raise")


class Person(Base):
    """Somebody of a household in a role: owner, former or tenant.

    `phone` may hold several numbers, separated by 、. An `id_no` that fails its
    check digit is kept as written, and never used to match.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(120), default="")
    id_no: Mapped[str] = mapped_column(String(40), default="")


class FileNumber(Base):
    """A file number ever given, and to whom; the row stays when a household is renumbered."""

    __tablename__ = "file_number"

    file_no: Mapped[str] = mapped_column(String(80), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    given_at: Mapped[datetime] = mapped_column(Moment)


class RegisterState(Base):
    """One row: the version of the register, one higher after every change to it."""

    __tablename__ = "register_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
