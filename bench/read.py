"""`yihu bench read`: how right, how dear and how large reading is, one condition at a time.

Draws fresh pages of the pack in every condition, reads each in a child process
with the product's limits, by the product's reader and by Tesseract, and
compares with what was printed. Key fields are told two ways: read, when every
character of them stands in the text in one piece (a field broken over two
lines: in two), and kept, when the product makes the right value of them
(`bench.read_fields`), with the place on the page where that is known; other
values kept under the name of a printed field are counted too. The bars
are about what is kept, of what was printed and not written by a pen.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.characters import Errors, bare, compare, holds
from bench.corpus.conditions import CONDITIONS, HOUSEHOLDS, Condition, PrintedPage, pages_of
from bench.corpus.printed import Field
from bench.corpus.register import make_register
from bench.machine import describe
from bench.read_child import Read, measured
from bench.read_fields import Keeper, Kept, placed
from ingest.reading import ReadOptions
from ingest.sandbox import Sandbox
from yihu.errors import Rejected
from yihu.settings import load

READERS = ("rapidocr", "tesseract")
FIELD_BARS = {"title": 0.995, "room": 0.99, "owner": 0.98}
MIX_BAR = 0.03
MEMORY_BAR = 700.0


@dataclass
class Tally:
    """What one reader did on the pages of one condition."""

    pages: int = 0
    unread: int = 0
    errors: Errors = field(default_factory=Errors)
    found: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)
    with_place: Counter[str] = field(default_factory=Counter)
    cpu: float = 0.0
    peak: float = 0.0
    flags: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def take(self, page: PrintedPage, read: Read | None, keeper: Keeper) -> None:
        """Count one page; None where the reader had to give up."""
        self.pages += 1
        lines = [line.text for line in read.page.lines] if read else []
        pieces = [(piece.text, piece.hand) for piece in page.pieces]
        errors = compare(pieces, lines, page.seals)
        self.errors.add(errors)
        text = bare("".join(lines))
        kept = keeper.kept(read.page) if read else []
        for key in page.fields:
            self._take_field(key, text, keeper.right(key, kept), page.path.name)
        self.other.update(keeper.others(page.fields, kept))
        if errors.rate > 2 * MIX_BAR:
            self.notes.append(f"{page.path.name}: CER {errors.rate:.1%}")
        if read is None:
            self.unread += 1
            return
        self.cpu += read.cpu
        self.peak = max(self.peak, read.peak)
        self.flags.update(read.page.flags)

    def _take_field(self, key: Field, text: str, right: list[Kept], file: str) -> None:
        name = f"{key.name}_hand" if key.hand else key.name
        self.asked[name] += 1
        self.found[name] += holds(text, key.parts)
        self.kept[name] += bool(right)
        if right and key.boxes:
            self.with_place[name] += 1
            self.placed[name] += placed(key, right)
        if not key.hand and not right:
            said = "read, not kept" if holds(text, key.parts) else "not read"
            self.notes.append(f"{file}: {key.name} {' '.join(key.parts)} ({said})")

    def share(self, name: str) -> str:
        """How many of the fields of a name were kept right, as the tables print it."""
        return f"{self.kept[name]}/{self.asked[name]}" if self.asked[name] else "-"

    def add(self, other: Tally) -> None:
        """Count another condition in."""
        self.pages += other.pages
        self.unread += other.unread
        self.errors.add(other.errors)
        self.found += other.found
        self.asked += other.asked
        self.kept += other.kept
        self.other += other.other
        self.placed += other.placed
        self.with_place += other.with_place
        self.cpu += other.cpu
        self.peak = max(self.peak, other.peak)
        self.flags += other.flags
        self.notes += other.notes

    def as_dict(self) -> dict[str, Any]:
        """The figures as printed: rates, counts of fields, seconds and MiB."""
        errors = self.errors
        return {
            "pages": self.pages,
            "unread": self.unread,
            "characters": errors.total,
            "cer": round(errors.rate, 5),
            "cer_printed": round(errors.printed_rate, 5),
            "made_up": errors.made_up,
            "fields": {
                name: {
                    "printed": self.asked[name],
                    "read": self.found[name],
                    "kept": self.kept[name],
                    "other": self.other[name],
                    "place_known": self.with_place[name],
                    "place_right": self.placed[name],
                }
                for name in sorted(self.asked)
            },
            "cpu_seconds_per_page": round(self.cpu / max(self.pages - self.unread, 1), 3),
            "peak_mib": round(self.peak),
            "flags": dict(sorted(self.flags.items())),
        }


@dataclass
class Result:
    """Everything `bench read` measured: for each reader and condition a tally."""

    seed: int
    pack: str
    tallies: dict[str, dict[str, Tally]]

    def whole(self, reader: str) -> Tally:
        """All conditions of a reader together."""
        total = Tally()
        for tally in self.tallies[reader].values():
            total.add(tally)
        return total

    def bars(self) -> list[tuple[str, str, bool]]:
        """(bar, what was measured, met) for the product's reader."""
        found = []
        for condition in CONDITIONS:
            tally = self.tallies[READERS[0]].get(condition.name)
            if condition.bar is not None and tally is not None:
                rate = tally.errors.rate
                found.append(
                    (
                        f"CER {condition.name} <= {condition.bar:.1%}",
                        f"{rate:.2%}",
                        rate <= condition.bar,
                    )
                )
        whole = self.whole(READERS[0])
        found.append(
            (f"CER all <= {MIX_BAR:.1%}", f"{whole.errors.rate:.2%}", whole.errors.rate <= MIX_BAR)
        )
        for name, bar in FIELD_BARS.items():
            asked = whole.asked[name]
            share = whole.kept[name] / asked if asked else 0.0
            met = not asked or share >= bar
            found.append((f"{name} >= {bar:.1%}", f"{whole.kept[name]}/{asked}", met))
        found.append(
            (f"peak < {MEMORY_BAR:.0f} MiB", f"{whole.peak:.0f} MiB", whole.peak < MEMORY_BAR)
        )
        return found

    def as_dict(self) -> dict[str, Any]:
        """The benchmark as JSON."""
        return {
            "machine": describe(),
            "seed": self.seed,
            "pack": self.pack,
            "readers": {
                reader: {name: tally.as_dict() for name, tally in tallies.items()}
                | {"all": self.whole(reader).as_dict()}
                for reader, tallies in self.tallies.items()
            },
            "bars": [
                {"bar": bar, "measured": measured, "met": met} for bar, measured, met in self.bars()
            ],
            "not_read_right": self.whole(READERS[0]).notes,
        }


