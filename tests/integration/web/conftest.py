"""A filled office served by `yihu up`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.front_office import Office, fill, open_office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of its own for each module, so that decisions of one do not disturb another."""
    made = fill(tmp_path_factory.mktemp("office") / "home")
    with open_office(made):
        yield made
