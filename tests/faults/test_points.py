"""Killed, failed or filled at any point of the journey, nothing is lost, doubled or wrong.

The walk is the real journey on real files, database and store in one process;
the process that dies is followed by one that finds what it left.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.faults import Tally, points_of, walk_once
from bench.faults_site import Site

GROUPS = 10
SHORT = ("inbox.claim.after_rename", "stage.keep.commit", "page.commit", "stage.file.commit")
"""One point of each part of the way, for the run that everybody waits for."""
MUST_PASS = {
    "inbox.claim.after_rename",
    "intake.record.before",
    "intake.record.after",
    "storage.put.after_link",
    "stage.keep.commit",
    "inbox.spool.after_rename",
    "page.read",
    "page.commit",
    "stage.split.committed",
    "stage.file.commit",
    "inbox.reject.after_rename",
}


def test_killed_on_each_part_of_the_way_a_file_still_ends_as_it_should(walked: Site) -> None:
    tally = Tally()
    found = walk_once(walked, tally, dict.fromkeys(SHORT, "kill"))
    assert not found
    assert tally.points == set(SHORT)
    assert walked.judge.verify() == []


def test_the_walk_passes_every_kind_of_point(walked: Site) -> None:
    assert set(points_of(walked)) >= MUST_PASS


def groups(points: list[str], count: int) -> Iterator[list[str]]:
    """The points spread so that neighbours, which are of one stage, fall into different groups."""
    for start in range(count):
        yield points[start::count]


@pytest.mark.slow
@pytest.mark.parametrize("action", ["kill", "raise", "full"])
def test_a_fault_at_every_point_costs_nothing(walked: Site, action: str) -> None:
    """All points in groups: one walk dies, or fails, several times, each time elsewhere."""
    points, tally = points_of(walked), Tally()
    for group in groups(points, GROUPS):
        found = walk_once(walked, tally, dict.fromkeys(group, action))
        assert not found, (group, found)
    assert tally.points == set(points)
    assert walked.judge.verify() == []
