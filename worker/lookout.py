"""How the whole house stands at one moment: servers, processes, work, archive, disk.

Told in three forms: `/metrics` of the screens, `yihu status`, the audit room.
What changes by the minute is learnt at most every other second, the size of
the archive every five minutes, however often anybody asks.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog import standing
from catalog.database import Database
from catalog.standing import Archive, Work
from storage import ObjectStore
from worker.kept import Kept
from worker.messages import Messages
from worker.readiness import Part, readiness
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import Settings

SECONDS = 2.0
ARCHIVE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """A supervised process: since when it runs, and when it last gave a sign of life."""

    name: str
    since: datetime | None
    heard: datetime


@dataclass(frozen=True, slots=True)
class House:
    """How everything stands; None where it could not be learnt."""

    at: datetime
    parts: tuple[Part, ...]
    pulses: tuple[Pulse, ...]
    work: Work | None
    archive: Archive | None
    messages: dict[str, int] | None
    disk_free: int
    disk_size: int


class Lookout:
    """Looks at a home; safe to ask from several threads, as often as one likes."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        store: Callable[[], ObjectStore],
        messages: Messages,
    ) -> None:
        self._settings, self._database, self._messages = settings, database, messages
        self._parts = Kept(readiness(database, store, messages).look, SECONDS)
        self._archive = Kept(self._look_at_archive, ARCHIVE_SECONDS)
        self._house = Kept(self._look, SECONDS)

    def parts(self) -> tuple[Part, ...]:
        """The servers, and whether they answer."""
        return self._parts.get()

    def house(self) -> House:
        """Everything."""
        return self._house.get()

    def _look(self) -> House:
        parts = self.parts()
        answers = {part.name for part in parts if part.answers}
        work = archive = None
        if answers >= {"database", "schema"}:
            try:
                with self._database.read() as session:
                    work = standing.work(session)
                archive = self._archive.get()
            except Retryable:
                pass  # told as "could not be learnt"
        disk = shutil.disk_usage(self._settings.home)
        return House(
            at=now(),
            parts=parts,
            pulses=pulses(self._settings.run),
            work=work,
            archive=archive,
            messages=self._messages.waiting() if "broker" in answers else None,
            disk_free=disk.free,
            disk_size=disk.total,
        )

    def _look_at_archive(self) -> Archive:
        with self._database.read() as session:
            return standing.archive(session)


def pulses(run: Path) -> tuple[Pulse, ...]:
    """The processes that gave a sign of life here, by name."""
    found = []
    for path in sorted(run.glob("*.pulse")):
        try:
            heard, text = path.stat().st_mtime, path.read_text()
        except OSError:
            continue
        since = datetime.fromisoformat(text) if text else None
        found.append(Pulse(path.stem, since, datetime.fromtimestamp(heard, UTC)))
    return tuple(found)
