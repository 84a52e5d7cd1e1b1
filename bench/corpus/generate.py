"""Makes a corpus: an inbox of sample scans, the register, and the truth about every document."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.corpus.faces import require_fonts
from bench.corpus.making import Separator, Task, make_file
from bench.corpus.register import make_register, write_register

Pack = Literal["train", "eval", "demo"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where a generated corpus lies and how much it holds."""

    inbox: Path
    register: Path
    truth: Path
    files: int
    documents: int


def generate(
    out: Path,
    *,
    seed: int,
    count: int,
    pack: Pack,
    households: int = 400,
    progress: Callable[[int, int], None] | None = None,
    workers: int = 1,
    separator: Separator | None = None,
) -> Corpus:
    """Write `count` files below `out`/inbox, with register.csv and truth.jsonl beside it.

    The same seed gives the same bytes, whatever the number of worker processes.
    `separator` draws the sheets that stand before the documents of half of the
    batches; with several workers it must be a function of a module. An inbox
    that is already there is replaced.
    """
    require_fonts()
    inbox = out / "inbox"
    if inbox.exists():
        shutil.rmtree(inbox)
    inbox.mkdir(parents=True)
    register = out / "register.csv"
    write_register(make_register(seed, pack, households), register, english=pack == "eval")
    tasks = [Task(inbox, seed, number, pack, households, separator) for number in range(count)]
    lines: list[dict[str, Any]] = []
    for done, found in enumerate(_results(tasks, workers), 1):
        lines += found
        if progress:
            progress(done, count)
    truth = out / "truth.jsonl"
    truth.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    return Corpus(inbox, register, truth, count, len(lines))


def _results(tasks: list[Task], workers: int) -> Iterator[list[dict[str, Any]]]:
    if workers <= 1:
        yield from map(make_file, tasks)
        return
    with ProcessPoolExecutor(max_workers=workers) as pool:
        yield from pool.map(make_file, tasks, chunksize=2)


def load_truth(path: Path) -> list[dict[str, Any]]:
    """The truth lines of a corpus, one dictionary per document."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
