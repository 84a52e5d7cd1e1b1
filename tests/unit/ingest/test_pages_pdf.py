"""PDF pages: scans taken as they are, drawn pages, own text, and hostile files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest

from ingest.pages import Limits, inspect, page_image
from tests.unit.ingest.making import drawing, encoded, one_page_pdf, raw_pdf, scan_pdf, written
from yihu.errors import Rejected

LIMITS = Limits(max_pages=20, max_pixels=100_000_000, max_attachments=2)


def reason(path: Path) -> str:
    """The reason for which the file is refused."""
    with pytest.raises(Rejected) as refused:
        inspect(path, LIMITS)
    return refused.value.reason


def outcome(path: Path) -> str:
    """The number of pages, or the reason for which the file is refused."""
    try:
        return f"{len(inspect(path, LIMITS).pages)} pages"
    except Rejected as refused:
        return refused.reason


def test_a_scan_comes_out_with_its_own_pixels(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing(), drawing(mode="L")])
    found = inspect(path, LIMITS)
    assert len(found.pages) == 2
    first, second = (page_image(path, number, LIMITS) for number in (1, 2))
    assert first.pixels.shape == (400, 300, 3)
    assert first.dpi == 100
    assert second.pixels.shape == (400, 300)
    assert first.text == ()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("embedded", [True, False])
def test_the_page_is_turned_as_it_asks(rotate: int, embedded: bool, tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing()], rotate)
    if not embedded:  # a mark beside the picture makes the page one that is drawn
        with pikepdf.open(path, allow_overwriting_input=True) as pdf:
            pdf.pages[0].contents_add(b"0 0 1 rg 100 100 4 4 re f")
            pdf.save(path)
    grey = page_image(path, 1, LIMITS).pixels.mean(axis=2)
    expected = np.rot90(np.asarray(drawing(mode="L")), -(rotate // 90))
    assert (grey.shape[0] > grey.shape[1]) == (expected.shape[0] > expected.shape[1])
    dark = {
        (down, across)
        for down in (0.05, 0.95)
        for across in (0.05, 0.95)
        if grey[int(down * grey.shape[0]), int(across * grey.shape[1])] < 80
    }
    corner = {0: (0.05, 0.05), 90: (0.05, 0.95), 180: (0.95, 0.95), 270: (0.95, 0.05)}
    assert dark == {corner[rotate]}


def test_a_mirrored_or_cropped_picture_is_drawn_as_the_page_shows_it(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing()])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Contents = pdf.make_stream(b"q -216 0 0 288 216 0 cm /Im0 Do Q")
        pdf.save(path)
    grey = page_image(path, 1, LIMITS).pixels.mean(axis=2)
    assert grey[20, 20] > 150
    assert grey[20, -20] < 80


def test_a_cmyk_picture_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    encoded_page = encoded(drawing(mode="CMYK"), "PDF")
    path.write_bytes(encoded_page)
    grey = page_image(path, 1, LIMITS).pixels.mean(axis=2)
    assert grey[20, 20] < 80
    assert grey[20, -20] > 200


def test_a_one_bit_scan_is_told_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, "a.pdf", encoded(drawing(600, 800, "1"), "PDF", resolution=200))
    page = page_image(path, 1, LIMITS)
    assert page.bilevel
    grey = page.pixels if page.pixels.ndim == 2 else page.pixels.mean(axis=2)
    assert grey[20, 20] < 60
    assert grey[20, -20] > 200


def born_digital(path: Path, text: str, rotate: int = 0, field: bool = False) -> Path:
    """A PDF whose page shows text in a font with a character map.

    With `rotate` 90 the text runs upwards in the file, so that the page shows it upright.
    """
    lines = text.split("\n")
    shown = ""
    for n, line in enumerate(lines):
        place = f"0 1 -1 0 {82 + 24 * n} 72" if rotate else f"1 0 0 1 72 {760 - 24 * n}"
        shown += f"{place} Tm <{line.encode('utf-16-be').hex()}> Tj "
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    codes = sorted({char for line in lines for char in line})
    mapping = "\n".join(f"<{ord(c):04x}> <{ord(c):04x}>" for c in codes)
    cmap = pdf.make_stream(
        b"/CIDInit /ProcSet findresource begin begincmap /CMapName /A def "
        b"1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + f"{len(codes)} beginbfchar\n{mapping}\nendbfchar endcmap end".encode()
    )
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type0,
        BaseFont=pikepdf.Name("/STSong-Light"),
        Encoding=pikepdf.Name("/Identity-H"),
        ToUnicode=cmap,
        DescendantFonts=pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Font,
                    Subtype=pikepdf.Name.CIDFontType0,
                    BaseFont=pikepdf.Name("/STSong-Light"),
                    CIDSystemInfo=pikepdf.Dictionary(
                        Registry=pikepdf.String("Adobe"),
                        Ordering=pikepdf.String("GB1"),
                        Supplement=2,
                    ),
                    DW=1000,
                )
            ]
        ),
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(f"BT /F1 14 Tf {shown} ET".encode())
    if rotate:
        page.Rotate = rotate
    if field:
        page.Annots = pikepdf.Array(
            [
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.FreeText,
                    Rect=[100, 100, 200, 120],
                    Contents=pikepdf.String("3-2-501"),
                )
            ]
        )
    pdf.save(path)
    return path


TEXT = """阳光花园装修申请表
业主姓名：张伟
房号：3栋2单元501室
联系电话：13800138000
装修内容：地面及墙面翻新"""


@pytest.mark.parametrize("rotate", [0, 90])
def test_text_of_a_page_that_was_born_digital_is_taken_as_it_is(
    rotate: int, tmp_path: Path
) -> None:
    page = page_image(born_digital(tmp_path / "a.pdf", TEXT, rotate), 1, LIMITS)
    assert [line.text for line in page.text] == TEXT.split("\n")
    left, top, right, bottom = page.text[0].box
    assert 0.05 < left < right < 0.9
    assert 0.05 < top < bottom < 0.2


def test_text_that_is_shown_sideways_is_left_to_recognition(tmp_path: Path) -> None:
    path = born_digital(tmp_path / "a.pdf", TEXT)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].Rotate = 90
        pdf.save(path)
    assert page_image(path, 1, LIMITS).text == ()


def test_a_few_words_or_nonsense_are_not_trusted(tmp_path: Path) -> None:
    assert page_image(born_digital(tmp_path / "a.pdf", "装修申请表"), 1, LIMITS).text == ()
    nonsense = "".join(chr(0xE000 + n) for n in range(60))
    assert page_image(born_digital(tmp_path / "b.pdf", nonsense), 1, LIMITS).text == ()


def test_a_form_that_was_filled_in_is_recognised_not_trusted(tmp_path: Path) -> None:
    page = page_image(born_digital(tmp_path / "a.pdf", TEXT, field=True), 1, LIMITS)
    assert page.text == ()


def test_an_old_recognition_layer_over_a_scan_is_not_trusted(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing()])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        layer = f"BT 3 Tr /F1 9 Tf 10 10 Td ({'bad old text ' * 9}) Tj ET".encode()
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        pdf.pages[0].Resources.Font = pikepdf.Dictionary(F1=font)
        pdf.pages[0].contents_add(layer)
        pdf.save(path)
    page = page_image(path, 1, LIMITS)
    assert page.text == ()
    assert page.pixels.shape == (400, 300, 3)


def test_a_password_is_asked_for_only_where_opening_needs_it(tmp_path: Path) -> None:
    plain = scan_pdf(tmp_path / "a.pdf", [drawing()])
    locked, owned = tmp_path / "locked.pdf", tmp_path / "owned.pdf"
    with pikepdf.open(plain) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
        pdf.save(owned, encryption=pikepdf.Encryption(owner="o", user=""))
    assert reason(locked) == "encrypted"
    assert inspect(owned, LIMITS).encrypted
    assert page_image(owned, 1, LIMITS).pixels.shape == (400, 300, 3)
    assert not inspect(plain, LIMITS).encrypted


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8, 0.95, 0.99])
def test_a_pdf_cut_short_is_truncated(share: float, tmp_path: Path) -> None:
    data = scan_pdf(tmp_path / "a.pdf", [drawing(), drawing()]).read_bytes()
    assert reason(written(tmp_path, "cut.pdf", data[: int(len(data) * share)])) == "truncated"


def test_a_scan_with_a_truncated_picture_is_not_read_as_whole(tmp_path: Path) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing()])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        picture = pdf.pages[0].Resources.XObject.Im0
        data = picture.read_raw_bytes()
        picture.write(data[: len(data) // 2], filter=pikepdf.Name.DCTDecode)
        pdf.save(path)
    with pytest.raises(Rejected) as refused:
        page_image(path, 1, LIMITS)
    assert refused.value.reason == "truncated"


def test_a_file_that_only_looks_like_a_pdf_is_broken(tmp_path: Path) -> None:
    path = written(tmp_path, "a.pdf", b"%PDF-1.4\nnothing here\nstartxref\n9\n%%EOF\n")
    assert reason(path) == "broken"


def test_no_pages_and_too_many_pages(tmp_path: Path) -> None:
    none = raw_pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])
    assert reason(written(tmp_path, "none.pdf", none)) in {"no_pages", "broken"}
    many = scan_pdf(tmp_path / "many.pdf", [drawing(8, 8)] * 21)
    assert reason(many) == "too_many_pages"


@pytest.mark.parametrize(("attached", "expected"), [(2, "1 pages"), (3, "too_many_attachments")])
def test_attachments_are_counted_and_never_opened(
    attached: int, expected: str, tmp_path: Path
) -> None:
    path = scan_pdf(tmp_path / "a.pdf", [drawing(8, 8)])
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        for number in range(attached):
            pdf.attachments[f"{number}.pdf"] = b"%PDF-1.4 broken"
        pdf.save(path)
    assert outcome(path) == expected


def test_a_count_of_a_thousand_million_pages_costs_nothing(tmp_path: Path) -> None:
    data = raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
        ]
    )
    path = written(tmp_path, "a.pdf", data)
    assert outcome(path) in {"1 pages", "too_many_pages", "no_pages", "broken"}


def test_a_page_tree_that_bites_its_tail_ends(tmp_path: Path) -> None:
    data = raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 2 >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 2 >>",
        ]
    )
    path = written(tmp_path, "a.pdf", data)
    assert outcome(path) in {"2 pages", "broken", "no_pages"}


def test_a_page_larger_than_the_limit_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    data = one_page_pdf(b"0 0 10 10 re f", box=b"0 0 14400 14400")
    assert reason(written(tmp_path, "a.pdf", data)) == "too_many_pixels"


def test_a_large_drawing_is_read_at_a_lower_resolution(tmp_path: Path) -> None:
    data = one_page_pdf(b"0 0 500 500 re f", box=b"0 0 2384 3370")
    page = page_image(written(tmp_path, "a0.pdf", data), 1, LIMITS)
    assert max(page.pixels.shape) <= 4201
    assert page.dpi is not None
    assert page.dpi < 100
