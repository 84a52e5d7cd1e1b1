"""Reading again loses nothing and moves nothing that is filed; copies can be searched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest
from sqlalchemy import select

from bench.corpus import Corpus
from bench.home import Home
from catalog import households
from catalog.models import Reading
from worker.home import open_home
from yihu.page import PageText
from yihu.settings import load

pytestmark = pytest.mark.timeout(400)


@pytest.mark.slow
def test_reading_again_keeps_every_reading_and_what_is_filed(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    files = sorted(path for path in corpus.inbox.rglob("*") if path.suffix in {".jpg", ".png"})[:3]
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
    files = sorted(path for path in corpus.inbox.rglob("*") if path.suffix in {".jpg", ".png"})[:3]
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


def grown_old(home: Home, sha256: str) -> None:
    """The stored readings of an original as an older model would have left them: less sure."""
    database = open_home(load(home.folder))
    with database.write() as session:
        for row in session.scalars(select(Reading).where(Reading.sha256 == sha256)):
            page = PageText.unpack(row.packed)
            lines = tuple(replace(line, confidence=line.confidence * 0.9) for line in page.lines)
            row.packed, row.version = replace(page, lines=lines, version="old").pack(), "old"
    database.dispose()


@pytest.mark.slow
def test_a_newer_model_takes_over_and_a_filed_document_only_says_that_it_disagrees(
    home: Home, corpus: Corpus
) -> None:
    home.run("register", "import", str(corpus.register))
    files = sorted(path for path in corpus.inbox.rglob("*") if path.suffix in {".jpg", ".png"})[:3]
    _, lines = home.run("ingest", *map(str, files))
    line = next(line for line in lines if line["state"] == "filed")
    number, right = str(line["document"]), line["household"]
    database = open_home(load(home.folder))
    with database.read() as session:
        other = next(
            record
            for record in households.records(session)
            if record.key.as_dict() != right and record.key.building != right["building"]
        )
    database.dispose()
    assert home.run("review", "assign", number, "--household", str(other.key))[0] == 0
    grown_old(home, line["sha256"])
    code, pages = home.run("reread", number)
    assert code == 0
    assert {page["verdict"] for page in pages} == {"taken"}
    _, told = home.run("documents", "--readings", number)
    assert [row["current"] for row in told] == [False, True] * len(pages)
    assert told[0]["version"] == "old"
    _, after = home.run("documents")
    now = next(row for row in after if row["document"] == line["document"])
    assert now["state"] == "filed"
    assert now["household"] == other.key.as_dict()
    assert now["reasons"] == ["reread_differs"]
    assert "归档未改动" in now["message"]
