"""A page of an original as PDF/A-2b: its picture as it is, and the read text, invisible, over it.

Runs in child processes only: it opens foreign bytes. Pictures of scans (JPEG
files, JPEG, fax, JBIG2 and lossless images that fill a PDF page) go in byte by
byte; other lossless pictures keep every pixel. What a PDF page draws itself
(text, several pictures) is drawn, because its parts need not be fit for PDF/A.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from pikepdf import Array, Dictionary, Name

from ingest.formats import sniff
from ingest.pages import Limits
from ingest.searchable_font import Blank
from ingest.searchable_picture import Picture, picture_of
from yihu.page import Line, PageText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Matrix = tuple[float, float, float, float, float, float]
_TALL = 1.6
_PRODUCER = "Yihu"


def write_page(source: str, page: PageText, target: str, limits: Limits) -> None:
    """Page `page.number` of the original at `source` as a PDF of one page at `target`.

    Raises `Rejected` when the page cannot be opened.
    """
    with _with_page(source, page, limits) as pdf:
        pdf.save(target)


def write_single(source: str, page: PageText, target: str, title: str, limits: Limits) -> None:
    """A document of this one page, whole: what `write_page` and `join` do, in one go.

    Raises `Rejected` when the page cannot be opened.
    """
    with _with_page(source, page, limits) as pdf:
        _as_archive(pdf, title)
        _save_archive(pdf, target)


@contextmanager
def _with_page(source: str, page: PageText, limits: Limits) -> Iterator[pikepdf.Pdf]:
    path = Path(source)
    picture = picture_of(path, sniff(path), page.number, limits)
    with pikepdf.new() as pdf:
        _add(pdf, picture, page)
        yield pdf


def join(parts: Sequence[str], target: str, title: str) -> None:
    """Page files as one PDF/A-2b; `title` names it for people."""
    with pikepdf.new() as pdf:
        opened = [pikepdf.open(part) for part in parts]
        for part in opened:
            pdf.pages.extend(part.pages)
        _as_archive(pdf, title)
        _save_archive(pdf, target)
        for part in opened:
            part.close()


def _save_archive(pdf: pikepdf.Pdf, target: str) -> None:
    pdf.save(target, min_version="1.7", deterministic_id=True)


def _add(pdf: pikepdf.Pdf, picture: Picture, page: PageText) -> None:
    """One page: the picture, and the text in the place of each line."""
    width, height = picture.size
    turn = (picture.rotation + page.rotation) % 360
    shown = (height, width) if turn in {90, 270} else (width, height)
    font = Blank()
    text = _text(page.lines, shown, font)
    a, b, c, d, e, f = picture.matrix
    content = f"q {a:.4f} {b:.4f} {c:.4f} {d:.4f} {e:.4f} {f:.4f} cm /Im0 Do Q\n".encode()
    if text:
        content += f"q {_numbers(_upright(turn, width, height))} cm\n".encode() + text + b"Q\n"
    resources = Dictionary(XObject=Dictionary(Im0=picture.image(pdf)))
    if text:
        resources.Font = Dictionary(F0=font.font(pdf))
    made = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 3), round(height, 3)]),
        Resources=resources,
        Contents=pdf.make_stream(content),
        Rotate=turn,
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))


def _upright(turn: int, width: float, height: float) -> Matrix:
    """From the upright page, as it is shown, to the page as it lies in the file."""
    return {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, 1, -1, 0, width, 0),
        180: (-1, 0, 0, -1, width, height),
        270: (0, -1, 1, 0, 0, height),
    }[turn]


def _numbers(matrix: Sequence[float]) -> str:
    return " ".join(f"{value:.4f}" for value in matrix)


def _text(lines: Sequence[Line], shown: tuple[float, float], font: Blank) -> bytes:
    """Every line in reading order, stretched to its box, drawn by nothing."""
    drawn = [_line(line, shown, font) for line in lines if line.text.strip()]
    return b"BT 3 Tr\n" + b"".join(drawn) + b"ET\n" if drawn else b""


def _line(line: Line, shown: tuple[float, float], font: Blank) -> bytes:
    width, height = shown
    left, top, right, bottom = line.box
    across, down = max((right - left) * width, 0.5), max((bottom - top) * height, 0.5)
    text = "".join(char for char in line.text if char.isprintable())
    x, low = left * width, (1 - bottom) * height
    if down > _TALL * across and len(text) > 1:  # runs down the page
        size, room = across, down
        place = f"0 -1 1 0 {x + 0.15 * size:.3f} {low + down:.3f}"
    else:
        size, room = down, across
        place = f"1 0 0 1 {x:.3f} {low + 0.15 * size:.3f}"
    stretch = 100 * room / (size * max(len(text), 1))
    code = font.code(text).hex().upper()
    return f"/F0 {size:.3f} Tf {stretch:.3f} Tz {place} Tm <{code}> Tj\n".encode()


def _as_archive(pdf: pikepdf.Pdf, title: str) -> None:
    """What makes it PDF/A-2b: the colours' profile and the metadata that says so."""
    profile = pdf.make_stream(_srgb())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB",
        Info="sRGB IEC61966-2.1",
        DestOutputProfile=profile,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])
    with pdf.open_metadata(set_pikepdf_as_editor=False) as told:
        told["pdfaid:part"] = "2"
        told["pdfaid:conformance"] = "B"
        told["dc:title"] = title
        told["xmp:CreatorTool"] = _PRODUCER
        told["pdf:Producer"] = _PRODUCER


def _srgb() -> bytes:
    """The sRGB profile, the same bytes each time."""
    from PIL import ImageCms

    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[8:12] = b"\x04\x20\x00\x00"  # version 4.2, which PDF 1.7 knows
    data[24:36] = bytes.fromhex("07d000010001000000000000")  # a fixed date
    data[84:100] = bytes(16)  # the checksum of the profile: not computed
    return bytes(data)
