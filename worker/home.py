"""Opening a home: its folders, database and store, created where missing; light to import."""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from catalog import originals
from catalog.database import Database
from catalog.migrate import upgrade
from ingest.pages import Limits
from storage import LocalStore, ObjectStore
from storage.copies import COPIES_BYTES
from yihu.errors import Retryable
from yihu.log import told
from yihu.settings import Settings

if TYPE_CHECKING:
    from storage.proof import Proof
    from storage.s3 import Bucket, S3Store


log = logging.getLogger(__name__)


def open_home(settings: Settings) -> Database:
    """Create the home's folders and database where missing, and open the database."""
    for folder in (settings.inbox, settings.rejected, settings.claimed, settings.spool):
        folder.mkdir(parents=True, exist_ok=True)
    settings.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database)
    upgrade(database)
    return database


def limits_of(settings: Settings) -> Limits:
    """How large an original may be, as set."""
    return Limits(settings.max_pages, settings.max_pixels, settings.max_attachments)


def open_home_patiently(settings: Settings, seconds: float = 60.0) -> Database:
    """As `open_home`; a database file that another process locks is waited for.

    A server that is away is told at once, as its address may be wrong.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return open_home(settings)
        except Retryable as error:
            if settings.database_url.get_secret_value() or time.monotonic() > deadline:
                raise
            log.warning("the home does not open: %s; once more", told(error))
            time.sleep(1.0)


KEY = "home.key"


def home_key(settings: Settings) -> bytes:
    """The secret of this home, made at first use; it seals what events tell of searches.

    It stands beside the database, not in it: a copied ledger alone does not show
    what was searched for. Whoever has both can try numbers against a digest.
    """
    path = settings.home / KEY
    with contextlib.suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
    if not (text := path.read_text()):
        text = secrets.token_hex(32)
        path.write_text(text)
    return bytes.fromhex(text.strip())


def open_store(settings: Settings, database: Database) -> ObjectStore:
    """Open the store in force: the bucket of `store_url`, else the home's folder.

    It is created only while no original was ever kept: later a store that is
    not there is one that is not mounted, and an empty one in its place would
    take what comes and hide what was.
    """
    with database.read() as session:
        fresh = not originals.any_original(session)
    if settings.store_url:
        bucket = _bucket(settings, versions_in(database), settings.copies)
        if fresh:
            bucket.create()
        return bucket
    if fresh and not settings.store.exists():
        settings.store.mkdir(mode=0o700, parents=True)
    return LocalStore(settings.store, create=fresh)


def existing_store(
    settings: Settings, version_of: Callable[[str], str], copies: Path
) -> ObjectStore:
    """The store in force as it is, never made; of a bucket nothing stays in `copies`.

    For commands that go through all originals once.
    """
    if settings.store_url:
        return _bucket(settings, version_of, copies, kept=0)
    return LocalStore(settings.store, create=False)


def versions_in(database: Database) -> Callable[[str], str]:
    """Gives the version of an original that this database remembers."""

    def version_of(sha256: str) -> str:
        with database.read() as session:
            return originals.version_of(session, sha256)

    return version_of


def bucket_of(settings: Settings) -> Bucket:
    """The S3 bucket these settings name."""
    from storage.s3 import Bucket

    return Bucket(
        settings.store_url,
        settings.store_access_key.get_secret_value(),
        settings.store_secret_key.get_secret_value(),
    )


def prove_store(settings: Settings) -> Proof | None:
    """Try what the S3 store enforces; None for a local one.

    Raises `NotForRecords` where records are wanted and the store does not keep them.
    """
    if not settings.store_url:
        return None
    from storage.proof import NotForRecords, prove

    proof = prove(bucket_of(settings))
    if settings.store_records and not proof.fit_for_records:
        raise NotForRecords(f"the store at {settings.store_url} does not enforce {proof.lacking}")
    return proof


def _bucket(
    settings: Settings,
    version_of: Callable[[str], str],
    copies: Path,
    kept: int = COPIES_BYTES,
) -> S3Store:
    from storage.s3 import S3Store

    return S3Store(
        bucket_of(settings),
        copies,
        version_of=version_of,
        retain_days=settings.store_retain_days,
        lockable=settings.store_records or settings.store_retain_days > 0,
        kept=kept,
    )
