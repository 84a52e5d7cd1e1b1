"""Corrections teach a model; it judges only when it is better on what was held back from it."""

from __future__ import annotations

import pytest

from bench.office import Office, permit, unheard
from catalog import ledger, minds
from catalog.models import LearntModel
from classifier import TypeModel
from worker import housekeeping, learning
from worker.mind_cache import MindCache
from yihu.errors import NotFound, Usage

ENOUGH = 40  # a third is held back


def corrected(office: Office, count: int) -> None:
    """So many papers under a title no list knows, each corrected by a person."""
    for turn in range(count):
        number = turn % 8 + 1
        document = office.bring(unheard(number, turn), f"{turn}.pdf")
        assert document.state == "review", document.type
        office.desk.assign(document.id, office.household(number), "reno.application")
        assert office.walk(document.id).state == "filed"


def test_on_day_one_the_shipped_model_judges(office: Office) -> None:
    mind = office.services.mind.current()
    assert mind.version == 0
    assert mind.model is not None
    with pytest.raises(Usage, match="held back"):
        learning.train(office.services, "person:ann")
    assert [row["version"] for row in office.home.run("model", "list")[1]] == [0]


def test_corrections_teach_a_title_and_the_next_paper_is_filed(office: Office) -> None:
    corrected(office, ENOUGH)
    code, (said,) = office.home.run("model", "train")
    assert (code, said["used"], said["version"]) == (0, True, 1), said
    assert said["right_after"] > said["right_before"]
    assert (said["lost"], said["chance"] < 0.02) == (0, True)
    office.services.mind.forget()
    assert office.services.mind.current().version == 1
    after = office.bring(unheard(5, 99), "new.pdf")
    assert (after.state, after.type, after.judgement and after.judgement["model"]) == (
        "filed", "reno.application", 1,
    )  # fmt: skip
    assert office.bring(permit(6), "permit.pdf").type == "reno.permit"
    versions = office.home.run("model", "list")[1]
    assert [(row["version"], row["in_use"]) for row in versions] == [(0, False), (1, True)]
    with office.services.database.read() as session:
        assert list(ledger.verify_chain(session)) == []


def test_there_is_a_way_back(office: Office) -> None:
    corrected(office, ENOUGH)
    office.home.run("model", "train")
    assert office.home.run("model", "use", "0")[0] == 0
    office.services.mind.forget()
    assert office.services.mind.current().version == 0
    assert office.bring(unheard(5, 99), "new.pdf").state == "review"
    assert office.home.run("model", "use", "7")[0] == 1
    with office.services.database.write() as session, pytest.raises(NotFound):
        minds.use(session, 9, "ann")


def test_a_model_that_is_no_better_does_not_judge(office: Office) -> None:
    for number in range(1, 9):
        for turn in range(5):
            document = office.bring(permit(number, f"-{turn}"), f"{number}-{turn}.pdf")
            office.desk.assign(document.id, office.household(number), "reno.permit")
            office.walk(document.id)
    done = learning.train(office.services, "person:ann")
    assert (done.used, done.comparison.better) == (False, False)
    assert office.services.mind.current().version == 0


def test_housekeeping_trains_once_enough_was_decided(office: Office) -> None:
    corrected(office, ENOUGH)
    housekeeping.run(office.services)
    assert office.services.mind.current().version == 1
    housekeeping.run(office.services)
    with office.services.database.read() as session:
        assert len(minds.models(session)) == 1


@pytest.mark.parametrize("harm", [b"", b"\x80\x04pickle", b"\x1f\x8b broken"])
def test_a_damaged_model_is_not_used_and_the_shipped_one_judges(
    office: Office, harm: bytes
) -> None:
    model = office.services.mind.current().model
    assert model is not None
    with office.services.database.write() as session:
        version = minds.add(session, model.dump(), labels=1, better=True, figures={}, actor="ann")
        minds.use(session, version, "ann")
        session.get_one(LearntModel, version).packed = harm
    fresh = MindCache(office.services.database, office.services.mind.shipped)
    assert fresh.current().version == 0
    assert fresh.current().model is not None


def test_a_model_is_data_and_comes_back_as_it_was(office: Office) -> None:
    model = office.services.mind.current().model
    assert model is not None
    again = TypeModel.parse(model.dump())
    assert again.classes == model.classes
    assert (again.weights == model.weights).mean() > 0.999
