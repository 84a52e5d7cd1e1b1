"""Replace: a newer document takes the place of an older one for the same item."""

from __future__ import annotations

from catalog import documents, ticks
from worker.cutting import Cutting
from worker.decisions import REPLACED, move, standing
from yihu.errors import NotFound, Usage


class Replacing(Cutting):
    """The verb about two documents of one item, beside those about one document."""

    def replace(self, document_id: int, by: int, reason: str) -> None:
        """Take an older document out of the file because a newer one stands there for it.

        Its tick is withdrawn with the reason and the ledger names the newer; its
        original and its paper stay where they lie, and `restore` or `undo` bring
        it back. Raises `Usage` unless both are filed for one household and type.
        """
        with self._services.database.write() as session:
            older = self._open(session, document_id, ("filed",))
            found = documents.by_id(session, [by])
            if not found:
                raise NotFound(f"no document {by}")
            mine, its = ticks.live_holding(session, document_id), ticks.live_holding(session, by)
            if (
                by == document_id
                or mine is None
                or its is None
                or (mine.household_id, mine.type) != (its.household_id, its.type)
            ):
                raise Usage(
                    "替换的文件须已归入同一户的同一项 / "
                    "what replaces it must be filed for the same household and item"
                )
            before = standing(older)
            ticks.untick(session, older.id, reason, self._actor)
            move(older, "rejected", "", [REPLACED])
            self._event(session, older, "replaced", {"before": before, "by": by}, reason)
            self._event(session, found[0], "replaces", {"document": older.id}, reason)
