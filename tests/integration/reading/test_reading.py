"""Both engines read a printed form, whichever way up it stands, and pages are told apart."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from ingest.engines import make
from ingest.engines.geometry import turn
from ingest.reading import ReadOptions, page_jpeg, read_page, warm_up
from ingest.sandbox import Sandbox
from yihu.errors import Usage

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)
ROWS = (
    "阳光物业服务有限公司",
    "装修申请表",
    "业主姓名：张伟",
    "房号：3栋2单元501室",
    "联系电话：13800138000",
    "身份证号：440301199003070027",
    "装修内容：地面翻新、墙面粉刷、厨房改造",
    "本人承诺遵守小区装修管理规定，按时清运垃圾。",
    "申请日期：2023年5月18日",
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """A Chinese face that the machine has."""
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    pytest.skip("no Chinese font is installed")


@cache
def form(skew: float = 0.0) -> Image.Image:
    """A printed form, A5 at 150 dpi, as a scanner gives it."""
    sheet = Image.new("RGB", (874, 1240), "white")
    pen = ImageDraw.Draw(sheet)
    for number, row in enumerate(ROWS):
        size = 40 if number == 1 else 28
        pen.text((90, 100 + 80 * number), row, font=font(size), fill=(20, 20, 20))
    turned = sheet.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor="white")
    return turned.filter(ImageFilter.GaussianBlur(0.5))


def saved(folder: Path, image: Image.Image, name: str = "a.png") -> str:
    """The path of the image in a file."""
    image.save(folder / name, dpi=(150, 150))
    return str(folder / name)


def pixels(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The image as engines take it."""
    return np.ascontiguousarray(np.asarray(image, dtype=np.uint8)[:, :, ::-1])


def bare(text: str) -> str:
    """Text without blanks, punctuation of one width."""
    return "".join(text.split()).replace(":", "：").replace(",", "，")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("name", ["rapidocr", "tesseract"])
def test_a_printed_form_is_read_whichever_way_up_it_stands(name: str, rotation: int) -> None:
    if name == "tesseract" and rotation in {90, 180}:
        pytest.skip("two turns are enough of the slow reader")
    result = make(name).read(turn(pixels(form()), (360 - rotation) % 360))
    assert result.rotation == rotation
    read = bare("".join(line.text for line in result.lines))
    expected = ROWS if name == "rapidocr" else ("装修申请表", "3栋2单元501室", "13800138000")
    for row in expected:
        assert bare(row) in read
    left, top, right, bottom = result.lines[0].box
    assert 0.05 < left < right < 0.7
    assert 0.05 < top < bottom < 0.15
    assert all(0 < line.confidence <= 1 for line in result.lines)


@pytest.mark.parametrize("skew", [-2.5, 2.5])
def test_rows_of_a_skewed_page_stay_in_order(skew: float) -> None:
    lines = make("rapidocr").read(pixels(form(skew))).lines
    assert [bare(line.text) for line in lines] == [bare(row) for row in ROWS]


def test_a_page_becomes_text_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    page = read_page(saved(tmp_path, form()), 1, ReadOptions())
    assert (page.number, page.width, page.height, page.dpi) == (1, 874, 1240, 150)
    assert page.engine == "rapidocr"
    assert page.version == warm_up()
    assert page.flags == frozenset()
    assert 0.001 < page.ink < 0.2
    assert "3栋2单元501室" in page.text


def test_text_under_a_red_seal_is_read_and_the_seal_told(tmp_path: Path) -> None:
    sheet = form().copy()
    over = Image.new("RGB", sheet.size, "white")
    pen = ImageDraw.Draw(over)
    pen.ellipse((250, 620, 480, 850), outline=(225, 60, 60), width=8)
    pen.regular_polygon((365, 735, 45), 5, fill=(225, 60, 60))
    sheet = ImageChops.multiply(sheet, over)  # ink lets black print through
    page = read_page(saved(tmp_path, sheet), 1, ReadOptions())
    assert "seal" in page.flags
    assert "承诺遵守小区装修管理规定" in page.text
    assert "2023年5月18日" in page.text


def test_codes_are_read_and_placed(tmp_path: Path) -> None:
    sheet = form().copy()
    code = zxingcpp.create_barcode("YIHU:SEP:1", zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(np.asarray(code.to_image(scale=5)))
    sheet.paste(picture.convert("RGB"), (600, 900))
    page = read_page(saved(tmp_path, sheet.rotate(180)), 1, ReadOptions())
    assert [(code.format, code.text) for code in page.codes] == [("QRCode", "YIHU:SEP:1")]
    left, top, _, _ = page.codes[0].box
    assert left == pytest.approx(600 / 874, abs=0.06)
    assert top == pytest.approx(900 / 1240, abs=0.06)


def blank(kind: str) -> Image.Image:
    """The back of a sheet: white, noisy with a dark edge, or with the front shining through."""
    values = np.full((1240, 874, 3), 250, dtype=np.int16)
    noise = np.random.default_rng(3)
    if kind != "white":
        values += noise.normal(0, 5, values.shape).astype(np.int16)
        values[:, :14] = 40
    if kind == "through":
        front = np.asarray(form().transpose(Image.Transpose.FLIP_LEFT_RIGHT)).astype(np.int16)
        soft = cv2.GaussianBlur(front.astype(np.uint8), (9, 9), 0).astype(np.int16)
        values -= (255 - soft) // 8
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("kind", ["white", "noisy", "through"])
def test_the_back_of_a_sheet_is_blank(kind: str, tmp_path: Path) -> None:
    page = read_page(saved(tmp_path, blank(kind)), 1, ReadOptions())
    assert page.blank
    assert page.lines == ()


def test_a_short_note_is_not_blank(tmp_path: Path) -> None:
    sheet = Image.new("RGB", (874, 1240), "white")
    ImageDraw.Draw(sheet).text((300, 500), "已核对 3-2-501", font=font(30), fill="black")
    page = read_page(saved(tmp_path, sheet), 1, ReadOptions())
    assert not page.blank
    assert "3-2-501" in page.text


def test_a_photograph_without_text_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (12, 9, 3), dtype=np.uint8)
    scene = Image.fromarray(noise).resize((900, 1200), Image.Resampling.BICUBIC)
    page = read_page(saved(tmp_path, scene, "a.jpg"), 1, ReadOptions())
    assert "photo" in page.flags


def test_an_unknown_reader_is_refused() -> None:
    with pytest.raises(Usage):
        make("crystal-ball")


def test_a_page_is_read_in_a_child_within_its_memory(tmp_path: Path) -> None:
    path = saved(tmp_path, form())
    with Sandbox(workers=1, memory_bytes=1800 << 20, seconds=60) as sandbox:
        page = sandbox.run(read_page, path, 1, ReadOptions())
        assert "装修申请表" in page.text
        picture = sandbox.run(page_jpeg, path, 1, 300, 90)
    with Image.open(io.BytesIO(picture)) as shown:
        assert max(shown.size) == 300
        assert shown.width > shown.height
