"""The runs of `verify`: when the last one was, what it found, which one can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Verification
from yihu.clock import now

KEPT_FINDINGS = 100


def start(session: Session, *, fixity: bool) -> Verification:
    """A run that begins now; `fixity` False leaves the originals to others."""
    run = Verification(started_at=now(), fixity=fixity, findings=[])
    session.add(run)
    session.flush()
    return run


def finish(
    session: Session,
    run_id: int,
    counts: tuple[int, int, int],
    findings: Sequence[dict[str, Any]],
) -> None:
    """The run came to its end: checked, failed and could not be checked, and the first findings."""
    run = session.get_one(Verification, run_id)
    run.finished_at = now()
    run.checked, run.failed, run.could_not_check = counts
    run.findings = list(findings[:KEPT_FINDINGS])


def unfinished(session: Session) -> Verification | None:
    """The last run over all originals, when it was interrupted."""
    run = session.scalar(
        select(Verification).where(Verification.fixity).order_by(Verification.id.desc()).limit(1)
    )
    return run if run is not None and run.finished_at is None else None


def newest(session: Session, limit: int) -> Sequence[Verification]:
    """The last runs, newest first, interrupted ones too."""
    query = select(Verification).order_by(Verification.id.desc()).limit(limit)
    return session.scalars(query).all()


def last(session: Session) -> Verification | None:
    """The last run that came to its end."""
    return session.scalar(
        select(Verification)
        .where(Verification.finished_at.is_not(None))
        .order_by(Verification.id.desc())
        .limit(1)
    )
