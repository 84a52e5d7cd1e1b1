"""The tolerated wrong-filing rate as people set it: every version is kept, the newest holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.models import PolicyRate
from catalog.stated import stated
from yihu.clock import now
from yihu.errors import NotFound, Usage

SUBJECT = "policy:wrong_filing_rate"
BY_SETTINGS = 0
"""The version before anybody set a rate: what the settings say."""


def newest(session: Session) -> PolicyRate | None:
    """The version in force; None while the settings hold."""
    query = select(PolicyRate).order_by(PolicyRate.version.desc()).limit(1)
    return session.scalar(query)


def rate(session: Session, by_settings: float) -> float:
    """The rate in force: the one a person set, or the one of the settings."""
    row = newest(session)
    return by_settings if row is None or row.rate is None else row.rate


def history(session: Session, limit: int = 50) -> Sequence[PolicyRate]:
    """The versions, newest first."""
    query = select(PolicyRate).order_by(PolicyRate.version.desc()).limit(limit)
    return session.scalars(query).all()


def rate_of(session: Session, version: int) -> float | None:
    """The rate of a version; None for the settings'. Raises `NotFound`."""
    if version == BY_SETTINGS:
        return None
    row = session.get(PolicyRate, version)
    if row is None:
        raise NotFound(f"没有第 {version} 版 / there is no version {version}")
    return row.rate


def put(
    session: Session,
    given: float | None,
    *,
    threshold: float,
    why: str,
    actor: str,
    expected: int | None = None,
) -> PolicyRate:
    """Put a rate in force as a new version; None goes back to the one of the settings.

    `expected` is the version the person saw: `Usage` when there is a newer one,
    and without a reason.
    """
    before = newest(session)
    version = before.version if before else BY_SETTINGS
    if expected is not None and expected != version:
        raise Usage(
            "规则刚被别人改过，请重新查看 / somebody changed the policy just now; look again"
        )
    why = stated(why)
    row = PolicyRate(
        version=version + 1, rate=given, threshold=threshold,
        made_at=now(), made_by=actor, why=why,
    )  # fmt: skip
    session.add(row)
    data = {
        "version": row.version,
        "before": before.rate if before else None,
        "rate": given,
        "threshold": threshold,
        "why": ledger.digest(why),
    }
    ledger.append(session, "rate_set", SUBJECT, data, actor=actor)
    return row
