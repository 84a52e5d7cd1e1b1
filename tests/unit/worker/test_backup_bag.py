"""What the exported bag is made of: pages cut out, names that every system takes."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from catalog.models import Arrival, Document, Original
from worker.exporting import cut_pages, extension, free_name, is_part, must_be_free, safe_name
from yihu.errors import Rejected, Usage


def test_pages_of_a_pdf_are_cut_out(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        for width in (100, 200, 300):
            pdf.add_blank_page(page_size=(width, 100))
        pdf.save(path)
    with pikepdf.open(io.BytesIO(cut_pages(path, "pdf", 2, 3))) as cut:
        assert [int(page.mediabox[2]) for page in cut.pages] == [200, 300]


def test_pages_of_a_tiff_are_cut_out(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pages = [Image.new("L", (width, 10), width) for width in (10, 20, 30)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    with Image.open(io.BytesIO(cut_pages(path, "tiff", 2, 3))) as cut:
        assert getattr(cut, "n_frames", 1) == 2
        assert cut.size == (20, 10)
        assert cut.getpixel((0, 0)) == 20


def test_what_cannot_be_cut_is_refused_never_given_whole(tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        cut_pages(tmp_path / "a.gif", "gif", 1, 2)


@pytest.mark.parametrize(
    ("first", "last", "pages", "part"),
    [(1, 3, 3, False), (1, 1, 1, False), (1, 2, 3, True), (2, 3, 3, True), (1, 1, None, False)],
)
def test_a_part_is_a_document_that_is_not_all_pages(
    first: int, last: int, pages: int | None, part: bool
) -> None:
    document = Document(first_page=first, last_page=last)
    assert is_part(document, Original(sha256="0", pages=pages)) is part


@pytest.mark.parametrize(
    ("kind", "dropped", "expected"),
    [("jpeg", "甲.scan", ".jpg"), ("video", "a.MP4", ".mp4"), ("", "a.坏名", ".bin")],
)
def test_extensions_follow_the_content(kind: str, dropped: str, expected: str) -> None:
    document = Document(arrival=Arrival(path=dropped))
    assert extension(document, Original(sha256="0", format=kind)) == expected


@given(st.text())
def test_names_hold_no_separators_and_no_control_characters(text: str) -> None:
    name = safe_name(text)
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>|\0\n')


def test_a_name_that_is_taken_gets_a_number() -> None:
    taken = {"a.pdf"}
    assert [free_name("A.pdf", taken) for _ in range(2)] == ["A (2).pdf", "A (3).pdf"]


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    must_be_free(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(Usage):
        must_be_free(tmp_path)
    with pytest.raises(Usage):
        must_be_free(tmp_path / "a")
