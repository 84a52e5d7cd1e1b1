"""The blind sample: machine-filed documents that a person answers without seeing the answer."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.models import Document, Sample
from yihu.clock import now
from yihu.errors import NotFound, Usage

_MACHINE = ("", ledger.MACHINE)


@dataclass(frozen=True, slots=True)
class Figures:
    """Samples drawn and answered, and how many answers differ from the machine's."""

    drawn: int
    answered: int
    wrong: int
    wrong_household: int
    wrong_type: int


def draw(session: Session, share: float, actor: str, size: int | None = None) -> list[Sample]:
    """Draw from the machine-filed documents that no draw has passed over or taken yet.

    With `size` that many of all that were never drawn; without, each new one
    with probability `share`. The draw is random, so nobody can foresee it.
    """
    chance = random.SystemRandom()
    if size is not None:
        waiting = [row for row in _machine_filed(session, 0) if row[0] not in _known(session)]
        chosen = chance.sample(waiting, min(size, len(waiting)))
        if chosen:  # of its own subject: a draw by share goes on where the last one stopped
            told = {"size": size, "drawn": len(chosen)}
            ledger.append(session, "sample_drawn", "sample:asked", told, actor=actor)
    else:
        waiting = _machine_filed(session, _passed(session))
        known = _known(session)
        chosen = [row for row in waiting if chance.random() < share and row[0] not in known]
        if waiting:
            last = {"last": max(row[0] for row in waiting), "drawn": len(chosen)}
            ledger.append(session, "sample_drawn", "sample:0", last, actor=actor)
    moment = now()
    made = [
        Sample(
            document_id=document, household_id=household, type=code,
            drawn_at=moment, drawn_by=actor, answered_by="",
        )
        for document, household, code in sorted(chosen)
    ]  # fmt: skip
    session.add_all(made)
    session.flush()
    return made


def _machine_filed(session: Session, after: int) -> list[tuple[int, int, str]]:
    rows = session.execute(
        select(Document.id, Document.household_id, Document.type)
        .where(
            Document.state == "filed",
            Document.stage == "",
            Document.decided_by.in_(_MACHINE),
            Document.household_id.is_not(None),
            Document.type.is_not(None),
            Document.id > after,
        )
        .order_by(Document.id)
    )
    return [(number, household or 0, code or "") for number, household, code in rows]


def _known(session: Session) -> set[int]:
    return set(session.scalars(select(Sample.document_id)))


def _passed(session: Session) -> int:
    """The last document that a draw by share has looked at."""
    newest = ledger.events_of(session, "sample:0", limit=1)
    return int(json.loads(newest[0].data).get("last", 0)) if newest else 0


def waiting(session: Session) -> Sequence[Sample]:
    """Samples without an answer, oldest first."""
    query = select(Sample).where(Sample.answered_at.is_(None)).order_by(Sample.id)
    return session.scalars(query).all()


def answer(
    session: Session, sample_id: int, household_id: int | None, code: str | None, actor: str
) -> Sample:
    """Write down what a person says a sampled document is; both None: it cannot be told.

    Raises `NotFound` for an unknown sample and `Usage` for one answered already.
    """
    sample = session.get(Sample, sample_id)
    if sample is None:
        raise NotFound(f"no sample {sample_id}")
    if sample.answered_at is not None:
        raise Usage(f"sample {sample_id} is answered already")
    sample.answered_at, sample.answered_by = now(), actor
    sample.answer_household_id, sample.answer_type = household_id, code
    sample.agrees = (household_id, code) == (sample.household_id, sample.type)
    data = {
        "document": sample.document_id, "household": household_id, "type": code,
        "agrees": sample.agrees,
    }  # fmt: skip
    ledger.append(session, "sample_answered", f"sample:{sample.id}", data, actor=actor)
    return sample


def disputed(session: Session, document_id: int) -> bool:
    """Whether a blind sample said that the machine filed this document wrongly."""
    query = select(Sample.id).where(Sample.document_id == document_id, Sample.agrees.is_(False))
    return session.scalar(query) is not None


def figures(session: Session) -> Figures:
    """What the answers so far say."""
    drawn = session.scalar(select(func.count()).select_from(Sample)) or 0
    answered = session.scalars(select(Sample).where(Sample.agrees.is_not(None))).all()
    return Figures(
        drawn=drawn,
        answered=len(answered),
        wrong=sum(not one.agrees for one in answered),
        wrong_household=sum(one.answer_household_id != one.household_id for one in answered),
        wrong_type=sum(one.answer_type != one.type for one in answered),
    )
