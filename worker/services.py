"""The composition root: the only place that reads settings and builds the parts."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from celery import Celery

from catalog import documents
from catalog.database import Database
from catalog.template.loader import load_template
from classifier import Policy
from ingest.pages import Limits
from ingest.reading import ReadOptions, warm_up
from ingest.sandbox import GRACE_SECONDS, Sandbox
from storage import ObjectStore
from worker.app import make_app
from worker.duty import Duty
from worker.hands import Hands
from worker.home import limits_of, open_home, open_store
from worker.lanes import SHORTEST_READ, Pace, SlowLane
from worker.messages import Messages
from worker.mind_cache import MindCache
from worker.register_cache import RegisterCache
from yihu.settings import Settings
from yihu.template import Template
from yihu.urgency import Urgency

LONGEST_PAUSE_SECONDS = 15.0
ANSWER_SECONDS, SLOW_NETWORK = 60.0, 2_000_000  # bytes a second


class Patience:
    """How long to wait before asking something that did not answer again: 1 s to 15 s.

    Not longer, so that everything goes on soon after a store or database is back.
    """

    def __init__(self) -> None:
        self._times: defaultdict[int, int] = defaultdict(int)

    def pause(self, document_id: int) -> float:
        """Seconds to wait now; grows with every call for the same document."""
        self._times[document_id] += 1
        return min(LONGEST_PAUSE_SECONDS, 2.0 ** min(self._times[document_id] - 1, 10))

    def forget(self, document_id: int) -> None:
        """It answered: the next wait begins short again."""
        self._times.pop(document_id, None)


@dataclass
class Services:
    """Everything a stage may use; one per process."""

    settings: Settings
    database: Database
    store: ObjectStore
    messages: Messages
    sandbox: Sandbox
    template: Template
    register: RegisterCache
    mind: MindCache
    limits: Limits
    read_options: ReadOptions
    patience: Patience = field(default_factory=Patience)
    hands: Hands = field(default_factory=Hands)
    slow_lane: SlowLane = field(default_factory=lambda: SlowLane(1))
    pace: Pace = field(default_factory=Pace)
    duty: Duty = Duty.ALL
    recorded: dict[str, str] = field(default_factory=dict)  # digests of records this process put
    swept_at: float = field(default_factory=time.monotonic)
    shared_told_at: float = float("-inf")  # when it was told that another home is on the broker

    @staticmethod
    def open(
        settings: Settings, app: Celery | None = None, workers: int = 1, duty: Duty = Duty.ALL
    ) -> Services:
        """Build the parts for this home; creates what is not there."""
        database = open_home(settings)
        limits = limits_of(settings)
        return Services(
            settings=settings,
            database=database,
            store=open_store(settings, database),
            messages=Messages(app or make_app(settings)),
            sandbox=Sandbox(
                workers=workers,
                memory_bytes=settings.child_memory_bytes,
                seconds=settings.page_seconds,
                idle_seconds=settings.idle_seconds,
            ),
            template=load_template(),
            register=RegisterCache(database),
            mind=MindCache(database, Policy(file_on_room_alone=settings.file_on_room_alone)),
            limits=limits,
            read_options=ReadOptions(engine=settings.engine, limits=limits),
            slow_lane=SlowLane(workers),
            duty=duty,
        )

    @property
    def worker(self) -> str:
        """The name under which this thread holds documents."""
        return self.hands.name

    def lease(self, moment: datetime) -> datetime:
        """When a claim taken at `moment` runs out."""
        return moment + timedelta(seconds=self.settings.lease_seconds)

    def child(self) -> AbstractContextManager[None]:
        """Keeps the lease alive while a child process, which has limits of its own, is at work."""
        return self.hands.waiting(2 * (self.settings.page_seconds + GRACE_SECONDS))

    @contextmanager
    def fetched(self, sha256: str) -> Iterator[Path]:
        """The original as a file; that a slow network takes long to bring it is no hang."""
        patience = ANSWER_SECONDS + self.settings.max_file_bytes / SLOW_NETWORK
        with ExitStack() as stack:
            with self.hands.waiting(patience):
                path = stack.enter_context(self.store.local_path(sha256))
            yield path

    def seconds_for(self, urgency: Urgency) -> float:
        """How long a child may work on something: only what waited behind all gets the most."""
        slow = urgency is Urgency.SLOW
        return self.settings.page_seconds if slow else self.settings.quick_seconds

    def seconds_at_pace(self, urgency: Urgency, shortest: float = SHORTEST_READ) -> float:
        """The same for looking at a file or reading a page; of a mass drop, at the usual pace."""
        allowed = self.seconds_for(urgency)
        return self.pace.most(allowed, shortest) if urgency is Urgency.BULK else allowed

    def warm(self) -> None:
        """Load the reader in the reading processes, because a page is about to arrive."""
        self.sandbox.warm(partial(warm_up, self.read_options))

    def hand_back(self) -> int:
        """Let go of all that this process holds, as if it had never taken it; how much that was."""
        with self.database.write() as session:
            return documents.release(session, self.hands.process + ":")

    def close(self) -> None:
        """Stop the reading processes and hand back what this process still holds."""
        self.sandbox.close()
        self.hand_back()
        self.database.dispose()
