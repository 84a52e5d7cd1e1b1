"""Teach the text model from people's decisions, and compare two models on what was held back.

A lesson never starts from nothing: the new weights stay near those before, so
a handful of labels changes what they speak of and little else. A title that
people put under one type again and again is remembered as a title of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np

from classifier.types.classify import classify
from classifier.types.folding import fold
from classifier.types.model import TypeModel, features
from classifier.types.titles import read_title
from classifier.values import HouseholdGuess, Match
from yihu.household import HouseholdRecord
from yihu.page import PageText
from yihu.template import Template

ROUNDS, RATE, NEAR = 120, 2.0, 0.02
TWICE = 2  # a title is believed when so many labels agree and none differs
SHORTEST, LONGEST = 4, 20
BOLD = 0.9
LEVEL = 0.02
"""How often a model that is no better may seem so; low, because it is tried again and again."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document's pages, whose it is, and the type a person gave it."""

    pages: tuple[PageText, ...]
    household: HouseholdRecord
    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two models do on the same held-back documents: first answers right, sure and wrong.

    `gained` are answers that only the second model gives right, `lost` those that
    only the first one did.
    """

    cases: int
    right_before: int
    right_after: int
    bold_before: int
    bold_after: int
    gained: int
    lost: int

    @property
    def chance(self) -> float:
        """How likely so many gains, or more, are between two models that are equally good.

        The exact sign test: of the documents on which they differ, each is won by
        either with the same probability.
        """
        differ = self.gained + self.lost
        at_least = sum(comb(differ, wins) for wins in range(self.gained, differ + 1))
        return float(at_least / 2**differ)

    @property
    def better(self) -> bool:
        """More answers right than chance explains, and not one more that is sure and wrong."""
        return self.chance <= LEVEL and self.bold_after <= self.bold_before


def teach(
    base: TypeModel, lessons: Sequence[Lesson], template: Template, version: str
) -> TypeModel:
    """A model that knows the lessons besides what `base` knew; `base` stays as it is."""
    known = [lesson for lesson in lessons if lesson.code in template.by_code]
    titles = {**base.titles, **_titles(known, template)}
    return replace(_weights(base, known), version=version, titles=titles)


def _titles(lessons: Sequence[Lesson], template: Template) -> dict[str, str]:
    """Headlines that stand over one type alone, in two documents or more."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for lesson in lessons:
        if template.type(lesson.code).whose:
            continue  # whose an ID card is no title tells
        if headline := headline_of(lesson.pages, template):
            seen[headline][lesson.code] += 1
    return {
        headline: next(iter(codes))
        for headline, codes in seen.items()
        if len(codes) == 1 and codes.total() >= TWICE
    }


def headline_of(pages: Iterable[PageText], template: Template) -> str:
    """The most prominent line of the first written page, folded, when it may be a title."""
    page = next((page for page in pages if page.lines), None)
    if page is None:
        return ""
    key = fold(read_title(page, template).headline)
    plain = SHORTEST <= len(key) <= LONGEST and not any(char.isdigit() for char in key)
    return key if plain else ""


def _weights(base: TypeModel, lessons: Sequence[Lesson]) -> TypeModel:
    index = {code: place for place, code in enumerate(base.classes)}
    cases = [lesson for lesson in lessons if lesson.code in index]
    if not cases:
        return base
    texts = ["\n".join(page.text for page in lesson.pages) for lesson in cases]
    inputs = np.stack([features(text, base.weights.shape[1]) for text in texts])
    target = np.zeros((len(cases), len(index)), dtype=np.float32)
    target[np.arange(len(cases)), [index[lesson.code] for lesson in cases]] = 1.0
    # What the weights change by is a sum of the lessons' features, so the rounds run on
    # how alike the lessons are (lessons x lessons), which is small, not on the weights.
    alike = inputs @ inputs.T
    before = inputs @ base.weights.T
    share, biases = np.zeros_like(target), base.biases.copy()
    for _ in range(ROUNDS):
        scores = before + alike @ share + biases
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - target) / np.float32(len(cases))
        share -= RATE * (error + NEAR * share)
        biases -= 0.1 * RATE * (error.sum(axis=0) + NEAR * (biases - base.biases))
    weights = base.weights + share.T @ inputs
    return replace(base, weights=weights, biases=biases)


def compare(
    before: TypeModel, after: TypeModel, held: Sequence[Lesson], template: Template
) -> Comparison:
    """Both models on held-back lessons, as they would judge them at home."""
    hits: Counter[tuple[bool, bool]] = Counter()
    bold = [0, 0]
    for lesson in held:
        match = Match((HouseholdGuess(lesson.household, 1.0),), supported=True)
        hit = [False, False]
        for place, model in enumerate((before, after)):
            best = classify(lesson.pages, template, model=model, match=match).best
            hit[place] = best is not None and best.code == lesson.code
            bold[place] += best is not None and not hit[place] and best.probability >= BOLD
        hits[hit[0], hit[1]] += 1
    both, gained, lost = hits[True, True], hits[False, True], hits[True, False]
    return Comparison(len(held), both + lost, both + gained, bold[0], bold[1], gained, lost)
