"""Train the small text model of `classifier.types` and fit its calibration.

`python -m bench.train_types WORK` draws the train pack below WORK, reads it with
the product's own engine, learns from the words of the pack and of the shipped
template, and writes `classifier/types/types_model.gz`. Nothing is learnt from the
eval pack.

The calibration is fitted on what the reader made of the scans: as read, with a
damaged title, and with the title and most lines hidden, by a model that saw
only the template's words. The pack's own wordings would flatter it; dropping
lines stands for forms that are worded in another way. `--check SEED` fits it on
a second set as well, of the eval pack and of a seed that no report uses.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.corpus import generate, load_truth
from bench.corpus.generate import Pack
from catalog.template import load_template
from classifier.types import TypeModel, classify
from classifier.types.classify import TITLED
from classifier.types.model import BUCKETS, DATA, OTHER, Points, features
from classifier.types.titles import read_title
from classifier.values import HouseholdGuess, Match
from ingest.reading import ReadOptions, read_page
from yihu.errors import YihuError
from yihu.household import HouseholdRecord, RoomKey
from yihu.page import PageText
from yihu.template import DocumentType, Template

ROUNDS, RATE, DECAY = 260, 6.0, 2e-4
SYNTHETIC = 60
LEAST_CASES = 25
KEPT_LINES = 0.3
AS_READ = 3
# Only documents of a supported household can be filed; the figures are about those.
_AT_HOME = Match((HouseholdGuess(HouseholdRecord(0, RoomKey()), 1.0),), supported=True)
_DECIDED = {"type_whose", "not_household_paper"}


@dataclass(frozen=True, slots=True)
class Example:
    """One text and the type it is, or "other"."""

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A document of the train pack as the reader saw it, and its true type."""

    pages: tuple[PageText, ...]
    code: str


def main() -> int:
    """Read the arguments, train, calibrate, write the model, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.train_types", description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--count", type=int, default=420, help="files of the train pack")
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--out", type=Path, default=Path("classifier/types") / DATA)
    parser.add_argument("--check", type=int, default=51001, help="seed of the second set; 0: none")
    parser.add_argument("--check-count", type=int, default=300)
    given = parser.parse_args()
    template = load_template()
    scans = list(read_scans(given.work, given.seed, given.count))
    unseen = []
    if given.check:
        unseen = list(read_scans(given.work / "check", given.check, given.check_count, "eval"))
    words = list(from_template(template, random.Random(given.seed)))
    shy = train(words, "template-words")
    titled, untitled = calibrate([*scans, *unseen], template, shy)
    everything = [*words, *from_scans(scans)]
    version = f"train-{given.seed}-{given.count}"
    model = replace(train(everything, version), titled=titled, untitled=untitled)
    blob = model.dump()
    given.out.write_bytes(blob)
    print(f"{len(scans)} scans, {len(everything)} texts, {len(model.classes)} classes")
    print(f"{given.out}: {len(blob)} bytes\ntitled {titled}\nuntitled {untitled}")
    return 0


def read_scans(work: Path, seed: int, count: int, pack: Pack = "train") -> Iterator[Scan]:
    """A pack drawn and read; pages already read are kept below `work`/ocr."""
    if not (work / "truth.jsonl").exists():
        generate(work, seed=seed, count=count, pack=pack)
    kept = work / "ocr"
    kept.mkdir(exist_ok=True)
    for number, truth in enumerate(load_truth(work / "truth.jsonl")):
        if truth["expect"] in ("rejected", "duplicate"):
            continue
        first, last = truth["pages"]
        pages = [_read(work, kept, truth["file"], page) for page in range(first, last + 1)]
        whole = tuple(page for page in pages if page is not None)
        if whole and any(page.lines for page in whole):
            yield Scan(whole, truth["type"] or _other(truth["why"]))
        if number % 50 == 0:
            print(f"\rread {number}", end="", file=sys.stderr, flush=True)


def _other(why: str) -> str:
    """Untyped pages teach "other", except those that are a form all the same."""
    return "" if why == "blank-form" else OTHER


def _read(work: Path, kept: Path, name: str, number: int) -> PageText | None:
    cache = kept / f"{name.replace('/', '__')}.{number}"
    if cache.exists():
        return PageText.unpack(cache.read_bytes())
    try:
        page = read_page(str(work / "inbox" / name), number, ReadOptions())
    except YihuError as error:
        print(f"{name} {number}: {error}", file=sys.stderr)
        return None
    cache.write_bytes(page.pack())
    return page


def from_template(template: Template, rng: random.Random) -> Iterator[Example]:
    """Texts put together from the template's own words, so that every type is known on day one."""
    for kind in template.types:
        for _ in range(SYNTHETIC):
            yield Example(_made_up(kind, rng), kind.code)


def _made_up(kind: DocumentType, rng: random.Random) -> str:
    some = [
        word
        for words, share in ((kind.strong, 0.6), (kind.phrases, 0.5), (kind.fields, 0.6))
        for word in words
        if rng.random() < share
    ]
    rng.shuffle(some)
    title = [rng.choice(kind.titles)] if kind.titles and rng.random() < 0.7 else []
    return "\n".join([*title, "房号 业主 电话 日期", *some])


