"""Hostile and broken files made by our own code, each with the ends it may come to.

Nothing is copied from anywhere: every byte is computed here. `cases` lists
them, `write` puts them below a folder, one sub-folder a kind. It never judges
what became of a file; `bench.hostile` does.
"""

from bench.hostile_files.case import Case, allowed
from bench.hostile_files.catalogue import cases, write

__all__ = ["Case", "allowed", "cases", "write"]
