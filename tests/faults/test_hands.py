"""Names of workers: who is gone, what a failed task leaves, and when a hang ends the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.dying import add, armed, forked
from catalog import documents
from worker import advance
from worker.hands import Hands, gone, place, process_name, started
from worker.reaper import reap
from worker.services import Services
from yihu.errors import Retryable
from yihu.settings import load

CLAIMED = 0
"""The number `bench.dying.add` gives a document that is still claimed."""


def test_a_living_process_is_not_gone() -> None:
    assert not gone(f"{process_name()}:task")


def test_a_dead_process_is_gone_even_as_a_zombie() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = f"{process_name(child.pid)}:task"
    assert not gone(name)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert gone(name)
    child.communicate()
    assert gone(name)


def test_a_reused_process_id_is_no_life() -> None:
    other = int(started(os.getpid())) + 1
    assert gone(f"{place()}:{os.getpid()}:{other}:task")


@pytest.mark.parametrize("name", ["", "office-pc:12:34:task", "old-style:77", "x"])
def test_workers_of_other_places_are_not_judged(name: str) -> None:
    assert not gone(name)


def test_every_task_has_a_name_of_its_own_that_fits_the_column() -> None:
    hands, names = Hands(), set()
    for _ in range(3):
        with hands.at_work():
            names.add(hands.name)
            assert hands.holds(hands.name)
    assert len(names) == 3
    assert all(len(name) <= 64 for name in names)
    assert hands.empty


@pytest.mark.parametrize(("error", "counted"), [(Retryable(), False), (ValueError(), True)])
def test_a_failed_task_leaves_its_name_to_let_go(error: Exception, counted: bool) -> None:
    hands = Hands()

    def fail() -> None:
        with hands.at_work():
            raise error

    with pytest.raises(type(error)):
        fail()
    assert list(hands.take_left().values()) == [counted]
    assert not hands.take_left()


def test_what_kills_its_worker_each_time_ends_and_a_person_is_told(tmp_path: Path) -> None:
    settings = load(tmp_path / "home")
    add(settings, CLAIMED)
    services = Services.open(settings)
    for attempt in range(1, settings.max_attempts + 1):
        faults = armed(tmp_path / f"faults-{attempt}", "stage.keep.before", "kill")
        code = forked(lambda: advance.advance(1, Services.open(settings)), faults)
        assert code == -signal.SIGKILL
        assert reap(services) == 1  # what the dead one held is free again, its attempt counted
        with services.database.read() as session:
            document = documents.load(session, 1)
            assert (document.state, document.attempts) == ("received", attempt)
    assert forked(lambda: advance.advance(1, Services.open(settings))) == 0
    with services.database.read() as session:
        document = documents.load(session, 1)
        assert (document.state, document.stage, document.resume_stage) == ("failed", "", "keep")
        assert document.reasons == ["attempts_exhausted"]
        assert document.message
        place = document.arrival.place
        assert documents.due(session, 10) == []
    assert (settings.home / place).is_file()
    services.close()


def test_a_hang_shows_unless_the_wait_is_allowed_or_others_move() -> None:
    hands = Hands()
    with hands.at_work():
        time.sleep(0.02)
        assert hands.hung(0.01, patience=0.0)
        assert not hands.hung(60.0, patience=0.0)
        assert not hands.hung(0.01, patience=60.0)
        with hands.waiting(60.0):
            assert not hands.hung(0.01, patience=0.0)
            assert hands.to_renew(0.0) == [hands.name]
        hands.step()
        assert not hands.hung(60.0, patience=0.0)
