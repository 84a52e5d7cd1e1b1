"""A real `yihu up` on a throw-away home: dropping files, finding and killing its processes.

With `servers` the home is of the server profile: its database, store and broker
are theirs, and a `Site` starts and ends only `yihu up` itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import redis

from bench.disk import filled
from bench.faults_judge import Dropped, Judge
from bench.faults_scans import Scans
from bench.home import Home
from bench.processes import name_of, tree
from bench.servers import Profile
from catalog import documents
from worker.app import broker_url
from worker.home import open_home
from worker.messages import Messages
from worker.supervisor import die_with
from yihu.settings import load

ROLES = {
    "broker": ("valkey-server", "redis-server"),
    "worker": ("worker.processes worker",),
    "watcher": ("worker.processes watcher",),
    "beat": ("worker.processes beat",),
    "child": ("multiprocessing",),
}
QUICK = {"sweep_seconds": "1", "rescan_seconds": "2", "settle_seconds": "0.3"}
READY_SECONDS = 180.0
PATIENCE_SECONDS = 600.0


class Site:
    """Starts `yihu up` on `folder` and does to it what the world does."""

    def __init__(
        self, folder: Path, scans: Scans, servers: Profile | None = None, **settings: str
    ) -> None:
        self.folder, self.scans, self.servers = folder, scans, servers
        self.points = folder.parent / f"{folder.name}-points"
        self.points.mkdir(parents=True, exist_ok=True)
        told = QUICK | settings
        if servers is not None:
            told |= servers.settings(f"faults-{uuid.uuid4().hex[:8]}")
        self.home = Home(folder, faults=str(self.points), **told)
        self.home.run("register", "import", str(scans.register))
        self.settings = load(folder, **told)
        self.judge = Judge(self.settings, open_home(self.settings))
        self.supervisor: subprocess.Popen[str] | None = None
        self._marks = 0

    # --- processes ------------------------------------------------------------------------

    def start(self) -> None:
        """Start the supervisor; does not wait for its children."""
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as output:
            self.supervisor = self.home.start(
                "up",
                "--no-web",
                "--workers",
                "2",
                stdout=output,
                stderr=output,
                preexec_fn=partial(die_with, os.getpid()),
            )

    def revive(self) -> bool:
        """Start it again if it ended by itself, as a service manager would; True if so."""
        if self.supervisor is None or self.supervisor.poll() is None:
            return False
        self.start()
        return True

    def stop(self) -> int:
        """Stop it as a person does; gives the exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(60)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """`yihu up` during the block."""
        self.start()
        try:
            yield
        finally:
            self.judge.database.dispose()
            if self.stop() != 0:
                raise AssertionError("yihu up did not stop cleanly")

    def pids(self, role: str) -> list[int]:
        """Living processes of a role; "supervisor" is `yihu up` itself."""
        if role == "broker" and self.servers is not None:
            broker = self.servers.broker.process
            return [broker.pid] if broker is not None else []
        if self.supervisor is None or self.supervisor.poll() is not None:
            return []
        if role == "supervisor":
            return [self.supervisor.pid]
        found = tree(self.supervisor.pid)[1:]
        return [pid for pid in found if name_of(pid) in ROLES[role]]

    def wait_for(self, role: str) -> list[int]:
        """The processes of a role, as soon as there are any."""
        return wait(lambda: self.pids(role), READY_SECONDS) or []

    def signal(self, role: str, number: int = signal.SIGKILL) -> bool:
        """Send a signal to every process of a role; False when there is none."""
        pids = self.pids(role)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if role == "supervisor" and self.supervisor is not None and number == signal.SIGKILL:
            self.supervisor.wait()
        return bool(pids)

    # --- files ----------------------------------------------------------------------------

    def drop(self, kind: str, times: int = 1) -> Dropped:
        """Put a new file of this kind into the inbox, `times` times under different names."""
        self._marks += 1
        mark = f"{os.getpid()}-{self._marks}-{time.time_ns()}"
        data = self.scans.unique(kind, mark)
        suffix = self.scans.templates[kind].suffix
        for number in range(times):
            part = self.settings.inbox / f".{mark}-{number}.part"
            part.write_bytes(data)
            part.rename(self.settings.inbox / f"{kind}-{mark}-{number}{suffix}")
        return Dropped(kind, hashlib.sha256(data).hexdigest(), times)

    def settle(self, dropped: list[Dropped], seconds: float) -> bool:
        """Wait until everything is settled."""
        return bool(wait(lambda: self.judge.settled(dropped), seconds))

    def heals(self, dropped: list[Dropped]) -> None:
        """Wait until all is settled; AssertionError when it does not, or is not as it should be."""
        if not self.settle(dropped, PATIENCE_SECONDS):
            raise AssertionError(f"not settled: {self.judge.unsettled(dropped)}")
        if found := self.judge.findings(dropped):
            raise AssertionError(f"found {dict(found)}")

    def waits(self, reason: str) -> None:
        """Wait until this reason, and no other, is shown for what is on its way."""
        if not wait(lambda: self.shown() == {reason}, PATIENCE_SECONDS):
            raise AssertionError(f"shown: {self.shown()}")

    def shown(self) -> set[str]:
        """The reasons shown for what is on its way."""
        _, lines = self.home.run("documents")
        return {r for x in lines if x["state"] in ("received", "reading") for r in x["reasons"]}

    def outlasts_a_full(self, disk: Path, then: Callable[[], object] | None = None) -> None:
        """Nothing is lost while the disk of the store is full, and the reason is shown.

        `then` is what an operator does besides, once there is room again.
        """
        self.heals([self.drop("digital-0")])
        with filled(disk):
            dropped = [self.drop("scan-0"), self.drop("batch-0")]
            self.waits("store_waiting")
        if then is not None:
            then()
        self.heals(dropped)

    # --- broker ---------------------------------------------------------------------------

    def flush(self) -> bool:
        """Empty the broker; False when it does not answer."""
        try:
            with redis.Redis.from_url(broker_url(self.settings), socket_timeout=5) as client:
                return bool(client.flushall())
        except redis.RedisError:
            return False

    def empty_broker(self) -> None:
        """Kill the broker and remove its append-only file."""
        self.signal("broker")
        shutil.rmtree(self.settings.run / "broker", ignore_errors=True)

    def damage_broker(self) -> None:
        """Kill the broker and spoil its append-only file, so that it refuses to start."""
        self.signal("broker")
        for path in (self.settings.run / "broker").rglob("*.aof"):
            with contextlib.suppress(OSError):
                path.write_bytes(b"*9\r\nnonsense" + bytes(64))

    def repeat_messages(self, messages: Messages, times: int) -> None:
        """Send every message there could be, again and again."""
        with self.judge.database.read() as session:
            known = [(d.id, d.stage, d.sha256) for d in documents.listed(session)][-30:]
        for _ in range(times):
            for number, stage, sha256 in known:
                messages.advance(number, stage)
                if sha256:
                    messages.read_page(sha256, 1)


def wait(found: Callable[[], Any], seconds: float, every: float = 0.1) -> Any:
    """Wait until something is found, at most so long; gives what was found, else None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(every)
    return None
