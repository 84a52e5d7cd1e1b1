"""The HTTP API of the office: policy, facts of households, samples, models, readings, checks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from catalog import policies
from catalog.access import Viewer
from web.api_parts import ERRORS, PREFIX
from web.guard import front_of, needs
from worker import learning
from yihu.clock import iso
from yihu.errors import Usage

router = APIRouter(prefix=PREFIX, tags=["yihu"], responses=ERRORS)
MAY_SEE_POLICY = Annotated[Viewer, needs("policy.see")]
MAY_CHANGE_POLICY = Annotated[Viewer, needs("policy.change")]
Version = Annotated[int | None, Field(None, ge=0, le=2**31 - 1)]


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
) -> dict[str, Any]:
    """Thresholds, load and versions; with `rate`, what that one would mean."""
    front = front_of(request)
    view = learning.policy_view(front, rate)
    with front.database.read() as session:
        versions = policies.history(session)
    return {
        "rate": view.rate,
        "in_force": view.in_force,
        "shipped": view.shipped,
        "derived": view.derived,
        "why": view.why,
        "now": asdict(view.now) | {"load": view.now.load},
        "would": asdict(view.would) | {"load": view.would.load},
        "versions": [
            {
                "version": row.version,
                "rate": row.rate,
                "threshold": row.threshold,
                "at": iso(row.made_at),
                "by": row.made_by,
                "why": row.why,
            }
            for row in versions
        ],
    }


@router.post("/policy")
def change_policy(request: Request, viewer: MAY_CHANGE_POLICY, wish: NewRate) -> dict[str, Any]:
    """Put a rate in force for every worker, or go back to the rate of a version."""
    front = front_of(request)
    if (wish.rate is None) == (wish.back_to is None):
        raise Usage("rate 与 back_to 任填其一 / give rate or back_to")
    rate = wish.rate
    if wish.back_to is not None:
        with front.database.read() as session:
            rate = policies.rate_of(session, wish.back_to)
    threshold = learning.set_rate(front, rate, wish.why, viewer.actor, wish.version)
    return {"rate": learning.rate_in_force(front), "threshold": threshold}
