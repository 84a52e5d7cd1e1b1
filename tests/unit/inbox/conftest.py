"""A home with an inbox on a real file system."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.inbox import Claim, take


@dataclass(frozen=True)
class Home:
    """Where the inbox and what is taken from it lie."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def claimed(self) -> Path:
        return self.root / "claimed"

    @property
    def rejected(self) -> Path:
        return self.inbox / "_rejected"

    @property
    def spool(self) -> Path:
        return self.root / "spool"

    def drop(self, relative: str | bytes, data: bytes = b"%PDF-1.7\n%%EOF\n") -> Path:
        path = self.inbox / os.fsdecode(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def take(self, path: Path) -> Claim | None:
        return take(path, self.inbox, self.claimed)

    def claim(self, relative: str | bytes, data: bytes = b"%PDF-1.7\n%%EOF\n") -> Claim:
        claim = self.take(self.drop(relative, data))
        assert claim is not None
        return claim

    def left_in_inbox(self) -> list[str]:
        return sorted(
            os.fspath(path.relative_to(self.inbox))
            for path in self.inbox.rglob("*")
            if path.is_symlink() or not path.is_dir()
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.inbox.mkdir()
    return home
