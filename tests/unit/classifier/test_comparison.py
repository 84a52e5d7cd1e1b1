"""A new model takes over only when held-back labels prove it better, and it is nowhere bolder."""

from __future__ import annotations

import pytest

from classifier import Comparison


def comparison(gained: int, lost: int, *, bold: int = 0) -> Comparison:
    """Thirty cases of which so many changed, ten were right before and after."""
    return Comparison(30, 10 + lost, 10 + gained, 1, 1 + bold, gained, lost)


def test_one_more_right_answer_is_chance() -> None:
    assert comparison(1, 0).chance == 0.5
    assert not comparison(1, 0).better
    assert not comparison(5, 0).better


def test_enough_gains_without_a_loss_are_proof() -> None:
    assert comparison(6, 0).chance == pytest.approx(1 / 64)
    assert comparison(6, 0).better


def test_losses_take_proof_away() -> None:
    assert comparison(8, 2).chance == pytest.approx(56 / 1024)
    assert not comparison(8, 2).better
    assert comparison(14, 3).better


def test_the_same_or_worse_is_never_better() -> None:
    assert comparison(0, 0).chance == 1.0
    assert not comparison(0, 0).better
    assert not comparison(3, 9).better


def test_proof_does_not_excuse_one_more_answer_that_is_sure_and_wrong() -> None:
    assert not comparison(12, 0, bold=1).better
