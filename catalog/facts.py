"""A household's facts as people note them: what makes further papers required (domain 2.3).

A change, its event and the catalogue that follows from it are one transaction.
What the register tells (owners, company, owner change, tenants) is not noted
here: it comes with the register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalog import ledger, projection
from catalog.models import FactChange, Household, RegisterState
from catalog.rules import noted
from catalog.stated import kept, stated
from yihu.clock import now
from yihu.errors import NotFound, Usage
from yihu.template import Template

OCCUPANCIES = ("自住", "出租", "商住", "空置")
MOST = 20
"""So many renovations, vehicles or leases at most: more is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What may be noted: the occupancy, an agent at handover, and how many of each thing."""

    occupancy: str = ""
    agent: bool = False
    renovations: int = 0
    renovations_done: int = 0
    vehicles: int = 0
    leases: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The facts by name."""
        return asdict(self)

    @property
    def mark(self) -> str:
        """The facts as one text, with which a form says what its writer saw."""
        return "|".join(str(value) for value in asdict(self).values())


def of(household: Household) -> Noted:
    """The facts as they stand."""
    return Noted(occupancy=household.occupancy, **noted(household.facts or {}))


def history(session: Session, household_id: int, limit: int = 20) -> Sequence[FactChange]:
    """The changes of a household's facts, newest first."""
    query = select(FactChange).where(FactChange.household_id == household_id)
    return session.scalars(query.order_by(FactChange.id.desc()).limit(limit)).all()


def change(
    session: Session,
    household_id: int,
    wanted: Noted,
    *,
    why: str,
    actor: str,
    evidence: str = "",
    seen: str = "",
    template: Template | None = None,
) -> FactChange:
    """Note facts; the catalogue follows at once.

    `seen` is the mark of the facts the person had before them: `Usage` when they
    changed since, when nothing would change, without a reason, or for a closed household.
    """
    household = _open(session, household_id)
    before = of(household)
    if seen and seen != before.mark:
        raise Usage(
            "资料刚被别人改过，请重新查看 / somebody changed the facts just now; look again"
        )
    if wanted == before:
        raise Usage("没有改动 / nothing would change")
    _check(wanted, before)
    why = stated(why)
    return _write(session, household, wanted, why, evidence, actor, template)


def undoable(session: Session, household: Household) -> FactChange | None:
    """The newest change that still stands as it was made; None when there is none to take back."""
    for row in history(session, household.id, 100):
        if row.undoes is None and not row.undone:
            return row if row.after == of(household).as_dict() else None
    return None


def undo(
    session: Session,
    household_id: int,
    *,
    why: str,
    actor: str,
    template: Template | None = None,
) -> FactChange:
    """Take the newest change back, with a reason; `Usage` when there is none that still stands."""
    household = _open(session, household_id)
    last = undoable(session, household)
    if last is None:
        raise Usage("没有可撤销的改动 / there is no change to take back")
    why = stated(why)
    last.undone = True
    wanted = Noted(**last.before)
    return _write(session, household, wanted, why, "", actor, template, last.id)


def _write(
    session: Session,
    household: Household,
    wanted: Noted,
    why: str,
    evidence: str,
    actor: str,
    template: Template | None,
    undoes: int | None = None,
) -> FactChange:
    before = of(household)
    household.occupancy = wanted.occupancy
    household.facts = {
        **household.facts,
        "agent": wanted.agent,
        "renovations": [
            {"done": number < wanted.renovations_done} for number in range(wanted.renovations)
        ],
        "vehicles": [{}] * wanted.vehicles,
        "leases": [{}] * wanted.leases,
    }
    row = FactChange(
        household_id=household.id, made_at=now(), made_by=actor, before=before.as_dict(),
        after=wanted.as_dict(), why=why, evidence=kept(evidence), undoes=undoes,
        undone=False,
    )  # fmt: skip
    session.add(row)
    session.flush()
    data = {
        "before": row.before,
        "after": row.after,
        "undoes": undoes,
        "why": ledger.digest(row.why),
        "evidence": ledger.digest(row.evidence) if row.evidence else "",
    }
    ledger.append(session, "facts_changed", f"household:{household.id}", data, actor=actor)
    if before.occupancy != wanted.occupancy:  # the matcher knows the occupancy
        session.execute(
            update(RegisterState)
            .where(RegisterState.id == 1)
            .values(version=RegisterState.version + 1)
        )
    projection.refresh(session, [household.id], template)
    return row


def _open(session: Session, household_id: int) -> Household:
    household = session.scalar(
        select(Household).where(Household.id == household_id).with_for_update()
    )
    if household is None:
        raise NotFound(f"没有这户 / there is no household {household_id}")
    if household.closed_at is not None:
        raise Usage("已结档，只读 / this file is closed and read-only")
    return household


def _check(wanted: Noted, before: Noted) -> None:
    if wanted.occupancy not in ("", before.occupancy, *OCCUPANCIES):
        raise Usage(f"入住状态须为 {'、'.join(OCCUPANCIES)} 之一 / no such occupancy")
    counts = (wanted.renovations, wanted.renovations_done, wanted.vehicles, wanted.leases)
    if not all(0 <= count <= MOST for count in counts):
        raise Usage(f"数量须在 0 到 {MOST} 之间 / numbers are from 0 to {MOST}")
    if wanted.renovations_done > wanted.renovations:
        raise Usage("已验收的装修不能多于装修次数 / more renovations accepted than there are")
