"""What people decided about filing by machine: the tolerated share of wrong filings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class PolicyRate(Base):
    """A version of the tolerated wrong-filing rate; the newest is in force, none is ever changed.

    `rate` None stands for the rate of the settings, which holds too where there
    is no row. `threshold` is the one that followed from it then.
    """

    __tablename__ = "policy_rate"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rate: Mapped[float | None]
    threshold: Mapped[float]
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(64))
    why: Mapped[str] = mapped_column(Text)
