"""What a household's file must hold: facts and template in, required types and counts out.

Pure rules over values (domain 2.2, 2.3). A type's `required` says on which
condition it is required, its `cardinality` how many; an event's own papers are
never missing on their own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.template.loader import load_template
from yihu.template import Cardinality, DocumentType, Required, Template

LET_OCCUPANCIES = frozenset({"出租", "商住"})
BUSINESS_OCCUPANCY = "商住"
# Papers whose presence shows that the thing they belong to has happened.
_AGENT_PAPERS = frozenset({"movein.poa", "movein.id_agent"})
_VEHICLE_PAPERS = frozenset({"vehicle.register"})
_RENOVATION_DONE_PAPERS = frozenset({"reno.acceptance", "reno.deposit_refund"})
_MEMORY = 4096
_TOWER_LEASE, _TOWER_DROPS = "lease.contract", "movein.contract_stub"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides which rows a household's catalogue has.

    `held` are the types its file holds on paper or digitally. Counts are
    numbers of things: owners, tenants, renovations, of them done, vehicles,
    leases.
    """

    owners: int = 1
    company: bool = False
    generation: int = 1
    occupancy: str = ""
    agent: bool = False
    renovations: int = 0
    renovations_done: int = 0
    vehicles: int = 0
    leases: int = 0
    tenants: int = 0
    tower: bool = False
    recommended: bool = False
    held: frozenset[str] = frozenset()


def noted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Facts` that stand in a household's own `facts` (see `Household`)."""
    renovations = facts.get("renovations") or ()
    return {
        "agent": bool(facts.get("agent")),
        "renovations": len(renovations),
        "renovations_done": sum(bool(renovation.get("done")) for renovation in renovations),
        "vehicles": len(facts.get("vehicles") or ()),
        "leases": len(facts.get("leases") or ()),
    }


class Rules:
    """A template's rules, made ready once and asked for many households."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.order = {kind.code: place for place, kind in enumerate(template.types)}
        self._by_condition: dict[Required, list[DocumentType]] = {}
        for kind in template.types:
            self._by_condition.setdefault(kind.required, []).append(kind)
        self._renovation_papers = frozenset(
            kind.code for kind in template.types if _shows_renovation(kind)
        )
        self._known: dict[Facts, dict[str, int]] = {}

    def required(self, facts: Facts) -> dict[str, int]:
        """Every required type's code with how many of it are needed (1 or more)."""
        found = self._known.get(facts)
        if found is None:
            if len(self._known) > _MEMORY:
                self._known.clear()
            found = self._known[facts] = self._required(facts)
        return found

    def _required(self, facts: Facts) -> dict[str, int]:
        conditions = self._conditions(facts)
        found = {
            kind.code: _count(kind, facts, conditions)
            for condition, times in conditions.items()
            if times
            for kind in self._by_condition.get(condition, ())
            if not (condition is Required.RECOMMENDED and _waits(kind, conditions))
        }
        if facts.tower:
            found.pop(_TOWER_DROPS, None)
            if _TOWER_LEASE in self.template.by_code:
                found.setdefault(_TOWER_LEASE, max(1, facts.leases))
        return found

    def applies(self, kind: DocumentType, facts: Facts) -> bool:
        """Whether a type's condition holds; papers of events and optional ones always may be."""
        if kind.required in (Required.EVENT, Required.OPTIONAL, Required.RECOMMENDED):
            return True
        return bool(self._conditions(facts)[kind.required])

    def _conditions(self, facts: Facts) -> dict[Required, int]:
        """For each condition how often it holds; 0 switches its rows off."""
        done = max(facts.renovations_done, _any(facts.held, _RENOVATION_DONE_PAPERS))
        shown = _any(facts.held, self._renovation_papers)
        let = facts.occupancy in LET_OCCUPANCIES
        business = facts.occupancy == BUSINESS_OCCUPANCY
        return {
            Required.ALWAYS: 1,
            Required.RECOMMENDED: int(facts.recommended),
            Required.RENOVATION: max(facts.renovations, done, shown),
            Required.RENOVATION_DONE: done,
            Required.LET: max(facts.leases, 1) if let else 0,
            Required.BUSINESS: max(facts.leases, 1) if business else 0,
            Required.VEHICLE: max(facts.vehicles, _any(facts.held, _VEHICLE_PAPERS)),
            Required.COMPANY: int(facts.company),
            Required.AGENT: int(facts.agent or _any(facts.held, _AGENT_PAPERS)),
            Required.OWNER_CHANGE: int(facts.generation > 1),
            Required.TOWER: int(facts.tower),
        }


@lru_cache(maxsize=1)
def default_rules() -> Rules:
    """The rules of the shipped template, made ready once per process."""
    return Rules(load_template())


def rules_of(template: Template | None) -> Rules:
    """The rules of a template; None stands for the shipped one."""
    shipped = default_rules()
    return shipped if template is None or template == shipped.template else Rules(template)


def _any(held: Collection[str], papers: Collection[str]) -> int:
    return int(any(code in papers for code in held))


def _shows_renovation(kind: DocumentType) -> bool:
    """Kept once per renovation, or required of one: such a paper shows that one was opened."""
    conditions = (Required.RENOVATION, Required.RENOVATION_DONE, Required.RECOMMENDED)
    return kind.category == "reno" and (
        kind.cardinality is Cardinality.PER_RENOVATION or kind.required in conditions
    )


def _waits(kind: DocumentType, conditions: Mapping[Required, int]) -> bool:
    """A recommended renovation paper is required only where there is a renovation."""
    return kind.category == "reno" and not conditions[Required.RENOVATION]


def _count(kind: DocumentType, facts: Facts, conditions: Mapping[Required, int]) -> int:
    match kind.cardinality:
        case Cardinality.PER_OWNER if kind.required is Required.LET:
            return max(1, facts.tenants)
        case Cardinality.PER_OWNER if kind.required is Required.AGENT:
            return 1
        case Cardinality.PER_OWNER:
            return max(1, facts.owners)
        case Cardinality.PER_RENOVATION if kind.required is Required.RENOVATION_DONE:
            return max(1, conditions[Required.RENOVATION_DONE])
        case Cardinality.PER_RENOVATION:
            return max(1, conditions[Required.RENOVATION])
        case Cardinality.PER_VEHICLE:
            return max(1, conditions[Required.VEHICLE])
        case Cardinality.PER_LEASE:
            return max(1, facts.leases)
        case _:
            return 1
