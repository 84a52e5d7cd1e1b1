"""The HTTP API of checking: blind samples, models, readings, runs of verify."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from catalog import samples, verifications
from catalog.access import Viewer
from web.api_answers import (
    Answered,
    Drawn,
    InUse,
    ModelOut,
    Pages,
    ReadingOut,
    RunOut,
    SampleFigures,
    SampleOut,
    SamplesOut,
)
from web.api_parts import ERRORS, PREFIX, Id
from web.guard import front_of, needs
from web.rooms import learning, rereading, verification
from web.rooms.opening import listed
from web.rooms.samples import MOST_DRAWN, answered, opened_sample, report_of, waiting_for
from yihu.clock import iso

router = APIRouter(prefix=PREFIX, tags=["yihu"], responses=ERRORS)
MAY_SEE_SAMPLES = Annotated[Viewer, needs("sample.see")]
MAY_DRAW = Annotated[Viewer, needs("sample.draw")]
MAY_ANSWER = Annotated[Viewer, needs("sample.answer")]
MAY_SEE_POLICY = Annotated[Viewer, needs("policy.see")]
MAY_USE = Annotated[Viewer, needs("model.use")]
MAY_OPEN = Annotated[Viewer, needs("document.page")]
MAY_REREAD = Annotated[Viewer, needs("document.reread")]
MAY_VERIFY = Annotated[Viewer, needs("verify.see")]


class Draw(BaseModel):
    """How many to draw."""

    model_config = ConfigDict(extra="forbid")
    size: int = Field(ge=1, le=MOST_DRAWN)


class Answer(BaseModel):
    """What a sampled document is, as a person writes it; or that it cannot be told."""

    model_config = ConfigDict(extra="forbid")
    household: str = Field("", max_length=200)
    household_id: int | None = Field(None, ge=1, le=2**53)
    type: str = Field("", max_length=100)
    unclear: bool = False


class Use(BaseModel):
    """The version that judges from now on, and why."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=0, le=2**31 - 1)
    why: str = Field(min_length=2, max_length=300)


class Again(BaseModel):
    """How to read a document again."""

    model_config = ConfigDict(extra="forbid")
    engine: str = Field("", max_length=20)
    careful: bool = False


@router.get("/samples")
def sample_report(request: Request, viewer: MAY_SEE_SAMPLES) -> SamplesOut:
    """The measured rate for who sees every building, and what this account may answer, blind."""
    listed(request, viewer, "samples")
    with front_of(request).database.read() as session:
        waiting = waiting_for(session, viewer)
        report = report_of(session) if viewer.reach("sample.see").everywhere else None
    return SamplesOut(
        report=SampleFigures(**report) if report else None,
        waiting=[
            SampleOut(sample=one.id, document=one.document_id, drawn_at=str(iso(one.drawn_at)))
            for one in waiting
        ],
    )


@router.post("/samples/draw")
def draw_samples(request: Request, viewer: MAY_DRAW, wish: Draw) -> Drawn:
    """Draw machine-filed documents at random."""
    front = front_of(request)
    with front.database.write() as session:
        made = samples.draw(session, front.settings.sample_share, viewer.actor, wish.size)
        return Drawn(drawn=len(made))


@router.post("/samples/{sample_id}/answer")
def answer_sample(request: Request, viewer: MAY_ANSWER, sample_id: Id, given: Answer) -> Answered:
    """Answer a sample; what differs goes back into review."""
    opened_sample(request, viewer, sample_id)
    home = (given.household, str(given.household_id or ""))
    agrees = answered(request, viewer, sample_id, home, given.type, given.unclear)
    return Answered(sample=sample_id, agrees=agrees)


@router.get("/models")
def models(request: Request, viewer: MAY_SEE_POLICY) -> list[ModelOut]:  # noqa: ARG001
    """The versions of the text model, newest first, 0 the shipped one."""
    with front_of(request).database.read() as session:
        return [ModelOut(**learning.told(row)) for row in learning.versions(session)]


@router.post("/models/use")
def use_model(request: Request, viewer: MAY_USE, wish: Use) -> InUse:
    """Let a version judge from now on."""
    learning.put_in_use(request, viewer, wish.version, wish.why)
    return InUse(version=wish.version, in_use=True)


@router.get("/documents/{document_id}/readings")
def readings(request: Request, viewer: MAY_OPEN, document_id: Id) -> list[ReadingOut]:
    """Every reading of a document's pages, newest first, numbers covered."""
    _, _, found = rereading.readings_of(request, viewer, document_id)
    return [ReadingOut(**rereading.plain(one)) for one in found]


@router.post("/documents/{document_id}/reread")
def reread(request: Request, viewer: MAY_REREAD, document_id: Id, how: Again) -> Pages:
    """Ask for a document to be read again, behind everything else; gives how many pages."""
    return Pages(pages=rereading.ask(request, viewer, document_id, how.engine, how.careful))


@router.get("/verifications")
def runs(request: Request, viewer: MAY_VERIFY) -> list[RunOut]:
    """The last runs of verify with their findings, newest first."""
    with front_of(request).database.read() as session:
        found = verifications.newest(session, verification.RUNS)
        return [RunOut(**verification.plain(verification.run_of(one, viewer))) for one in found]
