"""The journey of a document, exactly once.

An ordered tuple of stages, each a plain function `(document, services) ->
Outcome`. A stage may run twice: after a crash, a lost message, a lease that ran
out. So it works from the store and the database, and whatever it writes is
written by `Outcome.write` in the one transaction that also moves the document
on. Nothing here parses foreign bytes; that is the reading pool's.

    keep        the original into the store, read back and compared
    inspect     what kind of file, how many pages, within the limits; leaves the inbox for the spool
    read        every page, spread over all workers; the last page sends the document on
    split       a batch into documents
    understand  type, household, and whether that is certain enough
    file        holding, tick, event and search text in one transaction
Beside the way: `put_away` (a duplicate's bytes to the spool) and `give_back`
(a rejected file to the inbox's `_rejected`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from catalog.models import Document
from worker import arriving, filing, reading, understanding
from worker.outcome import Outcome
from worker.services import Services


class StageFunction(Protocol):
    """What a stage is: it looks at a document and says what follows."""

    def __call__(self, document: Document, services: Services) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """A named step; `shows` is the state a person sees while it is ahead."""

    name: str
    run: StageFunction
    shows: str


JOURNEY: tuple[Stage, ...] = (
    Stage("keep", arriving.keep, "received"),
    Stage("inspect", arriving.inspect_original, "received"),
    Stage("read", reading.read, "reading"),
    Stage("split", understanding.split_file, "reading"),
    Stage("understand", understanding.understand, "reading"),
    Stage("file", filing.file, "reading"),
)

BESIDE: tuple[Stage, ...] = (
    Stage("put_away", arriving.put_away, "duplicate"),
    Stage("give_back", arriving.give_back, "rejected"),
)

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in JOURNEY + BESIDE}
