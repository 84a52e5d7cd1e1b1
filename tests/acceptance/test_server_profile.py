"""The main job on PostgreSQL, an S3 store and a broker of its own: the same code, by settings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.corpus import Corpus, load_truth
from bench.home import Home, until
from bench.score import score
from bench.servers import NotInstalled, Profile, server_profile
from cli.output import room as short


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    with ExitStack() as stack:
        try:
            yield stack.enter_context(server_profile(tmp_path_factory.mktemp("servers")))
        except NotInstalled as missing:
            pytest.skip(str(missing))


def test_the_main_job_on_servers(
    servers: Profile, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("server-home")
    home = Home(folder / "home", **servers.settings("office"), sweep_seconds="1")
    assert home.run("register", "import", str(corpus.register))[0] == 0
    truth = [dict(row) for row in load_truth(corpus.truth)]
    names = sorted({row["file"] for row in truth})[:10]
    with home.running():
        for name in names:
            shutil.copy(corpus.inbox / name, home.folder / "inbox" / Path(name).name)
        until(lambda: _settled(home, len(names)))
        code, standing = home.run("status")
    states = {line["check"]: line["result"] for line in standing}
    assert code == 0, standing
    assert states.keys() >= {"database", "schema", "store", "broker", "process worker", "queue now"}
    _, lines = home.run("documents")
    kept = {Path(name).name: name for name in names}
    lines = [line | {"file": kept[line["file"]]} for line in lines]
    result = score([row for row in truth if row["file"] in names], lines)
    assert result.lost == []
    assert result.wrong_household == []
    filed = [line for line in lines if line["state"] == "filed"]
    assert filed
    code, found = home.run("verify")
    assert (code, found[-1]["could_not_check"]) == (0, 0), found
    assert found[-1]["checked"] > len(names)
    room = short(filed[0]["household"])
    assert home.run("household", room)[0] == 0
    assert home.run("completeness")[0] == 0
    checks = {check["check"]: check for check in home.run("doctor")[1]}
    assert checks["database"]["message"].startswith("postgresql")
    assert "http://127.0.0.1" in checks["store"]["message"]
    assert not (home.folder / "yihu.db").exists()
    assert not list((home.folder / "store").glob("*"))


def _settled(home: Home, count: int) -> bool:
    _, lines = home.run("documents")
    done = {line["file"] for line in lines if line["state"] not in ("received", "reading")}
    moving = {line["file"] for line in lines} - done
    return len(done) == count and not moving
