"""The format is told from content, and a file that is not whole is told cheaply."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ingest.formats import Format, complete, sniff
from tests.unit.ingest.making import drawing, encoded, noisy, raw_pdf, scan_pdf, written

PDF = raw_pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


def samples() -> dict[Format, bytes]:
    """One whole file of every readable format."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    image = noisy(160, 120)
    return {
        Format.PDF: PDF,
        Format.JPEG: encoded(image, "JPEG"),
        Format.PNG: encoded(image, "PNG"),
        Format.TIFF: encoded(image, "TIFF", compression="tiff_lzw"),
        Format.BMP: encoded(image, "BMP"),
        Format.WEBP: encoded(image, "WEBP"),
        Format.GIF: encoded(image, "GIF"),
        Format.HEIC: encoded(image, "HEIF"),
        Format.JPEG2000: encoded(image, "JPEG2000"),
    }


SAMPLES = samples()


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_extension_does_not_matter(kind: Format, tmp_path: Path) -> None:
    path = written(tmp_path, "scan.docx", SAMPLES[kind])
    assert sniff(path) is kind
    assert complete(path, kind)
    assert kind.readable


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97])
def test_a_file_cut_anywhere_is_not_complete(kind: Format, share: float, tmp_path: Path) -> None:
    data = SAMPLES[kind]
    path = written(tmp_path, "cut", data[: max(16, int(len(data) * share))])
    assert not complete(path, kind)


@pytest.mark.parametrize("kind", sorted(set(SAMPLES) - {Format.HEIC, Format.JPEG2000}))
def test_bytes_that_a_device_adds_after_the_end_are_tolerated(kind: Format, tmp_path: Path) -> None:
    path = written(tmp_path, "tail", SAMPLES[kind] + bytes(64))
    assert complete(path, kind)


@pytest.mark.parametrize("kind", [Format.JPEG, Format.PNG, Format.PDF, Format.GIF])
def test_reserved_space_that_is_still_zero_is_not_complete(kind: Format, tmp_path: Path) -> None:
    data = SAMPLES[kind]
    half = len(data) // 2
    assert not complete(written(tmp_path, "zero", data[:half] + bytes(len(data) - half)), kind)


def test_an_empty_file_and_one_of_zeros_are_not_complete(tmp_path: Path) -> None:
    empty = written(tmp_path, "empty.pdf", b"")
    assert sniff(empty) is Format.EMPTY
    assert not complete(empty, Format.EMPTY)
    zeros = written(tmp_path, "zeros.pdf", bytes(5000))
    assert sniff(zeros) is Format.UNKNOWN
    assert not complete(zeros, Format.UNKNOWN)


def test_the_end_marker_of_a_thumbnail_does_not_make_a_jpeg_whole(tmp_path: Path) -> None:
    thumbnail = encoded(drawing(40, 30), "JPEG")
    whole = encoded(noisy(), "JPEG")
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    data = whole[:2] + segment + whole[2:]
    assert complete(written(tmp_path, "a.jpg", data), Format.JPEG)
    assert not complete(written(tmp_path, "b.jpg", data[:-300]), Format.JPEG)


def test_an_update_of_a_pdf_that_broke_off_is_not_complete(tmp_path: Path) -> None:
    path = written(tmp_path, "a.pdf", PDF + b"7 0 obj\n<< /Type /Page")
    assert not complete(path, Format.PDF)


def test_a_linearised_pdf_is_not_complete_before_its_told_length(tmp_path: Path) -> None:
    head = b"%PDF-1.4\n1 0 obj\n<< /Linearized 1 /L 99999 /N 1 >>\nendobj\n"
    path = written(tmp_path, "a.pdf", head + b"startxref\n9\n%%EOF\n")
    assert not complete(path, Format.PDF)


def test_a_tiff_of_several_pages_needs_them_all(tmp_path: Path) -> None:
    pages = [noisy(90, 80), noisy(80, 90)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert complete(written(tmp_path, "a.tif", data), Format.TIFF)
    assert not complete(written(tmp_path, "b.tif", data[:-500]), Format.TIFF)


def test_a_tiff_directory_loop_ends(tmp_path: Path) -> None:
    data = b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + b"\x08\x00\x00\x00"
    complete(written(tmp_path, "loop.tif", data), Format.TIFF)


def zip_with(path: Path, names: list[str]) -> Path:
    """A zip holding empty members of these names."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["[Content_Types].xml", "word/document.xml"], Format.OFFICE),
        (["OFD.xml", "Doc_0/Document.xml"], Format.OFD),
        (["照片/1.jpg"], Format.ZIP),
    ],
)
def test_a_zip_is_known_by_what_it_holds(names: list[str], kind: Format, tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.pdf", names)
    assert sniff(path) is kind
    assert not kind.readable
    assert complete(path, kind)
    cut = written(tmp_path, "cut", path.read_bytes()[:60])
    assert not complete(cut, Format.ZIP)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Format.OFFICE),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(40), Format.VIDEO),
        (b"\x00\x00\x00\x18ftypqt  " + bytes(40), Format.VIDEO),
        (b"\x00\x00\x00\x18ftypM4A " + bytes(40), Format.AUDIO),
        (b"\x1a\x45\xdf\xa3" + bytes(40), Format.VIDEO),
        (b"RIFF\x00\x00\x00\x00AVI LIST", Format.VIDEO),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", Format.AUDIO),
        (b"ID3\x03" + bytes(40), Format.AUDIO),
        (b"MZ\x90\x00" + bytes(100), Format.PROGRAM),
        (b"From: a@b\nReceived: by x", Format.EMAIL),
        (b"Received: from x\r\nSubject: y", Format.EMAIL),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", Format.HTML),
        ("业主须知\n".encode(), Format.TEXT),
        ("业主须知，请阅读。\n".encode("gb18030"), Format.TEXT),
        (b"\x01\x02\x03\x04\x80\x81\xff", Format.UNKNOWN),
    ],
)
def test_what_cannot_be_read_is_recognised(head: bytes, kind: Format, tmp_path: Path) -> None:
    path = written(tmp_path, "scan.pdf", head)
    found = sniff(path)
    assert found is kind or (kind is Format.EMAIL and found is Format.TEXT)
    assert not found.readable


def test_a_whole_scan_pdf_is_complete(tmp_path: Path) -> None:
    assert complete(scan_pdf(tmp_path / "a.pdf", [drawing()]), Format.PDF)


def test_the_watcher_loads_no_decoder() -> None:
    code = (
        "import sys, ingest.formats, ingest.formats_whole, ingest.sandbox;"
        "import ingest.pages, ingest.reading;"
        "heavy = {'numpy', 'cv2', 'PIL', 'onnxruntime', 'pypdfium2', 'pikepdf'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
