"""Learning from what people discard: kinds of paper that a machine never files.

As with types (`worker.learning`): behind all other work, a version is taken over only
when it is better on what was held back, and `yihu model use` is the way back. What is
learnt sends a paper to a person and does nothing else; nothing is ever discarded here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from catalog import discards, labels, ledger, minds, readings
from catalog.discards import Discarded, Filed
from classifier import (
    LIKE_DISCARDED,
    Comparison,
    Discard,
    FiledPaper,
    TypeModel,
    alike,
    marks_of,
    shipped_model,
    teach_discards,
    unopposed,
)
from worker.services import Services
from yihu.errors import Usage
from yihu.template import Template

log = logging.getLogger(__name__)
AFTER = 5  # new discards, or `YIHU_LEARN_AFTER` where that is less; 0 there is never
AGAIN = 4  # and one in so many of those learnt from before: versions do not pile up
LEAST_HELD = 10  # filed documents on which harm would show
MOST = 400
LONGEST = 900.0  # of reading and comparing on a busy machine
_OF_THE_SCAN = frozenset(
    ("low_quality", "no_text", "photo", "separator", "split_unsure", "blank_form", "type_whose",
     "media_file")
)  # fmt: skip
"""With these a discard speaks of the scan, or of a form still to be filled in, not of a kind."""
_KIND_OPEN = frozenset(
    ("type_unsure", "type_ambiguous", "not_household_paper", "ledger_page", "office_paper",
     LIKE_DISCARDED)
)  # fmt: skip
_WHOSE = ("household_", "former_owner", "other_estate")


@dataclass(frozen=True, slots=True)
class Learnt:
    """A version made from discards: how many taught, how it compares, whether it judges now."""

    version: int
    discards: int
    kinds: int
    comparison: Comparison
    used: bool


def round_(services: Services) -> None:
    """Learn when enough was discarded; forget at once what people overruled."""
    after = services.settings.learn_after
    if not after:
        return
    forget_overruled(services)
    with services.database.read() as session:
        last = discards.last_lesson(session)
        found = discards.discarded(session)
    new = sum(
        (last is None or one.since > last.at) and LIKE_DISCARDED not in _reasons(one)
        for one in found
        if tells_a_kind(one, services.template)
    )
    if new < max(min(AFTER, after), last.discards // AGAIN if last else 0):
        return
    try:
        with services.hands.waiting(LONGEST):
            done = train(services, ledger.MACHINE)
        log.info("model %s from discards: %s", done.version, done.comparison)
    except Usage as error:
        log.info("nothing to learn from discards yet: %s", error)


def count(session: Session, template: Template) -> int:
    """How many discarded documents say what kind of paper they are."""
    return sum(tells_a_kind(one, template) for one in discards.discarded(session))


def _reasons(one: Discarded) -> set[str]:
    """Why it was held before it was discarded."""
    return {*one.judgement.get("reasons", ()), *one.split.get("reasons", ())}


def tells_a_kind(one: Discarded, template: Template) -> bool:
    """Whether discarding it says something of its kind, and not of its scan or of whose it is."""
    kind, reasons = template.by_code.get(one.type or ""), _reasons(one)
    if kind is not None and kind.whose:
        return False  # identical pages of strangers: whose they are is what was wrong
    if reasons & _OF_THE_SCAN or any(reason.startswith("page_") for reason in reasons):
        return False
    return bool(reasons & _KIND_OPEN) or not any(reason.startswith(_WHOSE) for reason in reasons)


def train(services: Services, actor: str) -> Learnt:
    """Add what the discards teach to the model that judges now.

    Raises `Usage` when there are too few discards, or too few filed documents to compare.
    """
    services.mind.forget()  # what was taken back a moment ago teaches nothing
    with services.database.read() as session:
        known = discards.discarded(session)
        filed = discards.filed(session)
        against = discards.overruled(session, LIKE_DISCARDED)
        total = labels.count(session)
    taught = list(
        _taught([one for one in known if tells_a_kind(one, services.template)][:MOST], services)
    )
    held = sum(one.held for one in filed)
    if not taught or held < LEAST_HELD:
        raise Usage(
            f"{len(taught)} discards, {held} filed documents held back: at least {LEAST_HELD}"
            " are needed to compare"
        )
    overruled = {one.document_id for one in against}
    beside = (*against, *(one for one in filed if one.document_id not in overruled))
    base = _base(services)
    found = teach_discards(base.discarded, taught, _papers(beside, services))
    figures = asdict(found.comparison) | {"discards": len(taught), "kinds": len(found.kinds)}
    made = replace(base, discarded=found.kinds)
    version = _keep(services, made, figures, actor, total=total, better=found.better)
    return Learnt(version, len(taught), len(found.kinds), found.comparison, found.better)


def forget_overruled(services: Services) -> bool:
    """Drop the kinds whose papers people file all the same; True when there were any.

    That needs no comparison: it takes the machine back to what it was without them.
    """
    base = _base(services)
    if not base.discarded:
        return False
    with services.database.read() as session:
        against = discards.overruled(session, LIKE_DISCARDED)
        total = labels.count(session)
    kept = unopposed(base.discarded, _papers(against, services))
    if kept == base.discarded:
        return False
    figures = {"forgot": len(base.discarded) - len(kept), "kinds": len(kept)}
    made = replace(base, discarded=kept)
    _keep(services, made, figures, ledger.MACHINE, total=total, better=True)
    return True


def _base(services: Services) -> TypeModel:
    base = services.mind.current().model or shipped_model()
    if base is None:
        raise Usage("there is no shipped model to start from")
    return base


def _keep(
    services: Services,
    made: TypeModel,
    figures: dict[str, Any],
    actor: str,
    *,
    total: int,
    better: bool,
) -> int:
    """Keep a version, and let it judge where it is better."""
    said = figures | {"part": discards.PART, "base": services.mind.current().version}
    with services.database.write() as session:
        kept = minds.models(session)
        number = max((row.version for row in kept), default=minds.SHIPPED) + 1
        packed = replace(made, version=f"learnt-{number}").dump()
        seen = kept[-1].labels if kept else 0  # the labels are not learnt from here
        version = minds.add(
            session, packed, labels=min(seen, total), better=better, figures=said, actor=actor
        )
        if better:
            note = (
                "people overruled a kind" if "forgot" in figures else "better on held-back discards"
            )
            minds.use(session, version, actor, note)
    services.mind.forget()
    return version


def _taught(found: list[Discarded], services: Services) -> Iterator[Discard]:
    """The discards with their marks; a second scan of what is filed says nothing of its kind."""
    for one in found:
        with services.database.read() as session:
            pages = readings.texts(session, one.sha256, *one.pages)
            copies = [readings.texts(session, *where) for where in _where(session, one)]
        values = [str(field["value"]) for field in one.judgement.get("fields", ())]
        marks = marks_of(pages, values)
        if any(alike(marks, marks_of(copy, values)) for copy in copies):
            continue
        yield Discard(one.document_id, marks, sure=not _reasons(one) - {LIKE_DISCARDED})


def _where(session: Session, one: Discarded) -> list[tuple[str, int, int]]:
    return [(sha256, *pages) for sha256, pages in discards.copies_of(session, one)]


def _papers(found: Iterable[Filed], services: Services) -> Iterator[FiledPaper]:
    for one in found:
        with services.database.read() as session:
            pages = readings.texts(session, one.sha256, *one.pages)
        yield FiledPaper(marks_of(pages), one.seen, one.held)
