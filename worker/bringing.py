"""Bringing files by command: copied straight into a claim, never through the watcher."""

from __future__ import annotations

from pathlib import Path

from catalog import documents
from catalog.database import Database
from ingest.inbox import Refused, copy_in
from worker.app import make_app
from worker.intake import Intake
from worker.messages import Messages
from yihu.settings import Settings


class Bringer:
    """Copies files in one by one and remembers their claims; sources stay untouched."""

    def __init__(
        self, settings: Settings, database: Database, messages: Messages | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._intake = Intake(settings, database, messages or Messages(make_app(settings)))
        self.tokens: list[str] = []

    def bring(self, source: Path, relative: str, by: str = "") -> int:
        """Copy one file and record it; what is no readable file is recorded as rejected.

        `by` is who brought it. Gives the document's id.
        """
        try:
            claim = copy_in(
                source,
                self._settings.claimed,
                relative,
                max_bytes=self._settings.max_file_bytes,
            )
        except Refused as error:
            claim = error.claim
        document_id = self._intake.record(claim, by)
        self.tokens.append(claim.token)
        return document_id

    def left(self) -> int:
        """How many of the files brought are still on their way."""
        with self._database.read() as session:
            return documents.unsettled(session, self.tokens)
