"""The originals as the catalogue knows them: which there are, and how they were when last read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog import tallies
from catalog.models import Original
from catalog.models.documents import BAD
from yihu.clock import now


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


def forget_versions(session: Session) -> None:
    """Forget every version: they are those of a store that is not this one."""
    session.execute(update(Original).where(Original.version_id != "").values(version_id=""))


def note_versions(session: Session, versions: Mapping[str, str]) -> None:
    """Remember under which version each of these originals was read back."""
    for sha256, version in versions.items():
        session.execute(
            update(Original).where(Original.sha256 == sha256).values(version_id=version)
        )


def any_original(session: Session) -> bool:
    """Whether an original was ever kept in the store."""
    query = select(Original.sha256).where(Original.stored_at.is_not(None)).limit(1)
    return session.scalar(query) is not None


def is_stored(session: Session, sha256: str) -> bool:
    """Whether an original of this hash was kept in the store."""
    query = select(Original.sha256).where(
        Original.sha256 == sha256, Original.stored_at.is_not(None)
    )
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
    return count(session), bad(session), oldest_look(session)


def count(session: Session) -> int:
    """How many originals there are."""
    return tallies.number(session, tallies.ORIGINAL)


def bad(session: Session) -> int:
    """How many originals did not agree, or could not be read, when last looked at."""
    return session.scalar(select(func.count()).select_from(Original).where(BAD)) or 0


def unchecked(session: Session) -> int:
    """How many of these only could not be read, and may be as they should."""
    could_not = Original.verify_result == "could_not_check"
    return session.scalar(select(func.count()).select_from(Original).where(BAD, could_not)) or 0


def oldest_look(session: Session) -> datetime | None:
    """When the original was read that was not looked at for longest."""
    return session.scalar(select(func.min(Original.verified_at)))
