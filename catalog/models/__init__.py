"""The tables of the catalogue, one module a noun.

Typed SQLAlchemy 2 models only; queries live in the repositories beside them.
Relationships raise when loaded by accident (`lazy="raise"`).
"""

from catalog.models.base import Base, Moment
from catalog.models.documents import Arrival, Document, Original, Page, Reading

__all__ = ["Arrival", "Base", "Document", "Moment", "Original", "Page", "Reading"]
