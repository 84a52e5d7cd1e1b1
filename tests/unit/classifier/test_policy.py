"""The policy files only what is sure and allowed, and names every reason otherwise."""

from __future__ import annotations

import pytest

from classifier.policy import decide
from classifier.values import Classification, HouseholdGuess, Match, Policy, TypeGuess
from yihu.household import HouseholdRecord, RoomKey
from yihu.reasons import REASONS
from yihu.template import Template

HOME = HouseholdRecord(1, RoomKey("阳光花园", "-", "3", "2", "501"))
SURE = Classification((TypeGuess("reno.application", 0.99),))
AT_HOME = Match((HouseholdGuess(HOME, 0.99),), supported=True)


def test_sure_of_both_files(template: Template) -> None:
    decision = decide(SURE, AT_HOME, Policy(), template)
    assert (decision.state, decision.reasons) == ("filed", ())
    assert decision.probability == pytest.approx(0.9801)


@pytest.mark.parametrize(
    ("classification", "match", "reasons"),
    [
        (Classification(), AT_HOME, ("type_unsure",)),
        (Classification((TypeGuess("reno.permit", 0.8),)), AT_HOME, ("type_unsure",)),
        (
            Classification((TypeGuess("reno.permit", 0.6), TypeGuess("reno.application", 0.39))),
            AT_HOME,
            ("type_ambiguous",),
        ),
        (Classification((TypeGuess("admin.catalog", 0.99),)), AT_HOME, ("office_paper",)),
        (Classification((TypeGuess("media.sheet", 0.99),)), AT_HOME, ("media_file",)),
        (Classification((TypeGuess("complaint.register", 0.99),)), AT_HOME, ("ledger_page",)),
        (Classification(reasons=("not_household_paper",)), Match(), ("not_household_paper",)),
        (
            Classification((TypeGuess("reno.permit", 0.99),), reasons=("blank_form",)),
            Match(),
            ("blank_form",),
        ),
        (SURE, Match(), ("household_missing",)),
        (SURE, Match(reasons=("household_partial",)), ("household_partial",)),
        (SURE, Match((HouseholdGuess(HOME, 0.99),)), ("household_unsupported",)),
        (SURE, Match((HouseholdGuess(HOME, 0.9),), supported=True), ("policy",)),
        (
            SURE,
            Match((HouseholdGuess(HOME, 0.99),), reasons=("household_conflict",), supported=True),
            ("household_conflict",),
        ),
    ],
)
def test_anything_else_goes_to_review_with_its_reason(
    template: Template, classification: Classification, match: Match, reasons: tuple[str, ...]
) -> None:
    decision = decide(classification, match, Policy(), template)
    assert (decision.state, decision.reasons) == ("review", reasons)
    assert set(decision.reasons) <= set(REASONS)


def test_an_office_may_file_on_the_room_alone(template: Template) -> None:
    match = Match((HouseholdGuess(HOME, 0.99),))
    assert decide(SURE, match, Policy(file_on_room_alone=True), template).state == "filed"


def test_reasons_of_splitting_and_reading_hold_it_back(template: Template) -> None:
    decision = decide(SURE, AT_HOME, Policy(), template, ("page_missing",))
    assert (decision.state, decision.reasons) == ("review", ("page_missing",))
