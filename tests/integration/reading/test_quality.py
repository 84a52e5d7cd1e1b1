"""Pages with each fault, drawn and spoilt as scanners and phones do, are told by name."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.corpus.conditions import CONDITIONS, Condition, pages_of
from bench.corpus.scenery import photograph
from bench.corpus.wear import Wear
from classifier.judge import _reading_reasons
from ingest.reading import ReadOptions, read_page
from yihu.page import PageText
from yihu.reasons import REASONS


def worn(folder: Path, wear: Wear, count: int = 2) -> list[Path]:
    """Form pages in one state of wear."""
    condition = Condition("fault", lambda _: wear)
    return [page.path for page in pages_of(condition, folder, pack="train", seed=31, count=count)]


def read(path: Path) -> PageText:
    """The page as the product reads it."""
    return read_page(str(path), 1, ReadOptions())


def reasons(page: PageText) -> tuple[str, ...]:
    """What a person is told about the picture."""
    return _reading_reasons([page])


@pytest.mark.parametrize(
    ("wear", "reason"),
    [
        (Wear(dim=0.985, noise=3.0), "page_dark"),
        (Wear(faint=0.94, noise=10.0), "page_faint"),
        (Wear(blur=6.0), "page_blurred"),
    ],
)
def test_a_page_that_cannot_be_read_says_why_and_what_to_do(
    tmp_path: Path, wear: Wear, reason: str
) -> None:
    for path in worn(tmp_path, wear):
        assert reason in reasons(read(path))
    assert REASONS[reason].do_zh
    assert REASONS[reason].do_en


@pytest.mark.parametrize("wear", [Wear(dim=0.85, noise=4.0), Wear(faint=0.86, noise=3.0)])
def test_a_dark_or_faint_page_that_can_be_brought_out_is_read(tmp_path: Path, wear: Wear) -> None:
    for path in worn(tmp_path, wear):
        page = read(path)
        assert page.sureness > 0.93
        assert not reasons(page)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_page_cut_off_at_the_side_is_told(tmp_path: Path, side: str) -> None:
    (path,) = worn(tmp_path, Wear(noise=3.0), count=1)
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    width = pixels.shape[1]
    kept = pixels[:, int(0.25 * width) :] if side == "left" else pixels[:, : int(0.62 * width)]
    cv2.imwrite(str(path), kept)
    assert "page_cut_off" in reasons(read(path))


def test_a_blank_page_is_told_whatever_its_grain(tmp_path: Path) -> None:
    grain = np.random.default_rng(1)
    for noise in (0, 4, 10):
        sheet = np.clip(grain.normal(246, noise, (1600, 1130)), 0, 255).astype(np.uint8)
        path = tmp_path / f"{noise}.png"
        Image.fromarray(sheet).save(path)
        assert reasons(read(path)) == ("page_blank",)


@pytest.mark.parametrize("grain", [0, 12, 25])
def test_a_grainy_photograph_is_a_photo_and_has_no_text(tmp_path: Path, grain: int) -> None:
    for number in range(3):
        image = np.asarray(photograph(1000, 1300, random.Random(50 + number)), dtype=np.float32)
        noise = np.random.default_rng(number).normal(0, grain, image.shape)
        path = tmp_path / f"{number}.jpg"
        Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8)).save(path, quality=80)
        page = read(path)
        assert "photo" in page.flags
        assert page.lines == ()


def test_good_pages_raise_no_alarm(tmp_path: Path) -> None:
    for condition in CONDITIONS:
        if condition.name in {"a3_600dpi", "photo_hard", "blurred"}:
            continue
        for page in pages_of(replace(condition), tmp_path, pack="train", seed=32, count=1):
            assert not reasons(read(page.path)), page.path.name
