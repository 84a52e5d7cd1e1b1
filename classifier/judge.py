"""The whole understanding of one document, in one place: fields, household, type, decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from classifier import separator
from classifier.fields import extract_fields
from classifier.key_fields import key_fields
from classifier.match import match_household
from classifier.policy import Decision, decide
from classifier.types import parties
from classifier.types.classify import classify
from classifier.types.kinds import LIKE_DISCARDED, speaks_against
from classifier.types.model import TypeModel
from classifier.types.whose import People
from classifier.values import Classification, Field, Hints, Judgement, Match, Policy, Register
from yihu.household import HouseholdRecord
from yihu.page import PageText
from yihu.reasons import words
from yihu.template import Template

_LEGIBLE, _FEW_LINES = 0.62, 3
_POOR = frozenset({"blurred", "dark", "faint"})
_FAULTS = ("dark", "faint", "blurred", "turn_unsure")


def judge(
    pages: Sequence[PageText],
    hints: Hints,
    register: Register,
    template: Template,
    policy: Policy,
    model: TypeModel | None = None,
    people: Callable[[HouseholdRecord], People] | None = None,
    nearby: Callable[[], People] | None = None,
) -> Judgement:
    """What a document is, whose it is, and whether that is certain enough to file it.

    `model` replaces the shipped text model; `people` is asked for the workers,
    agents, tenants and contractors that a household's other papers name; `nearby`
    for those that papers of the same scan name, which suggest and never decide.
    """
    fields = extract_fields(pages, register)
    match = match_household(pages, hints, register, fields)
    known = people(match.best.household) if people and match.best else None
    sheet = separator.decode(hints.sheet) if hints.sheet else None
    classification = classify(
        pages,
        template,
        model=model,
        match=match,
        people=known,
        nearby=nearby,
        promised=sheet.type if sheet else "",
        path=hints.path,
    )
    classification = _with_parties(classification, fields, match, known)
    decision = decide(classification, match, policy, template, _reading_reasons(pages))
    if against := speaks_against(pages, model.discarded) if model else None:
        classification = replace(classification, evidence=(*classification.evidence, against))
        decision = replace(decision, state="review", reasons=(LIKE_DISCARDED, *decision.reasons))
    return Judgement(
        state=decision.state,
        classification=classification,
        match=match,
        probability=decision.probability,
        reasons=decision.reasons,
        fields=key_fields(pages, fields),
        message=_message(decision, classification, match, template),
    )


def _with_parties(
    classification: Classification, fields: Sequence[Field], match: Match, people: People | None
) -> Classification:
    """The type, held against the parties that the page names."""
    if classification.best is None or match.best is None:
        return classification
    household = match.best.household
    found = parties.objection(classification.best.code, fields, household, people)
    if found is None:
        return classification
    return replace(
        classification,
        evidence=(*classification.evidence, found),
        reasons=tuple(dict.fromkeys([*classification.reasons, "type_whose"])),
    )


def _reading_reasons(pages: Sequence[PageText]) -> tuple[str, ...]:
    """What the reading itself leaves in doubt: poor images, pages nobody could read."""
    reasons = []
    written = [page for page in pages if page.lines]
    confidences = [line.confidence for page in written for line in page.lines]
    faint = bool(confidences) and sum(confidences) / len(confidences) < _LEGIBLE
    if faint or any(page.flags & _POOR and len(page.lines) <= _FEW_LINES for page in written):
        reasons.append("low_quality")
    reasons += _faults(pages)
    if any("unread" in page.flags for page in pages):
        reasons.append("page_unread")
    return tuple(dict.fromkeys(reasons))


def _faults(pages: Sequence[PageText]) -> list[str]:
    """What is wrong with the pictures, so that staff know how to scan again."""
    if pages and all(page.blank for page in pages):
        return ["page_blank"]
    bad = [page.flags for page in pages if "illegible" in page.flags]
    found = [f"page_{flag}" for flag in _FAULTS if any(flag in flags for flags in bad)]
    if any("cut_off" in page.flags for page in pages):
        found.append("page_cut_off")
    return ["low_quality", *found] if bad else found


def _message(
    decision: Decision, classification: Classification, match: Match, template: Template
) -> str:
    """One line for a person, Chinese then English."""
    if decision.state != "filed":
        return words(decision.reasons)
    kind = template.type(classification.guesses[0].code)
    home = match.guesses[0].household
    return (
        f"已归入 {home.key} 的“{kind.name}”（把握 {decision.probability:.0%}）"
        f" / Filed for {home.key} as {kind.name_en} ({decision.probability:.0%} sure)"
    )
