"""Searchable copies: text where it stands whichever way the page lies, pictures untouched."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

from ingest.pages import Limits
from ingest.searchable import join, write_page
from yihu.page import Line, PageText

TEXT = ("装修申请表", "业主：张伟 3栋2单元501室", "𠮷野 ☑ ABC-123")
WIDTH, HEIGHT = 600, 800


def page(rotation: int = 0, number: int = 1) -> PageText:
    """Three lines on a page that is `rotation` away from upright in the file."""
    size = (WIDTH, HEIGHT) if rotation in {0, 180} else (HEIGHT, WIDTH)
    lines = tuple(
        Line(text, (0.1, 0.1 + 0.2 * place, 0.1 + 0.6, 0.15 + 0.2 * place), 0.9)
        for place, text in enumerate(TEXT)
    )
    return PageText(number, lines, *size, rotation=rotation)


def picture(mode: str = "RGB") -> Image.Image:
    """A picture with a dark corner at the top left."""
    pixels = np.full((HEIGHT, WIDTH, 3), 240, dtype=np.uint8)
    pixels[:100, :200] = (30, 60, 90)
    image = Image.fromarray(pixels)
    return (
        image.convert(mode)
        if mode != "1"
        else image.convert("L").point(lambda v: 255 * (v > 128), "1")
    )


def copy_of(folder: Path, source: Path, text: PageText) -> Path:
    """The finished copy of one page."""
    part, whole = folder / "part.pdf", folder / "whole.pdf"
    write_page(str(source), text, str(part), Limits())
    join([str(part)], str(whole), "样张 sample")
    return whole


def image_of(pdf: pikepdf.Pdf, name: str = "/Im0") -> pikepdf.Stream:
    """The picture of the first page."""
    found = pdf.pages[0].resources.XObject[name]
    assert isinstance(found, pikepdf.Stream)
    return found


def shown(path: Path) -> np.ndarray:
    """The page as a viewer shows it."""
    with pdfium.PdfDocument(path) as document:
        return np.array(document[0].render(scale=1, grayscale=True).to_numpy()).squeeze()


def as_pdf(folder: Path, image: Image.Image, rotate: int = 0, **save: object) -> Path:
    """A scan in a PDF: one JPEG that fills the page."""
    body = io.BytesIO()
    image.save(body, "JPEG", quality=80)
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, body.getvalue())
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        stream.Width, stream.Height, stream.BitsPerComponent = WIDTH, HEIGHT, 8
        stream.ColorSpace, stream.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        made = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[10, 20, 310, 420],
            Rotate=rotate,
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream)),
            Contents=pdf.make_stream(b"q 300 0 0 400 10 20 cm /I Do Q"),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
        pdf.save(folder / "scan.pdf")
    return folder / "scan.pdf"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_is_found_in_reading_order_whichever_way_the_scan_lies(
    tmp_path: Path, rotation: int
) -> None:
    source = tmp_path / "scan.jpg"
    picture().save(source, dpi=(150, 150))
    whole = copy_of(tmp_path, source, page(rotation))
    with pdfium.PdfDocument(whole) as document:
        assert document[0].get_rotation() == rotation
        text = document[0].get_textpage()
        assert text.get_text_range().split("\r\n") == list(TEXT)
        width, height = document[0].get_size()
        spot = text.search(TEXT[0]).get_next()
        assert spot is not None
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", whole, "-"], capture_output=True, text=True).stdout
        assert all(word in told for line in TEXT for word in line.split())
        boxes = subprocess.run(
            ["pdftotext", "-bbox", whole, "-"], capture_output=True, text=True
        ).stdout
        word = next(row for row in boxes.splitlines() if TEXT[0] in row)
        left, top, right, bottom = (
            float(word.split(f'{name}="')[1].split('"')[0])
            for name in ("xMin", "yMin", "xMax", "yMax")
        )
        assert left / width == pytest.approx(0.1, abs=0.01)
        assert right / width == pytest.approx(0.7, abs=0.01)
        assert (top + bottom) / 2 / height == pytest.approx(0.125, abs=0.02)


def test_nothing_of_the_text_is_drawn(tmp_path: Path) -> None:
    source = tmp_path / "scan.jpg"
    picture().save(source, dpi=(150, 150))
    with_text = shown(copy_of(tmp_path, source, page()))
    without = shown(copy_of(tmp_path, source, PageText(1, (), WIDTH, HEIGHT)))
    assert np.array_equal(with_text, without)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_goes_in_byte_by_byte_and_stands_as_exif_asks(
    tmp_path: Path, orientation: int
) -> None:
    source, exif = tmp_path / "scan.jpg", Image.Exif()
    exif[274] = orientation
    picture().save(source, exif=exif, dpi=(72, 72), quality=90)
    whole = copy_of(tmp_path, source, PageText(1, (), WIDTH, HEIGHT))
    with pikepdf.open(whole) as pdf:
        assert image_of(pdf).read_raw_bytes() == source.read_bytes()
    from PIL import ImageOps

    with Image.open(source) as image:
        upright = ImageOps.exif_transpose(image).convert("L")
    seen = Image.fromarray(shown(whole)).resize(upright.size)
    assert np.abs(np.asarray(seen, dtype=int) - np.asarray(upright)).mean() < 4


@pytest.mark.parametrize("rotate", [0, 90])
def test_the_scan_of_a_pdf_goes_in_byte_by_byte(tmp_path: Path, rotate: int) -> None:
    source = as_pdf(tmp_path, picture(), rotate)
    whole = copy_of(tmp_path, source, page())
    with pikepdf.open(whole) as pdf, pikepdf.open(source) as old:
        assert image_of(pdf).read_raw_bytes() == image_of(old, "/I").read_raw_bytes()
        assert pdf.pages[0].Rotate == rotate
    assert np.abs(shown(whole).astype(int) - shown(source)).mean() < 2


@pytest.mark.parametrize(
    ("ending", "mode"), [("png", "RGB"), ("tif", "L"), ("tif", "1"), ("bmp", "RGB")]
)
def test_every_pixel_of_a_lossless_picture_stays(tmp_path: Path, ending: str, mode: str) -> None:
    source, image = tmp_path / f"scan.{ending}", picture(mode)
    image.save(source)
    whole = copy_of(tmp_path, source, page())
    with pikepdf.open(whole) as pdf:
        kept = pikepdf.PdfImage(image_of(pdf)).as_pil_image()
    assert np.array_equal(np.asarray(kept.convert("RGB")), np.asarray(image.convert("RGB")))


def test_it_says_that_it_is_pdf_a_and_holds_what_that_asks(tmp_path: Path) -> None:
    source = tmp_path / "scan.png"
    picture().save(source)
    whole = copy_of(tmp_path, source, page())
    with pikepdf.open(whole) as pdf:
        assert pdf.check_pdf_syntax() == []
        with pdf.open_metadata() as told:
            assert told.pdfa_status == "2B"
            assert told["dc:title"] == "样张 sample"
        (intent,) = pdf.Root.OutputIntents
        assert intent.S == pikepdf.Name.GTS_PDFA1
        assert intent.DestOutputProfile.N == 3
        assert "/ID" in pdf.trailer
        assert not pdf.is_encrypted
        font = pdf.pages[0].Resources.Font.F0
        assert font.DescendantFonts[0].FontDescriptor.FontFile2.read_bytes()[:4] == b"\0\1\0\0"
        codes = font.DescendantFonts[0].CIDToGIDMap.read_bytes()
        assert set(codes[2:][1::2]) == {1}  # never the glyph .notdef
    first = whole.read_bytes()
    assert copy_of(tmp_path, source, page()).read_bytes() == first
