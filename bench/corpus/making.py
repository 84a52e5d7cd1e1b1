"""Makes one file of the corpus from its number alone, so that any process can do it."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from bench.corpus.addresses import dashed
from bench.corpus.broken import broken_file, truth_of_broken
from bench.corpus.cases import Outcome, pick_review_case
from bench.corpus.changes import as_carbon_copy, in_traditional, with_backs
from bench.corpus.files import write_images
from bench.corpus.marks import Page
from bench.corpus.papers import Desk, card_or_junk, office_paper, owner_card
from bench.corpus.raster import draw
from bench.corpus.register import Household, make_register
from bench.corpus.samples import Sample, sample_form
from bench.corpus.textpdf import text_pdf
from bench.corpus.wear import Wear, age, random_wear
from bench.corpus.words import Kit, load_words

Separator = Callable[[Household | None, int], Image.Image]
"""Draws the sheet that stands before a document of a batch: (household, dpi) -> image."""


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a worker needs to make file `number` of a corpus."""

    inbox: Path
    seed: int
    number: int
    pack: str
    households: int
    separator: Separator | None = None

    def rng(self, use: str) -> random.Random:
        """A generator of its own for each file and use, the same in every process."""
        pack = "eval" if self.pack == "eval" else self.pack
        return random.Random(f"{pack}/{self.seed}/{self.number}/{use}")

    @property
    def kind(self) -> str:
        """What sort of file this number gives."""
        sorts = ("single", "batch", "digital", "broken", "duplicate")
        chosen = self.rng("kind").choices(sorts, (75, 13, 9, 1.5, 1.5))[0]
        return "single" if chosen == "duplicate" and self.number == 0 else chosen


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A page of the file with its image, if it is not text."""

    page: Page
    image: Image.Image | None


def make_file(task: Task) -> list[dict[str, Any]]:
    """Write one file and give the truth lines of its documents."""
    kind = task.kind
    if kind == "duplicate":
        return _duplicate(task)
    if kind == "broken":
        return _broken(task)
    return _document_file(task, kind)


def _desk(task: Task, rng: random.Random) -> Desk:
    words = load_words(task.pack)
    return Desk(words, make_register(task.seed, task.pack, task.households), rng)


@lru_cache(maxsize=8)
def _order(pack: str, seed: int) -> tuple[Kit, ...]:
    """The household kits of a pack in a shuffled order, frequent ones several times."""
    kits = [
        kit
        for kit in load_words(pack).kits.values()
        if not kit.review
        for _ in range(max(1, round(kit.weight)))
    ]
    random.Random(f"order/{pack}/{seed}").shuffle(kits)
    return tuple(kits)


def _sample(task: Task, desk: Desk, place: int, home: Household | None, *, digital: bool) -> Sample:
    rng = desk.rng
    roll = rng.random()
    if roll < 0.11 and not digital:
        return card_or_junk(desk) if home is None else owner_card(desk)
    if roll < 0.16:
        return office_paper(desk)
    order = _order(task.pack, task.seed)
    kit = order[(task.number + 7 * place) % len(order)]
    case = "" if rng.random() < 0.79 else pick_review_case(rng)
    sample = sample_form(
        kit, desk.words, desk.register, rng, case=case, home=home, typed=True if digital else None
    )
    if rng.random() < 0.04:
        sample = in_traditional(sample)
    if not sample.typed and rng.random() < 0.05:
        sample = as_carbon_copy(sample, rng)
    return sample


def _samples(task: Task, kind: str, rng: random.Random) -> list[Sample]:
    desk = _desk(task, rng)
    digital = kind == "digital"
    if kind != "batch":
        samples = [_sample(task, desk, 0, None, digital=digital)]
    else:
        home = desk.home() if rng.random() < 0.5 else None
        samples = [
            _sample(task, desk, place, home, digital=False) for place in range(rng.randint(2, 5))
        ]
    if not digital and rng.random() < (0.25 if kind == "batch" else 0.05):
        samples = [with_backs(sample) for sample in samples]
    return samples


def _document_file(task: Task, kind: str) -> list[dict[str, Any]]:
    rng = task.rng("file")
    samples = _samples(task, kind, rng)
    if kind == "digital":
        name = _name(task, samples, "pdf", rng)
        _path(task, name).write_bytes(
            text_pdf([page for sample in samples for page in sample.pages], rng)
        )
        return _truth(
            name, samples, {"format": "pdf", "dpi": None, "born_digital": True}, [0] * len(samples)
        )
    wear = random_wear(rng)
    if (
        len(samples) == 1
        and samples[0].layout not in ("junk", "blank", "card")
        and rng.random() < 0.012
    ):
        wear = replace(wear, faint=0.86, blur=1.6, noise=14.0)
        samples[0].outcome = Outcome("review", "illegible")
    pages = sum(len(sample.pages) for sample in samples)
    ending = _format(wear, pages, rng)
    separator = task.separator if kind == "batch" and rng.random() < 0.5 else None
    images, offsets = _images(samples, wear, rng, separator)
    name = _name(task, samples, ending, rng)
    write_images(_path(task, name), images, wear.dpi, wear.quality)
    conditions = {
        "format": ending,
        **wear.as_dict(),
        "born_digital": False,
        "separators": bool(separator),
    }
    return _truth(name, samples, conditions, offsets)


def _images(
    samples: list[Sample], wear: Wear, rng: random.Random, separator: Separator | None
) -> tuple[list[Image.Image], list[int]]:
    """All page images, and how many sheets stand before each document that are none of its own."""
    images: list[Image.Image] = []
    offsets, extra = [], 0
    for sample in samples:
        if separator:
            images.append(age(separator(sample.household, wear.dpi).convert("RGB"), wear, rng))
            extra += 1
        offsets.append(extra)
        images += [_image(page, wear, rng) for page in sample.pages]
    return images, offsets


def _image(page: Page, wear: Wear, rng: random.Random) -> Image.Image:
    own = replace(wear, skew=round(wear.skew + rng.gauss(0, 0.15), 2)) if wear.skew else wear
    if page.kind == "photo":
        own = replace(own, faint=0.0, photo=False, tint=False)
    return age(draw(page, wear.dpi, rng), own, rng)


def _format(wear: Wear, pages: int, rng: random.Random) -> str:
    if wear.mode == "bilevel":
        return "tif" if rng.random() < 0.6 else "pdf"
    if pages > 1:
        return rng.choices(("pdf", "tif"), (88, 12))[0]
    if wear.photo:
        return rng.choices(("jpg", "pdf"), (85, 15))[0]
    return rng.choices(("jpg", "png", "tif", "pdf"), (42, 10, 6, 42))[0]


def _path(task: Task, name: str) -> Path:
    path = task.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _name(task: Task, samples: list[Sample], ending: str, rng: random.Random) -> str:
    """A scanner's name; now and then one that says, truly, what is inside."""
    stem = rng.choice(
        (
            "扫描_{n:05d}",
            "SCN_{n:05d}",
            "IMG_{d}_{n:05d}",
            "{d}{n:05d}",
            "doc{n:05d}",
            "新建扫描 ({n})",
        )
    )
    day = f"20{rng.randint(19, 24)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    name = f"{stem.format(n=task.number, d=day)}.{ending}"
    first = samples[0]
    if len(samples) > 1 or first.outcome.expect != "file" or first.household is None:
        return name
    room, roll = dashed(first.household.key), rng.random()
    if roll > 0.985:
        other = rng.choice(make_register(task.seed, task.pack, task.households))
        if other.key != first.household.key:
            first.outcome = Outcome("review", "folder-conflict")
            return f"{dashed(other.key)}/{name}"
    if roll < 0.06:
        return f"{room}/{name}"
    if roll < 0.11:
        return f"{room} {first.fields.get('title', '身份证')}_{task.number}.{ending}".replace(
            "/", ""
        )
    return name


