"""Changes to a finished document: traditional characters, carbon copies, blank backs."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache
from typing import Any

import opencc

from bench.corpus.cases import Outcome
from bench.corpus.marks import Colour, Glyphs, Page
from bench.corpus.samples import Sample

_KEPT = frozenset("于余范丑谷后云台只几才系征志周里万")
_CARBON: Colour = (74, 70, 128)


@lru_cache(maxsize=1)
def _converter() -> Any:
    return opencc.OpenCC("s2t")


def _traditional(text: str, *, name: bool) -> str:
    """Printed text by phrases; what was written by hand character by character."""
    if not name:
        return str(_converter().convert(text))
    return "".join(char if char in _KEPT else str(_converter().convert(char)) for char in text)


def in_traditional(sample: Sample) -> Sample:
    """The same document set in traditional characters."""
    for page in sample.pages:
        page.marks = [
            replace(mark, text=_traditional(mark.text, name=mark.hand or len(mark.text) < 5))
            if isinstance(mark, Glyphs)
            else mark
            for mark in page.marks
        ]
    sample.fields = {
        name: _traditional(text, name=name != "title") for name, text in sample.fields.items()
    }
    if not sample.outcome.why:
        sample.outcome = Outcome(sample.outcome.expect, "traditional")
    return sample


def as_carbon_copy(sample: Sample, rng: random.Random) -> Sample:
    """What was written on the first sheet arrives on the third, shifted and violet."""
    right, down = rng.uniform(-1.8, 1.8), rng.uniform(-1.2, 1.4)
    for page in sample.pages:
        page.marks = [
            replace(mark, x=mark.x + right, y=mark.y + down, colour=_CARBON)
            if isinstance(mark, Glyphs) and mark.hand
            else mark
            for mark in page.marks
        ]
    if not sample.outcome.why:
        sample.outcome = Outcome(sample.outcome.expect, "carbon-copy")
    return sample


def with_backs(sample: Sample) -> Sample:
    """Every sheet scanned on both sides: a blank page follows each page."""
    sample.pages = [
        side
        for page in sample.pages
        for side in (page, Page(page.width, page.height, blank=True, kind="blank"))
    ]
    return sample
