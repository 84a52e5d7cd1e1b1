"""Who a household's filed papers, and the papers of one scan, name: tenants, agents, workers.

Identical pages (ID cards, licences) get their type from whose they are
(domain 2.7 rows 9 and 10); the register knows the owners, the papers the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Document
from classifier import People

_CATEGORIES = ("lease", "reno", "movein", "unit")
_MOST = 200
_WHO = {"tenant": "tenants", "agent": "agents", "contractor": "contractors", "worker": "workers"}


def people_of(session: Session, household_id: int) -> People:
    """The names on the papers that are filed for a household, newest papers first."""
    judgements = session.scalars(
        select(Document.judgement)
        .where(
            Document.household_id == household_id,
            Document.state == "filed",
            Document.category.in_(_CATEGORIES),
        )
        .order_by(Document.id.desc())
        .limit(_MOST)
    )
    return named(field for judgement in judgements for field in (judgement or {}).get("fields", ()))


def people_beside(session: Session, document: Document) -> People:
    """The names on the other papers of the same scan, filed or not, as far as they are read.

    They suggest whose an ID card or a licence is: a scan may hold several
    households, and nobody may have looked at its papers yet.
    """
    judgements = session.scalars(
        select(Document.judgement)
        .where(
            Document.arrival_id == document.arrival_id,
            Document.id != document.id,
            Document.state.in_(("reading", "review", "filed")),
        )
        .order_by(Document.first_page)
        .limit(_MOST)
    )
    return named(field for judgement in judgements for field in (judgement or {}).get("fields", ()))


def named(fields: Iterable[dict[str, Any]]) -> People:
    """The people that fields name, by what they are to the household."""
    found: dict[str, set[str]] = {group: set() for group in _WHO.values()}
    for field in fields:
        if group := _WHO.get(field["name"]):
            found[group].add(field["value"])
    return People(**{group: frozenset(names) for group, names in found.items()})
