"""Count anew what `verify` found not to agree: catalogue lines, roll-ups, kept numbers.

They follow from ticks, facts and documents and are kept beside them for speed.
Only who edits tables by hand makes them differ; the ticks themselves are not
touched here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from catalog import ledger, projection
from catalog.audit import drift_audit
from catalog.database import Database


@dataclass(frozen=True, slots=True)
class Recounted:
    """What did not agree before ("household:7", "tally:state:filed"), and households counted."""

    differed: tuple[str, ...]
    households: int

    def as_dict(self) -> dict[str, Any]:
        """The line of the command."""
        return asdict(self)


def recount(database: Database, actor: str) -> Recounted:
    """Count everything anew in one transaction; whoever wants to write waits for it."""
    with database.write() as session:
        differed = tuple(problem.subject for problem in drift_audit(session))
        households = projection.rebuild(session)
        data = {"differed": len(differed), "households": households}
        ledger.append(session, "recounted", "catalogue:counts", data, actor)
    return Recounted(differed, households)
