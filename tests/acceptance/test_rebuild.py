"""A lost database made anew from the store: originals and their records (issue 5.2)."""

from __future__ import annotations

import shutil
import signal
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bench.corpus import Corpus, load_truth
from bench.dying import armed, forked
from bench.home import Home, until
from bench.home import room as short
from bench.office import Office, permit, unheard
from bench.servers import Profile
from catalog import chores, ledger, records, ticks
from catalog.models import Chore, Event
from worker import sweeper
from worker.backup import back_up
from worker.chores import run as run_chore
from worker.home import existing_store, open_home, versions_in
from worker.rebuild import rebuild
from worker.records import KIND, read_mark, write_all
from worker.restoring import restore
from yihu.errors import Retryable, Usage
from yihu.settings import Settings, load

pytestmark = [pytest.mark.timeout(900), pytest.mark.embedded]


def work(office: Office) -> None:
    """A day: filed, moved to another household, in review, discarded, on the shelf, waived."""
    filed, moved = office.bring(permit(1), "一.pdf"), office.bring(permit(2), "二.pdf")
    assert (filed.state, moved.state) == ("filed", "filed")
    office.desk.assign(moved.id, office.household(3), None, "wrong room")
    assert office.walk(moved.id).state == "filed"
    assert office.bring(unheard(4, 1), "四.pdf").state == "review"
    thrown = office.bring(unheard(5, 2), "五.pdf")
    office.desk.discard(thrown.id)
    with office.services.database.write() as session:
        ticks.confirm_paper(
            session, household_id=office.household(1), location="A1", actor="person:ann"
        )
        ticks.waive(
            session,
            household_id=office.household(6),
            type="movein.notice",
            reason="lost in the flood",
            actor="person:ann",
        )


def lose(settings: Settings) -> None:
    """The database of an embedded home is gone."""
    for path in settings.home.glob("yihu.db*"):
        path.unlink()


def told(lines: list[Any]) -> list[Any]:
    """Lines without what tells when an original was last read again: `rebuild` did so just now."""
    return [
        {name: value for name, value in line.items() if not name.startswith("fixity")}
        if isinstance(line, dict)
        else line
        for line in lines
    ]


def test_what_was_decided_comes_back_with_its_evidence(tmp_path: Path) -> None:
    office, home = Office.open(tmp_path / "home"), Home(tmp_path / "home")
    settings = office.services.settings
    work(office)
    mark = write_all(office.services)
    office.services.close()
    before = home.everything("装修")
    assert len(before["found"]) == 2
    lose(settings)
    would = rebuild(settings, "person:ann", dry_run=True)
    assert would.counts["documents"] == 4
    assert not (settings.home / "yihu.db").exists()
    code, (made,) = home.run("rebuild")
    assert (code, made["findings"], made["to_read"]) == (0, 0, 0)
    assert (made["documents"], made["ticks"], made["waivers"]) == (4, 3, 1)
    assert made["anchors"] == [mark.anchor]
    again = home.everything("装修")
    for part in ("documents", "households", "found"):
        assert told(again[part]) == told(before[part]), part
    assert home.run("rebuild") == (2, [])
    database = open_home(settings)
    with database.read() as session:
        first = session.get_one(Event, 1)
        assert (first.action, first.actor[:7]) == ("rebuilt", "person:")
        assert mark.anchor in first.data
    database.dispose()


def test_on_servers_as_well(servers: Profile, tmp_path: Path) -> None:
    names = servers.settings("rebuilt")
    office, home = Office.open(tmp_path / "home", **names), Home(tmp_path / "home", **names)
    work(office)
    write_all(office.services)
    office.services.close()
    before = home.everything("装修")
    servers.postgres.drop("rebuilt")
    servers.postgres.create("rebuilt")
    code, (made,) = home.run("rebuild")
    assert (code, made["findings"], made["ticks"]) == (0, 0, 3)
    again = home.everything("装修")
    for part in ("documents", "households", "found"):
        assert told(again[part]) == told(before[part]), part
    office = Office.open(tmp_path / "home", **names)
    assert office.bring(permit(7), "七.pdf").id > max(x["document"] for x in again["documents"])
    office.services.close()


