"""The HTTP API of the office: the filing policy, and what is noted about households."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from catalog import facts, policies
from catalog.access import Viewer
from catalog.facts import Noted
from classifier.thresholds import Line
from web.api_answers import FactsOut, PolicyOut, PolicySet, RateOut, ReliabilityOut, ThresholdOut
from web.api_parts import ERRORS, PREFIX, Id
from web.guard import front_of, needs
from web.rooms.opening import looked, opened_household
from worker import learning
from yihu.clock import iso
from yihu.errors import Usage

router = APIRouter(prefix=PREFIX, tags=["yihu"], responses=ERRORS)
MAY_SEE_POLICY = Annotated[Viewer, needs("policy.see")]
MAY_CHANGE_POLICY = Annotated[Viewer, needs("policy.change")]
MAY_CATALOGUE = Annotated[Viewer, needs("catalogue.see")]
MAY_NOTE = Annotated[Viewer, needs("household.facts")]


class NewRate(BaseModel):
    """A tolerated wrong-filing rate (0.001 is 0.1 %), or the version to go back to."""

    model_config = ConfigDict(extra="forbid")
    rate: float | None = Field(None, gt=0, le=learning.MOST_TOLERATED)
    back_to: int | None = Field(None, ge=0, le=2**31 - 1)
    why: str = Field(min_length=2, max_length=300)
    version: int | None = Field(None, ge=0, description="The version you saw; refused if older.")


@router.get("/policy")
def policy(
    request: Request,
    viewer: MAY_SEE_POLICY,  # noqa: ARG001 - asked for its right
    rate: Annotated[float | None, Query(gt=0, le=learning.MOST_TOLERATED)] = None,
) -> PolicyOut:
    """Thresholds, load and versions; with `rate`, what that one would mean."""
    front = front_of(request)
    view = learning.policy_view(front, rate)
    with front.database.read() as session:
        versions = policies.history(session)
    return PolicyOut(
        rate=view.rate,
        in_force=view.in_force,
        shipped=view.shipped,
        derived=view.derived,
        why=view.why,
        now=_threshold(view.now),
        would=_threshold(view.would),
        reliability=[ReliabilityOut(**asdict(one)) for one in view.reliability],
        calibration_error=view.calibration_error,
        versions=[
            RateOut(
                version=row.version,
                rate=row.rate,
                threshold=row.threshold,
                at=str(iso(row.made_at)),
                by=row.made_by,
                why=row.why,
            )
            for row in versions
        ],
    )


def _threshold(line: Line) -> ThresholdOut:
    return ThresholdOut(**asdict(line), load=line.load)


@router.post("/policy")
def change_policy(request: Request, viewer: MAY_CHANGE_POLICY, wish: NewRate) -> PolicySet:
    """Put a rate in force for every worker, or go back to the rate of a version."""
    front = front_of(request)
    if (wish.rate is None) == (wish.back_to is None):
        raise Usage("rate 与 back_to 任填其一 / give rate or back_to")
    rate = wish.rate
    if wish.back_to is not None:
        with front.database.read() as session:
            rate = policies.rate_of(session, wish.back_to)
    threshold = learning.set_rate(front, rate, wish.why, viewer.actor, wish.version)
    return PolicySet(rate=learning.rate_in_force(front), threshold=threshold)


class Facts(BaseModel):
    """What is noted about a household, whole, and why."""

    model_config = ConfigDict(extra="forbid")
    occupancy: str = Field("", max_length=16)
    agent: bool = False
    renovations: int = Field(0, ge=0, le=facts.MOST)
    renovations_done: int = Field(0, ge=0, le=facts.MOST)
    vehicles: int = Field(0, ge=0, le=facts.MOST)
    leases: int = Field(0, ge=0, le=facts.MOST)
    why: str = Field(min_length=2, max_length=300)
    evidence: str = Field("", max_length=300)


class Why(BaseModel):
    """A reason."""

    model_config = ConfigDict(extra="forbid")
    why: str = Field(min_length=2, max_length=300)


@router.get("/households/{household_id}/facts")
def household_facts(request: Request, viewer: MAY_CATALOGUE, household_id: Id) -> FactsOut:
    """The facts that make papers required, as they stand."""
    household, _, sight = opened_household(request, viewer, household_id, "catalogue.see")
    looked(request, viewer, f"household:{household_id}", "catalogue", sight)
    return FactsOut(**facts.of(household).as_dict())


@router.post("/households/{household_id}/facts")
def note_facts(request: Request, viewer: MAY_NOTE, household_id: Id, given: Facts) -> FactsOut:
    """Note facts, whole; the catalogue follows at once."""
    opened_household(request, viewer, household_id, "household.facts")
    front = front_of(request)
    wanted = Noted(**given.model_dump(exclude={"why", "evidence"}))
    with front.database.write() as session:
        row = facts.change(
            session, household_id, wanted, why=given.why, evidence=given.evidence,
            actor=viewer.actor, template=front.template,
        )  # fmt: skip
        return FactsOut(**row.after)


@router.post("/households/{household_id}/facts/undo")
def undo_facts(request: Request, viewer: MAY_NOTE, household_id: Id, given: Why) -> FactsOut:
    """Take the newest change of the facts back."""
    opened_household(request, viewer, household_id, "household.facts")
    front = front_of(request)
    with front.database.write() as session:
        row = facts.undo(
            session, household_id, why=given.why, actor=viewer.actor, template=front.template
        )
        return FactsOut(**row.after)
