"""Fixtures that every kind of test may use: sample scans made once, homes thrown away."""

from __future__ import annotations

import ctypes
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.corpus import Corpus, generate
from bench.home import Home
from bench.servers import NotInstalled, Profile, postgres, server_profile

SEED = 11
ROOT = Path(__file__).parent.parent
_DEFAULT_ENVIRONMENT = ctypes.c_void_p(-1)  # FE_DFL_ENV of fenv.h


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql`: every home of the run has a database of a real PostgreSQL."""
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Start the PostgreSQL once, in the process that started the others; they inherit its URL."""
    if config.getoption("--database") == "sqlite":
        return
    # Tests that open a home without closing it leave a file; here they leave a connection.
    config.addinivalue_line(
        "filterwarnings", "ignore:.*was deleted while still open:ResourceWarning"
    )
    places = [str(ROOT / "tests" / "on_postgresql"), str(ROOT)]
    if not hasattr(config, "workerinput"):
        stack = ExitStack()
        config.add_cleanup(stack.close)
        folder = tempfile.mkdtemp(prefix="yihu-pg-")
        stack.callback(shutil.rmtree, folder)
        server = stack.enter_context(postgres(Path(folder), connections=1000))
        os.environ["TESTS_ON_POSTGRESQL"] = server.url("").removesuffix("/").replace("+psycopg", "")
        os.environ["PYTHONPATH"] = os.pathsep.join(places)
    sys.path[:0] = places
    importlib.reload(importlib.import_module("sitecustomize"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is about a home's own database file."""
    if config.getoption("--database") == "sqlite":
        return
    skip = pytest.mark.skip(reason="about the database file of a home on one computer")
    for item in items:
        if item.get_closest_marker("embedded"):
            item.add_marker(skip)


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
