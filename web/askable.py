"""What can be asked for on the page that says no: told by who asks and the address alone.

Nothing is looked up, so the page is the same for a document that is there and
for one that is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request

from catalog.access import Action, Viewer, subject_text

_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Askable:
    """The actions to ask for and the subject of the address; none where nothing can be asked."""

    subject: str = ""
    actions: tuple[Action, ...] = ()


def askable(request: Request) -> Askable:
    """What this person may ask for here without being able to see anything of it."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    if viewer is None or not viewer.may("approval.ask"):
        return Askable()
    for kind in ("document", "household"):
        number = _number(request.path_params.get(f"{kind}_id"))
        if number:
            return Askable(subject_text(kind, number), blindly(viewer, kind))
    return Askable()


def blindly(viewer: Viewer, kind: str) -> tuple[Action, ...]:
    """What this person may ask for with nothing but a number of this kind."""
    return tuple(
        action
        for action in viewer.rights.actions.values()
        if action.approving is not None
        and not action.approving.base
        and kind in action.approving.subjects
        and viewer.asks(action.code)
    )


def _number(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) <= _LARGEST else 0
