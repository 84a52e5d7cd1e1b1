"""Facts of a household turn catalogue rows on, as domain 2.3 says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import Facts, default_rules, noted
from yihu.template import Required

NAMED = {
    "movein.notice", "movein.id_owner", "movein.household_form", "movein.contract_stub",
    "movein.payment_slip", "movein.key_receipt", "movein.feedback",
}  # fmt: skip
RULES = default_rules()


def test_the_customers_seven_are_required_of_everybody() -> None:
    required = RULES.required(Facts())
    assert required.keys() >= NAMED
    assert required.keys() - NAMED == {"contact.emergency"}


def test_every_owner_needs_an_id_copy() -> None:
    assert RULES.required(Facts(owners=2))["movein.id_owner"] == 2
    assert RULES.required(Facts(owners=0))["movein.id_owner"] == 1


@pytest.mark.parametrize(
    ("facts", "on", "off"),
    [
        (Facts(company=True), "movein.license", "movein.poa"),
        (Facts(agent=True), "movein.poa", "movein.license"),
        (Facts(occupancy="出租"), "lease.register", "lease.biz_license"),
        (Facts(occupancy="商住"), "lease.biz_license", "movein.poa"),
        (Facts(occupancy="自住"), "movein.notice", "lease.register"),
        (Facts(vehicles=1), "vehicle.license", "lease.register"),
        (Facts(generation=2), "change.transfer", "reno.permit"),
        (Facts(renovations=1), "reno.permit", "reno.acceptance"),
        (Facts(renovations_done=1), "reno.acceptance", "reno.worker_register"),
        (Facts(held=frozenset({"reno.application"})), "reno.commitment", "reno.acceptance"),
        (Facts(held=frozenset({"reno.single_item"})), "movein.notice", "reno.permit"),
        (Facts(held=frozenset({"reno.acceptance"})), "reno.deposit_refund", "lease.register"),
        (Facts(tower=True), "lease.contract", "movein.contract_stub"),
        (Facts(recommended=True), "movein.inspection", "reno.drawings"),
        (Facts(), "movein.notice", "movein.inspection"),
        (Facts(recommended=True, renovations=1), "reno.drawings", "reno.acceptance"),
    ],
)
def test_a_fact_turns_its_rows_on(facts: Facts, on: str, off: str) -> None:
    required = RULES.required(facts)
    assert on in required
    assert off not in required


def test_renovation_papers_are_needed_once_per_renovation() -> None:
    required = RULES.required(Facts(renovations=2, renovations_done=1))
    assert required["reno.permit"] == 2
    assert required["reno.acceptance"] == 1


def test_a_households_own_facts_are_counted() -> None:
    facts = {"agent": True, "renovations": [{"done": True}, {}], "vehicles": ["粤B12345"]}
    assert noted(facts) == {
        "agent": True, "renovations": 2, "renovations_done": 1, "vehicles": 1, "leases": 0,
    }  # fmt: skip
    assert RULES.required(replace(Facts(), **noted({}))) == RULES.required(Facts())


@given(
    st.builds(
        Facts,
        owners=st.integers(0, 5),
        company=st.booleans(),
        generation=st.integers(1, 3),
        occupancy=st.sampled_from(["", "自住", "出租", "商住", "空置", "别的"]),
        agent=st.booleans(),
        renovations=st.integers(0, 3),
        vehicles=st.integers(0, 3),
        tower=st.booleans(),
        recommended=st.booleans(),
        held=st.frozensets(st.sampled_from([kind.code for kind in RULES.template.types])),
    )
)
def test_whatever_the_facts_office_and_event_papers_are_never_missing(facts: Facts) -> None:
    for code, needed in RULES.required(facts).items():
        assert needed >= 1
        kind = RULES.template.type(code)
        assert kind.required not in (Required.NEVER, Required.EVENT, Required.OPTIONAL)
        assert RULES.applies(kind, facts) or facts.tower
