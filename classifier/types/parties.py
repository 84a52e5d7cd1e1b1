"""Contracts and hand-over receipts: who sells, buys, lets, rents or pays decides the type (2.7).

A contract of sale is the owner's stub from the developer or a change of owner, a
lease is the household's only where one of its people is a party. Where a page
names the parties and none of them is known to the household, a person decides;
where it names none, title and words decide as before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifier import names
from classifier.names import Agreement
from classifier.types.whose import People
from classifier.values import Evidence, Field
from yihu.household import HouseholdRecord

_SIDES = {
    "seller": re.compile(r"出卖|卖方|转让[方人]|出让"),
    "buyer": re.compile(r"买受|购房|买方|认购|受让"),
    "lessor": re.compile(r"出租[方人]"),
    "lessee": re.compile(r"承租|租户|租客"),
    "payer": re.compile(r"[交缴付]款|缴费人|缴交人|收到|交来"),
}
_WORDS = {
    "seller": ("卖方", "seller"),
    "buyer": ("买方", "buyer"),
    "lessor": ("出租方", "lessor"),
    "lessee": ("承租方", "lessee"),
    "payer": ("交款人", "payer"),
}
# One of these must be one of those people of the household.
_MUST: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "movein.contract_stub": (("buyer", ("owners",)),),
    "change.sale_contract": (("buyer", ("owners", "former")), ("seller", ("owners", "former"))),
    "lease.contract": (("lessor", ("owners", "tenants", "agents")), ("lessee", ("tenants",))),
    "movein.payment_slip": (("payer", ("owners", "agents")),),
}
_DEVELOPER = re.compile(r"置业|地产|开发")


@dataclass(frozen=True, slots=True)
class _Party:
    side: str
    field: Field


def objection(
    code: str, fields: Sequence[Field], household: HouseholdRecord, people: People | None
) -> Evidence | None:
    """What the parties on the page say against this type for this household; None for nothing."""
    sides = _MUST.get(code)
    if sides is None:
        return None
    parties = [party for field in fields for party in _parties(field)]
    if wrong := _wrong_seller(code, parties, household):
        return _against(code, wrong, "的身份与该类型不符", "is not who sells in this type")
    wanted = [(party, groups) for side, groups in sides for party in parties if party.side == side]
    known = _known(household, people or People())
    if not wanted or any(_is(party, known, groups) for party, groups in wanted):
        return None
    return _against(code, wanted[0][0], "不是本户的人", "is nobody of this household")


def _parties(field: Field) -> list[_Party]:
    if field.name not in ("owner", "co_owner", "former_owner", "tenant", "signer"):
        return []
    if names.is_masked(field.value) or names.is_salutation(field.value):
        return []
    return [_Party(side, field) for side, words in _SIDES.items() if words.search(field.label)]


def _known(household: HouseholdRecord, people: People) -> dict[str, tuple[str, ...]]:
    return {
        "owners": tuple(household.owners),
        "former": tuple(household.former_owners),
        "tenants": (*household.tenants, *people.tenants),
        "agents": tuple(people.agents),
    }


def _is(party: _Party, known: dict[str, tuple[str, ...]], groups: Sequence[str]) -> bool:
    """Whether the name is, perhaps one look-alike off, one of the household's people."""
    return any(
        names.compare(party.field.value, name) is not Agreement.NONE
        for group in groups
        for name in known[group]
    )


def _wrong_seller(
    code: str, parties: Sequence[_Party], household: HouseholdRecord
) -> _Party | None:
    """A private person sells no new house, a developer no used one, unless a company owned it."""
    for party in parties:
        if party.side != "seller":
            continue
        name = party.field.value
        person = names.looks_like_name(name) and not names.is_company(name)
        if code == "movein.contract_stub" and person:
            return party
        developer = names.is_company(name) and _DEVELOPER.search(name)
        owned = any(
            names.compare(name, one) is not Agreement.NONE
            for one in (*household.owners, *household.former_owners)
        )
        if code == "change.sale_contract" and developer and not owned:
            return party
    return None


def _against(code: str, party: _Party, zh: str, en: str) -> Evidence:
    side_zh, side_en = _WORDS[party.side]
    field = party.field
    return Evidence(
        "type",
        "party",
        f"{side_zh}“{field.value}”{zh}",
        f"the {side_en} {field.value} {en}",
        -2.0,
        code,
        field.page or None,
        field.box,
    )
