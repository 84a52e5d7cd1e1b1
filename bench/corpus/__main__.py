"""`python -m bench.corpus OUT --seed 1 --count 300 --pack eval` writes a corpus."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.corpus import generate


def main() -> int:
    """Read the arguments, write the corpus, say what was written."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="number of files")
    parser.add_argument("--pack", choices=("train", "eval", "demo"), default="train")
    parser.add_argument("--households", type=int, default=400)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()

    def progress(done: int, total: int) -> None:
        print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True)

    corpus = generate(
        given.out, seed=given.seed, count=given.count, pack=given.pack,
        households=given.households, progress=progress, workers=given.workers,
    )  # fmt: skip
    print(
        f"\n{corpus.files} files, {corpus.documents} documents in {corpus.inbox}", file=sys.stderr
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
