"""The one place where probabilities and forbidding reasons become "filed" or "review".

The policy never guesses: it files only when type and household both reach
their threshold and nothing forbids it, and it names every reason otherwise
(design 5). Office papers, ledgers, blank forms, media and strangers are never
filed by a machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from classifier.values import Classification, Match, Policy
from yihu.template import Template

NEVER = {"admin": "office_paper", "media": "media_file", "unknown": "type_unsure"}
# With these there is no household question to ask: the page is nobody's paper.
_NOBODYS = ("not_household_paper", "ledger_page", "office_paper", "blank_form", "no_text", "photo")
_RIVAL, _LIKELY = 0.15, 0.5


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows: "filed" or "review", how probable it is right, and why not filed."""

    state: str
    probability: float
    reasons: tuple[str, ...] = ()


def decide(
    classification: Classification,
    match: Match,
    policy: Policy,
    template: Template,
    others: tuple[str, ...] = (),
) -> Decision:
    """The decision on one document; `others` are reasons from splitting and reading."""
    reasons = [*classification.reasons, *_type_reasons(classification, policy, template)]
    reasons += others
    if not any(reason in _NOBODYS for reason in reasons):
        reasons += [*match.reasons, *_household_reasons(match, policy)]
    elif match.reasons and match.best:
        reasons += match.reasons
    unique = tuple(dict.fromkeys(reasons))
    probability = _joint(classification, match)
    return Decision("review" if unique else "filed", probability, unique)


def _joint(classification: Classification, match: Match) -> float:
    kind = classification.best.probability if classification.best else 0.0
    home = match.best.probability if match.best else 0.0
    return round(kind * home, 4)


def _type_reasons(classification: Classification, policy: Policy, template: Template) -> list[str]:
    best = classification.best
    if best is None or best.code not in template.by_code:
        return [] if classification.reasons else ["type_unsure"]
    reasons = []
    category = best.code.partition(".")[0]
    if "not_household_paper" in classification.reasons:
        return []
    likely = best.probability >= _LIKELY
    if category in NEVER:
        reasons.append(NEVER[category] if likely else "type_unsure")
    if likely and template.type(best.code).ledger:
        reasons.append("ledger_page")
    least = policy.type_threshold if classification.titled else policy.untitled_threshold
    if best.probability < least and not (classification.reasons or reasons):
        rival = classification.guesses[1].probability if len(classification.guesses) > 1 else 0.0
        reasons.append("type_ambiguous" if rival >= _RIVAL else "type_unsure")
    return reasons


def _household_reasons(match: Match, policy: Policy) -> list[str]:
    if match.best is None:
        return [] if match.reasons else ["household_missing"]
    reasons = []
    if not match.supported and not policy.file_on_room_alone and not match.reasons:
        reasons.append("household_unsupported")
    if match.best.probability < policy.household_threshold and not (match.reasons or reasons):
        rival = match.guesses[1].probability if len(match.guesses) > 1 else 0.0
        reasons.append("household_ambiguous" if rival >= _RIVAL else "policy")
    return reasons
