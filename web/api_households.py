"""The HTTP API of household files: finding, the catalogue, bringing papers, paper ticks, gaps."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from catalog import overview
from catalog.access import Viewer
from catalog.catalogue import household_catalogue
from web.api_answers import CatalogueOut, GapOut, HouseholdOut, Uploaded
from web.api_parts import ERRORS, PREFIX, Id
from web.guard import front_of, needs
from web.rooms.households import brought, confirmed, withdrawn
from web.rooms.opening import listed, looked, opened_household, searched

router = APIRouter(prefix=PREFIX, tags=["yihu"], responses=ERRORS)
MAY_NAME = Annotated[Viewer, needs("household.name")]
MAY_CATALOGUE = Annotated[Viewer, needs("catalogue.see")]
MAY_DROP = Annotated[Viewer, needs("document.drop")]
MAY_CONFIRM = Annotated[Viewer, needs("paper.confirm")]
MAY_WITHDRAW = Annotated[Viewer, needs("paper.withdraw")]
MAY_AUDIT = Annotated[Viewer, needs("audit.see")]


class Seen(BaseModel):
    """Paper somebody saw: of one type, or of all that scans expect; and where it lies."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field("", max_length=64)
    location: str = Field("", max_length=64)


class Gone(BaseModel):
    """Paper that is not there after all, and why."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=2, max_length=300)


@router.get("/households")
def households(
    request: Request, viewer: MAY_NAME, q: Annotated[str, Query(min_length=1, max_length=60)]
) -> list[HouseholdOut]:
    """Households by room in any form, owner, pinyin initials, phone tail or file number."""
    found = front_of(request).finder.find(q, viewer, 20)
    searched(request, viewer, "households", q, len(found))
    return [HouseholdOut.model_validate(one.as_dict()) for one in found]


@router.get("/households/{household_id}")
def household(request: Request, viewer: MAY_CATALOGUE, household_id: Id) -> CatalogueOut:
    """One household's catalogue with its two ticks a line."""
    _, _, sight = opened_household(request, viewer, household_id, "catalogue.see")
    looked(request, viewer, f"household:{household_id}", "catalogue", sight)
    return _catalogue(request, household_id)


def _catalogue(request: Request, household_id: int) -> CatalogueOut:
    front = front_of(request)
    with front.database.read() as session:
        found = household_catalogue(session, household_id, front.template)
    return CatalogueOut.model_validate(found.as_dict())


@router.post("/households/{household_id}/documents", status_code=201)
def bring(
    request: Request,
    viewer: MAY_DROP,
    household_id: Id,
    files: Annotated[list[UploadFile], File(description="Scans; or photos with together=1")],
    type: Annotated[str, Form(max_length=80)] = "",  # noqa: A002
    together: Annotated[bool, Form()] = False,
) -> Uploaded:
    """Bring papers of this household; what speaks for another waits for review."""
    made = brought(request, viewer, household_id, files, type, together=together)
    return Uploaded(documents=made)


@router.post("/households/{household_id}/paper/confirm")
def confirm(request: Request, viewer: MAY_CONFIRM, household_id: Id, seen: Seen) -> CatalogueOut:
    """Tick the paper you saw; gives the catalogue as it stands now."""
    confirmed(request, viewer, household_id, seen.type, seen.location)
    return _catalogue(request, household_id)


@router.post("/households/{household_id}/paper/withdraw")
def withdraw(request: Request, viewer: MAY_WITHDRAW, household_id: Id, gone: Gone) -> CatalogueOut:
    """Take a paper tick back, with a reason; gives the catalogue as it stands now."""
    withdrawn(request, viewer, household_id, gone.type, gone.reason)
    return _catalogue(request, household_id)


@router.get("/gaps")
def gaps(
    request: Request,
    viewer: MAY_AUDIT,
    category: Annotated[str, Query(max_length=32)] = "",
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> list[GapOut]:
    """Required items that are missing, in the register's order."""
    listed(request, viewer, "gaps")
    with front_of(request).database.read() as session:
        rows = overview.gaps(session, viewer, category=category, limit=limit)
        return [
            GapOut.model_validate(
                {
                    "household_id": row.household_id,
                    "household": row.key.as_dict(),
                    "file_no": row.file_no,
                    "owner": row.owner,
                    "category": row.category,
                    "type": row.type,
                    "state": row.state,
                }
            )
            for row in rows
        ]
