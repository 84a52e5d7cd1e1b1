"""The table of rights as a document holds it: made from the data, never written by hand."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.access import Cell, load_rights

SHORT = {
    Cell.NO: "–",
    Cell.ALL: "✓",
    Cell.AREA: "own buildings",
    Cell.OWN: "own",
    Cell.REASON: "with a reason",
    Cell.APPROVAL: "approval",
}


def markdown() -> str:
    """The rights as a table in Markdown."""
    return "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    rights = load_rights()
    yield "| 事项 what | level | scope | " + " | ".join(f"`{role}`" for role in rights.roles) + " |"
    yield "|---" * (3 + len(rights.roles)) + "|"
    for action in rights.actions.values():
        cells = " | ".join(_cell(role, action.code) for role in rights.roles)
        yield (
            f"| {action.zh} {action.en} (`{action.code}`) | {action.level or '–'} "
            f"| {action.scope or '–'} | {cells} |"
        )


def _cell(role: str, action: str) -> str:
    """A cell in words; one that needs approval names who decides."""
    rights = load_rights()
    cell = rights.cell(role, action)
    deciders = ", ".join(sorted(rights.deciders([role], action)))
    return f"{SHORT[cell]}: {deciders}" if cell is Cell.APPROVAL else SHORT[cell]
