"""The generated corpus: repeatable, and true to what it says about itself."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench.corpus import Corpus, generate, load_truth
from bench.corpus.making import Task, make_file
from yihu.household import RoomKey


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    out = tmp_path_factory.mktemp("corpus")
    return generate(out, seed=3, count=24, pack="eval", households=200)


@pytest.fixture(scope="module")
def truth(corpus: Corpus) -> list[dict[str, Any]]:
    return load_truth(corpus.truth)


def _digests(corpus: Corpus) -> dict[str, str]:
    files = [path for path in corpus.inbox.rglob("*") if path.is_file()]
    files += [corpus.register, corpus.truth]
    return {
        path.relative_to(corpus.inbox.parent).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in files
    }


def _register(corpus: Corpus) -> dict[RoomKey, dict[str, str]]:
    with corpus.register.open(encoding="utf-8-sig", newline="") as rows:
        levels = ("estate", "zone", "building", "unit", "room")
        return {
            RoomKey(*(row[level] or "-" for level in levels)): row for row in csv.DictReader(rows)
        }


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    alone = generate(tmp_path / "a", seed=5, count=5, pack="train", households=120)
    together = generate(tmp_path / "b", seed=5, count=5, pack="train", households=120, workers=2)
    other = generate(tmp_path / "c", seed=6, count=2, pack="train", households=120)
    assert _digests(alone) == _digests(together)
    assert _digests(alone)["register.csv"] != _digests(other)["register.csv"]


def test_every_file_has_its_truth_and_every_truth_its_file(
    corpus: Corpus, truth: list[dict[str, Any]]
) -> None:
    files = {
        path.relative_to(corpus.inbox).as_posix()
        for path in corpus.inbox.rglob("*")
        if path.is_file()
    }
    assert files == {line["file"] for line in truth}
    assert (corpus.files, corpus.documents) == (24, len(truth))
    assert len(files) == corpus.files


def test_what_may_be_filed_names_a_room_and_an_owner_of_the_register(
    corpus: Corpus, truth: list[dict[str, Any]]
) -> None:
    register = _register(corpus)
    fileable = [line for line in truth if line["expect"] == "file"]
    assert fileable
    for line in fileable:
        row = register[RoomKey(**line["household"])]
        owners = set(row["owner"].split("、"))
        named = line["fields"]["owner"].replace("　", "")
        assert line["type"].partition(".")[0] == line["category"]
        if line["why"] != "traditional":
            assert set(re.split("[、 ，]", named)) & owners, line
        assert "room_written" in line["fields"] or line["fields"]["id_no"] in row["id_no"]
        assert line["fields"].get("title") or line["conditions"]["layout"] == "card"


def test_the_truth_holds_the_lines_of_every_page(truth: list[dict[str, Any]]) -> None:
    for line in truth:
        first, last = line["pages"]
        assert len(line["lines"]) == last - first + 1
        if line["expect"] == "file" and line["conditions"]["layout"] != "card":
            text = "".join("".join(page) for page in line["lines"]).replace(" ", "")
            assert line["fields"]["owner"].replace(" ", "") in text
            assert line["fields"]["title"].replace(" ", "") in text


def test_the_pages_of_a_tiff_are_those_of_the_truth(
    corpus: Corpus, truth: list[dict[str, Any]]
) -> None:
    last = {line["file"]: line["pages"][1] for line in truth if line["file"].endswith(".tif")}
    for name, pages in last.items():
        with Image.open(corpus.inbox / name) as image:
            assert getattr(image, "n_frames", 1) == pages


def test_a_separator_stands_before_each_document_of_some_batches(tmp_path: Path) -> None:
    tasks = [Task(tmp_path, 9, number, "train", 120, _separator_sheet) for number in range(80)]
    batches = (task for task in tasks if task.kind == "batch")
    separated = next(
        lines for lines in map(make_file, batches) if lines[0]["conditions"]["separators"]
    )
    ends = [0, *(line["pages"][1] for line in separated)]
    assert [line["pages"][0] for line in separated] == [end + 2 for end in ends[:-1]]


def _separator_sheet(_: object, dpi: int) -> Image.Image:
    return Image.new("RGB", (dpi * 8, dpi * 11), "white")


def test_the_command_line_writes_a_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.corpus.__main__ import main

    arguments = ["corpus", str(tmp_path / "out"), "--seed", "2", "--count", "1"]
    monkeypatch.setattr("sys.argv", arguments)
    assert main() == 0
    lines = (tmp_path / "out" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["file"]
