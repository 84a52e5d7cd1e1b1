"""The `split` and `understand` stages: what is it, whose is it, and is that certain?

Both are pure judgement over what was read; the classifier does the thinking.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from catalog import brought, documents, readings, rebuilding, samples, search
from catalog.brought import Brought
from catalog.models import Document
from classifier import (
    Hints,
    Judgement,
    Part,
    People,
    RegisterIndex,
    judge,
    match_household,
    split,
)
from worker.mind_cache import Mind
from worker.outcome import Outcome, settled
from worker.papers import people_beside, people_of
from worker.services import Services
from yihu.clock import now
from yihu.errors import Rejected
from yihu.household import HouseholdRecord
from yihu.page import PageText
from yihu.reasons import words
from yihu.urgency import Urgency

LOOK_BACK = 3  # documents of the same file whose household may be inherited


def pages_of(session: Session, document: Document) -> tuple[PageText, ...]:
    """Every page of the document in order; a page nobody could read is flagged "unread"."""
    assert document.sha256 is not None
    read = readings.texts(session, document.sha256, document.first_page, document.last_page)
    found = {page.number: page for page in read}
    return tuple(
        found.get(number)
        or PageText(number=number, lines=(), width=0, height=0, flags=frozenset({"unread"}))
        for number in range(document.first_page, document.last_page + 1)
    )


def split_file(document: Document, services: Services) -> Outcome:
    """Cut a file into its documents; the document itself becomes the first of them.

    Raises `Rejected` when not one page could be read: then the file is at fault.
    """
    assert document.sha256 is not None
    with services.database.read() as session:
        pages = pages_of(session, document)
        if all("unread" in page.flags for page in pages):
            states = readings.page_states(session, document.sha256)
            raise Rejected(states[document.first_page].last_error or "broken")
    parts = [part for part in split(pages, services.template) if not part.separator]
    if not parts:
        return settled("review", ("separator",), message=words(["separator"]))
    own, *others = parts

    def write(session: Session, held: Document) -> None:
        for part in others:
            sibling = documents.add_sibling(session, held, part.first, part.last)
            sibling.split = _split_note(part, len(parts))

    changes = {
        "first_page": own.first,
        "last_page": own.last,
        "split": _split_note(own, len(parts)),
    }
    return Outcome("understand", "reading", changes, write=write)


def _split_note(part: Part, of: int) -> dict[str, Any]:
    return {
        "why": part.why,
        "reasons": list(part.reasons),
        "blank_pages": list(part.blank_pages),
        "sheet": part.sheet,
        "of": of,
    }


def judged(
    session: Session,
    document: Document,
    services: Services,
    mind: Mind | None = None,
    register: RegisterIndex | None = None,
    pages: tuple[PageText, ...] | None = None,
) -> Judgement:
    """What the document's current text says it is and whose; what is known already is not asked."""
    pages = pages_of(session, document) if pages is None else pages
    register = register or services.register.current()
    household = _inherited(session, document, register)
    note = document.split or {}
    hints = Hints(
        path=document.arrival.path, batch_household=household, sheet=str(note.get("sheet", ""))
    )

    def people(household: HouseholdRecord) -> People:
        return people_of(session, household.id)

    mind = mind or services.mind.current()
    return judge(
        pages,
        hints,
        register,
        services.template,
        mind.policy,
        mind.model,
        people,
        lambda: people_beside(session, document),
    )


def judge_again(document: Document) -> None:
    """Send a document that nobody decided back to be judged by what is read now."""
    moment = now()
    document.state, document.stage, document.since = "reading", "understand", moment
    document.attempts, document.lease_until, document.due_at = 0, None, moment
    document.settled_at, document.urgency = None, Urgency.LATER


def understand(document: Document, services: Services) -> Outcome:
    """Classify, match and decide; sure goes on to `file`, unsure ends in review."""
    register = services.register.current()  # outside of the transaction
    mind = services.mind.current()
    with services.database.read() as session:
        pages = pages_of(session, document)
        judgement = judged(session, document, services, mind, register, pages)
        disputed = ["sample_differs"] if samples.disputed(session, document.id) else []
        if rebuilding.distrusted(session, document.sha256 or ""):
            disputed.append("record_damaged")
        said = brought.said_of(session, document)
        if said is not None and _differs(said, judgement):
            reason = "stated_differs"
            judgement = replace(judgement, state="review", reasons=(*judgement.reasons, reason))
    note = document.split or {}
    reasons = list(dict.fromkeys([*judgement.reasons, *note.get("reasons", []), *disputed]))
    sure = judgement.state == "filed" and not reasons
    text = "\n".join(page.text for page in pages)

    def write(session: Session, held: Document) -> None:
        search.index_document(session, held.id, text)

    if not sure and not reasons:
        reasons = ["policy"]
    changes = _suggestion(judgement, mind, said) | {
        "reasons": reasons,
        "message": judgement.message if sure else words(reasons),
    }
    return Outcome("file" if sure else "", "reading" if sure else "review", changes, write=write)


def _differs(said: Brought, judgement: Judgement) -> bool:
    """Whether the papers speak for another household or type than the person who brought them."""
    best_type, best_household = judgement.classification.best, judgement.match.best
    elsewhere = best_household is not None and best_household.household.id != said.household_id
    another = best_type is not None and best_type.code != said.type
    return elsewhere or (bool(said.type) and another and not _type_open(judgement))


def _type_open(judgement: Judgement) -> bool:
    return any(reason.startswith("type_") for reason in judgement.reasons)


def _suggestion(judgement: Judgement, mind: Mind, said: Brought | None) -> dict[str, Any]:
    """What was judged; where that is open, what the person said who brought it."""
    best_type, best_household = judgement.classification.best, judgement.match.best
    code = best_type.code if best_type else None
    if said is not None and said.type and (code is None or _type_open(judgement)):
        code = said.type
    stated = said.household_id if said else None
    return {
        "type": code,
        "category": code.partition(".")[0] if code else None,
        "household_id": best_household.household.id if best_household else stated,
        "probability": round(judgement.probability, 4),
        "judgement": _as_dict(judgement)
        | {"model": mind.version, "type_threshold": mind.policy.type_threshold},
    }


def _as_dict(judgement: Judgement) -> dict[str, Any]:
    """What the screens show of a judgement: candidates, evidence, fields."""
    return {
        "types": [asdict(guess) for guess in judgement.classification.guesses[:5]],
        "households": [
            {
                "id": guess.household.id,
                "room": str(guess.household.key),
                "probability": guess.probability,
            }
            for guess in judgement.match.guesses[:5]
        ],
        "evidence": [
            asdict(item) for item in (*judgement.classification.evidence, *judgement.match.evidence)
        ],
        "fields": [asdict(item) for item in judgement.fields],
        "reasons": list(judgement.reasons),
        "titled": judgement.classification.titled,
    }


def _inherited(
    session: Session, document: Document, register: RegisterIndex
) -> HouseholdRecord | None:
    """The household of the nearest document before this one in its file that names one surely."""
    for earlier in documents.before(session, document, LOOK_BACK):
        found = match_household(pages_of(session, earlier), Hints(), register)
        if found.supported and not found.reasons and found.best is not None:
            return found.best.household
        if found.guesses:
            return None
    return None
