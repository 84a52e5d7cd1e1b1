"""What every module of the HTTP API shares: where it stands, its errors, ids."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel

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
