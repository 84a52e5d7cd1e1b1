"""Separator sheets drawn as a PDF: a large QR code that our reader obeys, and words for people."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from classifier import Sheet, encode_sheet
from yihu.errors import Usage
from yihu.household import RoomKey
from yihu.template import DocumentType, Template

DPI = 200
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
QR_SIDE, QR_TOP, LEFT = 900, 420, 150
_FONTS = (
    "NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc", "wqy-zenhei.ttc", "wqy-microhei.ttc",
    "uming.ttc", "msyh.ttc", "simsun.ttc", "PingFang.ttc",
)  # fmt: skip
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "C:/Windows/Fonts",
    "/System/Library/Fonts",
)
_PACKAGE = "fonts-noto-cjk"
_VALUE_LEFT, _VALUE_SIZES = LEFT + 460, (64, 52, 42, 34, 28)
MOST_SHEETS, LONGEST_BATCH, MOST_PAGES, MOST_COPIES = 500, 40, 999, 99


def types_of(template: Template) -> tuple[DocumentType, ...]:
    """The types a sheet may announce: those of a household's file."""
    return tuple(t for t in template.types if t.category not in ("admin", "unknown"))


def sheets_for(
    template: Template,
    homes: Sequence[RoomKey],
    types: Sequence[str],
    *,
    pages: int = 0,
    batch: str = "",
    copies: int = 1,
) -> list[Sheet]:
    """A sheet for each household and type. Without a household the pages say whose they are,
    without a type what they are; with neither the sheet only parts papers.

    Raises `Usage` for a type no household's file holds, a long batch name, too many sheets.
    """
    known = {kind.code for kind in types_of(template)}
    for code in types:
        if code not in known:
            raise Usage(f"没有这种资料 / {code} is no document type of a household's file")
    batch = batch.strip()
    if len(batch) > LONGEST_BATCH or not (batch.isprintable() or not batch):
        raise Usage(f"批次名最长 {LONGEST_BATCH} 字 / a batch name has {LONGEST_BATCH} characters")
    wanted = [
        Sheet("S", home, code, batch, pages)
        for home in (homes or (None,))
        for code in (types or ("",))
        for _ in range(copies)
    ]
    if len(wanted) > MOST_SHEETS:
        raise Usage(f"一次最多 {MOST_SHEETS} 张 / at most {MOST_SHEETS} sheets at once")
    return wanted


def missing_font() -> str:
    """The package to install so that sheets show Chinese words; "" where they do."""
    return "" if _font_path() else _PACKAGE


def print_sheets(out: Path, sheets: Sequence[Sheet], template: Template) -> None:
    """Write the sheets to `out`; beside its place first, so that a half one is never printed."""
    beside = out.with_name(out.name + ".part")
    beside.write_bytes(sheets_pdf(sheets, template))
    beside.replace(out)


def sheets_pdf(sheets: Sequence[Sheet], template: Template) -> bytes:
    """The sheets as a PDF, one a page."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        drawn: dict[Sheet, pikepdf.Object] = {}
        for sheet in sheets:
            if sheet not in drawn:
                drawn[sheet] = _picture(pdf, draw(sheet, template))
            _add_page(pdf, drawn[sheet])
        pdf.save(buffer, deterministic_id=True)
    return buffer.getvalue()


def draw(sheet: Sheet, template: Template) -> Image.Image:
    """One sheet as a black-and-white A4 page."""
    page = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((60, 60, WIDTH - 60, HEIGHT - 60), outline=0, width=6)
    pen.text((LEFT, 150), "扫描分隔页  SEPARATOR SHEET", font=_font(72), fill=0)
    pen.text((LEFT, 280), "请放在所属资料之前一起扫描 / lay before the papers it speaks for",
             font=_font(36), fill=0)  # fmt: skip
    page.paste(_qr(encode_sheet(sheet)), ((WIDTH - QR_SIDE) // 2, QR_TOP))
    for number, (label, value) in enumerate(_words(sheet, template)):
        top = QR_TOP + QR_SIDE + 90 + number * 130
        pen.text((LEFT, top), label, font=_font(40), fill=0)
        pen.text((_VALUE_LEFT, top - 16), value, font=_fitting(value), fill=0)
    return page.convert("1", dither=Image.Dither.NONE)


def _words(sheet: Sheet, template: Template) -> list[tuple[str, str]]:
    rows = []
    if sheet.household:
        rows.append(("房号 Room", str(sheet.household)))
        if sheet.household.estate != "-":
            rows.append(("小区 Estate", sheet.household.estate))
    if sheet.type:
        kind = template.type(sheet.type)
        rows.append(("类型 Type", f"{kind.name}  {kind.code}"))
    if sheet.batch:
        rows.append(("批次 Batch", sheet.batch))
    rows.append(("页数 Pages", _promise(sheet)))
    return rows


def _promise(sheet: Sheet) -> str:
    if not sheet.pages:
        return "下一份文件 the next document"
    if sheet.type:
        return f"{sheet.pages}（一份文件 one document）"
    return f"{sheet.pages}（其中各份文件 every document）"


def _qr(payload: str) -> Image.Image:
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(np.array(zxingcpp.write_barcode_to_image(code, scale=8)))
    return picture.convert("L").resize((QR_SIDE, QR_SIDE), Image.Resampling.NEAREST)


def _picture(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Object:
    """The page as a Group 4 fax image, as scanners write it: small, and sharp at any size."""
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", compression="group4", strip_size=1 << 24)
    return pdf.make_stream(
        _strip(buffer.getvalue()),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=WIDTH,
        Height=HEIGHT,
        BitsPerComponent=1,
        ColorSpace=pikepdf.Name.DeviceGray,
        Filter=pikepdf.Name.CCITTFaxDecode,
        DecodeParms=pikepdf.Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=False),
    )


def _add_page(pdf: pikepdf.Pdf, image: pikepdf.Object) -> None:
    wide, high = WIDTH * 72 / DPI, HEIGHT * 72 / DPI
    page = pdf.add_blank_page(page_size=(wide, high))
    name = page.add_resource(image, pikepdf.Name.XObject)
    page.contents_add(f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm {name} Do Q".encode())


def _strip(tiff: bytes) -> bytes:
    """The one compressed strip of a TIFF."""
    with Image.open(io.BytesIO(tiff)) as opened:
        tags = opened.tag_v2  # type: ignore[attr-defined]
        (start,), (size,) = tags[273], tags[279]
    return tiff[start : start + size]


@lru_cache(maxsize=1)
def _font_path() -> str:
    for name in _FONTS:
        for folder in _FOLDERS:
            found = next(Path(folder).rglob(name), None) if Path(folder).is_dir() else None
            if found:
                return str(found)
    return ""


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = _font_path()
    return ImageFont.truetype(path, size) if path else ImageFont.load_default(size)


def _fitting(text: str) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The largest size at which a value stays within the frame."""
    room = WIDTH - 90 - _VALUE_LEFT
    fits = (size for size in _VALUE_SIZES if _font(size).getlength(text) <= room)
    return _font(next(fits, _VALUE_SIZES[-1]))
