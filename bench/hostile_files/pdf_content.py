"""PDF with things a scan has not: scripts, forms, attachments, passwords, odd codecs."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import pikepdf

from bench.hostile_files.case import Case
from bench.hostile_files.drawing import encoded, photo, scrap
from bench.hostile_files.pdf_writing import image, simple, stream, with_image

_LOOK = ("review",)


def active() -> Iterator[Case]:
    """JavaScript, forms, XFA, attachments, launch actions: shown, never run."""
    script = b"<</S/JavaScript/JS(while\\(true\\){app.alert\\('x'\\);})>>"
    yield Case("pdf-active", "script.pdf", simple(1, root=b"/OpenAction " + script), _LOOK)
    on_open = b"/AA<</O%s/C%s>>" % (script, script)
    yield Case("pdf-active", "page-script.pdf", simple(2, page=on_open), _LOOK)
    launch = b"/OpenAction<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>>>"
    yield Case("pdf-active", "launch.pdf", simple(3, root=launch), _LOOK)
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(value)/Rect[50 50 250 80]/F 4/P 3 0 R>>"
    form = b"/AcroForm<</Fields[10 0 R]/NeedAppearances true/DA(/F 12 Tf 0 g)>>"
    yield Case(
        "pdf-active",
        "form.pdf",
        simple(4, root=form, page=b"/Annots[10 0 R]", more={10: field}),
        _LOOK,
    )
    xfa = b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'><template/></xdp:xdp>"
    dynamic = b"/AcroForm<</Fields[]/XFA 10 0 R>>/NeedsRendering true"
    yield Case("pdf-active", "xfa.pdf", simple(5, root=dynamic, more={10: stream(xfa)}), _LOOK)
    attached = b"/Names<</EmbeddedFiles<</Names[(x.exe)11 0 R]>>>>"
    parts = {10: stream(b"MZ" + bytes(5000)), 11: b"<</Type/Filespec/F(x.exe)/EF<</F 10 0 R>>>>"}
    yield Case("pdf-active", "attachment.pdf", simple(6, root=attached, more=parts), _LOOK)
    far = b"/OpenAction<</S/URI/URI(http://192.0.2.1/x)>>"
    yield Case("pdf-active", "calls-home.pdf", simple(7, root=far), _LOOK)
    outside = b"<</Length 0/F(/etc/passwd)/FFilter/ASCIIHexDecode>>stream\n\nendstream"
    yield Case("pdf-active", "outside-stream.pdf", simple(8, content=outside), _LOOK)


def locked() -> Iterator[Case]:
    """Passwords and certificates."""
    ends = ("rejected:encrypted",)
    for revision, aes in ((2, False), (3, False), (4, True), (6, True)):
        name = f"user-r{revision}.pdf"
        yield Case("pdf-encrypted", name, _locked(20 + revision, "u", revision, aes), ends)
        name = f"owner-r{revision}.pdf"
        yield Case("pdf-encrypted", name, _locked(30 + revision, "", revision, aes), _LOOK)
    sealed = simple(40).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4"
        b"/CF<</DefaultCryptFilter<</CFM/AESV2/Recipients[<30>]>>>>/StmF/DefaultCryptFilter>>",
    )
    yield Case("pdf-encrypted", "certificate.pdf", sealed, ends)
    odd = simple(41).replace(
        b"/Root 1 0 R", b"/Root 1 0 R/ID[<00><00>]/Encrypt<</Filter/Nobody.Knows/V 1>>"
    )
    yield Case("pdf-encrypted", "unknown-handler.pdf", odd, ends)


def _locked(seed: int, user: str, revision: int, aes: bool) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(simple(seed))) as pdf:
        lock = pikepdf.Encryption(
            user=user, owner="o", R=revision, aes=aes, metadata=revision > 3  # type: ignore[arg-type]
        )  # fmt: skip
        pdf.save(out, encryption=lock)
    return out.getvalue()


def codecs() -> Iterator[Case]:
    """Scans in the codecs PDF knows."""
    paper = scrap("codec", (800, 1100), "1")
    grey = b"/ColorSpace/DeviceGray/BitsPerComponent "
    fax = fax_strip(paper)
    kind = b"%s1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 800/Rows 1100>>" % grey
    yield Case("pdf-codec", "ccitt.pdf", with_image(50, image(800, 1100, fax, kind)), _LOOK)
    data = jbig2(800, 1100, fax)
    kind = grey + b"1/Filter/JBIG2Decode"
    yield Case("pdf-codec", "jbig2.pdf", with_image(51, image(800, 1100, data, kind)), _LOOK)
    data = encoded(photo("jpx"), "JPEG2000")
    yield Case(
        "pdf-codec", "jpx.pdf", with_image(52, image(640, 480, data, b"/Filter/JPXDecode")), _LOOK
    )
    data = encoded(photo("cmyk").convert("CMYK"), "JPEG")
    kind = b"/ColorSpace/DeviceCMYK/BitsPerComponent 8/Filter/DCTDecode/Decode[1 0 1 0 1 0 1 0]"
    yield Case("pdf-codec", "cmyk.pdf", with_image(53, image(640, 480, data, kind)), _LOOK)
    data = photo("deep").convert("L").resize((320, 480)).tobytes()
    kind = grey + b"16"
    yield Case("pdf-codec", "16-bit.pdf", with_image(54, image(160, 480, data, kind)), _LOOK)
    cut = encoded(photo("cut"), "JPEG")
    kind = b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    yield Case(
        "pdf-codec",
        "cut-jpeg-inside.pdf",
        with_image(55, image(640, 480, cut[: len(cut) // 3], kind)),
        ("review", "rejected:truncated", "rejected:broken"),
    )
    kind = grey + b"1/Filter/JBIG2Decode"
    broken = jbig2(800, 1100, fax[: len(fax) // 2])
    yield Case("pdf-codec", "cut-jbig2.pdf", with_image(56, image(800, 1100, broken, kind)), _LOOK)


def fax_strip(paper: object) -> bytes:
    """The group 4 data of a bilevel image."""
    from PIL import Image

    assert isinstance(paper, Image.Image)
    whole = encoded(paper, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(io.BytesIO(whole)) as made:
        (start,), (length,) = made.tag_v2[273], made.tag_v2[279]  # type: ignore[attr-defined]
    return whole[start : start + length]


def jbig2(width: int, height: int, fax: bytes, claimed: tuple[int, int] | None = None) -> bytes:
    """A JBIG2 page as PDF embeds it: one generic region coded like a fax."""
    page = struct.pack(">IIIIBH", *(claimed or (width, height)), 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + fax
    return _segment(0, 48, page) + _segment(1, 38, region)


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
