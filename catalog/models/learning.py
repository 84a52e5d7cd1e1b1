"""What is learnt from people's decisions: blind samples, text models, thresholds in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class Sample(Base):
    """A machine-filed document that a person looks at without seeing the answer.

    `household_id` and `type` are the machine's answer when it was drawn; `agrees`
    is None until somebody answered.
    """

    __tablename__ = "sample"
    __table_args__ = (Index("ix_sample_answered", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(unique=True)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    drawn_by: Mapped[str] = mapped_column(String(64))
    household_id: Mapped[int]
    type: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[str] = mapped_column(String(64), default="")
    answer_household_id: Mapped[int | None]
    answer_type: Mapped[str | None] = mapped_column(String(64))
    agrees: Mapped[bool | None]


class LearntModel(Base):
    """A version of the text model, made from the labels of this office; 0 is the shipped one.

    `packed` is data (`TypeModel.dump`: JSON and eight-bit weights), never code;
    `figures` compare it with the model before on held-back labels.
    """

    __tablename__ = "learnt_model"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(64))
    labels: Mapped[int]
    better: Mapped[bool]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))
    packed: Mapped[bytes]


class Mind(Base):
    """One row: which model judges, and the thresholds that follow from reviewed documents."""

    __tablename__ = "mind"

    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[int] = mapped_column(default=0)
    type_threshold: Mapped[float | None]
    since: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(Text, default="")