def run(
    count: int,
    seed: int,
    pack: str = "eval",
    *,
    readers: Sequence[str] = READERS,
    only: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
    folder: Path | None = None,
) -> Result:
    """Read `count` pages in each condition with each reader."""
    settings = load()
    result = Result(seed, pack, {reader: {} for reader in readers})
    boxes = {
        reader: Sandbox(
            workers=1, memory_bytes=settings.child_memory_bytes, seconds=120.0, idle_seconds=600.0
        )
        for reader in readers
    }
    keeper = Keeper(make_register(seed, pack, HOUSEHOLDS))
    try:
        for condition in CONDITIONS:
            if only and condition.name not in only:
                continue
            with tempfile.TemporaryDirectory() as work:
                _condition(result, condition, count, folder or Path(work), boxes, keeper)
            say(f"{condition.name}: {_line(result, condition.name)}")
    finally:
        for box in boxes.values():
            box.close()
    return result


def _condition(
    result: Result,
    condition: Condition,
    count: int,
    folder: Path,
    boxes: dict[str, Sandbox],
    keeper: Keeper,
) -> None:
    tallies = {reader: Tally() for reader in boxes}
    pages = pages_of(condition, folder, pack=result.pack, seed=result.seed, count=count)
    for page in pages:
        for reader, box in boxes.items():
            try:
                read = box.run(measured, str(page.path), ReadOptions(engine=reader))
            except Rejected:
                read = None
            tallies[reader].take(page, read, keeper)
    for reader, tally in tallies.items():
        result.tallies[reader][condition.name] = tally


def _line(result: Result, name: str) -> str:
    return ", ".join(
        f"{reader} {tallies[name].errors.rate:.2%}" for reader, tallies in result.tallies.items()
    )
