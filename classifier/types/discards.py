"""Learn kinds of paper from what people discarded, and compare them on what was held back.

Nothing is learnt that papers in the households' files speak against: a second
scan of a good form is discarded as well, and says nothing about its kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from classifier.types.kinds import SEVERAL, THIN, Kind, Marks, alike, closest
from classifier.types.learning import Comparison

OVERRULED, UNSEEN = 10, 2
"""A kind falls when more papers like it were filed than one in so many of those discarded: by a
person, and by the machine alone."""
LEVEL = 0.05
"""Five gains without a loss: a wrong step here costs a look, not a wrong filing."""


@dataclass(frozen=True, slots=True)
class Discard:
    """A discarded document; `sure` when the machine would have filed it by itself."""

    document: int
    marks: Marks
    sure: bool = False


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """A filed document; `seen` when a person filed or confirmed it."""

    marks: Marks
    seen: bool
    held: bool


def kinds_of(discards: Sequence[Discard]) -> tuple[Kind, ...]:
    """The kinds among discarded documents: several each, all alike to what most of them share."""
    left = {one.document: one.marks for one in discards if len(one.marks) >= THIN}
    near = {
        number: {other for other in left if alike(marks, left[other])}
        for number, marks in left.items()
    }
    found = []
    while left:
        seed = max(left, key=lambda number: (len(near[number] & left.keys()), -number))
        around = near[seed] & left.keys()
        common = _common([left[number] for number in around])
        members = [number for number in around if alike(left[number], common)]
        if len(members) >= SEVERAL:
            found.append(
                Kind(_common([left[number] for number in members]), tuple(sorted(members)))
            )
        for number in {seed, *members}:
            del left[number]
    return tuple(found)


def _common(papers: Sequence[Marks]) -> Marks:
    """The marks that most of the papers have: what stands on one alone is nobody's kind."""
    counts = Counter(mark for marks in papers for mark in marks)
    return frozenset(mark for mark, count in counts.items() if 2 * count > len(papers))


def unopposed(kinds: Sequence[Kind], filed: Iterable[FiledPaper]) -> tuple[Kind, ...]:
    """The kinds that papers in the households' files do not speak against."""
    return _heard(kinds, (replace(paper, held=False) for paper in filed))[0]


def _heard(
    kinds: Sequence[Kind], filed: Iterable[FiledPaper]
) -> tuple[tuple[Kind, ...], list[list[Kind]]]:
    """The kinds that fall by no filed paper, and for each one held back the kinds it is like.

    Each paper is looked at once and let go: thousands of them need no memory.
    """
    against = {kind: Counter[bool]() for kind in kinds}
    held: list[list[Kind]] = []
    for paper in filed:
        like = [kind for kind in kinds if alike(paper.marks, kind.marks)]
        if paper.held:
            held.append(like)
        else:
            for kind in like:
                against[kind][paper.seen] += 1
    kept = tuple(kind for kind in kinds if not _falls(kind, against[kind]))
    return kept, held


def _falls(kind: Kind, against: Counter[bool]) -> bool:
    count = len(kind.members)
    return against[True] > count // OVERRULED or against[False] > count // UNSEEN


@dataclass(frozen=True, slots=True)
class Taught:
    """The kinds known after a lesson, and how they do beside those before."""

    kinds: tuple[Kind, ...]
    comparison: Comparison

    @property
    def better(self) -> bool:
        """More discarded papers known than chance explains, filed ones weighed against them."""
        result = self.comparison
        return result.chance <= LEVEL and result.bold_after <= result.bold_before


def teach_discards(
    before: Sequence[Kind], discards: Sequence[Discard], filed: Iterable[FiledPaper]
) -> Taught:
    """Kinds for what `before` does not know, compared on what was held back.

    Each discarded document is judged by what the others of its kind teach
    without it; filed documents are held back by their bytes.
    """
    unknown = [one for one in discards if not closest(one.marks, before)]
    tried = kinds_of(unknown)
    kept, held = _heard((*before, *tried), filed)
    fresh = [kind for kind in tried if kind in kept]
    marks = {one.document: one.marks for one in unknown}
    gained = {number for kind in fresh for number in kind.members if _without(kind, number, marks)}
    old, new = frozenset(before), frozenset(fresh)
    stopped = sum(not old.isdisjoint(like) for like in held)
    lost = sum(old.isdisjoint(like) and not new.isdisjoint(like) for like in held)
    right = len(discards) - len(unknown) + len(held) - stopped
    bold = sum(one.sure for one in unknown)
    result = Comparison(
        cases=len(discards) + len(held),
        right_before=right,
        right_after=right + len(gained) - lost,
        bold_before=bold,
        bold_after=bold - sum(one.sure and one.document in gained for one in unknown),
        gained=len(gained),
        lost=lost,
    )
    return Taught((*before, *fresh), result)


def _without(kind: Kind, held: int, marks: dict[int, Marks]) -> bool:
    """Whether the others of a kind tell this one."""
    others = [marks[number] for number in kind.members if number != held]
    return alike(marks[held], _common(others))
