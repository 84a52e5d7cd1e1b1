"""A store in trouble is "could not check", never "missing"; what lies over an original is named."""

from __future__ import annotations

import hashlib
import io
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from minio.error import S3Error

from bench.servers import Seaweed
from catalog.database import Database
from catalog.migrate import upgrade
from catalog.models import Original
from storage import FixityResult
from storage.s3 import ALTERED_OVER, DELETE_MARKER, Bucket, S3Store
from storage.store import object_key
from worker.verifying import check_original, orphans
from yihu.clock import now
from yihu.errors import Retryable

PAGE = "一户一档 3-2-501".encode() * 1000
SHA = hashlib.sha256(PAGE).hexdigest()
XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>volume 7 not found</Message></Error>"
TROUBLE = {
    "500 as S3 says it": (500, "application/xml", XML.format("InternalError")),
    "500 in plain words": (500, "text/plain", "volume 7 not found"),
    "503": (503, "application/xml", XML.format("SlowDown")),
    "500 that speaks of a key": (500, "text/plain", "NoSuchKey"),
    "404 for everything, the bucket too": (404, "text/plain", "volume 7 not found"),
    "200 with an error page": (200, "text/html", "<html>volume 7 not found</html>"),
}


class Troubled(ThreadingHTTPServer):
    """An S3 server that says the same to whatever it is asked."""

    answer = (500, "text/plain", "")
    asked: list[str]


class _Says(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Troubled

    def _say(self) -> None:
        self.server.asked.append(f"{self.command} {self.path.partition('?')[0]}")
        self.rfile.read(int(self.headers.get("content-length", 0)))
        status, kind, body = self.server.answer
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _say  # noqa: N815 - the library's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing."""


@pytest.fixture(scope="module")
def troubled() -> Iterator[Troubled]:
    server = Troubled(("127.0.0.1", 0), _Says)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """One that knows an original in the store."""
    made = Database(f"sqlite:///{tmp_path / 'yihu.db'}")
    upgrade(made)
    with made.write() as session:
        session.add(Original(sha256=SHA, size=len(PAGE), stored_at=now(), verify_result="ok"))
    yield made
    made.dispose()


def noted(database: Database) -> str:
    with database.read() as session:
        original = session.get(Original, SHA)
        assert original is not None
        return original.verify_result or ""


@pytest.mark.parametrize("trouble", [name for name in TROUBLE if not name.startswith("200")])
def test_a_store_in_trouble_never_says_missing(
    troubled: Troubled, database: Database, tmp_path: Path, trouble: str
) -> None:
    troubled.answer = TROUBLE[trouble]
    bucket = Bucket(f"http://127.0.0.1:{troubled.server_port}/originals", "a", "b")
    store = S3Store(bucket, tmp_path / "copies")
    with pytest.raises(Retryable):
        store.stat(SHA)
    with pytest.raises(Retryable):
        store.open(SHA)
    with pytest.raises(Retryable):
        store.put(io.BytesIO(PAGE), SHA)
    with pytest.raises(Retryable):
        store.open_record("households/1")
    assert store.verify(SHA).result is FixityResult.COULD_NOT_CHECK
    finding = check_original(database, store, SHA)
    assert finding is not None
    assert (finding.check, finding.result) == ("fixity", "could-not-check")
    assert noted(database) == "could_not_check"
    assert {item.result for item in orphans(database, store) if item} == {"could-not-check"}
    assert f"HEAD /originals/{object_key(SHA)}" in troubled.asked


def test_an_error_page_with_status_200_is_never_taken_for_the_original(
    troubled: Troubled, tmp_path: Path
) -> None:
    troubled.answer = TROUBLE["200 with an error page"]
    bucket = Bucket(f"http://127.0.0.1:{troubled.server_port}/originals", "a", "b")
    store = S3Store(bucket, tmp_path / "copies")
    assert store.verify(SHA).result is FixityResult.FAILED
    with pytest.raises(Retryable):
        store.open(SHA)


# --- what somebody laid over an original ---------------------------------------------------------


def test_what_was_laid_over_an_original_is_named_and_the_original_stays_well(
    s3_server: Seaweed, database: Database, tmp_path: Path
) -> None:
    bucket = s3_server.bucket(f"b{uuid.uuid4().hex[:12]}")
    versions: dict[str, str] = {}
    store = S3Store(bucket, tmp_path / "a", version_of=lambda sha256: versions.get(sha256, ""))
    store.create()
    stored = store.put(io.BytesIO(PAGE), SHA)
    versions[SHA] = stored.version_id
    assert check_original(database, store, SHA) is None
    client = bucket.client()

    def finding() -> tuple[str, str, str]:
        found = check_original(database, store, SHA)
        assert found is not None
        assert found.subject == SHA
        assert noted(database) == "ok", "the original itself is well"
        return found.check, found.result, found.message

    other = client.put_object(bucket.name, stored.key, io.BytesIO(b"other"), 5)
    assert finding() == ("orphan", "unknown", ALTERED_OVER)
    client.remove_object(bucket.name, stored.key)
    assert finding() == ("orphan", "unknown", DELETE_MARKER)
    with store.open(SHA) as stream:
        assert stream.read() == PAGE
    for version in client.list_objects(bucket.name, recursive=True, include_version=True):
        if version.version_id != stored.version_id:
            client.remove_object(bucket.name, stored.key, version_id=version.version_id)
    with pytest.raises(S3Error):
        client.stat_object(bucket.name, stored.key, version_id=other.version_id)
    assert check_original(database, store, SHA) is None
