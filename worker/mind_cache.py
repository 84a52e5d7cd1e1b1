"""What judges at the moment: the text model and the policy, looked up again now and then."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalog import discards, minds
from catalog.database import Database
from classifier import Policy, TypeModel, shipped_model

log = logging.getLogger(__name__)
FRESH_SECONDS = 15.0


@dataclass(frozen=True)
class Mind:
    """A text model with its version (0 is the shipped one) and the policy in force."""

    version: int
    model: TypeModel | None
    policy: Policy


class MindCache:
    """The mind of the moment; what another process changed is seen within `FRESH_SECONDS`."""

    def __init__(self, database: Database, shipped: Policy) -> None:
        self._database = database
        self._shipped = shipped
        self._lock = threading.Lock()
        self._asked = float("-inf")
        self._state: minds.State | None = None
        self._made_of = self._mind = Mind(minds.SHIPPED, shipped_model(), shipped)

    @property
    def shipped(self) -> Policy:
        """The policy before anything was learnt: the floor of every threshold."""
        return self._shipped

    def current(self) -> Mind:
        """The mind of the moment."""
        with self._lock:
            if time.monotonic() - self._asked > FRESH_SECONDS:
                self._look()
            return self._mind

    def forget(self) -> None:
        """Look again at the next question, because something was changed here."""
        with self._lock:
            self._asked = float("-inf")

    def _look(self) -> None:
        with self._database.read() as session:
            state = minds.state(session)
            if state != self._state:
                packed = minds.packed(session, state.model) if state.model else None
                self._made_of = self._made(state, packed)
                self._state = state
            self._mind = _without_taken_back(session, self._made_of)
        self._asked = time.monotonic()

    def _made(self, state: minds.State, packed: bytes | None) -> Mind:
        version, model = minds.SHIPPED, shipped_model()
        if state.model:
            try:
                version, model = state.model, TypeModel.parse(packed or b"")
            except (ValueError, KeyError, OSError, EOFError):
                log.exception("model %s cannot be read; the shipped one judges", state.model)
                version, model = minds.SHIPPED, shipped_model()
        policy = self._shipped
        if state.type_threshold is not None:
            policy = replace(policy, type_threshold=state.type_threshold, version="derived")
        return Mind(version, model, policy)


def _without_taken_back(session: Session, mind: Mind) -> Mind:
    """The mind without kinds whose papers people took back out of the trash since."""
    if mind.model is None or not mind.model.discarded:
        return mind
    members = {number for kind in mind.model.discarded for number in kind.members}
    left = discards.still(session, members)
    kinds = tuple(kind for kind in mind.model.discarded if kind.lives(left))
    return replace(mind, model=replace(mind.model, discarded=kinds))
