"""Legal hold by command, on a real S3 store that locks, one that does not, and a folder."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from minio.error import S3Error

from bench.dying import add
from bench.home import Home
from bench.servers import Profile

SETTLED = 2
"""The number `bench.dying.add` gives a document whose original is in the store."""


def with_one_document(folder: Path, **settings: str) -> Home:
    """A home with one original in its store."""
    home = Home(folder, **settings)
    add(home.load(), SETTLED)
    return home


def test_a_held_original_cannot_be_removed_until_the_hold_ends(
    servers: Profile, tmp_path: Path
) -> None:
    name = f"hold{uuid.uuid4().hex[:8]}"
    home = with_one_document(tmp_path / "home", **servers.settings(name, store_records="true"))
    assert home.run("hold", "list") == (0, [])
    assert home.run("hold", "set", "1", "--case", "case 17")[0] == 0
    (line,) = home.run("hold", "list")[1]
    assert (line["document"], line["case"], line["store"]) == (1, "case 17", "held")

    client = servers.seaweed.bucket(name).client()
    (version,) = [
        item
        for item in client.list_objects(name, recursive=True, include_version=True)
        if str(item.object_name).endswith(line["sha256"])
    ]
    where = {"object_name": version.object_name, "version_id": version.version_id}
    with pytest.raises(S3Error, match=r"Access ?Denied"):
        client.remove_object(name, **where)

    client.disable_object_legal_hold(name, **where)
    assert home.run("hold", "list")[1][0]["store"] == "not held"
    assert home.run("hold", "set", "1", "--case", "case 18")[0] == 0
    assert home.run("hold", "release", "1", "--case", "case 19")[0] == 0
    assert home.run("hold", "list") == (0, [])
    assert not client.is_object_legal_hold_enabled(name, **where)
    assert home.run("verify")[0] == 0


def test_what_cannot_hold_says_so_and_tells_the_ledger_nothing(
    servers: Profile, tmp_path: Path
) -> None:
    name = f"hold{uuid.uuid4().hex[:8]}"
    for where, settings in (("s3", servers.settings(name)), ("folder", {})):
        home = with_one_document(tmp_path / where, **settings)
        assert home.run("hold", "set", "1", "--case", "case 17")[0] == 2
        assert home.run("hold", "release", "1", "--case", "case 20")[0] == 2
        assert home.run("hold", "set", "1", "--case", "张三")[0] == 2
        assert home.run("hold", "set", "99", "--case", "case 17")[0] == 1
        assert home.run("hold", "list") == (0, [])
