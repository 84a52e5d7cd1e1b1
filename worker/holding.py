"""Legal hold: an original that nobody may remove until somebody ends the hold.

The store enforces it, the ledger says who wanted it and why. Setting asks the
store first and ending tells the ledger first, so that a crash between leaves
the original held; doing it again is harmless. The ledger takes the number of a
case or an order, because it is no place for names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from catalog import documents, ledger
from catalog.database import Database
from storage.store import NotOffered, ObjectStore
from yihu.errors import NotFound, Retryable


class Holding:
    """Sets, ends and lists legal holds of one home."""

    def __init__(self, database: Database, store: ObjectStore) -> None:
        self._database, self._store = database, store

    def hold(self, document_id: int, case: str, actor: str) -> None:
        """Hold a document's original; raises `NotFound`, `NotOffered` or `Retryable`."""
        sha256 = self._original(document_id)
        self._store.hold(sha256, held=True)
        self._tell("held", sha256, document_id, case, actor)

    def release(self, document_id: int, case: str, actor: str) -> None:
        """End the hold; raises like `hold`."""
        sha256 = self._original(document_id)
        self._store.is_held(sha256)  # a store that cannot hold, or is away, is told of nothing
        self._tell("released", sha256, document_id, case, actor)
        self._store.hold(sha256, held=False)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every hold that stands by the ledger, and what the store says of it.

        "store" is "held", "not held" (somebody ended it past Yihu), or "could not check".
        """
        with self._database.read() as session:
            standing = [
                event for event in ledger.newest_of_each(session, "hold") if event.action == "held"
            ]
        for event in standing:
            told = json.loads(event.data)
            yield {
                "document": told["document"],
                "sha256": event.subject_id,
                "since": event.at,
                "by": event.actor,
                "case": told["case"],
                "store": self._says(event.subject_id),
            }

    def _says(self, sha256: str) -> str:
        try:
            return "held" if self._store.is_held(sha256) else "not held"
        except (NotFound, NotOffered):
            return "not held"
        except Retryable:
            return "could not check"

    def _original(self, document_id: int) -> str:
        with self._database.read() as session:
            found = documents.by_id(session, [document_id])
            if not found or not found[0].sha256:
                raise NotFound(f"no document {document_id} with an original")
            return found[0].sha256

    def _tell(self, action: str, sha256: str, document: int, case: str, actor: str) -> None:
        data = {"document": document, "case": case}
        with self._database.write() as session:
            ledger.append(session, action, f"hold:{sha256}", data, actor)
