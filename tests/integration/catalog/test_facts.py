"""Facts people note: the catalogue follows at once, every change has a reason and a way back."""

from __future__ import annotations

import json

import pytest

from bench.office import Office
from catalog import audit, facts, ledger
from catalog.catalogue import household_catalogue
from catalog.facts import Noted
from catalog.models import Household
from yihu.errors import NotFound, Usage


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Eight households without a paper."""
    return Office.open(tmp_path_factory.mktemp("facts") / "home")


def _required(office: Office, household: int) -> set[str]:
    with office.services.database.read() as session:
        found = household_catalogue(session, household, office.services.template)
    return {item.type for item in found.items if item.required}


def _note(office: Office, household: int, wanted: Noted, seen: str = "") -> None:
    with office.services.database.write() as session:
        facts.change(
            session, household, wanted, why="王先生来电", actor="person:ann", seen=seen,
            evidence="电话",
        )  # fmt: skip


def test_the_catalogue_and_the_counters_follow_at_once(office: Office) -> None:
    household = office.household(1)
    before = _required(office, household)
    _note(office, household, Noted("出租", agent=True, renovations=2, vehicles=1, leases=1))
    added = _required(office, household) - before
    assert {code.partition(".")[0] for code in added} >= {"movein", "reno", "lease", "vehicle"}
    with office.services.database.read() as session:
        assert list(audit.drift_audit(session)) == []
        assert list(ledger.verify_chain(session)) == []
    assert office.services.register.current().by_id(household).occupancy == "出租"  # type: ignore[union-attr]


def test_changes_are_taken_back_one_by_one(office: Office) -> None:
    household = office.household(2)
    bare = _required(office, household)
    _note(office, household, Noted("出租"))
    let = _required(office, household)
    _note(office, household, Noted("出租", vehicles=2))
    for wanted in (let, bare):
        with office.services.database.write() as session:
            facts.undo(session, household, why="弄错了", actor="person:ann")
        assert _required(office, household) == wanted
    with office.services.database.write() as session, pytest.raises(Usage):
        facts.undo(session, household, why="弄错了", actor="person:ann")


def test_what_makes_no_sense_is_refused_and_changes_nothing(office: Office) -> None:
    household = office.household(3)
    for wrong in (
        Noted(),
        Noted("养狗"),
        Noted(renovations=1, renovations_done=2),
        Noted(vehicles=-1),
        Noted(leases=21),
    ):
        with pytest.raises(Usage):
            _note(office, household, wrong)
    with pytest.raises(Usage):
        _note(office, household, Noted(vehicles=1), seen=Noted(vehicles=3).mark)
    with pytest.raises(NotFound):
        _note(office, 999_999, Noted(vehicles=1))
    with office.services.database.write() as session, pytest.raises(Usage):
        facts.change(session, household, Noted(vehicles=1), why=" ", actor="person:ann")
    with office.services.database.read() as session:
        assert facts.of(session.get_one(Household, household)) == Noted()
        assert facts.history(session, household) == []


def test_the_ledger_seals_reasons_and_names_who(office: Office) -> None:
    household = office.household(4)
    _note(office, household, Noted(renovations=1, renovations_done=1))
    with office.services.database.read() as session:
        event = ledger.events_of(session, f"household:{household}", limit=1)[0]
    told = json.loads(event.data)
    assert (event.action, event.actor) == ("facts_changed", "person:ann")
    assert told["after"]["renovations_done"] == 1
    assert "王先生" not in event.data


def test_the_command_shows_notes_and_takes_back(office: Office) -> None:
    run = office.home.run
    assert run("facts", "3-1-501", "--vehicles", "1")[0] != 0
    code, (told,) = run("facts", "3-1-501", "--vehicles", "1", "--why", "登记车位")
    assert (code, told["facts"]["vehicles"]) == (0, 1)
    missing = {line["type"] for line in run("gaps", "--category", "vehicle")[1]}
    assert missing
    _, rows = run("facts", "3-1-501", "--history")
    assert [(row["why"], row["undone"]) for row in rows] == [("登记车位", False)]
    _, (told,) = run("facts", "3-1-501", "--undo", "--why", "登记错了")
    assert told["facts"]["vehicles"] == 0
    assert run("gaps", "--category", "vehicle")[1] == []
    assert run("facts", "9-9-999")[0] == 1
    assert run("facts", "3-1-501", "--undo", "--vehicles", "1")[0] == 2
