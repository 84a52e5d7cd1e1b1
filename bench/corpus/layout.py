"""Sets the content of a form on pages: a flow of blocks from top to bottom."""

from __future__ import annotations

import random
from dataclasses import replace

from bench.corpus import faces
from bench.corpus.content import (
    Block,
    Entry,
    Fields,
    Form,
    Opinion,
    Paragraph,
    Run,
    Sign,
    Table,
    Text,
    Ticks,
    plain,
    printed,
)
from bench.corpus.marks import A4, PT, RED, Area, Box, Colour, Glyphs, Page, Rule, Seal
from bench.corpus.styles import Style

_PAPER = {"a4": A4, "a5": (148.0, 210.0), "card": (190.0, 148.0), "wide": (210.0, 140.0)}
_SHADE: Colour = (228, 230, 232)
_PENS: tuple[Colour, ...] = ((24, 34, 88), (28, 44, 120), (22, 22, 26), (36, 36, 44), (16, 30, 70))

Piece = tuple[str, bool]  # text on one line, and whether it was written by hand


class Flow:
    """Sets one form; `pages` holds the result after `set`."""

    def __init__(
        self, style: Style, rng: random.Random, *, typed: bool = False, stretch: float = 1.0
    ) -> None:
        self.style = style
        self.rng = rng
        self.typed = typed
        self.pages: list[Page] = []
        self.pen = rng.choice(_PENS)
        self.size = style.body_pt * PT
        self.hand_size = self.size * rng.uniform(1.08, 1.3)
        self.step = self.size * style.leading * (1 + (stretch - 1) * 0.6)
        self.row = max(self.size * 2.3, 6.5) * stretch
        self.y = 0.0
        self.landscape = False

    def set(self, form: Form) -> list[Page]:
        """Lay the whole form out and give its pages."""
        self.landscape = form.landscape
        self._new_page()
        self._head(form)
        for block in form.blocks:
            self._block(block)
        self._foot(form)
        return self.pages

    # -- the sheet

    @property
    def page(self) -> Page:
        """The page being filled."""
        return self.pages[-1]

    @property
    def left(self) -> float:
        """Where the text begins."""
        return self.style.margin

    @property
    def right(self) -> float:
        """Where the text ends."""
        return self.page.width - self.style.margin

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.right - self.left

    def _new_page(self) -> None:
        width, height = _PAPER[self.style.paper]
        if self.landscape and height > width:
            width, height = height, width
        self.pages.append(Page(width, height))
        self.y = self.style.margin * 0.9
        if self.style.frame:
            inset = self.style.margin * 0.55
            self.page.marks.append(Area(inset, inset, width - inset, height - inset, weight=0.5))

    def _room_for(self, height: float) -> None:
        bottom = self.page.height - self.style.margin * 0.9 - self.size
        if self.y + height > bottom and self.y > self.style.margin * 2:
            self._new_page()

    def _put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        face: str = "",
        size: float = 0.0,
        hand: bool = False,
        colour: Colour | None = None,
    ) -> float:
        """Place text and give the x after it."""
        hand = hand and not self.typed
        face = face or (self.style.hand if hand else self.style.body_face)
        size = size or (self.hand_size if hand else self.size)
        width = faces.width(face, text) * size
        ink = colour or (self.pen if hand else None)
        mark = Glyphs(x, y, text, face, size, hand=hand, width=width)
        self.page.marks.append(replace(mark, colour=ink) if ink else mark)
        return x + width

    # -- head and foot

    def _head(self, form: Form) -> None:
        style, title = self.style, form.title
        size = style.title_pt * PT
        if style.spread and len(title) < 9:
            title = " ".join(title)
        if style.head in ("above", "banner"):
            self._company(form)
        if form.code:
            width = faces.width(style.body_face, form.code) * self.size * 0.8
            self._put(self.right - width, style.margin * 0.55, form.code, size=self.size * 0.8)
        while faces.width(style.title_face, title) * size > self.inner:
            size *= 0.9
        if title:
            width = faces.width(style.title_face, title) * size
            x = self.left if style.head == "left" else (self.page.width - width) / 2
            self._put(x, self.y, title, face=style.title_face, size=size)
            self.y += size * 1.35
        if style.head in ("below", "left"):
            self._company(form)
        self._contact(form)
        self._number(form)
        self.y += self.size * 0.4

    def _company(self, form: Form) -> None:
        if not form.company:
            return
        size = self.size * 1.15
        width = faces.width(self.style.label_face, form.company) * size
        x = self.left if self.style.head == "left" else (self.page.width - width) / 2
        self._put(x, self.y, form.company, face=self.style.label_face, size=size)
        self.y += size * 1.5
        if self.style.head == "banner":
            self.page.marks.append(Rule(self.left, self.y, self.right, self.y, 0.6, colour=RED))
            self.y += size * 0.8

    def _contact(self, form: Form) -> None:
        if form.contact:
            width = faces.width(self.style.body_face, form.contact) * self.size * 0.8
            x = max(self.left, (self.page.width - width) / 2)
            self._put(x, self.y, form.contact, size=self.size * 0.8)
            self.y += self.size * 1.3

    def _number(self, form: Form) -> None:
        if form.number is None:
            return
        label, value = form.number.label + "：", plain(form.number.value)
        hand = any(run.hand for run in form.number.value)
        red = RED if "NO" in label or "№" in label else None
        face = self.style.hand if hand and not self.typed else self.style.body_face
        size = self.hand_size if hand and not self.typed else self.size
        width = (
            faces.width(self.style.body_face, label) * self.size + faces.width(face, value) * size
        )
        x = self._put(self.right - width, self.y, label, colour=red)
        self._put(x, self.y, value, hand=hand, colour=red)
        self.y += self.size * 1.6

    def _foot(self, form: Form) -> None:
        if form.foot:
            self._room_for(self.size * 2)
            self.y += self.size * 0.6
            self._paragraph(Paragraph(printed(form.foot), indent=0), scale=0.85)
        if not form.counter:
            return
        for number, page in enumerate(self.pages, 1):
            text = form.counter.format(page=number, pages=len(self.pages))
            width = faces.width(self.style.body_face, text) * self.size * 0.85
            y = page.height - self.style.margin * 0.7
            page.marks.append(
                Glyphs(
                    (page.width - width) / 2,
                    y,
                    text,
                    self.style.body_face,
                    self.size * 0.85,
                    width=width,
                )
            )

    # -- blocks

    def _block(self, block: Block) -> None:
        if isinstance(block, Fields):
            self._fields(block)
        elif isinstance(block, Paragraph):
            self._paragraph(block)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Ticks):
            self._ticks(block)
        elif isinstance(block, Opinion):
            self._opinion(block)
        else:
            self._sign(block)

    def _fields(self, block: Fields) -> None:
        if self.style.fields in ("grid", "boxed"):
            self._grid(block)
        elif self.style.fields == "pairs":
            for entry in block.entries:
                self._line([entry])
        else:
            for row in self._rows(block.entries, self.style.columns):
                self._line(row)

    def _rows(self, entries: tuple[Entry, ...], columns: int) -> list[list[Entry]]:
        share = self.inner / columns
        rows: list[list[Entry]] = []
        for entry in entries:
            need = self._label_width(entry.label) + self._run_width(entry.value) + 3
            wide = entry.wide or need > share * 1.02
            if rows and not wide and len(rows[-1]) < columns and not rows[-1][-1].wide:
                rows[-1].append(entry)
            else:
                rows.append([replace(entry, wide=wide)])
        return rows

    def _label_width(self, label: str) -> float:
        return faces.width(self.style.label_face, label) * self.size + self.size

    def _run_width(self, text: Text) -> float:
        return sum(
            faces.width(self.style.hand, run.text) * self.hand_size
            if run.hand
            else faces.width(self.style.body_face, run.text) * self.size
            for run in text
        )

    def _line(self, row: list[Entry]) -> None:
        """One line of "label：value", the value on an underline or dotted line."""
        lines = max(len(self._wrap(e.value, self._value_room(e, len(row)))) for e in row)
        self._room_for(self.step * lines)
        share = self.inner / len(row)
        for place, entry in enumerate(row):
            x = self.left + place * share
            start = self._put(x, self.y, entry.label + self.style.colon, face=self.style.label_face)
            end = x + share - self.size * 0.7
            pieces = self._wrap(entry.value, self._value_room(entry, len(row)))
            for number, line in enumerate(pieces or [[]]):
                y = self.y + number * self.step
                self._pieces(start + self.size * 0.3, y, line)
                if self.style.fields != "pairs":
                    self._underline(start, end, y)
        self.y += self.step * max(1, lines)

    def _value_room(self, entry: Entry, in_row: int) -> float:
        share = self.inner / in_row
        return max(share - self._label_width(entry.label) - self.size, self.size * 4)

    def _underline(self, x0: float, x1: float, y: float) -> None:
        low = y + self.size * 1.15
        self.page.marks.append(Rule(x0, low, x1, low, 0.18, dotted=self.style.fields == "dotted"))

    def _grid(self, block: Fields) -> None:
        columns = self.style.columns
        label = max(self._label_width(entry.label) for entry in block.entries)
        label = min(max(label, self.size * 5), self.inner / columns * 0.5)
        for row in self._rows(block.entries, columns):
            share = self.inner / len(row)
            values = [self._wrap(e.value, share - label - self.size * 0.8) for e in row]
            height = max(self.row, *(len(v) * self.step * 0.9 + self.size * 0.8 for v in values))
            self._room_for(height)
            for place, (entry, lines) in enumerate(zip(row, values, strict=True)):
                x = self.left + place * share
                self._cell(
                    x,
                    label,
                    height,
                    [[(part, False)] for part in self._label_lines(entry.label, label)],
                    head=True,
                )
                self._cell(x + label, share - label, height, lines)
            self.y += height
        self.y += self.size * 0.3

    def _label_lines(self, label: str, width: float) -> list[str]:
        room = max(1, int((width - self.size * 0.4) / self.size))
        if faces.width(self.style.label_face, label) <= room:
            return [label]
        return [label[start : start + room] for start in range(0, len(label), room)][:3]

    def _cell(
        self, x: float, width: float, height: float, lines: list[list[Piece]], *, head: bool = False
    ) -> None:
        fill = _SHADE if head and self.style.shade else None
        self.page.marks.append(
            Area(x, self.y, x + width, self.y + height, fill=fill, weight=self.style.rule)
        )
        step = self.step * 0.9 if not head else self.size * 1.25
        top = self.y + (height - step * max(1, len(lines))) / 2 + (step - self.size) / 2
        for number, line in enumerate(lines):
            inset = self.size * 0.5
            if head:
                wide = sum(faces.width(self.style.label_face, text) for text, _ in line) * self.size
                inset = max(0.3, (width - wide) / 2)
            self._pieces(
                x + inset, top + number * step, line, face=self.style.label_face if head else ""
            )

    def _pieces(self, x: float, y: float, line: list[Piece], *, face: str = "") -> float:
        for text, hand in line:
            if hand and not self.typed:
                lift = (self.hand_size - self.size) / 2 + self.rng.uniform(-0.35, 0.5)
                x = self._put(x, y - lift, text, hand=True)
            else:
                x = self._put(x, y, text, face=face)
        return x

    def _wrap(self, text: Text, room: float) -> list[list[Piece]]:
        """Break runs into lines no wider than `room`."""
        lines: list[list[Piece]] = [[]]
        used = 0.0
        for run in text:
            hand = run.hand and not self.typed
            face, size = (
                (self.style.hand, self.hand_size) if hand else (self.style.body_face, self.size)
            )
            for char in run.text:
                wide = faces.width(face, char) * size
                if used + wide > room and char not in "，。、；：）" and used > 0:
                    lines.append([])
                    used = 0.0
                used += wide
                if lines[-1] and lines[-1][-1][1] == run.hand:
                    lines[-1][-1] = (lines[-1][-1][0] + char, run.hand)
                else:
                    lines[-1].append((char, run.hand))
        return [line for line in lines if line]

    def _paragraph(self, block: Paragraph, scale: float = 1.0) -> None:
        keep = self.size
        self.size *= scale
        text = (Run("　" * block.indent), *block.text) if block.indent else block.text
        self.y += self.size * 0.25
        for line in self._wrap(text, self.inner):
            self._room_for(self.step)
            x = self.left
            if block.centred:
                x += (
                    self.inner
                    - sum(faces.width(self.style.body_face, t) for t, _ in line) * self.size
                ) / 2
            self._text_line(x, line)
            self.y += self.step * scale
        self.size = keep

    def _text_line(self, x: float, line: list[Piece]) -> None:
        for text, hand in line:
            start = x
            x = self._pieces(x, self.y, [(text, hand)])
            if hand:
                low = self.y + self.size * 1.15
                self.page.marks.append(Rule(start, low, x, low, 0.18))

    def _table(self, block: Table) -> None:
        total = sum(block.widths)
        widths = [self.inner * share / total for share in block.widths]
        self.y += self.size * 0.3
        self._table_row(widths, tuple(printed(head) for head in block.heads), head=True)
        for row in block.rows:
            self._table_row(widths, row)
        self.y += self.size * 0.6

    def _table_row(
        self, widths: list[float], cells: tuple[Text, ...], *, head: bool = False
    ) -> None:
        wrapped = [
            self._wrap(cell, width - self.size * 0.7)
            for cell, width in zip(cells, widths, strict=True)
        ]
        height = max(
            self.row * 0.95, *(len(lines) * self.step * 0.9 + self.size * 0.6 for lines in wrapped)
        )
        self._room_for(height)
        x = self.left
        for lines, width in zip(wrapped, widths, strict=True):
            self._cell(x, width, height, lines, head=head)
            x += width
        self.y += height

    def _ticks(self, block: Ticks) -> None:
        self._room_for(self.step)
        self.y += self.size * 0.35
        style = self.rng.choice(("tick", "tick", "fill", "cross"))
        x = (
            self._put(self.left, self.y, block.label + "：", face=self.style.label_face)
            + self.size * 0.5
        )
        for place, option in enumerate(block.options):
            need = self.size * (2.2 + len(option))
            if x + need > self.right:
                x, self.y = self.left + self.size * 2, self.y + self.step
                self._room_for(self.step)
            box = Box(x, self.y + self.size * 0.08, self.size * 0.85, place in block.chosen, style)
            self.page.marks.append(box)
            x = self._put(x + self.size * 1.05, self.y, option) + self.size * 0.9
        self.y += self.step

    def _opinion(self, block: Opinion) -> None:
        height = self.step * 3
        self._room_for(height)
        label = max(self.size * 5, 20)
        parts = self._label_lines(block.label, label)
        self._cell(self.left, label, height, [[(part, False)] for part in parts], head=True)
        x = self.left + label
        self.page.marks.append(Area(x, self.y, self.right, self.y + height, weight=self.style.rule))
        for number, line in enumerate(self._wrap(block.text, self.inner - label - 6)[:2]):
            self._pieces(x + self.size, self.y + self.size * 0.7 + number * self.step, line)
        width = self._run_width(block.signature)
        start = max(x + 2, self.right - width - self.size)
        self._pieces(
            start,
            self.y + height - self.size * 1.7,
            [(run.text, run.hand) for run in block.signature],
        )
        self.y += height

    def _sign(self, block: Sign) -> None:
        height = self.step * 1.15 * (1 + len(block.entries)) + 2
        self._room_for(max(height, 22 if block.seals else 0))
        self.y += self.size * 0.9
        top = self.y
        widest = max(
            (self._label_width(e.label) + self._run_width(e.value) for e in block.entries),
            default=0.0,
        )
        columns = 2 if widest < self.inner / 2 else 1
        for start in range(0, len(block.entries), columns):
            self._sign_row(block.entries[start : start + columns])
        for number, seal in enumerate(block.seals):
            self._seal(number, seal, top)
        self.y += self.size

    def _sign_row(self, entries: tuple[Entry, ...]) -> None:
        need = sum(self._label_width(e.label) + self._run_width(e.value) for e in entries)
        alone = len(entries) == 1
        share = self.inner / len(entries)
        offset = min(self.inner * 0.45, max(0.0, self.inner - need)) if alone else 0.0
        for place, entry in enumerate(entries):
            x = self.left + offset + place * share
            x = self._put(x, self.y, entry.label + "：", face=self.style.label_face)
            self._pieces(x + self.size * 0.3, self.y, [(run.text, run.hand) for run in entry.value])
        self.y += self.step * 1.15

    def _seal(self, number: int, text: str, top: float) -> None:
        rng = self.rng
        box = text.endswith("专用章") and rng.random() < 0.45
        size = rng.uniform(38, 42) if not box else rng.uniform(36, 46)
        share = 0.22 + 0.5 * number if rng.random() < 0.5 else 0.75 - 0.5 * number
        x = self.left + self.inner * min(0.85, max(0.15, share)) + rng.uniform(-6, 6)
        y = min(top + rng.uniform(0, 9), self.page.height - size / 2 - 4)
        kind = "finger" if text == "指印" else "box" if box else "round"
        self.page.marks.append(
            Seal(x, y, kind, text, 14 if kind == "finger" else size, rng.uniform(-14, 14))
        )


def lay_out(form: Form, style: Style, rng: random.Random, *, typed: bool = False) -> list[Page]:
    """Set a form in an arrangement; `typed` prints what would be handwritten.

    A form that would leave much of the sheet empty is set again with higher
    rows, as people who draw forms do.
    """
    seed = rng.randrange(2**32)
    flow = Flow(style, random.Random(seed), typed=typed)
    pages = flow.set(form)
    fill = flow.y / pages[0].height
    if len(pages) > 1 or fill > 0.72:
        return pages
    stretch = min(1.75, rng.uniform(0.62, 0.85) / fill)
    return Flow(style, random.Random(seed), typed=typed, stretch=max(1.0, stretch)).set(form)