def _truth(
    name: str, samples: list[Sample], conditions: dict[str, Any], offsets: list[int]
) -> list[dict[str, Any]]:
    lines, first = [], 1
    for sample, offset in zip(samples, offsets, strict=True):
        last = first + len(sample.pages) - 1
        own = {
            "layout": sample.layout, "documents": len(samples), "typed": sample.typed,
            "seal": any(page.seals() for page in sample.pages),
            "handwriting": any(page.handwritten() for page in sample.pages),
            "blank_backs": sum(page.blank for page in sample.pages),
        }  # fmt: skip
        lines.append({
            "file": name, "pages": [first + offset, last + offset], **sample.truth(),
            "lines": [page.lines() for page in sample.pages], "conditions": conditions | own,
        })  # fmt: skip
        first = last + 1
    return lines


def _broken(task: Task) -> list[dict[str, Any]]:
    rng = task.rng("broken")
    page = _samples(task, "single", rng)[0].pages[0]
    ending, data, why = broken_file(rng, draw(page, 100, rng))
    name = f"扫描_{task.number:05d}.{ending}"
    _path(task, name).write_bytes(data)
    return [truth_of_broken(name, why)]


def _duplicate(task: Task) -> list[dict[str, Any]]:
    """The same bytes as an earlier file under another name, as when a scan is dropped twice."""
    number = task.number - 1
    while number > 0 and replace(task, number=number).kind in ("duplicate", "broken"):
        number -= 1
    with tempfile.TemporaryDirectory() as folder:
        lines = make_file(replace(task, number=number, inbox=Path(folder)))
        first = Path(folder) / lines[0]["file"]
        name = f"{first.stem} 副本_{task.number:05d}{first.suffix}"
        shutil.copyfile(first, _path(task, name))
    change = {"file": name, "expect": "duplicate", "why": f"same bytes as {lines[0]['file']}"}
    return [line | change for line in lines]
