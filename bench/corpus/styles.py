"""The arrangements a form can be printed in; the packs share none of them."""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Style:
    """How one printing house sets its forms.

    `fields` arranges labels and values, `head` places company and title,
    `paper` is the sheet, `columns` the pairs in a row, `colon` stands between
    label and value, `hand` is the face that handwriting is made from.
    """

    name: str
    fields: Literal["grid", "lines", "pairs", "boxed", "dotted"]
    head: Literal["above", "below", "left", "banner", "bare"]
    title_face: str
    body_face: str
    label_face: str
    hand: str
    paper: Literal["a4", "a5", "card", "wide"] = "a4"
    columns: int = 2
    title_pt: float = 20.0
    body_pt: float = 11.0
    spread: bool = False
    shade: bool = False
    frame: bool = False
    rule: float = 0.25
    colon: str = "："
    leading: float = 1.75
    margin: float = 20.0


TRAIN = (
    Style("grid", "grid", "above", "noto-sans-bold", "noto-serif", "noto-serif", "gkai"),
    Style("lines", "lines", "above", "noto-serif-bold", "noto-serif", "noto-serif", "gkai", body_pt=12, columns=2, leading=2.0),
    Style("letter", "pairs", "below", "noto-sans-bold", "uming", "uming", "gkai", title_pt=22, body_pt=13, leading=1.9, margin=26),
    Style("card", "boxed", "above", "zenhei", "zenhei", "zenhei", "gkai", paper="card", title_pt=16, body_pt=9.5, columns=3, frame=True, margin=12),
    Style("two-column", "dotted", "left", "noto-serif-bold", "uming", "zenhei", "gkai", columns=2, body_pt=10.5),
    Style("ticket", "lines", "above", "zenhei", "uming", "uming", "gkai", paper="wide", title_pt=17, body_pt=10, columns=3, spread=True, margin=13),
    Style("shaded", "grid", "below", "zenhei", "noto-sans", "noto-sans", "gkai", columns=3, body_pt=9.5, shade=True, margin=16),
)  # fmt: skip

EVAL = (
    Style("register-grid", "grid", "banner", "noto-serif-bold", "gbsn", "gbsn", "ukai", columns=2, body_pt=12, rule=0.45, title_pt=18, leading=1.9),
    Style("dense-grid", "grid", "above", "microhei", "microhei", "microhei", "ukai", columns=3, body_pt=9, title_pt=16, margin=14, frame=True),
    Style("typed-lines", "dotted", "below", "gbsn", "gbsn", "gbsn", "ukai", columns=1, body_pt=13, title_pt=22, spread=True, leading=2.1, margin=28),
    Style("notice", "pairs", "banner", "noto-serif-bold", "noto-serif", "noto-serif", "ukai", columns=1, body_pt=14, title_pt=24, leading=1.8, margin=24),
    Style("half-sheet", "lines", "left", "noto-sans-bold", "gbsn", "microhei", "ukai", paper="a5", columns=2, body_pt=9.5, title_pt=15, margin=12),
    Style("slip", "boxed", "bare", "microhei", "gbsn", "microhei", "ukai", paper="wide", columns=4, body_pt=9, title_pt=15, margin=10),
    Style("plain", "lines", "bare", "gbsn", "gbsn", "gbsn", "ukai", columns=2, body_pt=12, title_pt=20, spread=True, margin=22, leading=2.0),
)  # fmt: skip


def styles_of(pack: str) -> tuple[Style, ...]:
    """The arrangements of a pack."""
    return EVAL if pack == "eval" else TRAIN
