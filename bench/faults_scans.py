"""Small real files for fault runs, each made unique by a few bytes after its end.

Born-digital papers are read in milliseconds, one scan goes through the reader,
a PDF of two papers is split into siblings, and one with a password comes back.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from bench.corpus import generate
from bench.corpus.making import Task, make_file

SEED, HOUSEHOLDS = 5, 60
DIGITAL, SCANS = 4, 1


@dataclass(frozen=True, slots=True)
class Scans:
    """Templates by kind ("digital-0", "batch-0", "scan-0", "locked-0") and their register."""

    register: Path
    templates: dict[str, Path]

    def unique(self, kind: str, mark: str) -> bytes:
        """The template's bytes with a mark that no reader looks at."""
        path = self.templates[kind]
        tail = f"\n%{mark}\n%%EOF\n" if path.suffix == ".pdf" else f"\n{mark}\n"
        return path.read_bytes() + tail.encode()

    @property
    def quick(self) -> list[str]:
        """Kinds that need no reading engine."""
        return [kind for kind in self.templates if not kind.startswith("scan")]


def make(folder: Path) -> Scans:
    """Make the templates below `folder`."""
    corpus = generate(folder, seed=SEED, count=1, pack="train", households=HOUSEHOLDS)
    found = {f"digital-{n}": path for n, path in enumerate(_of_kind(corpus.inbox, "digital"))}
    scans = itertools.islice(_of_kind(corpus.inbox, "single", ".jpg"), SCANS)
    found |= {f"scan-{n}": path for n, path in enumerate(scans)}
    batch = folder / "batch.pdf"
    with pikepdf.new() as pdf:
        for kind in ("digital-0", "digital-1"):
            with pikepdf.open(found[kind]) as part:
                pdf.pages.extend(part.pages)
        pdf.save(batch)
    locked = folder / "locked.pdf"
    with pikepdf.open(found["digital-0"]) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    return Scans(corpus.register, found | {"batch-0": batch, "locked-0": locked})


def _of_kind(inbox: Path, kind: str, suffix: str = "") -> Iterator[Path]:
    made = 0
    for number in itertools.count(1):
        task = Task(inbox, SEED, number, "train", HOUSEHOLDS)
        if task.kind != kind:
            continue
        before = {path for path in inbox.rglob("*") if path.is_file()}
        make_file(task)
        for path in inbox.rglob("*"):
            if path.is_file() and path not in before and path.suffix.endswith(suffix):
                yield path
                made += 1
        if made >= DIGITAL:
            return