def test_without_a_good_record_the_original_is_read_again_and_a_person_looks(
    tmp_path: Path,
) -> None:
    office = Office.open(tmp_path / "home")
    settings, store = office.services.settings, office.services.store
    damaged, unknown = office.bring(permit(1), "一.pdf"), office.bring(permit(2), "二.pdf")
    write_all(office.services)
    office.services.close()
    assert damaged.sha256
    assert unknown.sha256
    path = settings.store / "records" / records.name_of(damaged.sha256)
    data = path.read_bytes().replace(b'"state": "filed"', b'"state": "filet"')
    store.put_record(records.name_of(damaged.sha256), data)
    (settings.store / "records" / records.name_of(unknown.sha256)).unlink()
    lose(settings)
    made = rebuild(settings, "person:ann")
    assert (made.counts["originals"], made.counts["to_read"], len(made.damaged)) == (0, 2, 1)
    assert made.findings == []
    again = Office.open(tmp_path / "home")
    for number in (1, 2):
        assert (again.document(number).state, again.document(number).stage) == (
            "received",
            "inspect",
        )
    again.services.close()


def test_a_store_that_is_not_there_is_never_taken_for_an_empty_one(tmp_path: Path) -> None:
    office = Office.open(tmp_path / "home")
    settings = office.services.settings
    office.bring(permit(1))
    write_all(office.services)
    office.services.close()
    lose(settings)
    settings.store.rename(tmp_path / "elsewhere")
    with pytest.raises(Retryable, match="not mounted"):
        rebuild(settings, "person:ann")
    assert not settings.store.exists()
    assert not (settings.home / "yihu.db").exists()
    Office.open(tmp_path / "fresh").services.close()
    lose(load(tmp_path / "fresh"))
    with pytest.raises(Usage, match="no original"):
        rebuild(load(tmp_path / "fresh"), "person:ann")
    (tmp_path / "elsewhere").rename(settings.store)
    assert rebuild(settings, "person:ann").findings == []


def test_killed_before_the_end_it_leaves_the_database_empty(tmp_path: Path) -> None:
    office = Office.open(tmp_path / "home")
    settings = office.services.settings
    work(office)
    write_all(office.services)
    office.services.close()
    lose(settings)
    faults = armed(tmp_path / "faults", "rebuild.commit", "kill")
    assert forked(lambda: rebuild(settings, "person:ann"), faults) == -signal.SIGKILL
    made = rebuild(settings, "person:ann")
    assert (made.counts["documents"], made.findings) == (4, [])


def keep_up(office: Office) -> dict[str, str]:
    """A sweep finds that records are behind; the chore writes them. Gives each state."""
    services = office.services
    sweeper.sweep(services)
    with services.database.read() as session:
        due = chores.due(session, 10)
        kinds = {chore.id: chore.kind for chore in session.scalars(select(Chore))}
    for number in due:
        if kinds[number] == KIND:
            run_chore(number, services)
    found = {}
    for name in services.store.records("originals"):
        with services.store.open_record(name) as stream:
            body = records.unseal(stream.read(), "original")
        found[body["arrivals"][0]["path"]] = body["documents"][0]["state"]
    return found


def test_records_follow_what_happens_without_anybody_asking(tmp_path: Path) -> None:
    office = Office.open(tmp_path / "home")
    services = office.services

    filed, asked = office.bring(permit(1), "一.pdf"), office.bring(unheard(2, 1), "二.pdf")
    assert keep_up(office) == {"一.pdf": "filed", "二.pdf": "review"}
    office.desk.take_out(filed.id, "wrong")
    office.desk.discard(asked.id)
    assert keep_up(office) == {"一.pdf": "review", "二.pdf": "rejected"}
    with services.database.read() as session:
        assert read_mark(services.store).anchor == str(ledger.anchor(session))
        assert len(session.scalars(select(Chore).where(Chore.kind == KIND)).all()) == 1
    keep_up(office)
    with services.database.read() as session:  # nothing happened: nothing was asked for
        assert len(session.scalars(select(Chore).where(Chore.kind == KIND)).all()) == 1
    services.close()


