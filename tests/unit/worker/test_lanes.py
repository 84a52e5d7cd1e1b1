"""A mass of files waits behind a single one; slow work leaves a thread free."""

from __future__ import annotations

from threading import Thread

from worker.lanes import BURST_FILES, SECONDS_A_FILE, Bursts, SlowLane
from yihu.urgency import Urgency


def test_the_files_of_a_mass_drop_wait_behind_a_single_one() -> None:
    moment = 0.0
    bursts = Bursts(clock=lambda: moment)
    mass = [bursts.urgency(f"2024/{n % 7}/{n}.pdf") for n in range(100)]
    assert mass == [Urgency.NOW] * BURST_FILES + [Urgency.BULK] * (100 - BURST_FILES)
    assert bursts.urgency("3-2-501/a.pdf") is Urgency.NOW
    assert bursts.urgency("b.pdf") is Urgency.NOW
    moment += SECONDS_A_FILE
    assert [bursts.urgency("2024/c.pdf") for _ in range(2)] == [Urgency.NOW, Urgency.BULK]


def test_slow_work_leaves_one_thread_free() -> None:
    lane = SlowLane(2)
    other: list[bool] = []

    def try_to_enter() -> None:
        for urgency in (Urgency.SLOW, Urgency.NOW):
            with lane.enter(urgency) as free:
                other.append(free)

    with lane.enter(Urgency.SLOW) as free, lane.enter(Urgency.SLOW) as again:
        thread = Thread(target=try_to_enter)
        thread.start()
        thread.join()
    assert (free, again, other) == (True, True, [False, True])
    try_to_enter()
    assert other[2:] == [True, True]
