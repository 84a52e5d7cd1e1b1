"""A mass of files waits behind a single one; slow work leaves a thread free."""

from __future__ import annotations

from threading import Thread

import pytest

from ingest.formats import Format
from ingest.pages import Inspection, PageSize
from worker.duty import SPARE, Duty
from worker.lanes import (
    BURST_FILES,
    FEWEST_BYTES,
    FILES_EVERYWHERE,
    SECONDS_A_FILE,
    SECONDS_A_FILE_EVERYWHERE,
    SHORTEST_LOOK,
    SHORTEST_READ,
    Bursts,
    Pace,
    SlowLane,
    urgency_at_sight,
    urgency_of,
)
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


def test_a_mass_of_many_small_folders_waits_behind_a_file_in_none() -> None:
    moment = 0.0
    bursts = Bursts(clock=lambda: moment)
    mass = [bursts.urgency(f"{n // 3}/{n}.pdf") for n in range(900)]
    assert mass == [Urgency.NOW] * FILES_EVERYWHERE + [Urgency.BULK] * (900 - FILES_EVERYWHERE)
    assert bursts.urgency("letter.pdf") is Urgency.NOW
    assert bursts.urgency("another folder/a.pdf") is Urgency.BULK
    moment += SECONDS_A_FILE_EVERYWHERE
    assert bursts.urgency("a third folder/a.pdf") is Urgency.NOW


PAPERS = {
    "A4 at 200 dpi": (1654, 2339),
    "A3 at 400 dpi": (6614, 4677),
    "an ID card at 200 dpi": (669, 425),
    "a telephone's photo": (4032, 3024),
    "a till receipt": (456, 3000),
}
OTHERS = {"an icon": (240, 320), "a poster": (9990, 9990), "a line": (60000, 1)}


@pytest.mark.parametrize("size", PAPERS.values(), ids=list(PAPERS))
def test_scanned_paper_of_a_mass_drop_keeps_its_place(size: tuple[int, int]) -> None:
    found = Inspection(Format.PDF, (PageSize(*size),) * 3)
    assert urgency_of(found, 3 * FEWEST_BYTES, Urgency.BULK) is Urgency.BULK


@pytest.mark.parametrize("size", OTHERS.values(), ids=list(OTHERS))
def test_what_cannot_be_paper_waits_behind_it_only_in_a_mass_drop(size: tuple[int, int]) -> None:
    found = Inspection(Format.PNG, (PageSize(*size),))
    assert urgency_of(found, 10**6, Urgency.BULK) is Urgency.LATER
    assert urgency_of(found, 10**6, Urgency.NOW) is Urgency.NOW
    assert urgency_of(found, 10**6, Urgency.SLOW) is Urgency.SLOW


def test_what_holds_next_to_nothing_waits_behind_scans_only_in_a_mass_drop() -> None:
    pages = (PageSize(1654, 2339),) * 3
    found, size = Inspection(Format.PDF, pages), 3 * FEWEST_BYTES - 1
    assert urgency_of(found, size, Urgency.BULK) is Urgency.LATER
    assert urgency_of(found, size, Urgency.NOW) is Urgency.NOW


def test_what_no_scanner_writes_waits_behind_scans() -> None:
    found = Inspection(Format.GIF, (PageSize(1654, 2339),))
    assert urgency_of(found, 10**6, Urgency.BULK) is Urgency.LATER


@pytest.mark.parametrize(
    ("kind", "size", "then"),
    [
        (Format.PDF, FEWEST_BYTES, Urgency.BULK),
        (Format.PDF, FEWEST_BYTES - 1, Urgency.LATER),
        (Format.GIF, 10**6, Urgency.LATER),
        (Format.OFFICE, 10**6, Urgency.LATER),
    ],
)
def test_at_sight_only_what_may_be_a_scan_keeps_its_place_in_a_mass_drop(
    kind: Format, size: int, then: Urgency
) -> None:
    assert urgency_at_sight(kind, size, Urgency.BULK) is then
    assert urgency_at_sight(kind, size, Urgency.NOW) is Urgency.NOW


def test_background_work_comes_behind_all_that_was_dropped() -> None:
    for duty in (Duty.ALL, Duty.PAGES):
        assert sorted(duty.queues) == duty.queues  # workers take from them in this order
        assert duty.queues[-1] == SPARE
    assert SPARE not in Duty.INBOX.queues
    assert not set(Duty.INBOX.queues) & set(Duty.PAGES.queues)
    assert set(Duty.ALL.queues) == {*Duty.INBOX.queues, *Duty.PAGES.queues}


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


def test_a_page_of_a_mass_drop_is_held_to_the_usual_pace() -> None:
    pace = Pace()
    assert pace.most(6.0) == 6.0  # nothing is known yet
    for _ in range(50):
        pace.took(0.1)
    assert pace.most(6.0) == SHORTEST_READ
    assert pace.most(6.0, SHORTEST_LOOK) == SHORTEST_LOOK
    for _ in range(50):
        pace.took(1.2)
    assert 4.0 < pace.most(6.0) < 5.0
    for _ in range(50):
        pace.took(30.0)
    assert pace.most(6.0) == 6.0  # a slow machine gets no more than the setting allows
