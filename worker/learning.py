"""Learning from people's decisions: a new model when enough was decided, and the thresholds.

Both run in housekeeping, behind all other work; a model is only taken over
when it is better on the labels that were held back from it (design 5).
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from catalog import labels, ledger, minds, policies, readings
from catalog.database import Database
from catalog.labels import Label
from classifier import Comparison, Lesson, TypeModel, compare, shipped_model, teach, thresholds
from classifier.reliability import Bin, bins, calibration_error
from classifier.thresholds import Line, Seen
from worker.mind_cache import MindCache
from worker.services import Services
from yihu.errors import Usage
from yihu.settings import Settings

log = logging.getLogger(__name__)
LEAST_HELD = 10  # so many cases can show a difference that is no chance
MOST_LESSONS = 2000
LONGEST = 900.0  # of teaching and comparing on a busy machine
MOST_TOLERATED = 0.05
"""The highest wrong-filing rate a person may choose: beyond it filing by machine helps nobody."""
_THRESHOLDS = frozenset({"type_unsure", "type_ambiguous", "policy"})


class Judging(Protocol):
    """What thresholds need of the process they are asked in."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def mind(self) -> MindCache: ...


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
    """Teach the model that judges now; the new one judges if held-back labels prove it better.

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
    figures = {
        **asdict(result),
        "chance": round(result.chance, 6),
        "base": now_judging.version,
        "taught": len(lessons),
        "kinds": len(base.discarded),
    }
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


def seen(services: Judging) -> list[Seen]:
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
    reliability: tuple[Bin, ...] = ()

    @property
    def calibration_error(self) -> float | None:
        """How far the probabilities were from what people decided; None before anybody did."""
        return calibration_error(self.reliability) if self.reliability else None

    @property
    def now(self) -> Line:
        """What the threshold in force does."""
        return next(one for one in self.table if one.threshold == self.in_force)

    @property
    def would(self) -> Line:
        """What the threshold that follows from the rate would do."""
        return next(one for one in self.table if one.threshold == self.derived)


def rate_in_force(services: Judging) -> float:
    """The tolerated wrong-filing rate: the one a person chose, or the one of the settings."""
    with services.database.read() as session:
        return policies.rate(session, services.settings.wrong_filing_rate)


def policy_view(
    services: Judging, rate: float | None = None, documents: list[Seen] | None = None
) -> PolicyView:
    """The thresholds, their load, and what a rate (the one in force, or another) would mean.

    `documents` are those of `seen`, where several rates are compared.
    """
    wanted = rate if rate is not None else rate_in_force(services)
    documents = seen(services) if documents is None else documents
    shipped = services.mind.shipped
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
        reliability=bins(thresholds.answers(documents)),
    )


def set_rate(
    services: Judging, rate: float | None, why: str, actor: str, expected: int | None = None
) -> float:
    """Put a tolerated rate and the threshold that follows from it in force; gives the threshold.

    None goes back to the rate of the settings. A rate moves only the threshold
    of titled types: what always goes to a person (domain 2.7, `classifier.policy`)
    stays with people at any rate. Raises `Usage` for a rate out of bounds, without
    a reason, or where `expected` is not the newest version.
    """
    if rate is not None:
        must_be_tolerable(rate)
    wanted = services.settings.wrong_filing_rate if rate is None else rate
    derived, derived_why = thresholds.derive(seen(services), wanted, services.mind.shipped)
    with services.database.write() as session:
        policies.put(session, rate, threshold=derived, why=why, actor=actor, expected=expected)
        _put_threshold(session, services, derived, actor, derived_why)
    services.mind.forget()
    return derived


def must_be_tolerable(rate: float) -> None:
    """Raise `Usage` unless a person may choose this rate."""
    if not 0 < rate <= MOST_TOLERATED:
        raise Usage(
            f"允许错归率须大于 0，不超过 {MOST_TOLERATED:.0%}"
            f" / the tolerated rate is above 0 and at most {MOST_TOLERATED:.0%}"
        )


def apply_threshold(services: Judging, actor: str) -> bool:
    """Put the threshold that the reviewed documents allow in force; True when it changed."""
    rate = rate_in_force(services)
    derived, why = thresholds.derive(seen(services), rate, services.mind.shipped)
    with services.database.write() as session:
        if policies.rate(session, services.settings.wrong_filing_rate) != rate:
            return False  # a person chose another one meanwhile, and its threshold with it
        if not _put_threshold(session, services, derived, actor, why):
            return False
    services.mind.forget()
    return True


def _put_threshold(
    session: Session, services: Judging, derived: float, actor: str, why: str
) -> bool:
    wanted = None if derived == services.mind.shipped.type_threshold else derived
    if minds.state(session).type_threshold == wanted:
        return False
    minds.set_threshold(session, wanted, actor, why)
    return True
