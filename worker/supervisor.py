"""Keeps the processes of one home running, and stops them in the right order.

Everything, or one `Part` where an office spreads the work over machines or
containers. One supervisor a home and part (a lock in `run/`). A child that ends
is started again with growing pauses; one that gives no sign of life any more is
ended first; a child dies with its supervisor, even one killed with -9.
Stopping: first nothing new comes in (watcher, beat), then workers finish or
hand back what they hold, then the broker goes.
"""

from __future__ import annotations

import ctypes
import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from storage.store import NotForRecords
from worker import broker
from worker.duty import Duty, Part
from worker.hands import started
from worker.home import prove_store
from worker.pulse import REFUSED_EXIT, pulse_file
from yihu import measures
from yihu.errors import AlreadyRunning, Retryable, YihuError
from yihu.settings import Settings

log = logging.getLogger(__name__)
STOP_SECONDS = 30
SETTLED_SECONDS = 30  # a child that lived so long starts again without a pause
LONGEST_PAUSE = 5.0
FIRST_SECONDS = 60.0  # so long a child that dies as it is first started is started again
SILENT_SECONDS = 15.0  # a child that gave no sign of life for so long is ended
ASKED_SECONDS = 0.6  # `is_running` may hold the lock for a moment
DYING_SECONDS = 10.0  # what a supervisor killed with -9 was starting may hold it a little longer
BIRTH_SECONDS = 45.0  # until its first sign; twice as long after each birth that took too long
MOST_DOUBLINGS = 4
ASK_SECONDS = 2.0
INTAKE_THREADS = 2  # storing a large file must not hold up a small one
LOCK = "supervisor.lock"
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process we keep alive: how to start it, and how its last lives went."""

    name: str
    command: Callable[[], list[str]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    next_start: float = 0.0
    starts: int = 0
    ready: Callable[[subprocess.Popen[bytes]], None] | None = None
    sign: Callable[[], object] = lambda: None  # changes, or is not None, while the child is well
    last_sign: object = None
    heard: float = 0.0
    unborn: int = 0  # lives in a row that were ended before their first sign
    asked: float = 0.0
    inherits: tuple[int, ...] = ()

    def silent(self, moment: float) -> bool:
        """Whether it gave no sign of life for too long; asks at most every other second."""
        if moment - self.asked >= ASK_SECONDS:
            self.asked = moment
            sign = self.sign()
            if sign is not None and sign != self.last_sign:
                self.last_sign, self.heard, self.unborn = sign, time.monotonic(), 0
        if not self.heard:
            patience = BIRTH_SECONDS * (1 << min(self.unborn, MOST_DOUBLINGS))
            return moment - self.started > patience
        return moment - self.heard > SILENT_SECONDS


@dataclass(frozen=True, slots=True)
class Screens:
    """The web process: its command, which writes a pulse named "web", and the socket it inherits.

    The socket stays open here, so nobody else takes the port while it starts anew.
    """

    command: tuple[str, ...]
    listener: int


@dataclass
class Supervisor:
    """Starts and keeps broker, workers, watcher and beat for one home, or one `part` of them.

    `workers` is the number of pages read at once; `watch` False leaves the
    inbox alone (a command that brings its own files); `screens` None leaves the
    screens out. One that keeps
    a part only needs a broker of its own, and leaves what children say to its
    own standard error.
    """

    settings: Settings
    workers: int = 0
    watch: bool = True
    screens: Screens | None = None
    part: Part = Part.ALL
    children: list[Child] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _started: threading.Event = field(default_factory=threading.Event)
    _failure: Exception | None = None

    @contextmanager
    def running(self) -> Iterator[Supervisor]:
        """Hold the home's lock and serve it until the block ends; AlreadyRunning when it is held.

        One thread starts and stops every child, because a child is told of the
        death of the *thread* that started it.
        """
        with lock(self.settings.run, self.part):
            keeper = threading.Thread(target=self._serve_children, name="supervisor", daemon=True)
            keeper.start()
            try:
                self._started.wait()
                if self._failure:
                    raise self._failure
                yield self
            finally:
                self._stopping.set()
                keeper.join()
            if self._failure:
                raise self._failure

    def _serve_children(self) -> None:
        try:
            self._start_all()
        except (OSError, YihuError) as error:
            self._failure = error
        except Exception as error:
            log.exception("starting failed")  # the thread's edge: who waits for it must be told
            self._failure = error
        finally:
            self._started.set()
        try:
            while not self._failure and not self._stopping.wait(0.2):
                for child in self.children:
                    self._look_after(child)
        except NotForRecords as error:
            self._failure = error
        finally:
            self._stop_all()

    def serve(self) -> None:
        """Run until SIGINT or SIGTERM."""
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: done.set())
        with self.running():
            while not done.wait(0.5) and not self._failure:
                pass
            log.info("stopping")

    def _start_all(self) -> None:
        if self.settings.store_records and self.part not in (Part.BEAT, Part.WEB):
            self._prove_store()
        if self._asked_for_figures:
            measures.prepare(self._figures)
        self.children = list(self._plan())
        self._lay_out_pulses()
        for child in self.children:
            self._start_first(child)

    def _start_first(self, child: Child) -> None:
        """Start a child; one that does not come up is ended and started anew for a while.

        Whatever killed an earlier supervisor may kill its successor's broker
        more than once; seen in fault rounds. A program that is not installed is
        told at once.
        """
        deadline, pause = time.monotonic() + FIRST_SECONDS, 0.2
        while True:
            try:
                self._start(child)
            except (OSError, Retryable) as error:
                missing = isinstance(error, Retryable) and child.process is None
                if missing or time.monotonic() > deadline:
                    raise
                log.warning("%s does not start: %s; once more", child.name, error)
                _end(child)
            else:
                return
            if self._stopping.wait(pause):
                return
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _prove_store(self) -> None:
        """Refuse to start over a store unfit for records; one that is away is for the workers."""
        try:
            prove_store(self.settings)
        except Retryable as error:
            log.warning("%s", error)

    def _lay_out_pulses(self) -> None:
        """One pulse file for every child, none of an earlier start: `yihu status` goes by them.

        Other parts may share the folder; theirs stay.
        """
        if self.part is Part.ALL:
            for old in self.settings.run.glob("*.pulse"):
                old.unlink(missing_ok=True)
        for child in self.children:
            pulse_file(self.settings.run, child.name).unlink(missing_ok=True)
            if child.name != "broker":
                pulse_file(self.settings.run, child.name).touch()

    def _plan(self) -> Iterator[Child]:
        run = self.settings.run
        part, everything = self.part, self.part is Part.ALL
        if everything and not self.settings.broker_url.get_secret_value():
            endpoint = broker.new_endpoint(run)
            yield Child(
                "broker",
                lambda: broker.command(run, endpoint),
                ready=lambda process: _broker_ready(run, endpoint, process),
                sign=lambda: time.monotonic() if broker.answers(endpoint) else None,
            )
        if part in (Part.ALL, Part.PAGES):
            duty = Duty.ALL if everything else Duty.PAGES
            yield self._entry("worker", str(self.page_workers), duty)
        if part is Part.INBOX:
            yield self._entry("intake", str(INTAKE_THREADS))
        if self.watch and part in (Part.ALL, Part.INBOX):
            yield self._entry("watcher")
        if part in (Part.ALL, Part.BEAT):
            yield self._entry("beat")
        if (screens := self.screens) and part in (Part.ALL, Part.WEB):
            path = pulse_file(run, "web")
            yield Child(
                "web",
                lambda: list(screens.command),
                sign=lambda: _moment(path),
                inherits=(screens.listener,),
            )

    def _entry(self, name: str, *arguments: str) -> Child:
        command = [sys.executable, "-m", "worker.processes", name, *arguments]
        path = pulse_file(self.settings.run, name)
        return Child(name, lambda: command, sign=lambda: _moment(path))

    @property
    def page_workers(self) -> int:
        """Pages read at once: as asked, as set, else one per core."""
        return self.workers or self.settings.workers or os.cpu_count() or 1

    @property
    def _asked_for_figures(self) -> bool:
        return bool(self.screens or self.settings.metrics_port)

    @property
    def _figures(self) -> Path:
        """Where the children count together; a folder for each part, as they may share the home."""
        folder = self.settings.figures
        return folder if self.part is Part.ALL else folder.with_name(f"{folder.name}-{self.part}")

    def _start(self, child: Child) -> None:
        environment = dict(os.environ, YIHU_HOME=str(self.settings.home.resolve()))
        if self._asked_for_figures:
            environment[measures.SHARED] = str(self._figures.resolve())
        child.last_sign, child.heard = child.sign(), 0.0  # of its former life
        with self._output(child.name) as output:
            child.process = subprocess.Popen(
                child.command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 - one prctl call, no locks taken
                start_new_session=True,
                pass_fds=child.inherits,
            )
        child.started = time.monotonic()
        child.starts += 1
        if child.ready:
            child.ready(child.process)

    @contextmanager
    def _output(self, name: str) -> Iterator[BinaryIO | None]:
        if self.part is not Part.ALL:
            yield None  # to our own standard error, which a container's keeper collects
            return
        logs = self.settings.home / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}.log").open("ab") as output:
            yield output

    def _look_after(self, child: Child) -> None:
        moment = time.monotonic()
        if child.process is None:
            return
        if child.process.poll() is None:
            if child.silent(moment):
                log.warning("%s gives no sign of life; ending it", child.name)
                _signal(child, signal.SIGKILL)
            return
        if not child.next_start:
            lived = moment - child.started
            quick = lived < SETTLED_SECONDS
            child.pause = min(LONGEST_PAUSE, max(0.2, child.pause * 2)) if quick else 0.2
            child.next_start = moment + child.pause
            child.unborn += child.process.returncode == -signal.SIGKILL and not child.heard
            log.warning("%s ended with code %s", child.name, child.process.returncode)
            if child.process.returncode == REFUSED_EXIT:
                raise NotForRecords(f"{child.name} refuses the store; its log says why")
        if moment < child.next_start:
            return
        child.next_start = 0.0
        try:
            self._start(child)
        except (OSError, YihuError) as error:
            log.warning("%s does not start: %s", child.name, error)

    def _stop_all(self) -> None:
        for names in (("watcher", "beat", "web"), ("worker", "intake"), ("broker",)):
            group = [c for c in self.children if c.name in names and c.process]
            for child in group:
                _signal(child, signal.SIGTERM)
            deadline = time.monotonic() + STOP_SECONDS
            for child in group:
                assert child.process is not None
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    log.warning("%s does not stop; ending it", child.name)
                    _signal(child, signal.SIGKILL)
                    child.process.wait()


def _signal(child: Child, number: int) -> None:
    assert child.process is not None
    if child.process.poll() is None:
        child.process.send_signal(number)


def _end(child: Child) -> None:
    """End it now, if it lives: what does not answer may still hold its port."""
    if child.process is not None:
        _signal(child, signal.SIGKILL)
        child.process.wait()


def _moment(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _broker_ready(run: Path, endpoint: broker.Endpoint, process: subprocess.Popen[bytes]) -> None:
    """Wait until the broker answers; data it refuses to start with are put aside."""
    try:
        broker.wait_ready(endpoint, process)
    except Retryable:
        if (process.poll() or 0) > 0:
            log.warning("the broker refuses its data; it starts empty next time")
            broker.set_aside(run)
        raise


def die_with(parent: int) -> None:
    """In a new child: ask the kernel for SIGKILL when `parent`'s starting thread ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the call above took effect
        os._exit(1)


