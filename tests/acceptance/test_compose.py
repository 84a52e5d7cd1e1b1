"""docker-compose.yml as written: every command, health check, secret, user and volume of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.containers import Containers, containers
from bench.corpus import Corpus, load_truth
from bench.home import until
from bench.servers import NotInstalled

FILES = 4


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    try:
        with containers(tmp_path_factory.mktemp("compose")) as made:
            yield made
    except NotInstalled as missing:
        pytest.skip(str(missing))


def test_the_whole_house_comes_up_and_a_scan_sent_to_the_share_ends_in_the_catalogue(
    services: Containers, corpus: Corpus
) -> None:
    for server in ("postgres", "valkey", "store"):
        services.up(server)
    made = services.run("migrate")
    assert made.returncode == 0, made.stderr
    for name in ("inbox", "worker", "beat", "web", "samba"):
        services.up(name)
    shutil.copy(corpus.register, services.volume("home") / "register.xlsx")
    imported = yihu(services, "register", "import", "/var/lib/yihu/register.xlsx")
    assert imported.returncode == 0, imported.stderr
    names = sorted({row["file"] for row in load_truth(corpus.truth)})[:FILES]
    for name in names:
        send(services, corpus.inbox / name)
    until(lambda: len(settled(services)) == FILES)
    assert any(line["state"] == "filed" for line in settled(services))
    verified = yihu(services, "verify")
    assert verified.returncode == 0, verified.stdout
    assert list((services.volume("home") / "inbox").glob("*.*")) == []
    for name in ("samba", "web", "beat", "worker", "inbox"):
        assert services.stop(name) == 0, name


def yihu(services: Containers, *words: str):  # type: ignore[no-untyped-def]
    return services.run("inbox", ["yihu", *words, "--json"])


def settled(services: Containers) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in yihu(services, "documents").stdout.splitlines()]
    moving = {line["file"] for line in lines if line["state"] in ("received", "reading")}
    return [line for line in lines if line["file"] not in moving]


def send(services: Containers, path: Path) -> None:
    """Put a file on the share as a scanner does."""
    shutil.copy(path, services.volume("home") / path.name)
    put = f"put /var/lib/yihu/{path.name} {path.name}"
    words = f"smbclient //127.0.0.1/inbox -U scan%$(cat /run/secrets/samba_password) -c '{put}'"
    done = services.run("samba", ["sh", "-c", words])
    assert done.returncode == 0, done.stdout + done.stderr
