"""What the last runs of `verify` checked and found; what could not be checked is named as such."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog import verifications
from catalog.access import Viewer
from catalog.models import Verification
from web.guard import front_of, needs
from web.page import page
from yihu.clock import iso

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("verify.see")]
RUNS = 20
_OURS = re.compile(r"[a-z_]+(:\d+)?|[a-z_]*:?[0-9a-f]{64}")
"""Subjects we gave ourselves; anything else may be a name somebody chose."""


def run_of(run: Verification, viewer: Viewer) -> dict[str, Any]:
    """A run as this viewer may see it: "agrees", "differs", "could-not-check" or "unfinished"."""
    result = "agrees"
    if run.finished_at is None:
        result = "unfinished"
    elif run.failed:
        result = "differs"
    elif run.could_not_check:
        result = "could-not-check"
    names = viewer.may("document.list")
    return {
        "id": run.id,
        "started": run.started_at,
        "finished": run.finished_at,
        "originals": run.fixity,
        "result": result,
        "checked": run.checked,
        "failed": run.failed,
        "could_not_check": run.could_not_check,
        "findings": [
            one | {"subject": one["subject"] if names or _OURS.fullmatch(one["subject"]) else ""}
            for one in run.findings
        ],
    }


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A run for the API."""
    finished = iso(row["finished"]) if row["finished"] else None
    return row | {"started": iso(row["started"]), "finished": finished}


@router.get("/audit/verification")
def runs(request: Request, viewer: MAY_SEE, run: int = 0) -> Response:
    """The last runs, and the findings of one of them: the newest, or `run`."""
    with front_of(request).database.read() as session:
        found = [run_of(one, viewer) for one in verifications.newest(session, RUNS)]
    chosen = next((one for one in found if one["id"] == run), found[0] if found else None)
    return page(
        request,
        "verification.html",
        viewer,
        runs=found,
        chosen=chosen,
        kept=verifications.KEPT_FINDINGS,
    )
