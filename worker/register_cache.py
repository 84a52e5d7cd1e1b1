"""The register index of the moment, built again when the register changed."""

from __future__ import annotations

import threading

from catalog import households
from catalog.database import Database
from classifier import RegisterIndex


class RegisterCache:
    """The register index of the moment: built again when the register changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version: int | None = None
        self._index: RegisterIndex = RegisterIndex(())

    def current(self) -> RegisterIndex:
        """An index no older than the last committed register change."""
        with self._lock, self._database.read() as session:
            version = households.register_version(session)
            if version != self._version:
                self._index = RegisterIndex(households.records(session))
                self._version = version
            return self._index
