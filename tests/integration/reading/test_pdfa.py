"""Searchable copies before an independent validator: PDFBox preflight, which knows PDF/A-1b.

A copy is PDF/A-2b. For the validator its mark is changed to 1b, its metadata is
written in the one form that it reads, and two findings are let through that
PDF/A-1 alone has: colour profiles only of version 2 (6.2.2 of ISO 19005-2 takes
version 4), and a CIDSet beside an embedded font (6.2.11.4.2 there: optional).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest.pages import Limits
from ingest.searchable import join, write_page
from yihu.page import Line, PageText

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        "preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "javax.activation",
        "jaxb-api",
    )
]  # fmt: skip
OF_PDFA_1_ALONE = ("2.1.6 : Invalid graphics object, Invalid version of the ICCProfile",
                   "The CIDSet entry is missing for the Composite Subset")  # fmt: skip
SPACES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
}
WIDTH, HEIGHT = 600, 800

pytestmark = pytest.mark.skipif(
    not all(jar.exists() for jar in JARS), reason="no PDF/A validator: make servers"
)


def text(number: int, rotation: int = 0) -> PageText:
    """A page with Chinese and other letters on it."""
    lines = (
        Line("装修申请表 3栋2单元501室", (0.1, 0.1, 0.7, 0.15), 0.9),
        Line("𠮷野 ☑ ABC-123", (0.1, 0.3, 0.6, 0.35), 0.9),
    )
    return PageText(number, lines, WIDTH, HEIGHT, rotation=rotation)


def sources(folder: Path) -> dict[str, Path]:
    """Scans of every kind, and a PDF that draws text with a font that is not embedded."""
    pixels = np.full((HEIGHT, WIDTH, 3), 240, dtype=np.uint8)
    pixels[:100, :200] = (30, 60, 90)
    image = Image.fromarray(pixels)
    made: dict[str, Path] = {}
    for name, mode, save in (
        ("colour.jpg", "RGB", {}),
        ("grey.jpg", "L", {}),
        ("cmyk.jpg", "CMYK", {}),
        ("alpha.png", "RGBA", {}),
        ("palette.png", "P", {}),
        ("fax.tif", "1", {"compression": "group4"}),
        ("lossless.tif", "RGB", {"compression": "tiff_lzw"}),
        ("photo.webp", "RGB", {}),
    ):
        made[name] = folder / name
        image.convert(mode).save(made[name], dpi=(150, 150), **save)
    made["drawn.pdf"] = folder / "drawn.pdf"
    canvas = Canvas(str(made["drawn.pdf"]), pagesize=(300, 400))
    canvas.drawString(30, 300, "drawn with Helvetica")
    canvas.setFillAlpha(0.5)
    canvas.rect(30, 30, 100, 100, fill=1)
    canvas.save()
    made["scan.pdf"] = folder / "scan.pdf"
    image.save(made["scan.pdf"], resolution=150)
    return made


def for_the_validator(copy: Path, target: Path) -> None:
    """The same copy as it must be for a validator of PDF/A-1b."""
    assert copy.read_bytes().startswith(b"%PDF-1.7")
    with pikepdf.open(copy) as pdf:
        assert "/ID" in pdf.trailer
        written = pdf.Root.Metadata.read_bytes().decode()
        assert ">2</pdfaid:part>" in written
        written = written.replace(">2</pdfaid:part>", ">1</pdfaid:part>")
        for prefix, space in SPACES.items():
            written = written.replace(f' xmlns:{prefix}="{space}"', "")
        declared = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())
        written = written.replace('rdf:about=""', f'rdf:about=""{declared}')
        pdf.Root.Metadata = pdf.make_stream(
            written.encode(), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        pdf.save(
            target,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            force_version="1.4",
            deterministic_id=True,
        )


def findings(folder: Path) -> list[str]:
    """What the validator finds in the PDFs of a folder beside what only PDF/A-1 asks for."""
    command = ["java", "-cp", ":".join(map(str, JARS))]
    command += ["org.apache.pdfbox.preflight.Validator_A1b", "group", str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120)
    told = [line.strip() for line in (said.stdout + said.stderr).splitlines() if line.strip()]
    assert sum(line.startswith("The file") for line in told) == len(list(folder.glob("*.pdf")))
    return [
        line
        for line in told
        if not line.startswith("The file") and not any(known in line for known in OF_PDFA_1_ALONE)
    ]


@pytest.mark.timeout(180)
def test_copies_of_every_kind_of_scan_are_valid(tmp_path: Path) -> None:
    checked = tmp_path / "checked"
    checked.mkdir()
    for number, (name, source) in enumerate(sources(tmp_path).items()):
        parts = [tmp_path / f"{name}-{part}.part" for part in (1, 2)]
        for part, target in enumerate(parts):
            write_page(str(source), text(1, 90 * part), str(target), Limits())
        whole = tmp_path / f"{name}.copy"
        join([str(part) for part in parts], str(whole), "样张 sample")
        for_the_validator(whole, checked / f"{number}-{name}.pdf")
    assert findings(checked) == []


@pytest.mark.timeout(120)
def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    checked = tmp_path / "checked"
    checked.mkdir()
    source = sources(tmp_path)["colour.jpg"]
    write_page(str(source), text(1), str(tmp_path / "part"), Limits())
    join([str(tmp_path / "part")], str(tmp_path / "whole"), "样张 sample")
    for_the_validator(tmp_path / "whole", tmp_path / "good")
    with pikepdf.open(tmp_path / "good") as pdf:
        del pdf.Root.OutputIntents
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")
        pdf.save(checked / "bad.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert len(findings(checked)) >= 2
