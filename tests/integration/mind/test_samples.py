"""A person answers without seeing the answer; what differs leaves the household's file."""

from __future__ import annotations

import json

import pytest

from bench.office import Office, permit
from catalog import ledger, samples
from catalog.models import Holding
from classifier.thresholds import interval
from yihu.errors import Usage


def test_the_sample_is_listed_without_the_machines_answer(office: Office) -> None:
    document = office.bring(permit(1))
    assert (document.state, document.type) == ("filed", "reno.permit")
    code, lines = office.home.run("sample", "draw", "--size", "5")
    assert (code, lines) == (0, [{"drawn": 1}])
    code, (row,) = office.home.run("sample", "list")
    assert code == 0
    assert row["document"] == document.id
    assert not {"type", "household", "household_id", "category"} & set(row)
    assert "reno" not in json.dumps(row)


def test_an_answer_that_agrees_keeps_the_tick(office: Office) -> None:
    document = office.bring(permit(1))
    office.home.run("sample", "draw", "--size", "1")
    code, (said,) = office.home.run(
        "sample", "answer", "1", "--household", "3-1-101", "--type", "reno.permit"
    )
    assert (code, said["agrees"]) == (0, True)
    assert office.document(document.id).state == "filed"
    _, (report,) = office.home.run("sample", "report")
    assert (report["answered"], report["wrong"], report["rate"]) == (1, 0, 0.0)
    assert report["interval"] == [0.0, 0.975]


def test_an_answer_that_differs_unticks_and_asks_again(office: Office) -> None:
    document = office.bring(permit(1))
    office.home.run("sample", "draw", "--size", "1")
    code, (said,) = office.home.run(
        "sample", "answer", "1", "--household", "3-1-201", "--type", "reno.permit"
    )
    assert (code, said["agrees"]) == (1, False)
    after = office.document(document.id)
    assert (after.state, after.reasons) == ("review", ["sample_differs"])
    with office.services.database.read() as session:
        (holding,) = session.query(Holding).filter_by(document_id=document.id).all()
        assert holding.withdrawn_at is not None
        events = [event.action for event in ledger.events_of(session, "sample:1")]
        assert events == ["sample_answered"]
        assert list(ledger.verify_chain(session)) == []
    _, (report,) = office.home.run("sample", "report")
    assert (report["wrong_household"], report["wrong_type"], report["wrong"]) == (1, 0, 1)
    assert office.home.run("sample", "answer", "1", "--unclear")[0] == 2


def test_what_cannot_be_told_should_not_have_been_filed(office: Office) -> None:
    document = office.bring(permit(2))
    with office.services.database.write() as session:
        (sample,) = samples.draw(session, 1.0, "machine")
        number = sample.id
    assert office.desk.answer_sample(number, None, None) is False
    assert office.document(document.id).state == "review"


def test_a_share_is_drawn_of_each_document_once(office: Office) -> None:
    for number in (1, 2, 3):
        office.bring(permit(number))
    with office.services.database.write() as session:
        assert samples.draw(session, 0.0, "machine") == []
    with office.services.database.write() as session:
        assert samples.draw(session, 1.0, "machine") == []  # passed over by the draw before
        assert len(samples.draw(session, 0.0, "ann", size=9)) == 3
    office.bring(permit(4))
    with office.services.database.write() as session:
        assert len(samples.draw(session, 1.0, "machine")) == 1


def test_a_document_a_person_changed_since_stays_as_it_is(office: Office) -> None:
    document = office.bring(permit(1))
    with office.services.database.write() as session:
        samples.draw(session, 1.0, "machine")
    office.desk.assign(document.id, office.household(2), "reno.permit")
    office.walk(document.id)
    assert office.desk.answer_sample(1, office.household(3), "reno.permit") is False
    assert office.document(document.id).state == "filed"


def test_half_an_answer_is_refused(office: Office) -> None:
    with pytest.raises(Usage):
        office.desk.answer_sample(1, 1, None)


@pytest.mark.parametrize(
    ("wrong", "of", "low", "high"),
    [(0, 100, 0.0, 0.0362), (1, 100, 0.00025, 0.0545), (5, 100, 0.0164, 0.1128), (3, 3, 0.2924, 1)],
)
def test_the_interval_is_the_exact_one(wrong: int, of: int, low: float, high: float) -> None:
    assert list(interval(wrong, of)) == pytest.approx([low, high], abs=1e-4)


def test_a_disputed_document_is_never_filed_again_by_the_machine(office: Office) -> None:
    document = office.bring(permit(1))
    with office.services.database.write() as session:
        samples.draw(session, 0.0, "ann", size=1)
    office.desk.answer_sample(1, None, None)
    office.desk.retry(document.id)
    after = office.walk(document.id)
    assert (after.state, after.reasons) == ("review", ["sample_differs"])
