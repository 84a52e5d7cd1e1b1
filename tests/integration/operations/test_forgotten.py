"""`verify` finds what lies forgotten, and takes no queue for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bench.dying import add
from bench.home import Home
from catalog import chores, ledger
from catalog.database import Database
from catalog.models import Arrival, Document, Original, Page
from worker import checkup, forgotten, pulse, records, verifying
from worker.forgotten import FORGOTTEN
from worker.home import open_home, open_store
from yihu.clock import iso, now
from yihu.settings import Settings, load
from yihu.urgency import Urgency

CLAIMED, SETTLED = 0, 2
"""The numbers `bench.dying.add` gives a document still claimed, and one that is settled."""
OLD = timedelta(hours=1)


@dataclass
class House:
    """A home without processes, and what `verify` says of it an hour later."""

    settings: Settings
    database: Database

    def said(self, after: timedelta = OLD) -> list[tuple[str, str]]:
        """Subject and result of each finding, as if it were so much later."""
        looks = forgotten.nothing_forgotten(self.database, self.settings, now() + after)
        return [(each.subject, each.result) for each in looks if each is not None]

    def write(self, *statements: object) -> None:
        """Change rows by hand."""
        with self.database.write() as session:
            for statement in statements:
                session.execute(statement)  # type: ignore[call-overload]

    def watched(self, since: timedelta) -> None:
        """A watcher has been at the inbox for so long."""
        pulse.pulse_file(self.settings.run, "watcher").write_text(iso(now() - since) or "")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home with one settled document and nothing else."""
    settings = load(tmp_path / "home")
    add(settings, SETTLED)
    house = House(settings, open_home(settings))
    assert house.said() == []
    return house


# --- what is forgotten ----------------------------------------------------------------------------


def lies_in_the_inbox(house: House) -> tuple[str, str]:
    (house.settings.inbox / "装修").mkdir()
    (house.settings.inbox / "装修" / "a.txt").write_text("x")
    return "装修/a.txt", "unknown"


def a_link_in_the_inbox(house: House) -> tuple[str, str]:
    (house.settings.inbox / "link").symlink_to("/dev/null")
    return "link", "unknown"


def claimed_and_never_recorded(house: House) -> tuple[str, str]:
    name = "20260101T000000000000-0000abcd"
    (house.settings.claimed / name).mkdir()
    (house.settings.claimed / name / "a.pdf").write_bytes(b"x")
    return name, "unknown"


def caught_between_file_systems(house: House) -> tuple[str, str]:
    name = "20260101T000000000000-0000abcd"
    (house.settings.inbox / ".yihu-taking" / name).mkdir(parents=True)
    (house.settings.inbox / ".yihu-taking" / name / "a.pdf").write_bytes(b"x")
    return name, "unknown"


def settled_and_still_claimed(house: House) -> tuple[str, str]:
    with house.database.read() as session:
        token = session.query(Arrival.token).scalar() or ""
    (house.settings.claimed / token / "a.pdf").write_bytes(b"x")
    return token, "failed"


def a_stranger_in_the_spool(house: House) -> tuple[str, str]:
    folder = house.settings.spool / "2026-01-01" / "20260101T000000000000-0000abcd"
    folder.mkdir(parents=True)
    (folder / "a.pdf").write_bytes(b"whose?")
    return folder.relative_to(house.settings.spool).as_posix(), "unknown"


def the_only_copy_is_gone(house: House) -> tuple[str, str]:
    add(house.settings, CLAIMED)
    house.write(update(Document).where(Document.stage != "").values(due_at=now() + OLD))
    with house.database.read() as session:
        arrival = session.query(Arrival).order_by(Arrival.id.desc()).first()
        assert arrival is not None
        (house.settings.home / arrival.place).unlink()
    return "document:2", "missing"


def a_document_that_is_due(house: House) -> tuple[str, str]:
    house.write(update(Document).values(stage="understand", due_at=now()))
    return "document:1", "failed"


def a_document_that_is_never_due(house: House) -> tuple[str, str]:
    house.write(update(Document).values(stage="split", due_at=None))
    return "document:1", "failed"


def a_document_that_waits_for_no_page(house: House) -> tuple[str, str]:
    house.write(update(Document).values(stage="read", due_at=None))
    return "document:1", "failed"


def a_page_that_is_due(house: House) -> tuple[str, str]:
    with house.database.write() as session:
        sha256 = session.query(Original.sha256).scalar() or ""
        session.add(Page(sha256=sha256, number=1, due_at=now()))
    return sha256, "failed"


