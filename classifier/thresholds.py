"""Thresholds from a tolerated wrong-filing rate: what reviewed documents prove, and what it costs.

A threshold below the shipped one needs evidence: of the documents it would add
and of those filed already, the share that may be wrong (an upper bound that
holds in 95 of 100 cases) must stay under the tolerated rate. Where people found
more wrong than is tolerated, the threshold rises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifier.values import Policy

CONFIDENCE = 0.95
LOWEST = 0.8
_STEPS = 60
GRID = (0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Seen:
    """A document as it was judged: probabilities, whether anything but them held it back.

    `right` is what a person said of the machine's answer, None when nobody did.
    """

    type: float
    household: float
    held: bool
    titled: bool = True
    filed: bool = False
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a threshold does: documents filed and reviewed, the share expected wrong, the proof.

    `answered` and `wrong` are documents it files that a person judged; `bound`
    is the highest share wrong that this leaves possible.
    """

    threshold: float
    filed: int
    review: int
    expected_wrong: float
    answered: int
    wrong: int
    bound: float

    @property
    def load(self) -> float:
        """The share of documents that go to a person."""
        whole = self.filed + self.review
        return self.review / whole if whole else 0.0


def answers(seen: Iterable[Seen]) -> Iterator[tuple[float, bool]]:
    """(probability, right) of every first answer, type and household, that a person judged."""
    for one in seen:
        if one.right is not None and one.type and one.household:
            yield one.type * one.household, one.right


def interval(wrong: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact (Clopper-Pearson) two-sided interval of a share; (0, 1) without a case."""
    tail = (1 - confidence) / 2
    return lower_bound(wrong, of, 1 - tail), upper_bound(wrong, of, 1 - tail)


def upper_bound(wrong: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The share wrong that is not exceeded with this confidence."""
    if of == 0 or wrong >= of:
        return 1.0
    return _where(lambda share: _at_most(wrong, of, share) > 1 - confidence)


def lower_bound(wrong: int, of: int, confidence: float = CONFIDENCE) -> float:
    """The share wrong that is reached at least with this confidence."""
    if of == 0 or wrong == 0:
        return 0.0
    return _where(lambda share: 1 - _at_most(wrong - 1, of, share) < 1 - confidence)


def _where(below: Callable[[float], bool]) -> float:
    """The share at which a condition that holds for small ones stops to hold."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return high


def _at_most(wrong: int, of: int, share: float) -> float:
    """The probability of `wrong` or fewer among `of` when each is wrong with this share."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 1.0 if wrong >= of else 0.0
    logs = [
        math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        + k * math.log(share) + (of - k) * math.log1p(-share)
        for k in range(wrong + 1)
    ]  # fmt: skip
    return min(1.0, math.fsum(math.exp(one) for one in logs))


def line(seen: Sequence[Seen], threshold: float, policy: Policy) -> Line:
    """What this threshold would do to the documents seen."""
    filed = [one for one in seen if _files(one, threshold, policy)]
    answered = [one for one in filed if one.right is not None]
    wrong = sum(not one.right for one in answered)
    expected = math.fsum(1 - one.type * one.household for one in filed) / (len(filed) or 1)
    return Line(
        threshold=threshold,
        filed=len(filed),
        review=len(seen) - len(filed),
        expected_wrong=expected,
        answered=len(answered),
        wrong=wrong,
        bound=_bound(filed, policy),
    )


def _files(one: Seen, threshold: float, policy: Policy) -> bool:
    least = threshold if one.titled else max(threshold, policy.untitled_threshold)
    return not one.held and one.type >= least and one.household >= policy.household_threshold


def _bound(filed: Sequence[Seen], policy: Policy) -> float:
    """The highest share wrong left possible, over what files anyhow and what is added to it.

    The two are judged by other people on other occasions (blind samples here,
    reviews there), so each has its own bound and weighs by its documents.
    """
    sure = [one for one in filed if one.type >= policy.type_threshold]
    more = [one for one in filed if one.type < policy.type_threshold]
    total = 0.0
    parts = [part for part in (sure, more) if part]
    for part in parts:
        answered = [one for one in part if one.right is not None]
        wrong = sum(not one.right for one in answered)
        confidence = 1 - (1 - CONFIDENCE) / len(parts)
        total += len(part) * upper_bound(wrong, len(answered), confidence)
    return total / len(filed) if filed else 0.0


def derive(seen: Sequence[Seen], rate: float, policy: Policy) -> tuple[float, str]:
    """The threshold that the reviewed documents allow for a tolerated rate, and why in words."""
    shipped = policy.type_threshold
    answered = [one for one in seen if one.right is not None and _files(one, shipped, policy)]
    wrong = sum(not one.right for one in answered)
    if lower_bound(wrong, len(answered)) > rate:
        for step in sorted({one.type for one in answered if one.type > shipped}):
            left = [one for one in answered if one.type >= step]
            if sum(not one.right for one in left) <= rate * len(left):
                return round(step, 4), f"{wrong} of {len(answered)} reviewed were wrong"
        return 1.0, f"{wrong} of {len(answered)} reviewed were wrong, at every threshold"
    candidates = sorted(
        {
            round(one.type, 4)
            for one in seen
            if one.right is not None and LOWEST <= one.type < shipped
        }
    )
    for step in candidates:
        proof = line(seen, step, policy)
        if proof.bound <= rate:
            return (
                step,
                f"{proof.wrong} of {proof.answered} reviewed were wrong, at most {proof.bound:.2%}",
            )
    return shipped, f"shipped; {wrong} of {len(answered)} reviewed were wrong"


def by_calibration(seen: Sequence[Seen], rate: float, policy: Policy) -> Line:
    """The lowest threshold whose expected share wrong stays under a rate, were its figures true."""
    steps = sorted({round(one.type, 4) for one in seen if one.type >= LOWEST})
    found = [line(seen, step, policy) for step in _thinned(steps)]
    within = [one for one in found if one.expected_wrong <= rate]
    return within[0] if within else line(seen, 1.0, policy)


def _thinned(steps: Sequence[float]) -> Sequence[float]:
    """At most 200 of the steps, evenly spread, so that many documents cost no more."""
    return steps[:: max(1, len(steps) // 200)]
