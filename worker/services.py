"""The composition root: the only place that reads settings and builds the parts."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from celery import Celery

from catalog import documents
from catalog.database import Database
from catalog.template.loader import load_template
from classifier import Policy
from ingest.pages import Limits
from ingest.reading import ReadOptions, warm_up
from ingest.sandbox import Sandbox
from storage import LocalStore, ObjectStore
from worker.app import make_app
from worker.home import open_home
from worker.messages import Messages
from worker.register_cache import RegisterCache
from yihu.settings import Settings
from yihu.template import Template


class Patience:
    """How long to wait before asking something that did not answer again: 1 s to a minute."""

    def __init__(self) -> None:
        self._times: defaultdict[int, int] = defaultdict(int)

    def pause(self, document_id: int) -> float:
        """Seconds to wait now; grows with every call for the same document."""
        self._times[document_id] += 1
        return float(min(60, 2 ** (self._times[document_id] - 1)))


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
    policy: Policy
    limits: Limits
    read_options: ReadOptions
    patience: Patience = field(default_factory=Patience)
    _name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    _local: threading.local = field(default_factory=threading.local)

    @staticmethod
    def open(settings: Settings, app: Celery | None = None, workers: int = 1) -> Services:
        """Build the parts for this home; creates what is not there."""
        database = open_home(settings)
        limits = Limits(max_pages=settings.max_pages, max_pixels=settings.max_pixels)
        return Services(
            settings=settings,
            database=database,
            store=LocalStore(settings.store),
            messages=Messages(app or make_app(settings)),
            sandbox=Sandbox(
                workers=workers,
                memory_bytes=settings.child_memory_bytes,
                seconds=settings.page_seconds,
                idle_seconds=settings.idle_seconds,
            ),
            template=load_template(),
            register=RegisterCache(database),
            policy=Policy(file_on_room_alone=settings.file_on_room_alone),
            limits=limits,
            read_options=ReadOptions(engine=settings.engine, limits=limits),
        )

    @property
    def worker(self) -> str:
        """The name under which this thread holds documents: host, process, thread."""
        if not hasattr(self._local, "name"):
            self._local.name = f"{self._name}:{uuid.uuid4().hex[:8]}"
        return str(self._local.name)

    def lease(self, moment: datetime) -> datetime:
        """When a claim taken at `moment` runs out."""
        return moment + timedelta(seconds=self.settings.lease_seconds)

    def warm(self) -> None:
        """Load the reader in the reading processes, because a page is about to arrive."""
        self.sandbox.warm(partial(warm_up, self.read_options))

    def close(self) -> None:
        """Stop the reading processes and hand back what this process still holds."""
        self.sandbox.close()
        with self.database.write() as session:
            documents.release(session, self._name)
        self.database.dispose()
