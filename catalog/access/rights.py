"""The table of rights: what a role may do; what is not in it is refused.

The table is data (`rights.yaml`, domain 5.1-5.3). `Rights.cell` answers for
one role; `catalog.access.viewer` puts the roles of a person together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from yihu.errors import Invariant

SCOPES = ("read", "upload", "decide", "download")
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
class Action:
    """Something a person may want to do: its names, data level, token scope and cells by role."""

    code: str
    zh: str
    en: str
    level: str
    scope: str
    source: str
    cells: Mapping[str, Cell]


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


@cache
def load_rights() -> Rights:
    """The shipped table; `Invariant` when it names what is not there."""
    text = resources.files("catalog.access").joinpath("rights.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    roles = {code: Role(code, zh, en) for code, (zh, en) in data["roles"].items()}
    actions = {code: _action(code, row, roles) for code, row in data["actions"].items()}
    return Rights(roles, actions)


def _action(code: str, row: dict[str, Any], roles: Mapping[str, Role]) -> Action:
    cells = {role: Cell(cell) for role, cell in row["cells"].items()}
    if unknown := set(cells) - set(roles):
        raise Invariant(f"{code}: no such role: {', '.join(sorted(unknown))}")
    if row["level"] not in LEVELS or row["scope"] not in ("", *SCOPES):
        raise Invariant(f"{code}: level {row['level']!r} or scope {row['scope']!r}")
    return Action(code, row["zh"], row["en"], row["level"], row["scope"], row["source"], cells)
