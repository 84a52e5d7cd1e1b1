"""Whether probabilities are true: bins and the expected calibration error."""

from __future__ import annotations

import pytest

from classifier.reliability import Bin, bins, calibration_error


def test_answers_fall_into_bins_with_their_mean_and_share_right() -> None:
    found = bins([(0.95, True), (1.0, False), (0.05, False), (0.9, True)])
    assert [(one.low, one.high, one.count) for one in found] == [(0.0, 0.1, 1), (0.9, 1.0, 3)]
    assert found[1].mean == pytest.approx(0.95)
    assert found[1].right == pytest.approx(2 / 3)


def test_true_probabilities_have_no_error_and_boasts_have_all_of_it() -> None:
    assert calibration_error(bins([(0.5, True), (0.5, False)])) == 0.0
    assert calibration_error(bins([(1.0, False)] * 3)) == 1.0
    assert calibration_error(bins([])) == 0.0


def test_each_bin_weighs_by_its_answers() -> None:
    found = (Bin(0.0, 0.1, 1, 0.0, 1.0), Bin(0.9, 1.0, 9, 1.0, 1.0))
    assert calibration_error(found) == pytest.approx(0.1)
