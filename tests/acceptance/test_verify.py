"""`yihu verify`: whatever was altered behind the system's back is found and named."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.corpus import Corpus, generate
from bench.home import Home, Row, until

pytestmark = pytest.mark.embedded

Harm = Callable[["Filed"], str]


@dataclass
class Filed:
    """A home with filed documents; `harm`s alter it."""

    home: Home

    @property
    def originals(self) -> list[Path]:
        """Every stored original."""
        named = [path for path in (self.home.folder / "store").rglob("*") if path.is_file()]
        return sorted(path for path in named if len(path.name) == 64)

    def sql(self, *statements: str) -> None:
        """Change the database as somebody with the file could, triggers taken away."""
        with sqlite3.connect(self.home.folder / "yihu.db") as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in rows.fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                changed = connection.execute(statement).rowcount
                assert changed, statement
        connection.close()

    def verify(self, *arguments: str) -> tuple[int, list[Row], Row]:
        """Exit code, findings and summary."""
        code, lines = self.home.run("verify", *arguments)
        return code, lines[:-1], lines[-1]


@pytest.fixture(scope="module")
def filed_once(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("verify")
    corpus: Corpus = generate(folder / "scans", seed=515, count=12, pack="eval", workers=2)
    home = Home(folder / "home")
    home.run("register", "import", str(corpus.register))
    _, lines = home.run("ingest", str(corpus.inbox))
    assert sum(line["state"] == "filed" for line in lines) >= 2
    assert home.run("verify")[0] == 0
    return home


@pytest.fixture
def filed(filed_once: Home, tmp_path: Path) -> Filed:
    subprocess.run(["cp", "-a", filed_once.folder, tmp_path / "home"], check=True)
    return Filed(Home(tmp_path / "home"))


def flip_a_bit(filed: Filed) -> str:
    victim = filed.originals[0]
    victim.chmod(0o600)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    return victim.name


def delete_an_original(filed: Filed) -> str:
    filed.originals[1].unlink()
    return "missing"


def add_an_object(filed: Filed) -> str:
    (filed.originals[0].parent / "notes.txt").write_text("mine")
    return "notes.txt"


def swap_two_originals(filed: Filed) -> str:
    first, second = filed.originals[:2]
    aside = first.with_name("aside")
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
    return second.name


def edit_an_event(filed: Filed) -> str:
    filed.sql("UPDATE event SET actor = 'nobody' WHERE seq = 3")
    return "event:3"


def delete_an_event(filed: Filed) -> str:
    filed.sql("DELETE FROM event WHERE seq = 4")
    return "event:4"


def edit_a_tick(filed: Filed) -> str:
    filed.sql("UPDATE holding SET type = 'movein.handover' WHERE id = 1")
    return "holding:1"


def make_up_a_tick(filed: Filed) -> str:
    filed.sql(
        "CREATE TEMP TABLE made AS SELECT * FROM holding WHERE id = 1",
        "UPDATE made SET id = 9999, medium = 'paper', tick_seq = 1",
        "INSERT INTO holding SELECT * FROM made",
    )
    return "holding:9999"


def delete_a_tick(filed: Filed) -> str:
    filed.sql("DELETE FROM holding WHERE id = 1")
    return "event:"


def move_a_document(filed: Filed) -> str:
    filed.sql("UPDATE holding SET household_id = household_id + 1 WHERE id = 1")
    return "holding:1"


HARMS: list[Harm] = [
    flip_a_bit, delete_an_original, add_an_object, swap_two_originals, edit_an_event,
    delete_an_event, edit_a_tick, make_up_a_tick, delete_a_tick, move_a_document,
]  # fmt: skip


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_what_was_altered_is_found_and_named(filed: Filed, harm: Harm) -> None:
    subject = harm(filed)
    code, findings, summary = filed.verify()
    assert code == 1
    assert summary["failed"] == len(findings) > 0
    assert any(subject in line["subject"] or subject == line["result"] for line in findings)


def test_the_damage_of_an_original_is_told_where_people_look(filed: Filed) -> None:
    damaged = flip_a_bit(filed)
    filed.verify()
    (line,) = [x for x in filed.home.run("documents")[1] if x["sha256"] == damaged][:1]
    assert line["fixity"] == "failed"
    assert "原件" in line["message"]
    checks = {check["check"]: check for check in filed.home.run("doctor")[1]}
    assert checks["fixity"]["result"] == checks["verify"]["result"] == "failed"


def test_counts_edited_by_hand_are_named_and_counted_anew(filed: Filed) -> None:
    filed.sql(
        "UPDATE tally SET number = number + 1 WHERE kind = 'original'",
        "UPDATE counter SET digital = digital + 1 WHERE category = 'movein'",
        "DELETE FROM item WHERE household_id = (SELECT min(household_id) FROM item)",
    )
    code, findings, _ = filed.verify()
    named = {finding["subject"] for finding in findings}
    assert code == 1
    assert {subject.partition(":")[0] for subject in named} == {"tally", "counter", "household"}
    code, (done,) = filed.home.run("recount")
    assert (code, set(done["differed"])) == (0, named)
    assert done["households"] > 0
    assert filed.verify()[:2] == (0, [])
    assert filed.home.run("recount")[1][0]["differed"] == []


def test_an_interrupted_run_goes_on_where_it_was(filed: Filed) -> None:
    total = len(filed.originals)
    process = filed.home.start("verify", "--json", "--rate", "0.01", stdout=subprocess.PIPE)
    database = sqlite3.connect(filed.home.folder / "yihu.db")
    begun = (
        "SELECT count(*) FROM original"
        " WHERE verified_at >= (SELECT started_at FROM verification WHERE finished_at IS NULL)"
    )
    until(lambda: database.execute(begun).fetchone()[0] >= 1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    summary = json.loads(output.splitlines()[-1])
    assert process.returncode == 3
    assert 1 <= summary["checked"] < total
    read_before = dict(database.execute("SELECT sha256, verified_at FROM original").fetchall())
    code, findings, summary = filed.verify("--resume")
    read_after = dict(database.execute("SELECT sha256, verified_at FROM original").fetchall())
    assert (code, findings) == (0, [])
    assert summary["checked"] > total
    same = [sha256 for sha256 in read_before if read_before[sha256] == read_after[sha256]]
    assert 1 <= len(same) < total
    code, _, _ = filed.verify("--resume")
    assert code == 0
    database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may read everything")
def test_what_may_not_be_read_could_not_be_checked(filed: Filed) -> None:
    filed.originals[0].chmod(0)
    code, findings, summary = filed.verify()
    assert (code, summary["could_not_check"]) == (3, 1)
    assert findings[0]["result"] == "could-not-check"
