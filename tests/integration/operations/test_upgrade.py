"""Servers are upgraded one by one: workers of the version before work on beside the newer one."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from bench.home import Home
from catalog import migrate
from catalog.database import Database
from catalog.migrate import revision
from tests.next_version import NEXT, upgrade_with_next


def paper(path: Path, text: str) -> str:
    """A small born-digital paper, read in milliseconds."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        helvetica = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=helvetica))
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode())
        pdf.save(path)
    return str(path)


@pytest.mark.timeout(240)
def test_a_worker_of_the_version_before_starts_and_works_beside_the_newer_one(
    home: Home, tmp_path: Path
) -> None:
    assert home.run("init")[0] == 0
    database = Database(f"sqlite:///{home.folder / 'yihu.db'}")
    upgrade_with_next(database, tmp_path / "scripts", migrate.HEAD)
    _, [line] = home.run("ingest", paper(tmp_path / "paper.pdf", "Read beside the newer one"))
    assert line["state"] == "review"
    with database.read() as session:
        assert revision(session.connection()) == NEXT
    database.dispose()
