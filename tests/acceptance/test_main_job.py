"""The main job through the command line, with every part real: the contract of design 9."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from bench.corpus import Corpus, load_truth
from bench.home import Home, Row, until
from bench.score import score
from classifier.separator import Sheet, encode
from yihu.household import RoomKey

DOCUMENT_KEYS = {
    "document", "file", "sha256", "pages", "state", "category", "type", "household",
    "owner", "probability", "reasons", "message", "seconds",
}  # fmt: skip
STATES = {"filed", "review", "duplicate", "rejected", "failed", "received", "reading"}


def simple_fileable(corpus: Corpus, *suffixes: str) -> Row:
    """A single-document file of the sample set that should be filed."""
    rows = [dict(row) for row in load_truth(corpus.truth)]
    files = [row["file"] for row in rows]
    for row in rows:
        whole = files.count(row["file"]) == 1 and row["pages"] == [1, 1]
        if row["expect"] == "file" and whole and row["file"].endswith(suffixes or ("",)):
            return row
    pytest.fail("the sample set holds no simple document")


def short(room: dict[str, str]) -> str:
    """A room in its short form."""
    return "-".join(room[k] for k in ("zone", "building", "unit", "room") if room[k] != "-")


def test_a_scan_dropped_in_the_inbox_ends_as_a_tick(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus)
    inbox = home.folder / "inbox"
    with home.running():
        shutil.copy(corpus.inbox / row["file"], inbox / "新扫描 1.scan")
        (line,) = until(
            lambda: [
                x for x in home.run("documents")[1] if x["state"] not in ("received", "reading")
            ]
        )
    assert line["state"] == "filed", line
    assert line["type"] == row["type"]
    assert line["household"] == row["household"]
    assert not (inbox / "新扫描 1.scan").exists()
    code, (catalogue,) = home.run("household", short(row["household"]))
    assert code == 0
    (item,) = [item for item in catalogue["items"] if line["document"] in item["documents"]]
    assert item["digital"] is True
    assert item["paper"] is False
    code, lines = home.run("verify")
    assert code == 0, lines


def test_ingest_prints_one_line_per_document_and_loses_none(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    code, lines = home.run("ingest", str(corpus.inbox))
    truth = [dict(row) for row in load_truth(corpus.truth)]
    assert code in (0, 4)
    assert {line["file"] for line in lines} == {row["file"] for row in truth}
    for line in lines:
        assert line.keys() >= DOCUMENT_KEYS
        assert line["state"] in STATES - {"received", "reading", "failed"}, line
        assert line["state"] == "filed" or line["reasons"], line
    result = score(truth, lines)
    assert result.lost == []
    assert result.wrong_household == []
    assert result.filed_must_review == []
    assert result.filed > 0
    code, again = home.run("ingest", str(corpus.inbox))
    assert {line["state"] for line in again} == {"duplicate"}


def test_files_that_cannot_be_taken_come_back_with_a_note(home: Home, corpus: Corpus) -> None:
    drop = home.folder.parent / "drop"
    drop.mkdir()
    locked = drop / "加密.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    whole = next(p for p in corpus.inbox.iterdir() if p.suffix == ".jpg").read_bytes()
    cut = drop / "截断.jpg"
    cut.write_bytes(whole[: len(whole) // 2])
    (drop / "空.png").touch()
    (drop / "表格.xlsx").write_bytes(b"PK\x03\x04 not a scan")
    code, lines = home.run("ingest", str(drop))
    assert code == 4
    reasons = {line["file"]: line["reasons"] for line in lines}
    assert {line["state"] for line in lines} == {"rejected"}
    assert reasons["加密.pdf"] == ["encrypted"]
    assert reasons["截断.jpg"] == ["truncated"]
    assert reasons["空.png"] == ["empty_file"]
    back = home.folder / "inbox" / "_rejected"
    assert (back / "截断.jpg").read_bytes() == cut.read_bytes()
    notes = "".join(p.read_text(encoding="utf-8") for p in back.glob("*.txt"))
    assert "加密" in notes
    assert "encrypted" in notes
    digest = hashlib.sha256(locked.read_bytes()).hexdigest()
    stored = list((home.folder / "store").rglob(digest))
    assert [p.read_bytes() for p in stored] == [locked.read_bytes()]


def test_a_person_decides_what_the_machine_was_not_sure_of(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus)
    _, (line,) = home.run("ingest", str(corpus.inbox / row["file"]))
    number = str(line["document"])
    code, (moved,) = home.run("review", "assign", number, "--type", "corr.notice")
    assert code == 0
    assert (moved["state"], moved["type"]) == ("filed", "corr.notice")
    _, (catalogue,) = home.run("household", short(row["household"]))
    ticked = {i["type"] for i in catalogue["items"] if line["document"] in i["documents"]}
    assert ticked == {"corr.notice"}
    home.run("review", "discard", number)
    _, (catalogue,) = home.run("household", short(row["household"]))
    assert not any(line["document"] in item["documents"] for item in catalogue["items"])
    _, (back,) = home.run("review", "restore", number)
    assert back["state"] == "review"
    assert home.run("verify")[0] == 0


def test_paper_and_digital_are_two_ticks(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus)
    home.run("ingest", str(corpus.inbox / row["file"]))
    room = short(row["household"])
    code, (catalogue,) = home.run(
        "paper", "confirm", room, "--type", row["type"], "--location", "K1-A03-2-07-15"
    )
    assert code == 0
    state = {item["type"]: item["state"] for item in catalogue["items"]}
    assert state[row["type"]] == "both"
    gone = ("paper", "withdraw", room, "--type", row["type"], "--reason")
    for nothing in ("", "  "):
        assert home.run(*gone, nothing) == (2, [])
    _, (catalogue,) = home.run(*gone, "盘点未见")
    state = {item["type"]: item["state"] for item in catalogue["items"]}
    assert state[row["type"]] == "digital"
    _, lines = home.run("gaps")
    assert all(line["type"] != row["type"] or short(line["household"]) != room for line in lines)
    assert home.run(*gone, "") == (2, [])  # and least of all does that tick
    _, (catalogue,) = home.run("household", room)
    assert {item["type"]: item["paper"] for item in catalogue["items"]}[row["type"]] is False


def test_unknown_rooms_print_nothing_and_say_what_is_near(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    assert home.run("household", "99栋9单元9999室") == (1, [])
    assert home.run("household", "阳光路88号") == (1, [])


def test_a_flipped_bit_is_found_and_named(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus)
    _, (line,) = home.run("ingest", str(corpus.inbox / row["file"]))
    (stored,) = (home.folder / "store" / "sha256").rglob(line["sha256"])
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.chmod(0o600)
    stored.write_bytes(data)
    code, lines = home.run("verify")
    assert code == 1
    assert {"check": "fixity", "subject": line["sha256"], "result": "failed"}.items() <= lines[
        0
    ].items()
    assert lines[-1]["check"] == "summary"
    assert lines[-1]["failed"] == 1


def test_search_finds_what_stands_on_the_page(home: Home, corpus: Corpus) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus)
    _, (line,) = home.run("ingest", str(corpus.inbox / row["file"]))
    code, hits = home.run("search", row["owner"].split("、")[0])
    assert code == 0
    assert [hit["document"] for hit in hits] == [line["document"]]
    assert hits[0]["snippet"]


def test_wrong_calls_exit_with_two(home: Home, tmp_path: Path) -> None:
    assert home.run("ingest", str(tmp_path / "missing.pdf"))[0] == 2
    assert home.run("documents", "--state", "nonsense")[0] == 2
    assert home.run("no-such-command")[0] == 2


def test_a_batch_is_cut_at_our_separator_sheets(home: Home, corpus: Corpus, tmp_path: Path) -> None:
    home.run("register", "import", str(corpus.register))
    row = simple_fileable(corpus, ".jpg", ".png", ".tif")
    with Image.open(corpus.inbox / row["file"]) as scan:
        page = scan.convert("RGB")
    sheet = Sheet(household=RoomKey(**row["household"]), type=row["type"], pages=1)
    foreign = separator_page("https://example.com/?YH1=3-2-501")
    pages = [separator_page(encode(sheet)), page, foreign]
    batch = tmp_path / "batch.pdf"
    pages[0].save(batch, save_all=True, append_images=pages[1:], resolution=200)
    _, lines = home.run("ingest", str(batch))
    assert [line["pages"] for line in lines] == [[2, 2], [3, 3]]
    assert [line["state"] for line in lines] == ["filed", "review"]
    assert lines[0]["household"] == row["household"]


def separator_page(payload: str) -> Image.Image:
    """A sheet of paper at 200 dpi with a QR code of 25 mm and nothing else."""
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode)
    square = Image.fromarray(np.array(code.to_image(scale=8)))
    sheet = Image.new("L", (1654, 2339), 255)
    sheet.paste(square, (300, 300))
    return sheet.convert("RGB")
