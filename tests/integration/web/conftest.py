"""A filled office served by `yihu up`, and one whose screens are asked in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.front_office import Office, fill, open_office
from bench.office_here import OfficeHere, open_here


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of its own for each module, so that decisions of one do not disturb another."""
    made = fill(tmp_path_factory.mktemp("office") / "home")
    with open_office(made):
        yield made


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeHere]:
    """One office for all tests that need neither a server nor a reader; each keeps to its own."""
    with open_here(fill(tmp_path_factory.mktemp("here") / "home")) as made:
        yield made
