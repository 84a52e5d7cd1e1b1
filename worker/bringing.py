"""Bringing files by command: copied straight into a claim, never through the watcher."""

from __future__ import annotations

from pathlib import Path

from catalog import documents
from catalog.brought import Brought
from catalog.database import Database
from classifier import RegisterIndex
from ingest.inbox import Refused, copy_in
from ingest.upload_names import safe_relative
from worker.app import make_app
from worker.intake import Intake
from worker.messages import Messages
from worker.rooms import folder_of
from yihu.errors import Usage
from yihu.settings import Settings
from yihu.template import Template


class Bringer:
    """Copies files in one by one and remembers their claims; sources stay untouched."""

    def __init__(
        self, settings: Settings, database: Database, messages: Messages | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._intake = Intake(settings, database, messages or Messages(make_app(settings)))
        self.tokens: list[str] = []

    def bring(self, source: Path, relative: str, by: str = "", said: Brought | None = None) -> int:
        """Copy one file and record it; what is no readable file is recorded as rejected.

        `by` is who brought it, `said` for which household. Gives the document's id.
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
        document_id = self._intake.record(claim, by, said)
        self.tokens.append(claim.token)
        return document_id

    def left(self) -> int:
        """How many of the files brought are still on their way."""
        with self._database.read() as session:
            return documents.unsettled(session, self.tokens)


def hinting_folder(said: Brought, register: RegisterIndex, template: Template) -> str:
    """The folders that say the same as the person did, for the hints of the journey."""
    record = register.by_id(said.household_id)
    if record is None:
        raise Usage("这户已结档或不存在 / this household is closed or is not there")
    kind = template.by_code.get(said.type)
    names = [folder_of(record, register), safe_relative(kind.name) if kind else ""]
    return "".join(f"{name}/" for name in names if name)