def from_scans(scans: Sequence[Scan]) -> Iterator[Example]:
    """The texts as read, whole and without their first lines (where the title stands)."""
    for scan in scans:
        if scan.code:
            lines = [line.text for page in scan.pages for line in page.lines]
            yield Example("\n".join(lines), scan.code)
            yield Example("\n".join(lines[3:]), scan.code)


def train(examples: Sequence[Example], version: str) -> TypeModel:
    """Multinomial logistic regression by gradient descent, every class given the same weight."""
    classes = tuple(sorted({example.code for example in examples}))
    index = {code: place for place, code in enumerate(classes)}
    inputs: NDArray[np.float32] = np.stack([features(example.text) for example in examples])
    wanted = np.array([index[example.code] for example in examples])
    counts = np.bincount(wanted, minlength=len(classes))
    share = (1.0 / counts[wanted] / len(classes)).astype(np.float32)
    target = np.zeros((len(examples), len(classes)), dtype=np.float32)
    target[np.arange(len(examples)), wanted] = 1.0
    weights = np.zeros((len(classes), BUCKETS), dtype=np.float32)
    biases = np.zeros(len(classes), dtype=np.float32)
    for _ in range(ROUNDS):
        scores = inputs @ weights.T + biases
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - target) * share[:, None] * len(classes)
        weights -= RATE * (error.T @ inputs + DECAY * weights)
        biases -= 0.1 * RATE * error.sum(axis=0)
    return TypeModel(version, classes, weights, biases)


def calibrate(scans: Sequence[Scan], template: Template, model: TypeModel) -> tuple[Points, Points]:
    """Points (raw probability, share right) that never fall, with and without a title."""
    rng = random.Random(len(scans))
    identical = {kind.code for kind in template.types if kind.whose}
    seen: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    for scan in scans:
        if scan.code in identical or scan.code in ("", OTHER):
            continue
        for pages in _variants(scan.pages, template, rng):
            found = classify(pages, template, model=model, match=_AT_HOME)
            if found.best and not set(found.reasons) & _DECIDED:
                named = read_title(pages[0], template).score(found.best.code) >= TITLED
                seen[named].append((found.best.probability, found.best.code == scan.code))
    return _rising(seen[True]), _rising(seen[False])


def _variants(
    pages: tuple[PageText, ...], template: Template, rng: random.Random
) -> Iterator[tuple[PageText, ...]]:
    """As read (most are); with slips in the title and fewer lines; without title, thin."""
    for _ in range(AS_READ):
        yield pages
    best = read_title(pages[0], template).best
    if best is None:
        return
    yield (_damaged(pages[0], best.text, 1, rng), *pages[1:])
    for slips in (1, 2):
        damaged = _damaged(pages[0], best.text, slips, rng)
        thinner = _thinned((damaged, *pages[1:]), rng, spared=best.box[3])
        yield thinner
    yield _thinned(_hidden(pages, template), rng)


def _thinned(
    pages: Sequence[PageText], rng: random.Random, spared: float = 0.0
) -> tuple[PageText, ...]:
    """The pages with most lines gone; the head of the first page, down to `spared`, stays."""
    return tuple(
        replace(
            page,
            lines=tuple(
                line
                for line in page.lines
                if (place == 0 and line.box[3] <= spared) or rng.random() < KEPT_LINES
            ),
        )
        for place, page in enumerate(pages)
    )


def _damaged(page: PageText, title: str, slips: int, rng: random.Random) -> PageText:
    letters = list(title)
    for place in rng.sample(range(len(letters)), min(slips, len(letters))):
        letters[place] = rng.choice("口日田中木林水火土金大小上下左右")
    return replace(
        page,
        lines=tuple(
            replace(line, text="".join(letters)) if line.text == title else line
            for line in page.lines
        ),
    )


def _hidden(pages: Sequence[PageText], template: Template) -> tuple[PageText, ...]:
    """The document without the line its title was read from."""
    best = read_title(pages[0], template).best
    if best is None:
        return tuple(pages)
    below = best.box[3]
    lines = tuple(line for line in pages[0].lines if line.box[1] >= below - 0.002)
    return (replace(pages[0], lines=lines), *pages[1:])


def _rising(seen: Sequence[tuple[float, bool]]) -> Points:
    """Pool neighbouring cases until the share right never falls (isotonic regression)."""
    ordered = sorted(seen)
    blocks: list[list[float]] = []  # [sum of raw, cases, right]
    for start in range(0, len(ordered), LEAST_CASES):
        here = ordered[start : start + LEAST_CASES]
        blocks.append([sum(s for s, _ in here), len(here), sum(r for _, r in here)])
        while len(blocks) > 1 and _rate(blocks[-2]) >= _rate(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    for total, cases, right in blocks:
        print(f"  raw {total / cases:.4f}: {right:.0f} of {cases:.0f} right")
    raws = [round(block[0] / block[1], 4) for block in blocks]
    shares = accumulate((round(_share(block), 4) for block in blocks), max)
    return ((0.0, 0.0), *zip(raws, shares, strict=True))


def _rate(block: Sequence[float]) -> float:
    return block[2] / block[1]


def _share(block: Sequence[float]) -> float:
    """The share right with one made-up case on either side, so that nothing is certain."""
    _, cases, right = block
    return (right + 1) / (cases + 2)


if __name__ == "__main__":
    sys.exit(main())