FORGOTTENS: list[Callable[[House], tuple[str, str]]] = [
    lies_in_the_inbox, a_link_in_the_inbox, claimed_and_never_recorded,
    caught_between_file_systems, settled_and_still_claimed, a_stranger_in_the_spool,
    the_only_copy_is_gone, a_document_that_is_due, a_document_that_is_never_due,
    a_document_that_waits_for_no_page, a_page_that_is_due,
]  # fmt: skip


@pytest.mark.parametrize("forget", FORGOTTENS, ids=lambda each: each.__name__)
def test_what_lies_forgotten_is_named_once_it_is_old(
    house: House, forget: Callable[[House], tuple[str, str]]
) -> None:
    subject, result = forget(house)
    if result != "missing" and "spool" not in forget.__name__ and "never" not in forget.__name__:
        assert house.said(FORGOTTEN / 2) == []
    assert house.said() == [(subject, result)]


def test_a_chore_is_forgotten_only_where_something_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.database.write() as session:
        number = chores.ask(session, "records", "ledger", "")
    assert house.said() == []
    monkeypatch.setattr(forgotten, "is_running", lambda _run: True)
    assert house.said() == [(f"chore:{number}", "failed")]


@pytest.mark.parametrize("folder", ["claimed", "spool", "inbox"])
def test_a_folder_that_cannot_be_looked_at_is_no_pass(house: House, folder: str) -> None:
    place = house.settings.home / folder
    aside = place.rename(house.settings.home / "aside")
    place.write_text("no folder")
    assert {result for _, result in house.said()} == {"could-not-check"}
    place.unlink()
    aside.rename(place)
    assert house.said() == []


def test_without_its_store_nothing_passes_and_nothing_is_called_wrong(house: House) -> None:
    house.settings.store.rename(house.settings.home / "elsewhere")
    code, lines = Home(house.settings.home).run("verify")
    *findings, summary = lines
    assert {line["result"] for line in findings} == {"could-not-check"}
    assert {line["check"] for line in findings} == {"fixity", "orphan", "chain"}
    assert (code, summary["failed"], summary["could_not_check"]) == (3, 0, len(findings))
    told = {check.check: check.result for check in checkup._fixity(house.settings)}
    assert told == {"fixity": "warning", "verify": "warning"}


# --- what only waits ------------------------------------------------------------------------------


def test_what_the_watcher_leaves_alone_is_not_forgotten(house: House) -> None:
    for name in (".hidden", "a.pdf.part", "~$a.docx"):
        (house.settings.inbox / name).write_bytes(b"x")
    house.settings.rejected.mkdir(exist_ok=True)
    (house.settings.rejected / "a.pdf").write_bytes(b"x")
    with (house.settings.inbox / "a.bin").open("wb") as open_still:
        open_still.write(b"x")
        assert house.said() == []
    assert house.said() == [("a.bin", "unknown")]


def test_half_an_upload_is_left_for_as_long_as_it_may_take(house: House) -> None:
    (house.settings.inbox / "a.pdf").write_bytes(b"%PDF-1.4\n1 0 obj")
    assert house.said(timedelta(seconds=house.settings.broken_upload_seconds + 30)) == []
    assert house.said(timedelta(seconds=house.settings.broken_upload_seconds) + OLD) == [
        ("a.pdf", "unknown")
    ]


def test_an_inbox_that_is_being_emptied_is_no_finding(house: House) -> None:
    (house.settings.inbox / "a.txt").write_text("x")
    house.watched(timedelta())
    soon = FORGOTTEN + timedelta(minutes=1)
    house.watched(timedelta(days=3))
    house.write(update(Arrival).values(received_at=now() + soon))
    assert house.said(soon) == []  # others are taken meanwhile
    house.write(update(Arrival).values(received_at=now() - OLD))
    assert house.said(soon) == [("a.txt", "unknown")]
    house.watched(-soon)
    assert house.said(soon) == []  # the watcher has begun just now


