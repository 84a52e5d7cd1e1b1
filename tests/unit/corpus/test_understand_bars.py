"""The bars of `bench understand`: what is demanded, what was measured, and when it fails."""

from __future__ import annotations

from typing import Any

from bench.score import score
from bench.strangers import Found, Strangers
from bench.understand import report

HOME = {"estate": "阳光花园", "zone": "-", "building": "3", "unit": "1", "room": "501"}
OTHER = HOME | {"room": "502"}


def truth(file: str, expect: str = "file") -> dict[str, Any]:
    kind = {"type": "reno.permit", "category": "reno", "household": HOME}
    return {"file": file, "pages": [1, 1], "expect": expect, "why": "", **kind}


def line(file: str, state: str = "filed", **said: Any) -> dict[str, Any]:
    kind = {"type": "reno.permit", "category": "reno", "household": HOME}
    return {
        "file": file, "pages": [1, 1], "state": state, "probability": 0.99, "reasons": [], **kind
    } | said  # fmt: skip


def test_a_clean_set_meets_every_bar_and_says_so() -> None:
    result = score([truth("a"), truth("b")], [line("a"), line("b")])
    assert result.harmless
    assert all(met for _, _, met in result.bars())
    data = result.as_dict()
    assert [row["met"] for row in data["bars"]] == [True] * 8
    assert data["reliability"] == [
        {"low": 0.9, "high": 1.0, "count": 2, "mean": 0.99, "right": 1.0}
    ]
    said = report(result)
    assert "met   wrong household = 0: 0" in said
    assert "MISSED" not in said


def test_a_wrong_household_and_a_wrong_filing_do_harm() -> None:
    wrong = score([truth("a")], [line("a", household=OTHER)])
    assert not wrong.harmless
    assert "MISSED  wrong household = 0: 1" in report(wrong)
    bold = score([truth("a", "review")], [line("a")])
    assert not bold.harmless
    assert not {bar: met for bar, _, met in bold.bars()}["wrongly filed = 0"]


def test_what_only_costs_review_misses_its_bar_without_harm() -> None:
    lazy = score([truth("a")], [line("a", "review", type="reno.pass", reasons=["type_unsure"])])
    missed = [bar for bar, _, met in lazy.bars() if not met]
    assert missed == [
        "filed of fileable >= 95.0%", "first suggestion >= 80.0%", "calibration error <= 2%"
    ]  # fmt: skip
    assert lazy.harmless


def test_the_copy_of_a_batch_is_one_line_for_all_its_documents_and_swallows_none() -> None:
    same = {"expect": "duplicate", "why": "same bytes as batch"}
    pages: list[dict[str, Any]] = [{"pages": [1, 1]}, {"pages": [2, 2]}]
    wanted = [truth("batch") | page for page in pages]
    wanted += [truth("copy") | same | page for page in pages]
    said = [line("batch", **page) for page in pages]
    whole = score(wanted, [*said, line("copy", "duplicate", type=None)])
    assert (whole.swallowed, whole.documents) == ([], 4)
    taken = score(wanted, [line("batch", pages=[1, 2]), line("copy", "duplicate", type=None)])
    assert len(taken.swallowed) == 1


def test_of_three_files_of_the_same_bytes_any_may_have_come_first() -> None:
    same = {"expect": "duplicate", "why": "same bytes as a"}
    wanted = [truth("a"), truth("b") | same, truth("c") | same]
    for first in "abc":
        said = [line(name, "filed" if name == first else "duplicate") for name in "abc"]
        assert score(wanted, said).harmless, first
    twice = score(wanted, [line("a"), line("b"), line("c", "duplicate")])
    assert len(twice.filed_must_review) == 1


def test_strangers_must_all_reach_a_person_without_a_confident_household() -> None:
    plain = line("a", "review", type=None, household=None, probability=None)
    fine = Strangers((Found(plain, 0.0), Found(line("b", "duplicate"), 0.0)))
    assert fine.clean
    assert "met   filed = 0: 0" in fine.report()
    for bad in (Found(line("c"), 0.99), Found(plain, 0.7), Found(line("d", "failed"), 0.0)):
        assert not Strangers((Found(plain, 0.0), bad)).clean
    assert fine.as_dict()["documents"][0]["household_probability"] == 0.0
