"""An object store in an S3 bucket, through the minio SDK.

Originals are put once: the put is conditional (`If-None-Match: *`), so of two
workers one wins and the other reads back what is there. Where the bucket keeps
versions, the version that was read back is the one that is read ever after: a
later overwrite or delete marker does not touch it (measured 1.2). An answer
that is not a clear "no such key" of a bucket that exists is never taken for
"missing".

What is read goes through a folder of local copies, checked by hash as it
arrives, so that the pages of one file are fetched once. Single puts stream
from disk: memory stays flat whatever the size, up to the 5 GiB of one S3 put.
"""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import MinioException, S3Error
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from storage.copies import COPIES_BYTES, Copies
from storage.disk import hash_of
from storage.measured import measured
from storage.store import (
    Damaged,
    Fixity,
    FixityResult,
    NotOffered,
    Source,
    Stat,
    Stored,
    checked_hash,
    checked_name,
    object_key,
)
from yihu import faults
from yihu.errors import NotFound, Retryable, Usage

_ORIGINALS, _DERIVATIVES, _DAMAGED = "sha256/", "derivatives/", "damaged/"
PROOF, _RECORDS = "proof/", "records/"
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchObject"})
_NO_LOCK = frozenset({"InvalidRequest", "ObjectLockConfigurationNotFoundError", "NotImplemented"})
"""How servers answer where the bucket was made without object lock."""
DELETE_MARKER = "原件完好，但被加了删除标记 / whole, but a delete marker was laid over it"
ALTERED_OVER = "原件完好，但其上有更新的版本 / whole, but a newer version was laid over it"
_URL_HOURS = 1
CONNECT_SECONDS, ANSWER_SECONDS, TAKEN_SECONDS = 5.0, 12.0, 20.0
"""How long a connection, an answer or a piece of it, and the word that a put was taken may take.

All shorter than a step that counts as hung (lease and 5 s; 30 s for a put): a network that
swallows everything is then a store that is away, which costs no attempt, however long it lasts.
"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the bucket is and who asks: `https://host:port/name`; keys never show in repr."""

    url: str
    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Bucket({self.url})"

    @property
    def name(self) -> str:
        """The bucket's name: the one part of the URL's path."""
        name = urlsplit(self.url).path.strip("/")
        if not name or "/" in name:
            raise Usage(f"a store URL is https://host:port/bucket, not {self.url}")
        return name

    def client(self) -> Minio:
        """A client with short waits and no retries of its own: the journey retries."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Usage(f"a store URL is https://host:port/bucket, not {self.url}")
        return Minio(
            parts.netloc,
            access_key=self.access_key,
            secret_key=self.secret_key,
            secure=parts.scheme == "https",
            region="us-east-1",
            http_client=_http(),
        )

    def is_empty(self) -> bool:
        """Whether there is no such bucket, or nothing in it but what proving it left."""
        client = self.client()
        with asked("look into the bucket"):
            if not client.bucket_exists(self.name):
                return True
            found = client.list_objects(self.name, recursive=True)
            return all(str(item.object_name).startswith(PROOF) for item in found)


@cache
def _http() -> urllib3.PoolManager:
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    again = urllib3.Retry(total=1, read=0)  # asked twice, a silent store would take twice as long
    return urllib3.PoolManager(timeout=timeout, maxsize=16, retries=again)


class S3Store:
    """An `ObjectStore` in `bucket`, with local copies below `copies`.

    `version_of` gives the version that was read back when an original was kept
    ("" where none is known: then the newest is read). With `retain_days` every
    original is locked for so long (COMPLIANCE: nobody can shorten it); `lockable`
    makes the bucket so that locks can be set later.
    `kept` is how many bytes of local copies stay.
    """

    def __init__(
        self,
        bucket: Bucket,
        copies: Path,
        *,
        version_of: Callable[[str], str] = lambda _: "",
        retain_days: int = 0,
        lockable: bool = False,
        kept: int = COPIES_BYTES,
    ) -> None:
        self._bucket = bucket
        self._name = bucket.name
        self._client = bucket.client()
        self._copies = Copies(copies, kept)
        self._version_of = version_of
        self._retain_days = retain_days
        self._lockable = lockable or retain_days > 0

    def create(self) -> None:
        """Make the bucket, with versions, where there is none; raises `Retryable`."""
        with asked("make the bucket"):
            if not self._client.bucket_exists(self._name):
                self._client.make_bucket(self._name, object_lock=self._lockable)
                self._client.set_bucket_versioning(self._name, VersioningConfig(ENABLED))

    @measured("put")
    def put(self, source: Source, sha256: str) -> Stored:
        """See `ObjectStore.put`."""
        key = object_key(checked_hash(sha256))
        there = self.stat(sha256)
        if there is not None:
            return self._read_back(sha256, there.version_id)
        with self._copies.taken(source, sha256) as path:
            version = self._upload(key, path, once=True)
            if version is None:
                return self._already_there(sha256)
            if self._retain_days:
                self._retain(key, version)
        faults.point("storage.put.before_read_back")
        return self._read_back(sha256, version)

    @measured("repair")
    def repair(self, source: Source, sha256: str) -> Stored:
        """See `ObjectStore.repair`; the damaged object stays as `damaged/<hash>-<time>`."""
        key = object_key(checked_hash(sha256))
        fixity = self._verify(sha256, "")
        if fixity.result is FixityResult.COULD_NOT_CHECK:
            raise Retryable(fixity.message)
        if fixity.ok:
            return self._already_there(sha256)
        with self._copies.taken(source, sha256) as path:
            if fixity.result is FixityResult.FAILED:
                self._set_aside(key, sha256)
            version = self._upload(key, path, once=False) or ""
            if self._retain_days:
                self._retain(key, version)
        return self._read_back(sha256, version)

    @measured("open")
    def open(self, sha256: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        with self.local_path(sha256) as path:
            return path.open("rb")  # stays readable after the copy's name is gone

    @measured("stat")
    def stat(self, sha256: str) -> Stat | None:
        """See `ObjectStore.stat`."""
        key = object_key(checked_hash(sha256))
        version = self._version_of(sha256)
        with asked("look for the original"):
            try:
                found = self._client.stat_object(self._name, key, version_id=version or None)
            except S3Error as error:
                if self._certainly_gone(error):
                    return None
                raise
        moment = found.last_modified or datetime.now(UTC)
        return Stat(key, found.size or 0, moment, _version(found.version_id))

    @measured("verify")
    def verify(self, sha256: str) -> Fixity:
        """See `ObjectStore.verify`; the bucket's bytes, not the local copy's."""
        version = self._version_of(checked_hash(sha256))
        fixity = self._verify(sha256, version)
        if not version or not fixity.ok:
            return fixity
        try:
            return replace(fixity, over=self._laid_over(object_key(sha256), version))
        except Retryable as error:
            return Fixity(FixityResult.COULD_NOT_CHECK, str(error))

    @contextmanager
    def local_path(self, sha256: str) -> Iterator[Path]:
        """See `ObjectStore.local_path`; a local copy, fetched and checked where there is none."""
        with self._copies.use(checked_hash(sha256), self._fetch) as path:
            yield path

    def keys(self, after: str = "") -> Iterator[str]:
        """See `ObjectStore.keys`."""
        for name in self._names(object_key(after) if after else None):
            sha256 = name.rpartition("/")[2]
            if name == _safe_key(sha256):
                yield sha256

    def strangers(self) -> Iterator[str]:
        """See `ObjectStore.strangers`."""
        for name in self._names(None):
            if name != _safe_key(name.rpartition("/")[2]):
                yield name

    @measured("put_derivative")
    def put_derivative(self, name: str, source: Source | bytes) -> None:
        """See `ObjectStore.put_derivative`."""
        key = _DERIVATIVES + checked_name(name)
        data = source if isinstance(source, bytes) else _whole(source)
        with asked("write a derivative"):
            self._client.put_object(self._name, key, io.BytesIO(data), len(data))

    @measured("open_derivative")
    def open_derivative(self, name: str) -> BinaryIO:
        """See `ObjectStore.open_derivative`."""
        return self._small(_DERIVATIVES + checked_name(name))

    def put_record(self, name: str, data: bytes) -> None:
        """See `ObjectStore.put_record`."""
        with asked("write a record"):
            key = _RECORDS + checked_name(name)
            self._client.put_object(self._name, key, io.BytesIO(data), len(data))

    def open_record(self, name: str) -> BinaryIO:
        """See `ObjectStore.open_record`."""
        return self._small(_RECORDS + checked_name(name))

    def records(self, folder: str) -> Iterator[str]:
        """See `ObjectStore.records`."""
        prefix = f"{_RECORDS}{checked_name(folder)}/"
        with asked("list the records"):
            for item in self._client.list_objects(self._name, prefix=prefix, recursive=True):
                yield str(item.object_name).removeprefix(_RECORDS)

    def hold(self, sha256: str, *, held: bool) -> None:
        """See `ObjectStore.hold`; the version that was kept is held."""
        set_hold = (
            self._client.enable_object_legal_hold
            if held
            else self._client.disable_object_legal_hold
        )
        with self._holding(sha256) as (key, version):
            set_hold(self._name, key, version_id=version)

    def is_held(self, sha256: str) -> bool:
        """See `ObjectStore.is_held`."""
        with self._holding(sha256) as (key, version):
            return self._client.is_object_legal_hold_enabled(self._name, key, version_id=version)

    @contextmanager
    def _holding(self, sha256: str) -> Iterator[tuple[str, str | None]]:
        """Key and version of an original that is there, in a bucket that enforces holds.

        Some servers take a hold for any bucket and enforce none where it was made
        without object lock, so the bucket is asked first.
        """
        there = self.stat(sha256)
        if there is None:
            raise NotFound(f"no original {sha256}")
        with asked("see whether the bucket can lock"):
            try:
                self._client.get_object_lock_config(self._name)
            except S3Error as error:
                if error.code in _NO_LOCK:
                    raise NotOffered from error
                raise
        with asked("set or see the legal hold"):
            yield there.key, there.version_id or None

    def sweep_temporary(self, older_than: float) -> int:
        """See `ObjectStore.sweep_temporary`; what unfinished puts left among the local copies."""
        return self._copies.sweep(older_than)

    # --- how it is done ---------------------------------------------------------------------

    def _upload(self, key: str, path: Path, *, once: bool) -> str | None:
        """Put a file; gives its version, or None when `once` and something is there already."""
        faults.point("storage.put.before_upload")
        with asked("store the original"), path.open("rb") as stream:
            headers = {"Content-Length": str(path.stat().st_size)}
            return _put(
                self._client, self._name, key, stream, headers, once=once, seconds=TAKEN_SECONDS
            )

    def _retain(self, key: str, version: str) -> None:
        until = datetime.now(UTC) + timedelta(days=self._retain_days)
        with asked("lock the original"):
            self._client.set_object_retention(
                self._name, key, Retention(COMPLIANCE, until), version_id=version or None
            )

    def _already_there(self, sha256: str) -> Stored:
        there = self.stat(sha256)
        if there is None:
            raise Retryable(f"{object_key(sha256)} was there and is gone")
        return self._read_back(sha256, there.version_id)

    def _read_back(self, sha256: str, version: str) -> Stored:
        key = object_key(sha256)
        fixity = self._verify(sha256, version)
        if fixity.result is FixityResult.FAILED:
            raise Damaged(f"{fixity.message}; left as it is, see `yihu verify`")
        if not fixity.ok:
            raise Retryable(f"the original could not be read back: {fixity.message}")
        with asked("look for the original"):
            found = self._client.stat_object(self._name, key, version_id=version or None)
        return Stored(key, found.size or 0, version or _version(found.version_id))

    def _verify(self, sha256: str, version: str) -> Fixity:
        key = object_key(sha256)
        try:
            with asked("read the original"), self._get(key, version) as stream:
                actual, size = hash_of(stream)
        except NotFound:
            return Fixity(FixityResult.MISSING, f"{key} is not in the store")
        except Retryable as error:
            return Fixity(FixityResult.COULD_NOT_CHECK, str(error))
        if actual != sha256:
            message = f"{key} was altered: {size} bytes with SHA-256 {actual}"
            return Fixity(FixityResult.FAILED, message)
        return Fixity(FixityResult.OK)

    def _laid_over(self, key: str, version: str) -> str:
        """What stands over the version that was kept, in words; "" when it is the newest."""
        with asked("look for newer versions"):
            try:
                newest = _version(self._client.stat_object(self._name, key).version_id)
            except S3Error as error:
                if error.code in _GONE:  # of a key whose kept version was read just now
                    return DELETE_MARKER
                raise
        return "" if newest == version else ALTERED_OVER

    def _small(self, key: str) -> BinaryIO:
        """An object that fits into memory."""
        with asked("open what belongs to an original"), self._get(key, "") as stream:
            return io.BytesIO(stream.read())

    @contextmanager
    def _get(self, key: str, version: str) -> Iterator[BinaryIO]:
        try:
            answer = self._client.get_object(self._name, key, version_id=version or None)
        except S3Error as error:
            if self._certainly_gone(error):
                raise NotFound(f"{key} is not in the store") from error
            raise
        try:
            yield answer  # type: ignore[misc] # a response is a raw stream
        finally:
            answer.close()
            answer.release_conn()

    @measured("fetch")
    def _fetch(self, sha256: str, target: BinaryIO) -> None:
        """Copy the original into `target`; the copies check its hash."""
        with (
            asked("read the original"),
            self._get(object_key(sha256), self._version_of(sha256)) as stream,
        ):
            while block := stream.read(1 << 20):
                target.write(block)

    def _set_aside(self, key: str, sha256: str) -> None:
        name = f"{_DAMAGED}{sha256}-{time.time_ns()}-{uuid.uuid4().hex[:6]}"
        with asked("set the damaged original aside"), self._get(key, "") as stream:
            self._client.put_object(self._name, name, stream, -1, part_size=16 << 20)

    def _certainly_gone(self, error: S3Error) -> bool:
        """A clear "no such key" of a bucket that is there; a HEAD's 404 alone says less."""
        return error.code in _GONE and self._client.bucket_exists(self._name)

    def _names(self, after: str | None) -> Iterator[str]:
        with asked("list the originals"):
            for item in self._client.list_objects(
                self._name, prefix=_ORIGINALS, recursive=True, start_after=after
            ):
                yield str(item.object_name)


