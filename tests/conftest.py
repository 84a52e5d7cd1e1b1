"""Fixtures that every kind of test may use: sample scans made once, homes thrown away."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.corpus import Corpus, generate
from bench.home import Home
from bench.servers import NotInstalled, Profile, server_profile

SEED = 11
_DEFAULT_ENVIRONMENT = ctypes.c_void_p(-1)  # FE_DFL_ENV of fenv.h


@pytest.fixture(autouse=True)
def _whole_floats() -> Iterator[None]:
    """Undo what a reader loaded in this process does to floats (denormals as zero)."""
    yield
    ctypes.CDLL("libm.so.6").fesetenv(_DEFAULT_ENVIRONMENT)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A small training set: its inbox, register and truth. Tests copy from it, never into it."""
    folder = tmp_path_factory.mktemp("corpus")
    return generate(folder, seed=SEED, count=24, pack="train", households=120)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """PostgreSQL, SeaweedFS and a broker of their own; a test makes its own database and bucket."""
    with ExitStack() as stack:
        try:
            yield stack.enter_context(server_profile(tmp_path_factory.mktemp("servers")))
        except NotInstalled as missing:
            pytest.skip(str(missing))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A fresh home, driven through the command line; sweeps often so that tests heal soon."""
    return Home(tmp_path / "home", sweep_seconds="1", rescan_seconds="2", idle_seconds="5")
