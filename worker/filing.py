"""The `file` stage: the only place that ticks, for the machine's and for a person's decisions."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from catalog import households, ledger, ticks
from catalog.models import Document
from worker import copies
from worker.outcome import Outcome
from worker.services import Services


def file(document: Document, services: Services) -> Outcome:
    """Tick the household's catalogue with the evidence for it, or ask when the ground has moved."""
    by = document.decided_by or "machine"

    def tick(session: Session, held: Document) -> None:
        assert held.household_id is not None
        assert held.type is not None
        assert held.sha256 is not None
        household = households.get(session, held.household_id)
        if household is None or household.closed_at is not None:
            held.state, held.reasons = "review", ["former_owner"]
            return
        said = {"household": held.household_id, "type": held.type, "sha256": held.sha256}
        ticks.tick_digital(
            session,
            household_id=held.household_id,
            type=held.type,
            document_id=held.id,
            sha256=held.sha256,
            evidence=_evidence(held, by),
            actor=by,
            told=[ledger.Entry("filed", f"document:{held.id}", said, by)],
        )
        if services.settings.searchable:
            copies.ask(session, held)

    return Outcome("", "filed", {"reasons": []}, write=tick)


def _evidence(document: Document, by: str) -> dict[str, Any]:
    """What put the document there: the original's hash, its pages, and the decision."""
    judgement = document.judgement or {}
    return {
        "sha256": document.sha256,
        "pages": [document.first_page, document.last_page],
        "decided_by": by,
        "probability": document.probability,
        "codes": sorted({item["code"] for item in judgement.get("evidence", [])}),
    }
