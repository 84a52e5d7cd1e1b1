"""Originals by content hash: put once, read back, never overwritten, verified for ever.

Gives one small interface (`ObjectStore`), its values, and the local folder
that implements it. Derivatives (page images, thumbnails) live apart and may be
replaced. It never deletes an original, never lists on the write path, and
knows nothing of households, documents or the database.
"""

from storage.local import LocalStore
from storage.store import (
    Damaged,
    Fixity,
    FixityResult,
    ObjectStore,
    Source,
    Stat,
    Stored,
)

__all__ = [
    "Damaged",
    "Fixity",
    "FixityResult",
    "LocalStore",
    "ObjectStore",
    "Source",
    "Stat",
    "Stored",
]
