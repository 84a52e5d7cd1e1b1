"""Do the servers we stand on answer: database, schema, store, broker?

Each is asked in a thread of its own, and given a few seconds: a store that
hangs is one that does not answer. A question that never came back is not asked
a second time at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import text

from catalog.database import Database
from catalog.identity import Identity, identity
from catalog.migrate import HEAD, revision, serves
from storage import ObjectStore
from worker.messages import Messages
from worker.sharing import SHARED_BROKER
from yihu.errors import NotFound, Retryable
from yihu.log import told

PATIENCE_SECONDS = 4.0
CANARY = "ready/canary"
"""A derivative that is read to see that the store gives bytes: after a start an S3
server may answer and list while every read still fails (measured 1.1)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A server we stand on, whether it answers, and what is not well in words for the operator."""

    name: str
    answers: bool
    why: str = ""

    @property
    def ok(self) -> bool:
        """It answers and all is well; what answers is worked with all the same."""
        return self.answers and not self.why


class Readiness:
    """Asks the parts; `look` gives them in order."""

    def __init__(self, checks: Mapping[str, Callable[[], str | None]]) -> None:
        self._checks = dict(checks)
        self._under_way: dict[str, _Question] = {}

    def look(self) -> tuple[Part, ...]:
        """Every part, asked at once; takes no longer than a few seconds."""
        for name, check in self._checks.items():
            earlier = self._under_way.get(name)
            if earlier is None or earlier.part is not None:
                self._under_way[name] = _Question(name, check)
        until = time.monotonic() + PATIENCE_SECONDS
        return tuple(question.answer(until) for question in self._under_way.values())


class _Question:
    def __init__(self, name: str, check: Callable[[], str | None]) -> None:
        self._name, self._check = name, check
        self.part: Part | None = None
        self._thread = threading.Thread(target=self._ask, name=f"ready-{name}", daemon=True)
        self._thread.start()

    def answer(self, until: float) -> Part:
        self._thread.join(max(0.0, until - time.monotonic()))
        return self.part or Part(
            self._name, answers=False, why=f"no answer in {PATIENCE_SECONDS:g} s"
        )

    def _ask(self) -> None:
        try:
            amiss = self._check()
        except Exception as error:  # noqa: BLE001 - the edge of the thread: whatever it is, it fails
            self.part = Part(self._name, answers=False, why=told(error))
        else:
            self.part = Part(self._name, answers=True, why=amiss or "")


def readiness(
    database: Database, store: Callable[[], ObjectStore], messages: Messages
) -> Readiness:
    """The parts of a home; `store` opens its store, which may need the database."""
    learnt: list[Identity] = []  # of the home, with the schema; asked for apart from the broker
    looked = threading.Event()

    def database_answers() -> None:
        with database.read() as session:
            session.execute(text("SELECT 1"))

    def schema_serves() -> None:
        try:
            with database.read() as session:
                found, fits = revision(session.connection()), serves(session.connection())
                learnt[:] = [identity(session)] if fits else []
        finally:
            looked.set()
        if not fits:
            raise Retryable(f"the schema is {found}, this code needs {HEAD}")

    def broker_answers() -> str:
        if messages.waiting() is None:
            raise Retryable("the broker does not answer")
        looked.wait(PATIENCE_SECONDS / 2)  # a database that hangs is no fault of the broker
        return SHARED_BROKER if any(messages.others(mine) for mine in learnt) else ""

    return Readiness(
        {
            "database": database_answers,
            "schema": schema_serves,
            "store": lambda: _gives_bytes(store()),
            "broker": broker_answers,
        }
    )


def _gives_bytes(store: ObjectStore) -> None:
    try:
        with store.open_derivative(CANARY) as file:
            file.read()
    except NotFound:
        store.put_derivative(CANARY, b"ready\n")