def test_a_restored_home_writes_its_records_anew(tmp_path: Path) -> None:
    office = Office.open(tmp_path / "home")
    office.bring(permit(1))
    keep_up(office)
    back_up(office.services.settings, tmp_path / "b")
    office.services.close()
    restore(load(tmp_path / "new"), tmp_path / "b")
    again = Office.open(tmp_path / "new")
    assert list(again.services.store.records("originals")) == []
    assert set(keep_up(again).values()) == {"filed"}
    again.services.close()


@pytest.fixture(params=["embedded", "servers"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home of either profile."""
    more = {"sweep_seconds": "1", "rescan_seconds": "2", "idle_seconds": "5"}
    more |= {"page_seconds": "60", "quick_seconds": "30"}  # a busy machine is not a bad file
    if request.param == "servers":
        profile: Profile = request.getfixturevalue("servers")
        more |= profile.settings(f"r{uuid.uuid4().hex[:8]}")
    return Home(tmp_path / "home", **more)


def settings_of(home: Home) -> Settings:
    """The settings of a home, in this process."""
    own = {k[5:].lower(): v for k, v in home.environment.items() if k.startswith("YIHU_")}
    return load(home.folder, **own)


@pytest.mark.slow
def test_the_main_job_survives_the_loss_of_its_database(
    home: Home, corpus: Corpus, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home.run("register", "import", str(corpus.register))
    truth = [dict(row) for row in load_truth(corpus.truth)]
    names = sorted({row["file"] for row in truth})[:5]
    with home.running():
        for name in names:
            shutil.copy(corpus.inbox / name, home.folder / "inbox" / Path(name).name)
        until(lambda: settled(home, len(names)))
        lines = home.run("documents")[1]
        room = short(next(x["household"] for x in lines if x["state"] == "filed"))
        home.run("paper", "confirm", room, "--location", "K1")
        until(lambda: up_to_date(settings_of(home)))
    before = home.everything()
    settings = settings_of(home)
    lost = next(x for x in before["documents"] if x["state"] == "filed")
    database = open_home(settings)
    store = existing_store(settings, versions_in(database), tmp_path)
    store.put_record(records.name_of(lost["sha256"]), b"{}")
    database.dispose()
    if "postgresql" in settings.database:
        profile: Profile = request.getfixturevalue("servers")
        name = settings.database.rpartition("/")[2]
        profile.postgres.drop(name)
        profile.postgres.create(name)
    else:
        lose(settings)
    code, (made,) = home.run("rebuild")
    assert (code, made["to_read"], made["damaged_records"], made["findings"]) == (1, 1, 1, 0)
    home.run("register", "import", str(corpus.register))  # what no paper spoke of
    with home.running():
        until(lambda: settled(home, 1, only=lost["sha256"]))
    after = home.everything()
    kept = [x for x in before["documents"] if x["sha256"] != lost["sha256"]]
    found = [x for x in after["documents"] if x["sha256"] != lost["sha256"]]
    assert told(found) == told(kept)
    again = [x for x in after["documents"] if x["sha256"] == lost["sha256"]]
    assert {x["state"] for x in again} == {"review"}, again
    assert "record_damaged" in again[0]["reasons"]
    assert home.run("verify")[0] == 0


def settled(home: Home, count: int, only: str = "") -> bool:
    """Whether so many files, or the documents of one original, have come to rest."""
    lines = [x for x in home.run("documents")[1] if only in ("", x["sha256"])]
    moving = [x for x in lines if x["state"] in ("received", "reading")]
    return not moving and len({x["sha256"] for x in lines}) == count


def up_to_date(settings: Settings) -> bool:
    """Whether the records know all of the ledger."""
    database = open_home(settings)
    with database.read() as session:
        anchor = str(ledger.anchor(session))
    store = existing_store(settings, versions_in(database), settings.home / "copies")
    database.dispose()
    return read_mark(store).anchor == anchor
