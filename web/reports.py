"""Reports to hand on: the same tables as XLSX and as PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

Cell = str | int
_FONTS = (
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    Path("/usr/share/fonts/truetype/arphic-gbsn00lp/gbsn00lp.ttf"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Report:
    """A title, a note on who made it when, and tables."""

    title: str
    note: str
    tables: Sequence[Table]


def as_xlsx(report: Report) -> bytes:
    """One sheet a table; no cell is ever a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for table in report.tables:
        sheet = book.create_sheet(table.name[:31])
        sheet.append([report.title])
        sheet.append([report.note])
        sheet.append([])
        sheet.append(list(table.heads))
        for row in table.rows:
            sheet.append([_plain(cell) for cell in row])
        sheet["A1"].font = Font(bold=True, size=14)
        for cell in sheet[4]:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="E7ECF1")
            cell.alignment = Alignment(vertical="center")
        sheet.freeze_panes = "A5"
        for number, head in enumerate(table.heads, start=1):
            longest = max([len(str(row[number - 1])) for row in table.rows[:500]] + [len(head)])
            sheet.column_dimensions[get_column_letter(number)].width = min(48, 4 + longest * 1.6)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: Cell) -> Cell:
    return (
        f"'{cell}"
        if isinstance(cell, str) and cell.startswith(_FORMULA) and len(cell) > 1
        else cell
    )


@cache
def _font() -> str:
    """A Chinese font: embedded where the machine has one, else the reader's own Song."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for path in _FONTS:
        if path.is_file():
            try:
                pdfmetrics.registerFont(TTFont("Han", str(path), subfontIndex=0))
            except TTFError:
                continue
            return "Han"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"


def as_pdf(report: Report) -> bytes:
    """A4 pages with numbers; heads repeat on every page."""
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer
    from reportlab.platypus import Table as PdfTable

    font = _font()
    base = ParagraphStyle("base", fontName=font, fontSize=8.5, leading=12, wordWrap="CJK")
    small = ParagraphStyle("small", parent=base, textColor=colors.HexColor("#5b6670"))
    head = ParagraphStyle(
        "head", parent=base, fontSize=12, leading=18, spaceBefore=10, spaceAfter=4
    )
    title = ParagraphStyle("title", parent=base, fontSize=17, leading=24)
    story: list[Any] = [
        Paragraph(escape(report.title), title),
        Paragraph(escape(report.note), small),
    ]
    for table in report.tables:
        story += [Paragraph(escape(table.name), head)]
        cells = [
            [Paragraph(escape(str(cell)), base) for cell in row]
            for row in (table.heads, *table.rows)
        ]
        drawn = PdfTable(
            cells, repeatRows=1, colWidths=[180 * mm / len(table.heads)] * len(table.heads)
        )
        drawn.setStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#e7ecf1")),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#c9d1d8")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ]
        )
        story += [drawn, Spacer(1, 6)]
    out = io.BytesIO()

    def number(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 8)
        canvas.drawRightString(195 * mm, 10 * mm, str(document.page))

    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=16 * mm,
        bottomMargin=18 * mm, title=report.title, author="Yihu",
    ).build(story, onFirstPage=number, onLaterPages=number)  # fmt: skip
    return out.getvalue()