@contextmanager
def lock(run: Path, part: Part = Part.ALL) -> Iterator[None]:
    """Hold the home for this process; AlreadyRunning when another supervisor serves it.

    Parts that do not touch the inbox do not stand in each other's way.
    """
    run.mkdir(parents=True, exist_ok=True)
    name = LOCK if part in (Part.ALL, Part.INBOX) else f"supervisor-{part}.lock"
    with (run / name).open("a+") as file:
        _acquire(file.fileno(), run / name)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _acquire(descriptor: int, path: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            patience = ASKED_SECONDS if _holder_lives(path) else DYING_SECONDS
            if time.monotonic() - began > patience:
                break
            time.sleep(0.1)
        else:
            return
    raise AlreadyRunning(f"another Yihu already serves {path.parent.parent}")


def _holder_lives(path: Path) -> bool:
    """False when the supervisor that wrote the lock is dead: a child it was starting holds on."""
    try:
        return bool(started(int(path.read_text())))
    except (OSError, ValueError):
        return True


def is_running(run: Path) -> bool:
    """True while a supervisor serves the home."""
    try:
        with (run / LOCK).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def served(settings: Settings, workers: int = 0) -> Iterator[None]:
    """The home is served during the block: by whoever serves it, else by children of ours.

    When the one who served it goes away meanwhile, we take over.
    """
    stop, first = threading.Event(), threading.Event()
    failures: list[Exception] = []

    def guard() -> None:
        while not stop.is_set():
            try:
                with Supervisor(settings, workers=workers, watch=False).running():
                    first.set()
                    stop.wait()
            except AlreadyRunning:
                first.set()
                stop.wait(0.5)
            except (OSError, YihuError) as error:
                failures.append(error)
                first.set()
                return

    thread = threading.Thread(target=guard, name="served", daemon=True)
    thread.start()
    first.wait()
    try:
        if failures:
            raise failures[0]
        yield
    finally:
        stop.set()
        thread.join()
