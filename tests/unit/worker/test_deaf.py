"""A worker that no longer takes messages, as after some reconnects, is noticed and ended."""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import cast

import pytest

from worker import keeper, reaper
from worker.duty import Duty
from worker.hands import Hands
from worker.keeper import DEAF_SECONDS, DEAF_TURNS, Keeper
from worker.pulse import SICK_EXIT
from worker.services import Services


class Ended(BaseException):
    """The process would be gone: nothing on the way may catch this."""


class Queue:
    """A broker that tells how many messages wait; None when it does not say."""

    def __init__(self) -> None:
        self.waits: int | None = 1
        self.asked: list[Duty] = []

    def waiting(self, duty: Duty) -> dict[str, int] | None:
        self.asked.append(duty)
        return None if self.waits is None else {"yihu": 0, "yihu.bulk": self.waits}


class Worker:
    """A keeper with idle hands, a filled queue and a clock of the test's."""

    def __init__(self) -> None:
        self.hands, self.queue, self.now = Hands(), Queue(), 1_000.0
        self.hands.busy_at = self.now
        settings = SimpleNamespace(lease_seconds=20.0, sweep_seconds=5.0)
        services = SimpleNamespace(
            settings=settings,
            hands=self.hands,
            messages=self.queue,
            duty=Duty.PAGES,
            swept_at=1e9,
        )
        self.keeper = Keeper(cast("Services", services))

    def turns(self, seconds: float) -> None:
        """What the keeper does in so many seconds."""
        for _ in range(round(seconds / keeper.TURN_SECONDS)):
            self.now += keeper.TURN_SECONDS
            self.keeper.turn()


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker()

    def ended(code: int) -> None:
        raise Ended(code)

    monkeypatch.setattr(keeper, "time", SimpleNamespace(monotonic=lambda: made.now))
    monkeypatch.setattr(keeper, "os", SimpleNamespace(_exit=ended))
    monkeypatch.setattr(reaper, "let_go", lambda _: None)
    return made


def test_idle_hands_while_messages_wait_again_and_again_end_the_worker(worker: Worker) -> None:
    worker.turns(DEAF_SECONDS - 1)
    assert not worker.queue.asked, "it was busy just now"
    with pytest.raises(Ended) as end:
        worker.turns(30)
    assert end.value.args == (SICK_EXIT,), "not 0: the supervisor starts it anew"
    assert worker.queue.asked == [Duty.PAGES] * DEAF_TURNS, "of its own queues alone"


@pytest.mark.parametrize("waits", [0, None])
def test_an_empty_queue_or_a_silent_broker_ends_nobody(worker: Worker, waits: int | None) -> None:
    worker.queue.waits = waits
    worker.turns(200)
    assert len(worker.queue.asked) > DEAF_TURNS


def test_a_message_taken_in_between_begins_the_count_anew(worker: Worker) -> None:
    worker.turns(DEAF_SECONDS + 3)
    assert 0 < len(worker.queue.asked) < DEAF_TURNS
    worker.hands.busy_at = worker.now
    worker.turns(DEAF_SECONDS + 3)


def test_one_that_works_is_not_deaf_however_long_it_takes(worker: Worker) -> None:
    with ExitStack() as stack:
        stack.enter_context(worker.hands.at_work())
        worker.turns(300)
    assert not worker.queue.asked
