"""What a chore says when it is done: what to write down, and who goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Done:
    """`outcome` is kept with the chore; `write` adds to it in the finishing transaction.

    `follow` gives, in the same transaction and after the chore counts as done,
    the documents that go on because of it.
    """

    outcome: Mapping[str, Any]
    write: Callable[[Session], Mapping[str, Any]] | None = None
    follow: Callable[[Session], list[int]] | None = None
