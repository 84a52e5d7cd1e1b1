"""Whether a probability is true: of the answers given with 90 %, nine in ten should be right.

The bins of a reliability diagram and the expected calibration error over them,
for the benchmark and for people's decisions alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose probability lies from `low` to below `high` (the last one: up to 1).

    `mean` is the mean of their probabilities, `right` the share that was right.
    """

    low: float
    high: float
    count: int
    mean: float
    right: float


def bins(answers: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """The bins that hold any answer, lowest first, from (probability, right) pairs."""
    parts: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for probability, right in answers:
        parts[min(BINS - 1, int(probability * BINS))].append((probability, right))
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            count=len(part),
            mean=sum(probability for probability, _ in part) / len(part),
            right=sum(right for _, right in part) / len(part),
        )
        for place, part in sorted(parts.items())
    )


def calibration_error(found: Sequence[Bin]) -> float:
    """How far probability and share right lie apart, on average over all answers."""
    total = sum(one.count for one in found)
    return sum(one.count * abs(one.mean - one.right) for one in found) / (total or 1)
