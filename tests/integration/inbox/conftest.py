"""A watcher at work on a real inbox, taking what it is given."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ingest.inbox import Claim, InboxWatcher, Refused, Rule, reject, take

DEADLINE = 60.0
QUICK = Rule(
    settle_seconds=0.3, settle_blind_seconds=1.0, broken_upload_seconds=1.5, empty_seconds=1.0
)


def complete(path: Path) -> bool:
    """A stand-in for the format check: PDF and JPEG must end as they should."""
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(0, path.stat().st_size - 16))
        tail = stream.read()
    if head == b"%PDF":
        return b"%%EOF" in tail
    if head[:2] == b"\xff\xd8":
        return tail.endswith(b"\xff\xd9")
    return True


@dataclass
class Watch:
    """The watcher, its inbox, and everything it took or refused."""

    root: Path
    claims: list[Claim] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    hints: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    watcher: InboxWatcher | None = None
    threads: list[threading.Thread] = field(default_factory=list)
    before_take: Callable[[Path], None] = lambda _path: None

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    def start(self, **options: Any) -> None:
        options = {"complete": complete, "rule": QUICK, **options}
        self.stop.clear()
        self.watcher = InboxWatcher(self.inbox, self._ready, self._hint, **options)
        thread = threading.Thread(target=self.watcher.run, args=(self.stop,))
        thread.start()
        self.threads.append(thread)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(DEADLINE)
            assert not thread.is_alive()

    def drop(self, name: str, data: bytes = b"%PDF-1.7 page\n%%EOF\n") -> Path:
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def wait_for(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, (self.claims, self.refused, self.snapshot())
            time.sleep(0.02)

    def wait_for_claims(self, *names: str) -> None:
        self.wait_for(lambda: sorted(claim.path for claim in self.claims) == sorted(names))

    def wait_for_state(self, name: str, state: str) -> None:
        self.wait_for(lambda: (name, state) in {(w.path, w.state) for w in self.snapshot().waiting})

    def snapshot(self) -> Any:
        assert self.watcher is not None
        return self.watcher.snapshot()

    def rests(self, seconds: float = 1.0) -> None:
        """Give the watcher time to do what it must not do."""
        time.sleep(seconds)

    def content(self, name: str) -> str:
        (claim,) = [claim for claim in self.claims if claim.path == name]
        assert hashlib.sha256(claim.place.read_bytes()).hexdigest() == claim.sha256
        return claim.sha256

    def left(self) -> list[str]:
        return sorted(
            os.fspath(path.relative_to(self.inbox))
            for path in self.inbox.rglob("*")
            if path.is_symlink() or not path.is_dir()
        )

    def _ready(self, path: Path) -> None:
        self.before_take(path)
        try:
            claim = take(path, self.inbox, self.root / "claimed")
        except Refused as refusal:
            self.refused.append((refusal.claim.path, refusal.reason))
            reject(refusal.claim, self.inbox / "_rejected", refusal.reason, "原因", "reason")
            return
        if claim is not None:
            self.claims.append(claim)

    def _hint(self) -> None:
        self.hints += 1


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Not started yet, so that a test can put things there before."""
    watch = Watch(tmp_path)
    watch.inbox.mkdir()
    yield watch
    watch.end()


@pytest.fixture(params=["events", "polling"])
def watching(watch: Watch, request: pytest.FixtureRequest) -> Watch:
    """Started, once with events and once by polling."""
    polling = request.param == "polling"
    watch.start(polling=polling, poll_seconds=0.2)
    watch.wait_for(lambda: watch.snapshot().scanned_at is not None)
    return watch
