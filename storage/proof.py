"""What an S3 server really enforces, found by trying it: some accept and do not enforce.

Everything is tried on throw-away objects below `proof/`. Where the lock holds,
two small objects stay there until their lock of some seconds is over.
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from storage.s3 import PROOF, Bucket, asked, put_once

LOCK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Proof:
    """What held when it was tried."""

    put_once: bool
    versions: bool
    lock: bool

    @property
    def fit_for_records(self) -> bool:
        """Whether nobody can overwrite or remove an original through this server's S3 port."""
        return not self.lacking

    @property
    def lacking(self) -> str:
        """What did not hold, in words."""
        words = {
            "conditional put": self.put_once,
            "versions": self.versions,
            "object lock": self.lock,
        }
        return ", ".join(name for name, held in words.items() if not held)


def prove(bucket: Bucket) -> Proof:
    """Try a conditional put, an overwrite and the removal of a locked version.

    Raises `Retryable` when the store does not answer.
    """
    client, name = bucket.client(), bucket.name
    key = f"{PROOF}{uuid.uuid4().hex}"
    with asked("try what the store enforces"):
        first = put_once(client, name, key, b"first")
        second = put_once(client, name, key, b"second")
        versions = _keeps_versions(client, name, f"{key}-versions")
        return Proof(
            put_once=first is not None and second is None,
            versions=versions,
            lock=versions and _locks(client, name, f"{key}-lock"),
        )


def _keeps_versions(client: Minio, name: str, key: str) -> bool:
    first = client.put_object(name, key, io.BytesIO(b"first"), 5).version_id
    client.put_object(name, key, io.BytesIO(b"second"), 6)
    client.remove_object(name, key)
    if not first or first == "null":
        return False
    try:
        return bool(client.get_object(name, key, version_id=first).read() == b"first")
    except S3Error:
        return False


def _locks(client: Minio, name: str, key: str) -> bool:
    until = datetime.now(UTC) + timedelta(seconds=LOCK_SECONDS)
    try:
        version = client.put_object(
            name, key, io.BytesIO(b"locked"), 6, retention=Retention(COMPLIANCE, until)
        ).version_id
    except S3Error:
        return False
    try:
        client.remove_object(name, key, version_id=version)
    except S3Error as error:
        return error.code == "AccessDenied"
    return False
