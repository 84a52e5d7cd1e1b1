"""An office with a register and a database of its own; papers come as text, so nothing is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Eight households, 3-1-101 to 3-1-801, each with an owner and a phone."""
    made = Office.open(tmp_path / "home")
    yield made
    made.services.close()