def backlog(session: Session, count: int) -> None:
    """So many files of a mass drop: the first is being read, all are due since long ago."""
    long_ago = now() - timedelta(hours=20)
    for number in range(count):
        sha256 = f"{number:064x}"
        arrival = Arrival(token=f"t{number}", path="x", received_at=long_ago, place="")
        session.add_all([arrival, Original(sha256=sha256, size=1, stored_at=long_ago)])
        session.flush()
        stage = "keep" if number % 2 else "read"
        session.add(
            Document(
                arrival_id=arrival.id, sha256=sha256, state="received", stage=stage, reasons=[],
                since=long_ago, received_at=long_ago, urgency=Urgency.BULK,
                due_at=long_ago if number % 2 else None,
            )
        )  # fmt: skip
        for page in (1, 2) if stage == "read" else ():
            session.add(Page(sha256=sha256, number=page, urgency=Urgency.BULK, due_at=long_ago))
    chores.ask(session, "records", "ledger", "", moment=long_ago)


def test_a_mass_drop_that_is_worked_on_is_no_finding(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgotten, "is_running", lambda _run: True)
    with house.database.write() as session:
        backlog(session, 200)
    house.write(update(Document).values(since=now() - OLD))
    stands = house.said(timedelta())
    assert len(stands) == 201  # 100 documents, the pages of 100 originals, one chore
    held = update(Page).where(Page.sha256 == f"{0:064x}", Page.number == 1)
    house.write(held.values(lease_until=now() + timedelta(seconds=20)))
    assert house.said(timedelta()) == []
    # What somebody waits for goes before all that: it is not its turn that it waits for.
    urgent = Document.sha256 == f"{1:064x}"
    house.write(update(Document).where(urgent).values(urgency=Urgency.NOW))
    assert house.said(timedelta()) == [("document:3", "failed")]


def test_the_spool_of_a_rebuilt_home_is_no_finding(house: House) -> None:
    path = house.settings.home / "kept"
    path.write_bytes("原件 2 ".encode() * 2000)
    folder = house.settings.spool / "2026-01-01" / "20260101T000000000000-0000abcd"
    folder.mkdir(parents=True)
    path.rename(folder / "a.pdf")
    assert house.said() == []


# --- the tail of the ledger -----------------------------------------------------------------------


def chain(house: House) -> list[tuple[str, str]]:
    store = open_store(house.settings, house.database)
    looks = verifying.chain(house.database, store)
    return [(each.subject, each.result) for each in looks if each is not None]


def mark(house: House, *earlier: str) -> None:
    """The store remembers how the ledger ends now, as the background work lets it."""
    with house.database.read() as session:
        end = str(ledger.anchor(session))
    store = open_store(house.settings, house.database)
    records._put_mark(store, records.Mark(anchor=end, earlier=list(earlier)))


@pytest.fixture
def cut(house: House) -> House:
    """A ledger whose last event was cut off, with the head set back."""
    with house.database.write() as session:
        ledger.append(session, "kept", "document:1", {})
    mark(house)
    assert chain(house) == []
    with house.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("DROP TRIGGER event_no_delete")
        connection.exec_driver_sql("DELETE FROM event WHERE seq = 2")
        connection.exec_driver_sql(
            "UPDATE ledger_head SET seq = 1, hash = (SELECT hash FROM event WHERE seq = 1)"
        )
    return house


@pytest.mark.embedded
def test_a_cut_tail_shows_against_the_point_kept_beside_the_originals(cut: House) -> None:
    assert chain(cut) == [("event:2", "failed")]


@pytest.mark.embedded
def test_a_cut_tail_shows_after_the_system_went_on(cut: House) -> None:
    store = open_store(cut.settings, cut.database)
    before = records.read_mark(store)
    with cut.database.write() as session:
        ledger.append(session, "kept", "document:1", {"another": 1})
    mark(cut, before.anchor)
    assert chain(cut) == [("event:2", "failed")]


@pytest.mark.embedded
def test_the_end_of_a_ledger_that_was_lost_is_not_asked_of_its_successor(cut: House) -> None:
    before = records.read_mark(open_store(cut.settings, cut.database))
    with cut.database.write() as session:
        ledger.append(session, "rebuilt", "home:", {"anchors": [before.anchor]})
    assert chain(cut) == []


@pytest.mark.parametrize("harm", ["damaged", "away"])
def test_without_the_kept_point_the_tail_could_not_be_checked(house: House, harm: str) -> None:
    mark(house)
    path = house.settings.store / "records" / records.MARK
    store = open_store(house.settings, house.database)
    if harm == "damaged":
        path.write_text("{}")
    else:
        house.settings.store.rename(house.settings.home / "elsewhere")
    looks = verifying.chain(house.database, store)
    assert [(e.subject, e.result) for e in looks if e] == [(records.MARK, "could-not-check")]
