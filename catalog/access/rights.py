"""The table of rights: what a role may do; what is not in it is refused.

The table is data (`rights.yaml`, domain 5.1-5.3). `Rights.cell` answers for
one role; `catalog.access.viewer` puts the roles of a person together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from yihu.errors import Invariant

SCOPES = ("read", "upload", "decide", "download")
SUBJECTS = ("document", "household", "tick")
LEVELS = ("", "L0", "L1", "L2", "L3", "LV", "LC", "LF")


class Cell(StrEnum):
    """How far a role reaches with an action."""

    NO = "no"
    ALL = "all"
    AREA = "area"
    OWN = "own"
    REASON = "reason"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Role:
    """A role by code, with its name in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Approving:
    """How a cell "approval" is opened: for what, how often, and by whom (asker's role to roles).

    `uses` 0 is as often as wanted while the approval lasts; `base` is the action
    the asker must have with the subject already, "" for none.
    """

    subjects: tuple[str, ...]
    uses: int
    base: str
    by: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may want to do: its names, data level, token scope and cells by role."""

    code: str
    zh: str
    en: str
    level: str
    scope: str
    source: str
    cells: Mapping[str, Cell]
    approving: Approving | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """The whole table."""

    roles: Mapping[str, Role]
    actions: Mapping[str, Action]

    def cell(self, role: str, action: str) -> Cell:
        """How far the role reaches; NO for a role the table does not name.

        Raises `Invariant` for an unknown action: a check that cannot be made is a bug.
        """
        found = self.actions.get(action)
        if found is None:
            raise Invariant(f"no such action: {action}")
        return found.cells.get(role, Cell.NO)

    def deciders(self, roles: Iterable[str], action: str) -> frozenset[str]:
        """The roles that decide when somebody with these roles asks for an action."""
        approving = self.actions[action].approving
        if approving is None:
            return frozenset()
        return frozenset(one for role in roles for one in approving.by.get(role, ()))


@cache
def load_rights() -> Rights:
    """The shipped table; `Invariant` when it names what is not there."""
    text = resources.files("catalog.access").joinpath("rights.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    roles = {code: Role(code, zh, en) for code, (zh, en) in data["roles"].items()}
    actions = {code: _action(code, row, roles) for code, row in data["actions"].items()}
    for action in actions.values():
        _check_approving(action, actions)
    return Rights(roles, actions)


def _action(code: str, row: dict[str, Any], roles: Mapping[str, Role]) -> Action:
    cells = {role: Cell(cell) for role, cell in row["cells"].items()}
    if unknown := set(cells) - set(roles):
        raise Invariant(f"{code}: no such role: {', '.join(sorted(unknown))}")
    if row["level"] not in LEVELS or row["scope"] not in ("", *SCOPES):
        raise Invariant(f"{code}: level {row['level']!r} or scope {row['scope']!r}")
    return Action(
        code,
        row["zh"],
        row["en"],
        row["level"],
        row["scope"],
        row["source"],
        cells,
        _approving(row["approve"]) if "approve" in row else None,
    )


def _approving(row: dict[str, Any]) -> Approving:
    by = {role: tuple(deciders) for role, deciders in row["by"].items()}
    return Approving(tuple(row["subjects"]), int(row["uses"]), row["base"], by)


def _check_approving(action: Action, actions: Mapping[str, Action]) -> None:
    """Every cell "approval" names who decides, and whoever decides has the right outright."""
    asking = {role for role, cell in action.cells.items() if cell is Cell.APPROVAL}
    approving = action.approving or Approving((), 0, "", {})
    if asking != {role for role, deciders in approving.by.items() if deciders}:
        raise Invariant(f"{action.code}: who approves is not said for each cell")
    if approving.base and approving.base not in actions:
        raise Invariant(f"{action.code}: base {approving.base!r}")
    if set(approving.subjects) - set(SUBJECTS) or bool(asking) != bool(approving.subjects):
        raise Invariant(f"{action.code}: subjects {approving.subjects}")
    for deciders in approving.by.values():
        for role in deciders:
            if action.cells.get(role, Cell.NO) not in (Cell.ALL, Cell.AREA):
                raise Invariant(f"{action.code}: {role} approves what it may not itself")
