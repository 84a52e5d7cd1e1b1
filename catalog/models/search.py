"""The text that can be searched; the index over it belongs to the database's own kind."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base


class SearchText(Base):
    """A document's text: as read, and folded into one spelling without blanks."""

    __tablename__ = "search_text"

    document_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    folded: Mapped[str] = mapped_column(Text)
