"""What every module of the HTTP API shares: where it stands, its errors, ids, documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from catalog.access import Viewer
from catalog.models import Document
from web.api_answers import DocumentOut
from web.guard import front_of
from web.lines import document_lines

PREFIX = "/api/v1"
Id = Annotated[int, Path(ge=1, le=2**53)]
After = Annotated[int, Query(ge=0, le=2**53)]
ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"model": None, "description": text}
    for code, text in {
        400: "The call makes no sense as given",
        401: "No valid token",
        403: "This account may not do that",
        404: "There is none, or none that this account may know of",
        409: "Somebody else has it, or it is decided already",
        413: "Too large",
        422: "A field is missing or wrong, or the file cannot be taken",
        503: "Database or store does not answer; try again",
    }.items()
}


class Problem(BaseModel):
    """An error: its status and a message for a person."""

    error: int
    message: str


for _row in ERRORS.values():
    _row["model"] = Problem


def lines_of(session: Session, viewer: Viewer, found: Sequence[Document]) -> list[DocumentOut]:
    """Documents as this viewer may see them."""
    lines = document_lines(session, viewer, found)
    return [DocumentOut.model_validate(line.as_dict()) for line in lines]


def line_of(request: Request, viewer: Viewer, found: Document) -> DocumentOut:
    """One document as this viewer may see it."""
    with front_of(request).database.read() as session:
        return lines_of(session, viewer, [found])[0]
