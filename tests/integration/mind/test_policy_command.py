"""Thresholds, the load they cost, and what reviewed documents allow."""

from __future__ import annotations

import pytest

from bench.office import Office, permit
from classifier import Policy, thresholds
from classifier.thresholds import Seen
from worker import learning


def seen(count: int, kind: float, *, right: bool | None, filed: bool = True) -> list[Seen]:
    """So many documents of one probability, all with the same answer of a person."""
    return [Seen(kind, 0.999, held=False, filed=filed, right=right)] * count


def test_without_evidence_the_shipped_threshold_stands() -> None:
    documents = seen(5000, 0.99, right=None) + seen(500, 0.85, right=None, filed=False)
    threshold, _ = thresholds.derive(documents, 0.001, Policy())
    assert threshold == Policy().type_threshold


def test_enough_right_answers_lower_it_as_far_as_they_prove() -> None:
    documents = seen(4000, 0.99, right=True) + seen(4000, 0.86, right=True, filed=False)
    threshold, why = thresholds.derive(documents, 0.001, Policy())
    assert threshold == 0.86
    assert "0 of 8000" in why
    few = seen(4000, 0.99, right=True) + seen(20, 0.86, right=True, filed=False)
    few += seen(400, 0.86, right=None, filed=False)
    assert thresholds.derive(few, 0.001, Policy())[0] == Policy().type_threshold


def test_many_sure_samples_do_not_hide_a_bad_band() -> None:
    documents = seen(20000, 0.99, right=True) + seen(60, 0.86, right=False, filed=False)
    assert thresholds.derive(documents, 0.001, Policy())[0] == Policy().type_threshold


def test_wrong_answers_raise_it() -> None:
    documents = seen(300, 0.995, right=True) + seen(20, 0.92, right=False)
    threshold, why = thresholds.derive(documents, 0.01, Policy())
    assert threshold == 0.995
    assert "20 of 320" in why


def test_an_untitled_paper_keeps_its_own_threshold() -> None:
    untitled = [Seen(0.95, 0.999, held=False, titled=False)]
    assert thresholds.line(untitled, 0.9, Policy()).filed == 0
    assert thresholds.line(untitled, 0.9, Policy()).load == 1.0


def test_the_command_shows_load_and_what_another_rate_costs(office: Office) -> None:
    for number in range(1, 5):
        office.bring(permit(number))
    office.bring("# 装修许可证\n房号：3栋1单元501室\n许可证号：A1")  # nobody named: to a person
    code, lines = office.home.run("policy")
    assert code == 0
    *table, summary = lines
    assert [row["threshold"] for row in table if row["in_force"]] == [0.9]
    row = next(row for row in table if row["in_force"])
    assert (row["filed"], row["review"], row["load"]) == (4, 1, 0.2)
    assert (summary["shipped"], summary["derived"], summary["rate"]) == (0.9, 0.9, 0.001)
    strict = office.home.run("policy", "--rate", "0.0000001")[1][-1]
    assert strict["by_calibration"]["filed"] == 0
    assert office.home.run("policy", "--rate", "0.01", "--apply")[0] == 2


def test_probabilities_are_held_against_what_people_decided(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office.home.run("policy")[1][-1]
    assert (before["reliability"], before["calibration_error"]) == ([], None)
    decided = [Seen(0.95, 1.0, held=False, right=True)] * 18
    decided += [Seen(0.95, 1.0, held=False, right=False)] * 2
    decided += [Seen(0.9, 0.5, held=True, right=False), Seen(0.9, 0.0, held=True, right=False)]
    monkeypatch.setattr(learning, "seen", lambda _: decided)
    view = learning.policy_view(office.services)
    assert [(one.count, round(one.right, 3)) for one in view.reliability] == [(1, 0.0), (20, 0.9)]
    assert view.calibration_error == pytest.approx((0.45 + 20 * 0.05) / 21)


def test_what_reviews_prove_is_put_in_force_and_taken_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "seen", lambda _: seen(400, 0.99, right=True)
                        + seen(40, 0.92, right=False))  # fmt: skip
    assert learning.apply_threshold(office.services, "machine")
    assert office.services.mind.current().policy.type_threshold == 0.99
    assert not learning.apply_threshold(office.services, "machine")
    monkeypatch.setattr(learning, "seen", lambda _: [])
    assert learning.apply_threshold(office.services, "machine")
    assert office.services.mind.current().policy.type_threshold == 0.9
