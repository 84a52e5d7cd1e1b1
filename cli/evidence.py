"""`yihu documents --why ID` and `yihu fields ID`: what was seen on a document, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, settings_of, show
from yihu.errors import NotFound

if TYPE_CHECKING:
    from catalog.models import Document
    from yihu.template import Template

_SIDES = {"for": "＋ 支持 for", "against": "－ 反对 against", "rival": "？ 其他可能 rival",
          "decision": "＝ 决定 decision"}  # fmt: skip


def _place(row: dict[str, Any]) -> str:
    if row["page"] is None:
        return ""
    box = row["box"]
    spot = " " + ",".join(f"{value:.2f}" for value in box) if box else ""
    return f"p{row['page']}{spot}"


WHY_COLUMNS = (
    Column("", lambda row: _SIDES[row["side"]]),
    Column("关于 about", lambda row: row["subject"]),
    Column("中文", lambda row: row["zh"]),
    Column("English", lambda row: row["en"]),
    Column("权重 weight", lambda row: f"{row['weight']:+.2f}" if row["weight"] else ""),
    Column("位置 place", _place),
)
FIELD_COLUMNS = (
    Column("字段 field", lambda row: row["name"]),
    Column("值 value", lambda row: row["value"]),
    Column("标签 label", lambda row: row["label"]),
    Column("把握 confidence", lambda row: f"{row['confidence']:.2f}"),
    Column("校验 check digit", lambda row: {True: "✓", False: "✗", None: ""}[row["valid"]]),
    Column("位置 place", _place),
)


def _document(home: Path | None, number: int) -> tuple[Document, Template]:
    from catalog import documents
    from worker.views import View

    view = View.open(settings_of(home))
    with view.database.read() as session:
        found = documents.by_id(session, [number])
    if not found:
        raise NotFound(f"no document {number}")
    return found[0], view.template


def explain(home: Path | None, number: int, *, as_json: bool) -> None:
    """Print what spoke for and against the decision on a document."""
    from worker.explaining import explanation

    document, template = _document(home, number)
    show(explanation(document, template), WHY_COLUMNS, as_json=as_json)


@click.command()
@common
@click.argument("number", metavar="ID", type=int)
def fields(home: Path | None, as_json: bool, number: int) -> None:
    """The key fields read on document ID, with their places.

    姓名、电话、证件号一律遮盖；要看全文，请在界面上凭权限查看。
    Names, phones and ID numbers are always masked here, whoever asks; who has
    the right sees them whole on the screens, where the look is recorded.
    """
    from worker.explaining import field_rows

    document, _ = _document(home, number)
    show(field_rows(document), FIELD_COLUMNS, as_json=as_json)
