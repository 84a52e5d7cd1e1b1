"""Reading again loses nothing and moves nothing that is filed; copies can be searched."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest

from bench.corpus import Corpus
from bench.home import Home

pytestmark = pytest.mark.timeout(400)


def test_reading_again_keeps_every_reading_and_what_is_filed(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    files = sorted(path for path in corpus.inbox.rglob("*") if path.suffix in {".jpg", ".png"})[:5]
    _, lines = home.run("ingest", *map(str, files))
    read = [line for line in lines if line["state"] in ("filed", "review")]
    filed = [line for line in read if line["state"] == "filed"]
    assert filed
    before = {
        line["document"]: home.run("documents", "--readings", str(line["document"]))[1]
        for line in read
    }
    code, pages = home.run("reread", "--all", "--engine", "tesseract")
    assert code == 0
    assert len(pages) == sum(len(rows) for rows in before.values())
    assert {page["verdict"] for page in pages} <= {"kept", "taken", "same"}
    _, after = home.run("documents")
    states = {line["document"]: line for line in after}
    for line in filed:
        now = states[line["document"]]
        assert (now["state"], now["type"], now["household"]) == (
            "filed",
            line["type"],
            line["household"],
        )
    for number, rows in before.items():
        _, told = home.run("documents", "--readings", str(number))
        assert [row["reading"] for row in rows] == [
            row["reading"] for row in told if row["engine"] != "tesseract"
        ]
        assert sum(row["current"] for row in told) == len(rows)
        assert sum(row["engine"] == "tesseract" for row in told) <= len(rows)
    _, summary = home.run("verify")
    assert summary[-1]["failed"] == 0


def test_a_filed_document_has_a_copy_that_can_be_searched(
    home: Home, corpus: Corpus, tmp_path: Path
) -> None:
    home.run("register", "import", str(corpus.register))
    files = sorted(path for path in corpus.inbox.rglob("*") if path.suffix in {".jpg", ".png"})[:4]
    _, lines = home.run("ingest", *map(str, files))
    line = next(line for line in lines if line["state"] == "filed")
    target = tmp_path / "copy.pdf"
    code, told = home.run("searchable", str(line["document"]), str(target))
    assert code == 0
    assert told[0]["file"] == str(target)
    with pdfium.PdfDocument(target) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert line["household"]["room"] in text
    with pikepdf.open(target) as pdf, pdf.open_metadata() as metadata:
        assert metadata.pdfa_status == "2B"
    stored = home.folder / "store" / "derivatives" / "searchable" / line["sha256"]
    (copy,) = stored.iterdir()
    copy.unlink()  # a derivative: made again when it is asked for
    assert home.run("searchable", str(line["document"]), str(tmp_path / "b.pdf"))[1][0]["made_now"]
    assert (tmp_path / "b.pdf").read_bytes() == target.read_bytes()
    assert home.run("searchable", "9999", str(tmp_path / "c.pdf"))[0] != 0
