"""Learnt text models by version, and which of them judges with which threshold."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from catalog import ledger
from catalog.models import LearntModel, Mind
from yihu.clock import now
from yihu.errors import NotFound

_ONE = 1
SHIPPED = 0


@dataclass(frozen=True, slots=True)
class State:
    """What judges now: a model's version and the threshold in force; None is the shipped one."""

    model: int = SHIPPED
    type_threshold: float | None = None


def state(session: Session) -> State:
    """What judges now."""
    row = session.get(Mind, _ONE)
    return State(row.model, row.type_threshold) if row else State()


def models(session: Session) -> Sequence[LearntModel]:
    """Every version but the shipped one, oldest first, without its weights."""
    query = select(LearntModel).order_by(LearntModel.version).options(defer(LearntModel.packed))
    return session.scalars(query).all()


def add(
    session: Session,
    packed: bytes,
    *,
    labels: int,
    better: bool,
    figures: Mapping[str, Any],
    actor: str,
) -> int:
    """Keep a new version; gives its number. It judges only after `use`."""
    version = (session.scalar(select(func.max(LearntModel.version))) or SHIPPED) + 1
    seal = hashlib.sha256(packed).hexdigest()
    session.add(
        LearntModel(
            version=version, made_at=now(), made_by=actor, labels=labels, better=better,
            figures=dict(figures), sha256=seal, packed=packed,
        )
    )  # fmt: skip
    data = {"labels": labels, "better": better, "sha256": seal}
    ledger.append(session, "model_made", f"model:{version}", data, actor=actor)
    return version


def packed(session: Session, version: int) -> bytes | None:
    """The data of a version; None when it is missing or not what was kept."""
    row = session.get(LearntModel, version)
    if row is None or hashlib.sha256(row.packed).hexdigest() != row.sha256:
        return None
    return row.packed


def use(session: Session, version: int, actor: str, note: str = "", why: str = "") -> None:
    """Let a version judge from now on; 0 is the way back to the shipped one.

    `note` is ours and stands in the ledger; `why` is a person's and stands there as its digest.
    """
    if version != SHIPPED and session.get(LearntModel, version) is None:
        raise NotFound(f"没有第 {version} 版模型 / there is no model {version}")
    row = _row(session)
    before, row.model, row.since, row.note = row.model, version, now(), why or note
    data = {"before": before, "note": note} | ({"why": ledger.digest(why)} if why else {})
    ledger.append(session, "model_used", f"model:{version}", data, actor=actor)


def set_threshold(session: Session, threshold: float | None, actor: str, why: str) -> None:
    """Put a threshold derived from reviewed documents in force; None takes it back."""
    row = _row(session)
    before, row.type_threshold, row.since = row.type_threshold, threshold, now()
    data = {"before": before, "threshold": threshold, "why": why}
    ledger.append(session, "policy_set", "policy:type_threshold", data, actor=actor)


def _row(session: Session) -> Mind:
    row = session.get(Mind, _ONE)
    if row is None:
        row = Mind(id=_ONE, model=SHIPPED, type_threshold=None, since=now(), note="")
        session.add(row)
    return row
