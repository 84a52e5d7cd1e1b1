"""The blind sample: a person says what a document is without seeing what the machine said."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import readings, samples
from catalog.access import Sight, Viewer, documents_for
from catalog.models import Document, Sample
from classifier import thresholds
from web.desk_view import cover_mark, page_view
from web.guard import front_of, needs
from web.page import page, problem_of, to, to_problem
from web.rooms.opening import listed, looked, opened_document
from web.rooms.review import household_given, type_given
from yihu.errors import NotFound, Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("sample.see")]
MAY_DRAW = Annotated[Viewer, needs("sample.draw")]
MAY_ANSWER = Annotated[Viewer, needs("sample.answer")]
Text = Annotated[str, Form(max_length=300)]
Short = Annotated[str, Form(max_length=80)]
ROOM = "/audit/samples"
MOST_DRAWN = 500
SHOWN = 200


def report_of(session: Session) -> dict[str, Any]:
    """The measured share of wrong filings with its exact 95 % interval; rate None: unmeasured."""
    found = samples.figures(session)
    low, high = thresholds.interval(found.wrong, found.answered)
    return {
        "drawn": found.drawn,
        "answered": found.answered,
        "wrong": found.wrong,
        "wrong_household": found.wrong_household,
        "wrong_type": found.wrong_type,
        "rate": found.wrong / found.answered if found.answered else None,
        "interval": [low, high],
        "confidence": thresholds.CONFIDENCE,
    }


def waiting_for(session: Session, viewer: Viewer) -> list[Sample]:
    """The samples this person may answer, oldest first; the rows themselves are never shown."""
    if not viewer.may("sample.answer"):
        return []
    query = (
        select(Sample)
        .join(Document, Document.id == Sample.document_id)
        .where(Sample.answered_at.is_(None), documents_for(viewer, "sample.answer"))
        .order_by(Sample.id)
        .limit(SHOWN)
    )
    return list(session.scalars(query))


@router.get("/audit/samples")
def overview(request: Request, viewer: MAY_SEE, problem: str = "", done: str = "") -> Response:
    """What waits for an answer, and what the answers measure."""
    listed(request, viewer, "samples")
    with front_of(request).database.read() as session:
        waiting = waiting_for(session, viewer)
        report = report_of(session) if viewer.reach("sample.see").everywhere else None
    return page(
        request,
        "samples.html",
        viewer,
        waiting=waiting,
        report=report,
        may_draw=viewer.may("sample.draw"),
        may_answer=viewer.may("sample.answer"),
        share=front_of(request).settings.sample_share,
        most=MOST_DRAWN,
        problem=problem_of(request, problem),
        done=done if done in ("agrees", "differs", "drawn") else "",
    )


@router.post("/audit/samples/draw")
def draw(
    request: Request, viewer: MAY_DRAW, size: Annotated[int, Form(ge=1, le=MOST_DRAWN)]
) -> Response:
    """Draw so many machine-filed documents at random."""
    front = front_of(request)
    with front.database.write() as session:
        made = len(samples.draw(session, front.settings.sample_share, viewer.actor, size))
    if not made:
        message = "没有可抽的机器归档文件 / no machine-filed document is left to draw"
        return to_problem(request, ROOM, message)
    return to(ROOM, done="drawn")


def opened_sample(
    request: Request, viewer: Viewer, sample_id: int
) -> tuple[Sample, Document, Sight]:
    """A sample this person may answer, with its document; `NotFound` otherwise."""
    with front_of(request).database.read() as session:
        sample = session.get(Sample, sample_id)
    if sample is None:
        raise NotFound(f"没有这个样本 / there is no sample {sample_id}")
    document, sight = opened_document(request, viewer, sample.document_id, "sample.answer")
    return sample, document, sight


@router.get("/audit/samples/{sample_id}")
def desk(
    request: Request, viewer: MAY_ANSWER, sample_id: int, at: int = 0, problem: str = ""
) -> Response:
    """The pages of a sampled document and the form for the answer; nothing the machine said.

    The file's name is left out: it often names the room.
    """
    sample, document, sight = opened_sample(request, viewer, sample_id)
    if sample.answered_at is not None:
        return to_problem(request, ROOM, "此样本已有答复 / this sample is answered already")
    if sight.page:
        looked(request, viewer, f"document:{document.id}", "page", sight)
    first, last = document.first_page, document.last_page
    with front_of(request).database.read() as session:
        texts = readings.texts(session, document.sha256 or "", first, last)
    read = {text.number: text for text in texts}
    return page(
        request,
        "sample.html",
        viewer,
        sample_id=sample.id,
        document=document,
        sight=sight,
        pages=[page_view(document, n, read.get(n), sight, {}) for n in range(first, last + 1)],
        at=at if first <= at <= last else first,
        cover_mark=cover_mark(sight),
        marks={},
        blind=True,
        problem=problem_of(request, problem),
    )


@router.post("/audit/samples/{sample_id}")
def answer(
    request: Request,
    viewer: MAY_ANSWER,
    sample_id: int,
    household: Text = "",
    household_id: Short = "",
    type: Text = "",  # noqa: A002
    unclear: Short = "",
) -> Response:
    """Say what it is, or that it cannot be told; what differs goes back into review."""
    opened_sample(request, viewer, sample_id)
    try:
        agrees = answered(
            request, viewer, sample_id, (household, household_id), type, unclear == "yes"
        )
    except (Usage, NotFound) as error:
        return to_problem(request, f"{ROOM}/{sample_id}", str(error))
    return to(ROOM, done="agrees" if agrees else "differs")


def answered(
    request: Request,
    viewer: Viewer,
    sample_id: int,
    home: tuple[str, str],
    kind: str,
    unclear: bool,
) -> bool:
    """Write the answer down; gives whether it agrees with the machine's."""
    it = front_of(request).desk(viewer)
    if unclear:
        return it.answer_sample(sample_id, None, None)
    household, code = household_given(request, viewer, *home), type_given(request, kind)
    if household is None or code is None:
        raise Usage(
            "请填写业户和类型，或选“无法判断” / give household and type, or say it cannot be told"
        )
    return it.answer_sample(sample_id, household, code)
