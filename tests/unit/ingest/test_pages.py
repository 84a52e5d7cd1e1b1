"""Pages of every kind of image come out upright, in 8 bits, and within limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.formats import Format
from ingest.pages import Limits, inspect, page_image, shrink_to
from tests.unit.ingest.making import (
    bomb_jpeg,
    bomb_png,
    bomb_tiff,
    drawing,
    encoded,
    noisy,
    written,
)
from yihu.errors import Rejected

LIMITS = Limits(max_pages=20, max_pixels=100_000_000)


def reason(path: Path, limits: Limits = LIMITS) -> str:
    """The reason for which the file is refused."""
    with pytest.raises(Rejected) as refused:
        inspect(path, limits)
    return refused.value.reason


def is_upright(path: Path) -> bool:
    """True when the black corner of `drawing` is top left and nowhere else."""
    pixels = page_image(path, 1, LIMITS).pixels
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
    height, width = grey.shape
    corners = [grey[10, 10], grey[10, width - 10], grey[height - 10, width - 10]]
    return bool(width < height and corners[0] < 60 and min(corners[1:]) > 150)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_followed(kind: str, orientation: int, tmp_path: Path) -> None:
    back = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    image = drawing()
    for step in back.get(orientation, []):
        image = image.transpose(step)
    exif = Image.Exif()
    exif[274] = orientation
    path = written(tmp_path, "a", encoded(image, kind, exif=exif))
    assert is_upright(path)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "LAB"])
def test_every_mode_becomes_8_bits_with_its_dark_corner(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.asarray(drawing(mode="L")).astype(np.uint16) * 257)
    elif mode == "LAB":
        image = Image.merge("LAB", [drawing(mode="L"), *[Image.new("L", (300, 400), 128)] * 2])
    else:
        image = drawing(mode=mode)
    kind = {"CMYK": "JPEG", "LAB": "TIFF"}.get(mode, "PNG")
    path = written(tmp_path, "a", encoded(image, kind))
    assert inspect(path, LIMITS).pages[0].width == 300
    page = page_image(path, 1, LIMITS)
    assert page.pixels.dtype == np.uint8
    assert is_upright(path)
    assert page.bilevel == (mode == "1")


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    path = written(tmp_path, "a.png", encoded(Image.new("RGBA", (50, 60), (0, 0, 0, 0)), "PNG"))
    assert page_image(path, 1, LIMITS).pixels.min() == 255


def test_a_tiff_of_mixed_pages_gives_each(tmp_path: Path) -> None:
    pages = [drawing(300, 400, "1"), drawing(200, 300, "L"), drawing(400, 500, "RGB")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], dpi=(200, 200))
    path = written(tmp_path, "a.tif", data)
    found = inspect(path, LIMITS)
    assert [(page.width, page.height) for page in found.pages] == [
        (300, 400),
        (200, 300),
        (400, 500),
    ]
    assert found.pages[0].dpi == 200
    assert page_image(path, 1, LIMITS).bilevel
    assert page_image(path, 3, LIMITS).pixels.shape == (500, 400, 3)
    with pytest.raises(Rejected, match="no page 4"):
        page_image(path, 4, LIMITS)


def test_too_many_pages_are_counted_before_they_are_decoded(tmp_path: Path) -> None:
    pages = [Image.new("1", (8, 8))] * 21
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert reason(written(tmp_path, "a.tif", data)) == "too_many_pages"


def test_an_image_too_large_for_now_is_not_decoded_and_not_said_to_be_whole(tmp_path: Path) -> None:
    data = encoded(drawing(), "JPEG", quality=90)
    cut = written(tmp_path, "cut.jpg", data[: len(data) // 2] + b"\xff\xd9")
    found = inspect(cut, LIMITS, decode_up_to=300 * 400 - 1)
    assert (found.proved, found.pages[0].width) == (False, 300)
    with pytest.raises(Rejected) as refused:
        inspect(cut, LIMITS, decode_up_to=300 * 400)
    assert refused.value.reason == "truncated"
    whole = written(tmp_path, "whole.jpg", data)
    assert inspect(whole, LIMITS, decode_up_to=300 * 400).proved


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_the_page(kind: str, tmp_path: Path) -> None:
    frames = [drawing(), Image.new("RGB", (300, 400), "black")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    path = written(tmp_path, "a", data)
    assert len(inspect(path, LIMITS).pages) == 1
    assert is_upright(path)


def test_heic_is_read(tmp_path: Path) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    path = written(tmp_path, "a.jpg", encoded(drawing(), "HEIF", quality=95))
    assert inspect(path, LIMITS).format is Format.HEIC
    assert is_upright(path)


@pytest.mark.parametrize(
    "data", [bomb_png(12_000), bomb_jpeg(20_000), bomb_tiff(40_000)], ids=["png", "jpeg", "tiff"]
)
def test_a_pixel_bomb_is_refused_from_its_header(data: bytes, tmp_path: Path) -> None:
    assert reason(written(tmp_path, "bomb", data)) == "too_many_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.98])
def test_an_image_cut_short_is_truncated(kind: str, share: float, tmp_path: Path) -> None:
    data = encoded(noisy(), kind)
    assert reason(written(tmp_path, "a", data[: int(len(data) * share)])) == "truncated"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_patched_with_an_end_marker_is_still_truncated(
    share: float, progressive: bool, tmp_path: Path
) -> None:
    data = encoded(noisy(), "JPEG", progressive=progressive)
    cut = data[: int(len(data) * share)].rstrip(b"\xff") + b"\xff\xd9"
    assert reason(written(tmp_path, "a.jpg", cut)) == "truncated"


def test_a_png_with_its_end_but_not_all_its_rows_is_not_read_as_whole(tmp_path: Path) -> None:
    data = encoded(noisy(), "PNG")
    at = data.index(b"IDAT") + 4
    path = written(tmp_path, "a.png", data[: at + 2000] + bytes(2000) + data[at + 4000 :])
    assert reason(path) in {"truncated", "broken"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty_file"),
        (b"hello, this is only text", "unsupported"),
        (b"\x89PNG\r\n\x1a\n" + b"junk" * 50, "truncated"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "truncated"),
    ],
)
def test_what_is_no_image_has_a_reason(data: bytes, expected: str, tmp_path: Path) -> None:
    assert reason(written(tmp_path, "a.png", data)) == expected


def test_a_large_image_is_made_smaller_and_its_resolution_told(tmp_path: Path) -> None:
    image = drawing(5000, 7000, "L")
    path = written(tmp_path, "a.jpg", encoded(image, "JPEG", dpi=(600, 600)))
    page = page_image(path, 1, LIMITS)
    assert max(page.pixels.shape) <= 4200
    assert page.dpi == pytest.approx(600 * page.pixels.shape[0] / 7000, abs=2)


@pytest.mark.parametrize(
    ("size", "side"), [((3507, 2481), 896), ((2339, 1654), 800), ((1000, 700), 900)]
)
def test_a_picture_made_smaller_keeps_its_shape_and_its_places(
    size: tuple[int, int], side: int
) -> None:
    page = np.full(size, 255, dtype=np.uint8)
    low, high = (round(0.9 * size[0]), round(0.93 * size[0])), (size[1] // 2, size[1] // 2 + 90)
    page[slice(*low), slice(*high)] = 0
    small, dpi = shrink_to(page, 300, side)
    assert max(small.shape) == side
    scale = side / max(size)
    assert dpi == round(300 * scale)
    down, across = np.where(small < 128)
    for seen, true in zip((down, across), (low, high), strict=True):
        assert abs(seen.min() - true[0] * scale) < 2
        assert abs(seen.max() + 1 - true[1] * scale) < 2
