"""What a stage says: where the document goes next, and what to write with that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from catalog.models import Document
from yihu.errors import Retryable

Write = Callable[[Session, Document], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The next stage ("" ends the journey) and the state a person sees.

    `changes` are columns of the document; `write` adds what belongs in the same
    transaction (pages, siblings, ticks, events); `wait` leaves the document to
    be moved on by somebody else (its pages).
    """

    stage: str
    state: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    write: Write | None = None
    wait: bool = False


class Slow(Retryable):
    """It needs more time than an ordinary document, and gets it once nothing else waits."""


def settled(state: str, reasons: tuple[str, ...] = (), **changes: Any) -> Outcome:
    """The journey ends here, for now."""
    return Outcome("", state, {"reasons": list(reasons), **changes})
