"""What people noted about a household, change by change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class FactChange(Base):
    """One change of a household's facts: what stood before, what stands after, who, why.

    `evidence` says what shows it (a document, a visit, a call). `undoes` is the
    change this one took back; `undone` that it was taken back itself.
    """

    __tablename__ = "fact_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(64))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="")
    undoes: Mapped[int | None]
    undone: Mapped[bool] = mapped_column(default=False)
