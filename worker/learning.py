"""Learning from people's decisions: a new model when enough was decided, and the thresholds.

Both run in housekeeping, behind all other work; a model is only taken over
when it is better on the labels that were held back from it (design 5).
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any

from catalog import labels, ledger, minds, readings
from catalog.labels import Label
from classifier import Comparison, Lesson, TypeModel, compare, shipped_model, teach, thresholds
from classifier.thresholds import Line, Seen
from worker.services import Services
from yihu.errors import Usage

log = logging.getLogger(__name__)
LEAST_HELD = 5  # comparing on fewer would be chance
MOST_LESSONS = 2000
LONGEST = 900.0  # of teaching and comparing on a busy machine
_THRESHOLDS = frozenset({"type_unsure", "type_ambiguous", "policy"})


@dataclass(frozen=True, slots=True)
class Trained:
    """A model just made: its version, how it compares, whether it judges now."""

    version: int
    labels: int
    comparison: Comparison
    used: bool


def round_(services: Services) -> None:
    """Train when enough new labels came, and derive the threshold again."""
    after = services.settings.learn_after
    with services.database.read() as session:
        known = minds.models(session)
        new = labels.count(session) - (known[-1].labels if known else 0)
    if after and new >= after:
        try:
            with services.hands.waiting(LONGEST):
                done = train(services, ledger.MACHINE)
            log.info("model %s: %s", done.version, done.comparison)
        except Usage as error:
            log.info("nothing to learn yet: %s", error)
    apply_threshold(services, ledger.MACHINE)


def train(services: Services, actor: str) -> Trained:
    """Teach the model that judges now; the new one judges if it is better on held-back labels.

    Raises `Usage` when there are too few labels to teach or to compare.
    """
    with services.database.read() as session:
        found = labels.labels(session, MOST_LESSONS)
        total = labels.count(session)
    lessons = [lesson for label in found if not label.held for lesson in _lesson(label, services)]
    held = [lesson for label in found if label.held for lesson in _lesson(label, services)]
    if not lessons or len(held) < LEAST_HELD:
        raise Usage(
            f"{len(found)} labels, {len(held)} of them held back: at least {LEAST_HELD} are needed"
            " to compare"
        )
    now_judging = services.mind.current()
    base = now_judging.model or shipped_model()
    if base is None:
        raise Usage("there is no shipped model to start from")
    with services.database.read() as session:
        number = max((row.version for row in minds.models(session)), default=minds.SHIPPED) + 1
    made = TypeModel.parse(
        teach(base, lessons, services.template, f"learnt-{number}").dump()
    )  # compared as it will be kept, in eight bits
    result = compare(base, made, held, services.template)
    figures = {**asdict(result), "base": now_judging.version, "taught": len(lessons)}
    with services.database.write() as session:
        version = minds.add(
            session, made.dump(), labels=total, better=result.better, figures=figures, actor=actor
        )
        if result.better:
            minds.use(session, version, actor, "better on held-back labels")
    services.mind.forget()
    return Trained(version, total, result, result.better)


def _lesson(label: Label, services: Services) -> list[Lesson]:
    """The label with its pages; nothing when none of them was read."""
    with services.database.read() as session:
        pages = readings.texts(session, label.sha256, *label.pages)
    record = services.register.current().by_id(label.household_id)
    if record is None or not any(page.lines for page in pages):
        return []
    return [Lesson(tuple(pages), record, label.type)]


def seen(services: Services) -> list[Seen]:
    """The judged documents as thresholds see them."""
    with services.database.read() as session:
        return [_seen(one) for one in labels.judged(session)]


def _seen(one: labels.Judged) -> Seen:
    said = one.judgement
    types: list[dict[str, Any]] = said.get("types") or []
    homes: list[dict[str, Any]] = said.get("households") or []
    held = bool(set(said.get("reasons", ())) - _THRESHOLDS or one.split.get("reasons"))
    return Seen(
        type=types[0]["probability"] if types else 0.0,
        household=homes[0]["probability"] if homes else 0.0,
        held=held,
        titled=bool(said.get("titled", True)),
        filed=one.filed,
        right=one.right,
    )


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What `yihu policy` shows: the threshold in force, what would follow, and the table."""

    rate: float
    in_force: float
    shipped: float
    derived: float
    why: str
    table: tuple[Line, ...]
    calibrated: Line


def policy_view(services: Services, rate: float | None = None) -> PolicyView:
    """The thresholds, their load, and what a rate (the one set, or another) would mean."""
    wanted = rate if rate is not None else services.settings.wrong_filing_rate
    shipped, documents = services.mind.shipped, seen(services)
    derived, why = thresholds.derive(documents, wanted, shipped)
    in_force = services.mind.current().policy.type_threshold
    steps = sorted({*thresholds.GRID, in_force, derived})
    return PolicyView(
        rate=wanted,
        in_force=in_force,
        shipped=shipped.type_threshold,
        derived=derived,
        why=why,
        table=tuple(thresholds.line(documents, step, shipped) for step in steps),
        calibrated=thresholds.by_calibration(documents, wanted, shipped),
    )


def apply_threshold(services: Services, actor: str) -> bool:
    """Put the threshold that the reviewed documents allow in force; True when it changed."""
    shipped = services.mind.shipped
    rate = services.settings.wrong_filing_rate
    derived, why = thresholds.derive(seen(services), rate, shipped)
    wanted = None if derived == shipped.type_threshold else derived
    with services.database.write() as session:
        if minds.state(session).type_threshold == wanted:
            return False
        minds.set_threshold(session, wanted, actor, why)
    services.mind.forget()
    return True
