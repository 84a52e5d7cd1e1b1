"""One clock: aware UTC datetimes everywhere; shown in the estate's zone at the edge."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with offset, whole milliseconds; None stays None."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else None
