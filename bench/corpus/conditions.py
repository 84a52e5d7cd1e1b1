"""Single pages in one named condition each, with every piece of text that stands on them.

The packs are those of the corpus. A page is drawn from its pack, seed,
condition and number alone, so that any page can be made again.
"""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.corpus.changes import as_carbon_copy, in_traditional
from bench.corpus.files import write_images
from bench.corpus.marks import Area, Glyphs, Mark, Page, Rule, Seal
from bench.corpus.printed import Field, boxes_known, fields_on
from bench.corpus.raster import draw
from bench.corpus.register import make_register
from bench.corpus.samples import Sample, sample_form
from bench.corpus.wear import Wear, age, random_wear
from bench.corpus.words import Words, load_words

HOUSEHOLDS = 200
_TYPED = 0.6
_MOST_TRIES = 400
_TABLE_CELLS = 24


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that stands on one line; `hand` was filled in by a pen."""

    text: str
    hand: bool


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page file and all text on it; `seals` is text that a reader may give or leave out."""

    path: Path
    pieces: tuple[Piece, ...]
    fields: tuple[Field, ...]
    seals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A named state of paper and scan; `bar` is the highest character error rate allowed."""

    name: str
    wear: Callable[[random.Random], Wear]
    ending: str = "jpg"
    bar: float | None = None
    change: Callable[[Sample, random.Random], Sample] = field(default=lambda sample, _: sample)
    fits: Callable[[Page], bool] = field(default=lambda _: True)
    sheets: int = 1


def _light(rng: random.Random) -> Wear:
    return Wear(
        noise=round(rng.uniform(2, 5), 1),
        skew=round(rng.gauss(0, 0.4), 2),
        blur=0.35,
        quality=rng.choice((65, 75, 85)),
        holes=rng.random() < 0.2,
    )


def _either(rng: random.Random, low: float, high: float) -> float:
    return round(rng.choice((-1, 1)) * rng.uniform(low, high), 2)


def _photo(rng: random.Random, *, slant: float, gloom: float) -> Wear:
    return Wear(
        mode="colour",
        photo=True,
        slant=slant,
        gloom=gloom,
        noise=3.0,
        blur=round(rng.uniform(0.3, 0.6), 2),
        quality=rng.choice((65, 75, 85)),
    )


def _sealed(sample: Sample, rng: random.Random) -> Sample:
    """Two seals pressed where text stands, as offices do over name and date."""
    page = sample.pages[0]
    glyphs = [mark for mark in page.marks if isinstance(mark, Glyphs) and len(mark.text) > 3]
    for mark in rng.sample(glyphs, min(2, len(glyphs))):
        x = mark.x + mark.width * rng.uniform(0.2, 0.8)
        page.marks.append(
            Seal(
                x,
                mark.y + rng.uniform(-6, 8),
                "round",
                "阳光物业服务有限公司|业务专用章",
                rng.uniform(36, 42),
                rng.uniform(-14, 14),
            )
        )
    return sample


def _tabular(page: Page) -> bool:
    return sum(isinstance(mark, Area) for mark in page.marks) >= _TABLE_CELLS


CONDITIONS: tuple[Condition, ...] = (
    Condition("clean", lambda _: Wear(quality=92), bar=0.01),
    Condition("light", _light, bar=0.01),
    Condition("dpi150", lambda rng: replace(_light(rng), dpi=150)),
    Condition("dpi300", lambda rng: replace(_light(rng), dpi=300)),
    Condition("skew", lambda rng: replace(_light(rng), skew=_either(rng, 1.5, 3))),
    Condition("turned", lambda rng: replace(_light(rng), rotation=rng.choice((90, 180, 270)))),
    Condition("tables", _light, fits=_tabular),
    Condition("traditional", _light, change=lambda sample, _: in_traditional(sample)),
    Condition("seal", lambda rng: replace(_light(rng), mode="colour"), change=_sealed),
    Condition("fax", lambda rng: Wear(mode="bilevel", noise=rng.uniform(5, 12), skew=round(rng.gauss(0, 0.6), 2)), ending="tif"),
    Condition("faint", lambda rng: replace(_light(rng), faint=round(rng.uniform(0.5, 0.7), 2))),
    Condition("carbon", lambda _: Wear(mode="colour", tint=True, noise=4.0, faint=0.3, blur=0.5), change=as_carbon_copy),
    Condition("dark", lambda rng: replace(_light(rng), dim=round(rng.uniform(0.45, 0.65), 2), noise=6.0)),
    Condition("blurred", lambda rng: Wear(blur=round(rng.uniform(0.9, 1.3), 2), noise=3.0)),
    Condition("dirty", lambda rng: Wear(noise=round(rng.uniform(9, 14), 1), streak=True, border=True, holes=True, skew=round(rng.gauss(0, 0.8), 2), quality=55)),
    Condition("photo", lambda rng: _photo(rng, slant=0.028, gloom=0.68)),
    Condition("photo_hard", lambda rng: replace(_photo(rng, slant=0.09, gloom=0.35), noise=5.0)),
    Condition("a3_600dpi", lambda _: Wear(dpi=600, noise=2.0, quality=85), sheets=2),
    Condition("mix", random_wear),
)  # fmt: skip


def pages_of(
    condition: Condition, folder: Path, *, pack: str, seed: int, count: int
) -> Iterator[PrintedPage]:
    """`count` pages in this condition, written below `folder` one at a time."""
    words = load_words(pack)
    for number in range(count):
        rng = random.Random(f"{pack}/{seed}/{condition.name}/{number}")
        samples = [_sample(condition, words, pack, seed, rng) for _ in range(condition.sheets)]
        wear = condition.wear(rng)
        page = _side_by_side([sample.pages[0] for sample in samples])
        image = age(draw(page, wear.dpi, rng), wear, rng)
        path = folder / f"{condition.name}-{number:03d}.{condition.ending}"
        write_images(path, [image], wear.dpi, wear.quality)
        fields = _fields(samples, known=boxes_known(wear))
        seals = tuple(mark.text for mark in page.marks if isinstance(mark, Seal))
        yield PrintedPage(path, _pieces(page), fields, seals)


def _fields(samples: list[Sample], *, known: bool) -> tuple[Field, ...]:
    """The key fields of the document; without places where those are not known.

    Two documents side by side on one sheet are none: nobody files them as one.
    """
    if len(samples) > 1:
        return ()
    found = fields_on(samples[0].pages[0], samples[0].fields)
    return tuple(one if known else replace(one, boxes=()) for one in found)


def _sample(condition: Condition, words: Words, pack: str, seed: int, rng: random.Random) -> Sample:
    register = make_register(seed, pack, HOUSEHOLDS)
    kits = [kit for kit in words.kits.values() if not kit.review]
    for _ in range(_MOST_TRIES):
        kit = rng.choice(kits)
        sample = sample_form(kit, words, register, rng, typed=rng.random() < _TYPED)
        if condition.fits(sample.pages[0]):
            return condition.change(sample, rng)
    raise LookupError(condition.name)


def _side_by_side(pages: list[Page]) -> Page:
    """Pages as they lie on the glass of a larger scanner."""
    if len(pages) == 1:
        return pages[0]
    wide, marks = 0.0, list[Mark]()
    for page in pages:
        marks += [_moved(mark, wide) for mark in page.marks]
        wide += page.width
    return Page(max(wide, 420.0), max(297.0, *(page.height for page in pages)), marks)


def _moved(mark: Mark, right: float) -> Mark:
    if isinstance(mark, Rule | Area):
        return replace(mark, x0=mark.x0 + right, x1=mark.x1 + right)
    return replace(mark, x=mark.x + right)


def _pieces(page: Page) -> tuple[Piece, ...]:
    return tuple(
        Piece(mark.text, mark.hand)
        for mark in page.marks
        if isinstance(mark, Glyphs) and mark.text.strip()
    )
