"""What the S3 store promises beyond the contract: versions, locks, a server that dies."""

from __future__ import annotations

import contextlib
import hashlib
import io
import socket
import uuid
from pathlib import Path

import pytest
from minio.error import S3Error

from bench.servers import Seaweed
from storage import FixityResult, s3
from storage.proof import Proof, prove
from storage.s3 import Bucket, S3Store
from storage.store import object_key
from yihu.errors import Retryable

PAGE = "一户一档 3-2-501".encode() * 1000
SHA = hashlib.sha256(PAGE).hexdigest()


def test_the_version_that_was_read_back_is_read_ever_after(
    s3_server: Seaweed, tmp_path: Path
) -> None:
    bucket = s3_server.bucket(f"b{uuid.uuid4().hex[:12]}")
    versions: dict[str, str] = {}
    store = S3Store(bucket, tmp_path / "a", version_of=lambda sha256: versions.get(sha256, ""))
    store.create()
    versions[SHA] = store.put(io.BytesIO(PAGE), SHA).version_id
    assert versions[SHA]
    client = bucket.client()
    client.put_object(bucket.name, object_key(SHA), io.BytesIO(b"other"), 5)
    client.remove_object(bucket.name, object_key(SHA))
    assert store.verify(SHA).ok
    assert S3Store(bucket, tmp_path / "b").verify(SHA).result is FixityResult.MISSING
    fresh = S3Store(bucket, tmp_path / "c", version_of=lambda sha256: versions[sha256])
    with fresh.open(SHA) as stream:
        assert stream.read() == PAGE


def test_a_locked_original_cannot_be_removed(s3_server: Seaweed, tmp_path: Path) -> None:
    bucket = s3_server.bucket(f"b{uuid.uuid4().hex[:12]}")
    store = S3Store(bucket, tmp_path, retain_days=1)
    store.create()
    stored = store.put(io.BytesIO(PAGE), SHA)
    with pytest.raises(S3Error, match=r"Access ?Denied"):
        bucket.client().remove_object(bucket.name, stored.key, version_id=stored.version_id)
    assert store.verify(SHA).ok
    assert prove(bucket) == Proof(put_once=True, versions=True, lock=True)


def test_a_bucket_without_a_lock_is_not_fit_for_records(s3_server: Seaweed) -> None:
    bucket = s3_server.bucket(f"b{uuid.uuid4().hex[:12]}")
    bucket.client().make_bucket(bucket.name)
    proof = prove(bucket)
    assert not proof.fit_for_records
    assert "object lock" in proof.lacking


def test_a_server_that_never_answers_is_asked_once_and_is_never_taken_for_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(s3, "TAKEN_SECONDS", 0.2)
    s3._http.cache_clear()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bucket = Bucket(f"http://127.0.0.1:{silent.getsockname()[1]}/originals", "a", "b")
        store = S3Store(bucket, tmp_path / "copies")
        with pytest.raises(Retryable):
            store.stat(SHA)
        assert store.verify(SHA).result is FixityResult.COULD_NOT_CHECK
        with pytest.raises(Retryable):
            store.put(io.BytesIO(PAGE), SHA)
        silent.settimeout(0.1)
        asked = 0
        with contextlib.suppress(TimeoutError):
            while True:
                silent.accept()[0].close()
                asked += 1
    s3._http.cache_clear()
    assert asked == 3


def test_a_server_that_died_is_waited_for(tmp_path: Path) -> None:
    server = Seaweed(tmp_path / "s3")
    server.start()
    try:
        store = S3Store(server.bucket("originals"), tmp_path / "copies")
        store.create()
        store.put(io.BytesIO(PAGE), SHA)
        server.kill()
        assert store.verify(SHA).result is FixityResult.COULD_NOT_CHECK
        with pytest.raises(Retryable):
            store.put(io.BytesIO(PAGE + b"2"), hashlib.sha256(PAGE + b"2").hexdigest())
        server.start()
        assert store.verify(SHA).ok
        store.put(io.BytesIO(PAGE + b"2"), hashlib.sha256(PAGE + b"2").hexdigest())
    finally:
        server.kill()