def put_once(client: Minio, bucket: str, key: str, data: bytes) -> str | None:
    """Put an object unless one is there: its version ("" without versions), or None if one is."""
    return _put(client, bucket, key, data, {}, once=True, seconds=ANSWER_SECONDS)


def _put(
    client: Minio,
    bucket: str,
    key: str,
    body: BinaryIO | bytes,
    headers: dict[str, str],
    *,
    once: bool,
    seconds: float,
) -> str | None:
    """A single put by signed URL: streamed, and conditional, which the SDK's own put is not.

    `seconds` is how long the word that it was taken may take.
    """
    url = client.get_presigned_url("PUT", bucket, key, expires=timedelta(hours=_URL_HOURS))
    if once:
        headers = headers | {"If-None-Match": "*"}
    patience = urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds)
    answer = _http().request(
        "PUT", url, body=body, headers=headers, retries=False, timeout=patience
    )
    if answer.status == 412:
        return None
    if answer.status != 200:
        raise Retryable(f"the store did not take it: {answer.status} {answer.reason}")
    return _version(answer.headers.get("x-amz-version-id"))


def _version(version: str | None) -> str:
    return "" if version in (None, "null") else str(version)


def _safe_key(sha256: str) -> str:
    return object_key(sha256) if len(sha256) == 64 else ""


def _whole(source: Source) -> bytes:
    return source.read_bytes() if isinstance(source, os.PathLike) else source.read()


@contextmanager
def asked(what: str) -> Iterator[None]:
    """Whatever the server or the network says against it can be tried again."""
    try:
        yield
    except S3Error as error:
        raise Retryable(f"could not {what}: {error.code}") from error
    except (MinioException, HTTPError, OSError) as error:
        raise Retryable(f"could not {what}: {type(error).__name__}") from error
