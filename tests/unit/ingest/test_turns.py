"""Folders of the inbox take turns; within one the oldest comes first."""

from __future__ import annotations

from ingest.inbox.turns import Turns


def taken(turns: Turns, now: float) -> list[str]:
    """All that is due, in order."""
    found = []
    while (path := turns.take(now)) is not None:
        found.append(path)
    return found


def test_a_single_file_does_not_wait_behind_a_mass_in_another_folder() -> None:
    turns = Turns()
    for number in range(100):
        turns.plan(f"mass/{number:03}", "mass", 1.0, number)
    turns.plan("letter", "", 2.0, 500)
    turns.plan("other/b", "other", 1.5, 400)
    turns.plan("other/a", "other", 1.5, 300)
    found = taken(turns, 2.0)
    assert found[0] == "letter"
    assert set(found[1:3]) == {"mass/000", "other/a"}
    assert found.index("other/b") <= 4
    mass = [path for path in found if path.startswith("mass/")]
    assert mass == sorted(mass)
    assert len(found) == 103


def test_every_other_turn_is_of_files_in_no_folder() -> None:
    turns = Turns()
    for number in range(1000):
        turns.plan(f"{number}/scan", str(number), 1.0, number)
    assert turns.take(1.0) == "0/scan"
    for number in range(3):
        turns.plan(f"letter {number}", "", 1.0, 2000 + number)
    found = taken(turns, 1.0)
    assert [found.index(f"letter {number}") for number in range(3)] == [0, 2, 4]
    assert len(found) == 1002
    assert turns.soonest() == float("inf")


def test_folders_of_which_nothing_is_due_are_passed_over_and_come_when_they_are() -> None:
    turns = Turns()
    for number in range(50):
        turns.plan(f"{number}/late", str(number), 9.0 + number, number)
    turns.plan("now/a", "now", 1.0, 99)
    assert "now/a" in turns
    assert taken(turns, 1.0) == ["now/a"]
    assert "now/a" not in turns
    assert turns.soonest() == 9.0
    assert taken(turns, 10.0) == ["0/late", "1/late"]
    turns.plan("7/sooner", "7", 10.5, 1)
    assert turns.soonest() == 10.5
    assert taken(turns, 10.6) == ["7/sooner"]
    assert len(taken(turns, 100.0)) == 48


def test_only_what_is_due_is_taken_and_an_earlier_date_counts() -> None:
    turns = Turns()
    assert turns.soonest() == float("inf")
    turns.plan("a", "", 5.0, 1)
    turns.plan("a", "", 7.0, 1)  # later than planned: nothing changes
    turns.plan("b", "b", 9.0, 2)
    assert turns.soonest() == 5.0
    assert turns.take(4.9) is None
    turns.plan("b", "b", 3.0, 2)
    assert taken(turns, 4.9) == ["b"]
    assert taken(turns, 10.0) == ["a"]  # the older date of "b" is gone
    assert turns.soonest() == float("inf")


def test_what_is_forgotten_is_not_taken_and_may_be_planned_anew() -> None:
    turns = Turns()
    turns.plan("a", "", 1.0, 1)
    turns.forget("a")
    turns.forget("never planned")
    assert turns.take(2.0) is None
    turns.plan("a", "", 3.0, 1)
    assert taken(turns, 3.0) == ["a"]
