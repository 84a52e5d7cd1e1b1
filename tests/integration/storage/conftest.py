"""Every implementation of the object store, with hands that can harm it.

The contract suite runs against each of them.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.servers import Seaweed, free_port, seaweed
from storage import LocalStore, ObjectStore
from storage.s3 import S3Store
from storage.store import object_key


@dataclass(frozen=True)
class Bench:
    """A store, and what an accident or a person with access could do to it."""

    store: ObjectStore
    damage: Callable[[str], None]
    remove: Callable[[str], None]
    make_unreachable: Callable[[], None]
    add_stranger: Callable[[], None]
    leftovers: Callable[[], int]


def _local(folder: Path) -> Bench:
    root = folder / "store"
    store = LocalStore(root)

    def path(sha256: str) -> Path:
        return root / "sha256" / sha256[:2] / sha256[2:4] / sha256

    def damage(sha256: str) -> None:
        target = path(sha256)
        target.chmod(0o644)
        data = bytearray(target.read_bytes())
        data[len(data) // 2] ^= 1
        target.write_bytes(data)

    return Bench(
        store=store,
        damage=damage,
        remove=lambda sha256: path(sha256).unlink(),
        make_unreachable=lambda: _rename(root, folder / "unmounted"),
        add_stranger=(root / "sha256" / "stray.txt").touch,
        leftovers=lambda: len(list((root / "temporary").iterdir())),
    )


def _rename(old: Path, new: Path) -> None:
    old.rename(new)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """A real S3 server."""
    with seaweed(tmp_path_factory.mktemp("s3")) as server:
        yield server


def _s3(folder: Path, server: Seaweed) -> Bench:
    bucket = server.bucket(f"b{uuid.uuid4().hex[:12]}")
    store = S3Store(bucket, folder / "copies")
    store.create()
    client = bucket.client()

    def write(key: str, data: bytes) -> None:
        client.put_object(bucket.name, key, io.BytesIO(data), len(data))

    def damage(sha256: str) -> None:
        data = bytearray(client.get_object(bucket.name, object_key(sha256)).read())
        data[len(data) // 2] ^= 1
        write(object_key(sha256), bytes(data))

    def make_unreachable() -> None:
        store._client = replace(bucket, url=f"http://127.0.0.1:{free_port()}/x").client()

    def leftovers() -> int:
        return len(list((folder / "copies" / "used").iterdir()))

    return Bench(
        store=store,
        damage=damage,
        remove=lambda sha256: client.remove_object(bucket.name, object_key(sha256)),
        make_unreachable=make_unreachable,
        add_stranger=lambda: write("sha256/stray.txt", b""),
        leftovers=leftovers,
    )


@pytest.fixture(params=["local", "s3"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """One implementation after the other, each empty."""
    if request.param == "local":
        return _local(tmp_path)
    return _s3(tmp_path, request.getfixturevalue("s3_server"))
