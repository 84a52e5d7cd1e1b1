"""The runs of `verify`: when the last one was, what it found, which one can be gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog.models import Original, Verification
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


def last(session: Session) -> Verification | None:
    """The last run that came to its end."""
    return session.scalar(
        select(Verification)
        .where(Verification.finished_at.is_not(None))
        .order_by(Verification.id.desc())
        .limit(1)
    )


def stored_originals(session: Session) -> list[str]:
    """Hashes of every original the store should have."""
    return list(
        session.scalars(
            select(Original.sha256).where(Original.stored_at.is_not(None)).order_by(Original.sha256)
        )
    )


def version_of(session: Session, sha256: str) -> str:
    """The version that was read back when the original was kept; "" where none is known."""
    query = select(Original.version_id).where(Original.sha256 == sha256)
    return session.scalar(query) or ""


def any_original(session: Session) -> bool:
    """Whether an original was ever kept in the store."""
    query = select(Original.sha256).where(Original.stored_at.is_not(None)).limit(1)
    return session.scalar(query) is not None


def seen_well_since(session: Session, moment: datetime) -> set[str]:
    """Originals that were read again after this moment and agreed."""
    query = select(Original.sha256).where(
        Original.verified_at >= moment, Original.verify_result == "ok"
    )
    return set(session.scalars(query))


def note(session: Session, sha256: str, result: str) -> None:
    """Remember when an original was read again, and how that went."""
    session.execute(
        update(Original)
        .where(Original.sha256 == sha256)
        .values(verified_at=now(), verify_result=result)
    )


def fixity_counts(session: Session) -> tuple[int, int, datetime | None]:
    """How many originals there are, how many did not agree when last read, the oldest look."""
    total, bad, oldest = session.execute(
        select(
            func.count(),
            func.count().filter(Original.verify_result.not_in(("ok", ""))),
            func.min(Original.verified_at),
        )
    ).one()
    return total, bad, oldest
