"""How many there are: numbers that would take a walk along the archive to count."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base


class Tally(Base):
    """One addend of a number; all slots of a kind and key together are the number.

    Kept by triggers of `document` and `original`, so whoever writes them keeps
    it. Each connection of PostgreSQL adds to a slot of its own: two transactions
    never wait for each other here. Kinds and keys: "state" by document state,
    with "merged" for parts joined to another; "original"; and of what waits for
    review "review" (all), "reason", "type" and "building".
    """

    __tablename__ = "tally"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
