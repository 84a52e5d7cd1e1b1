"""What stands on a form, before anybody decides where: fields, paragraphs, tables, signatures."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text: `hand` is what somebody filled in, the rest is printed."""

    text: str
    hand: bool = False


Text = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A label with the value filled in behind it; `wide` asks for a row of its own."""

    label: str
    value: Text
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with values, arranged by the layout as a grid, lines, pairs or boxes."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `indent` in characters, `centred` for headings inside the page."""

    text: Text
    indent: int = 2
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: column heads with relative widths, and rows of cells."""

    heads: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True, slots=True)
class Ticks:
    """A question with boxes to tick; `chosen` are the positions ticked."""

    label: str
    options: tuple[str, ...]
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """A boxed space in which an office writes, signs and dates its opinion."""

    label: str
    text: Text
    signature: Text


@dataclass(frozen=True, slots=True)
class Sign:
    """The signatures at the foot; `seals` are the names on the seals set over them."""

    entries: tuple[Entry, ...]
    seals: tuple[str, ...] = ()


Block = Fields | Paragraph | Table | Ticks | Opinion | Sign


@dataclass(frozen=True, slots=True)
class Form:
    """One document as content.

    `company` is the header line, `contact` the office's own hotline and address
    (a trap for readers of addresses), `number` the number at the top right,
    `code` the form's record code, `foot` the last printed line.
    """

    title: str
    blocks: tuple[Block, ...]
    company: str = ""
    contact: str = ""
    number: Entry | None = None
    code: str = ""
    foot: str = ""
    counter: str = ""
    layouts: tuple[str, ...] = ()
    landscape: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """The facts as they stand on the paper, for the truth file."""

    values: dict[str, str] = field(default_factory=dict)


def printed(text: str) -> Text:
    """A text that is printed throughout."""
    return (Run(text),)


def plain(text: Text) -> str:
    """The characters of a text without their kind."""
    return "".join(run.text for run in text)
