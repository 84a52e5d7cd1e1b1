"""All that the contract says of a home, asked in one process: `python -m bench.told HOME WORD`.

Two homes that hold the same say the same.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any

from bench.home import room

Row = dict[str, Any]


def ask(home: str, *command: str) -> list[Row]:
    """The JSON lines of a command."""
    yihu = import_module("cli.main").yihu  # the program, as a user has it: no part of the bench
    with redirect_stdout(io.StringIO()) as said:
        yihu.main([*command, "--home", home, "--json"], standalone_mode=False)
    return [json.loads(line) for line in said.getvalue().splitlines()]


def everything(home: str, word: str) -> Row:
    """Documents, completeness, gaps, each household that has a document, what a search finds."""
    documents = ask(home, "documents")
    rooms = sorted({room(line["household"]) for line in documents if line["household"]})
    return {
        "documents": documents,
        "completeness": [
            ask(home, "completeness", "--by", by) for by in ("estate", "building", "category")
        ],
        "gaps": ask(home, "gaps"),
        "households": [ask(home, "household", name) for name in rooms],
        "found": ask(home, "search", word) if word else [],
    }


if __name__ == "__main__":
    json.dump(everything(*sys.argv[1:]), sys.stdout)
