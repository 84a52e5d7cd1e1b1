"""`yihu bench understand`: how right the filing is, on a fresh set nothing was tuned on.

Generates an evaluation set (layouts and wordings apart from the training
pack), imports its register, ingests every file through the command line, and
compares each printed line with the truth.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.corpus import generate, load_truth
from bench.home import Home, Row
from bench.machine import describe
from bench.score import Score, score

LISTS = (
    "wrong_household",
    "filed_must_review",
    "wrong_category",
    "wrong_type",
    "lost",
    "swallowed",
)


def run(files: int, seed: int, pack: str, folder: Path | None = None) -> tuple[Score, list[Row]]:
    """Generate, ingest and score; gives the score and the printed document lines."""
    work = folder or Path(tempfile.mkdtemp(prefix="yihu-bench-"))
    corpus = generate(work / "set", seed=seed, count=files, pack=pack)  # type: ignore[arg-type]
    home = Home(work / "home")
    home.run("register", "import", str(corpus.register))
    _, lines = home.run("ingest", str(corpus.inbox))
    return score(load_truth(corpus.truth), lines), lines


def report(result: Score, *, verbose: bool = True) -> str:
    """The score in words, with every wrong document named."""
    values = result.as_dict()
    rows = [f"machine: {describe()}", *(f"{name:20} {value}" for name, value in values.items())]
    if verbose:
        for name in LISTS:
            rows += [f"{name}: {item}" for item in getattr(result, name)]
    return "\n".join(rows)
