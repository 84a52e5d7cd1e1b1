"""A supervisor that starts into the trouble that killed the one before does not give up."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker import supervisor
from worker.supervisor import Child, Supervisor
from yihu.errors import Retryable
from yihu.settings import load


class Broker:
    """Comes up at the third attempt, or never."""

    def __init__(self, fails: int) -> None:
        self.fails = fails
        self.lives: list[subprocess.Popen[bytes]] = []

    def ready(self, process: subprocess.Popen[bytes]) -> None:
        self.lives.append(process)
        if len(self.lives) <= self.fails:
            raise Retryable("the broker does not answer")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Supervisor]:
    house = Supervisor(load(tmp_path))
    yield house
    for child in house.children:
        supervisor._end(child)


def test_a_child_that_does_not_come_up_is_ended_and_started_again(house: Supervisor) -> None:
    broker = Broker(fails=3)
    child = Child("broker", lambda: ["sleep", "60"], ready=broker.ready)
    house.children = [child]
    house._start_first(child)
    *ended, living = broker.lives
    assert len(ended) == 3
    assert all(process.poll() is not None for process in ended)  # none holds the port any more
    assert living is child.process
    assert living.poll() is None


def test_after_a_while_it_is_told(house: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_SECONDS", 0.1)
    child = Child("broker", lambda: ["sleep", "60"], ready=Broker(fails=99).ready)
    house.children = [child]
    with pytest.raises(Retryable):
        house._start_first(child)


def test_a_program_that_is_not_installed_is_told_at_once(house: Supervisor) -> None:
    asked = []

    def command() -> list[str]:
        asked.append(1)
        raise Retryable("no broker: install one")

    with pytest.raises(Retryable):
        house._start_first(Child("broker", command))
    assert asked == [1]
