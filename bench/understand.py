"""`yihu bench understand`: how right the filing is, on a fresh set nothing was tuned on.

Generates an evaluation set (layouts and wordings apart from the training
pack), imports its register, ingests every file through the command line, and
compares each printed line with the truth.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.columns import columns, verdicts
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
_SHOWN = ("bars", "reliability")


def run(files: int, seed: int, pack: str, folder: Path | None = None) -> tuple[Score, list[Row]]:
    """Generate, ingest and score; gives the score and the printed document lines."""
    work = folder or Path(tempfile.mkdtemp(prefix="yihu-bench-"))
    corpus = generate(work / "set", seed=seed, count=files, pack=pack)  # type: ignore[arg-type]
    home = Home(work / "home")
    home.run("register", "import", str(corpus.register))
    _, lines = home.run("ingest", str(corpus.inbox))
    return score(load_truth(corpus.truth), lines), lines


def report(result: Score, *, verbose: bool = True) -> str:
    """The bars, the reliability diagram and the counts, with every wrong document named."""
    values = result.as_dict()
    rows = [
        f"machine: {describe()}",
        *verdicts(result.bars()),
        "",
        "reliability: answers by the probability they were given",
        *columns(_diagram(result)),
        "",
        *(f"{name:28} {value}" for name, value in values.items() if name not in _SHOWN),
    ]
    if verbose:
        for name in LISTS:
            rows += [f"{name}: {item}" for item in getattr(result, name)]
    return "\n".join(rows)


def _diagram(result: Score) -> list[list[str]]:
    heads = ["from", "to", "answers", "mean probability", "right"]
    return [heads] + [
        [f"{one.low:.1f}", f"{one.high:.1f}", str(one.count), f"{one.mean:.1%}", f"{one.right:.1%}"]
        for one in result.reliability()
    ]
