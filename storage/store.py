"""The interface of the object store, and the values it speaks in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from yihu.errors import Exit, Invariant, Retryable, YihuError

Source = Path | BinaryIO
"""Where bytes come from: a path, or a stream read from where it stands."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class Damaged(Retryable):
    """The store holds other bytes under this hash; they were left alone.

    `repair` puts the damaged object aside and good bytes in its place.
    """


class FixityResult(StrEnum):
    """What reading an original again showed; "could not check" is never a pass."""

    OK = "ok"
    FAILED = "failed"
    MISSING = "missing"
    COULD_NOT_CHECK = "could_not_check"


@dataclass(frozen=True, slots=True)
class Fixity:
    """The result of one check, with a message for a person unless it is ok.

    `over` says in words what was laid over an original that is itself ok: nobody
    here reads it, yet somebody put it there.
    """

    result: FixityResult
    message: str = ""
    over: str = ""

    @property
    def ok(self) -> bool:
        """True only when every byte was read and the hash is the promised one."""
        return self.result is FixityResult.OK


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that was read back and found right; `size` in bytes.

    `version_id` is "" where the store keeps no versions.
    """

    key: str
    size: int
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class Stat:
    """What the store says of an object without reading it; `size` in bytes."""

    key: str
    size: int
    stored_at: datetime
    version_id: str = ""


class NotOffered(YihuError):
    """The store has no legal hold: that needs an S3 bucket made with object lock."""

    exit_code = Exit.USAGE


class NotForRecords(YihuError):
    """The store does not enforce what records need."""


class ObjectStore(Protocol):
    """Originals by SHA-256 (64 lower-case hex digits), and derivatives by name.

    Every method raises `Retryable` when the store does not answer, is full or
    may not be used; a store that cannot be reached never says "missing".
    """

    def put(self, source: Source, sha256: str) -> Stored:
        """Keep the bytes of `source` under their promised hash and read them back.

        An object already there is read back instead and `source` is not
        touched. Raises `Retryable` when the bytes have another hash than
        promised ("the file changed while it was copied"), and `Damaged` when
        the object there is not what its name says.
        """
        ...

    def repair(self, source: Source, sha256: str) -> Stored:
        """Put a damaged or missing object right from good bytes.

        The damaged one is set aside, never deleted; a good one is left alone.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """A stream over the original; raises `NotFound` when it is not there."""
        ...

    def stat(self, sha256: str) -> Stat | None:
        """Size and time of the original, or None when it is certainly not there."""
        ...

    def verify(self, sha256: str) -> Fixity:
        """Read every byte again and compare; never raises for the state of the store."""
        ...

    def local_path(self, sha256: str) -> AbstractContextManager[Path]:
        """The original as a file to read, valid within the `with`; raises `NotFound`."""
        ...

    def keys(self, after: str = "") -> Iterator[str]:
        """Hashes of all originals in rising order, those above `after`.

        For verification only, never on the write path.
        """
        ...

    def strangers(self) -> Iterator[str]:
        """Names of things among the originals that cannot be originals."""
        ...

    def put_derivative(self, name: str, source: Source | bytes) -> None:
        """Write or replace something that can be rebuilt, e.g. "pages/<hash>/1.jpg"."""
        ...

    def open_derivative(self, name: str) -> BinaryIO:
        """A stream over a derivative; raises `NotFound` when it is not there."""
        ...

    def put_record(self, name: str, data: bytes) -> None:
        """Write or replace what the catalogue says of an original; earlier versions stay in S3."""
        ...

    def open_record(self, name: str) -> BinaryIO:
        """A stream over a record; raises `NotFound` when it is certainly not there."""
        ...

    def records(self, folder: str) -> Iterator[str]:
        """Names of the records in a folder, e.g. "households"; never on the write path."""
        ...

    def hold(self, sha256: str, *, held: bool) -> None:
        """Put the original under legal hold or end it: nobody can remove it meanwhile.

        Raises `NotFound`, and `NotOffered` where the store cannot hold.
        """
        ...

    def is_held(self, sha256: str) -> bool:
        """Whether the store says it is under legal hold; raises like `hold`."""
        ...

    def sweep_temporary(self, older_than: float) -> int:
        """Remove what unfinished puts left longer ago than `older_than` seconds; the count."""
        ...


def checked_hash(sha256: str) -> str:
    """`sha256` itself; raises `Invariant` unless it is 64 lower-case hex digits."""
    if not _SHA256.fullmatch(sha256):
        raise Invariant(f"not a SHA-256: {sha256!r}")
    return sha256


def checked_name(name: str) -> str:
    """`name` itself; raises `Invariant` unless it is a plain relative path.

    Parts are ASCII letters, digits, "._-", and do not begin with a dot.
    """
    if not name or not all(_NAME_PART.fullmatch(part) for part in name.split("/")):
        raise Invariant(f"not a derivative's name: {name!r}")
    return name


def object_key(sha256: str) -> str:
    """The key of an original: sha256/ab/cd/<hex>."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"
