"""Makes one file of the corpus from its number alone, so that any process can do it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from bench.corpus.cases import pick_review_case
from bench.corpus.files import write_images
from bench.corpus.marks import Page
from bench.corpus.raster import draw
from bench.corpus.register import Household, make_register
from bench.corpus.samples import Sample, sample_form
from bench.corpus.wear import Wear, age, random_wear
from bench.corpus.words import Kit, Words, load_words


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a worker needs to make file `number` of a corpus."""

    inbox: Path
    seed: int
    number: int
    pack: str
    households: int


def make_file(task: Task) -> list[dict[str, Any]]:
    """Write one file and give the truth lines of its documents."""
    rng = random.Random(f"{task.pack}/{task.seed}/{task.number}")
    words = load_words(task.pack)
    register = make_register(task.seed, task.pack, task.households)
    batch = rng.random() < 0.12
    samples = [_sample(task, words, register, rng, place) for place in range(rng.randint(2, 5) if batch else 1)]
    return _write(task, samples, rng)


@lru_cache(maxsize=8)
def _order(pack: str, seed: int) -> tuple[Kit, ...]:
    """The kits of a pack in a shuffled order, frequent ones several times."""
    kits = [kit for kit in load_words(pack).kits.values() for _ in range(max(1, round(kit.weight)))]
    random.Random(f"order/{pack}/{seed}").shuffle(kits)
    return tuple(kits)


def _sample(task: Task, words: Words, register: tuple[Household, ...], rng: random.Random, place: int) -> Sample:
    order = _order(task.pack, task.seed)
    kit = order[(task.number + 7 * place) % len(order)]
    case = "" if rng.random() < 0.75 else pick_review_case(rng)
    return sample_form(kit, words, register, rng, case=case)


def _write(task: Task, samples: list[Sample], rng: random.Random) -> list[dict[str, Any]]:
    wear = random_wear(rng)
    pages = [page for sample in samples for page in sample.pages]
    kind = _format(wear, len(pages), rng)
    name = _name(task.number, samples, kind, rng)
    path = task.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [_image(page, wear, rng) for page in pages]
    write_images(path, images, wear.dpi, wear.quality)
    return _truth(name, kind, samples, wear)


def _image(page: Page, wear: Wear, rng: random.Random) -> Image.Image:
    own = replace(wear, skew=round(wear.skew + rng.gauss(0, 0.15), 2)) if wear.skew else wear
    return age(draw(page, wear.dpi, rng), own, rng)


def _format(wear: Wear, pages: int, rng: random.Random) -> str:
    if wear.mode == "bilevel":
        return "tif" if rng.random() < 0.7 else "pdf"
    if pages > 1:
        return rng.choices(("pdf", "tif"), (85, 15))[0]
    return rng.choices(("jpg", "png", "tif", "pdf"), (45, 12, 8, 35))[0]


def _name(number: int, samples: list[Sample], kind: str, rng: random.Random) -> str:
    stem = rng.choice(("扫描_{n:05d}", "SCN_{n:05d}", "IMG_{d}_{n:05d}", "{d}{n:05d}", "doc{n:05d}", "新建扫描 ({n})"))
    day = f"20{rng.randint(19, 24)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    return f"{stem.format(n=number, d=day)}.{kind}"


def _truth(name: str, kind: str, samples: list[Sample], wear: Wear) -> list[dict[str, Any]]:
    lines, first = [], 1
    for sample in samples:
        last = first + len(sample.pages) - 1
        conditions = {
            "format": kind, **wear.as_dict(), "born_digital": False, "layout": sample.layout,
            "seal": any(page.seals() for page in sample.pages),
            "handwriting": any(page.handwritten() for page in sample.pages),
            "documents": len(samples),
        }  # fmt: skip
        lines.append({
            "file": name, "pages": [first, last], **sample.truth(),
            "lines": [page.lines() for page in sample.pages], "conditions": conditions,
        })  # fmt: skip
        first = last + 1
    return lines
