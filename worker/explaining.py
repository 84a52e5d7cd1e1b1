"""Why a document is where it is: what spoke for and against, in words, with the place on the page.

Everything comes from the judgement kept with the document; nothing is judged
again, so the answer is what was known at the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from catalog.models import Document
from classifier import id_checks
from worker.masking import masked
from yihu.reasons import words
from yihu.template import Template

Row = dict[str, Any]


def explanation(document: Document, template: Template) -> Iterator[Row]:
    """One row per thing that spoke: `side` is "for", "against", "rival" or "decision"."""
    said = document.judgement or {}
    if not said:
        zh, en = _both(document.message) if document.message else ("尚未判断", "not judged yet")
        yield _row("decision", "document", document.state, zh, en, None)
    for item in said.get("evidence", ()):
        side = "for" if item["weight"] > 0 else "against"
        yield _row(side, item["subject"], item["code"], item["zh"], item["en"], item)
    yield from _rivals(said, template)
    for code in dict.fromkeys((*said.get("reasons", ()), *document.reasons)):
        at = spoken_by(code, said.get("evidence", ()))
        place = None if at is None else {key: said["evidence"][at][key] for key in ("page", "box")}
        yield _row("against", "document", code, *_both(words([code])), place)
    yield from _decision(document, said)


def _rivals(said: Row, template: Template) -> Iterator[Row]:
    """The second answers, which speak against the first by what they are worth."""
    for guess in said.get("types", [])[1:3]:
        kind = template.by_code.get(guess["code"])
        name, name_en = (kind.name, kind.name_en) if kind else (guess["code"], guess["code"])
        zh = f"也可能是“{name}”：{guess['probability']:.1%}"
        en = f"may be {name_en}: {guess['probability']:.1%}"
        yield _row("rival", "type", guess["code"], zh, en, None, guess["probability"])
    for guess in said.get("households", [])[1:3]:
        zh = f"也可能是 {guess['room']}：{guess['probability']:.1%}"
        en = f"may belong to {guess['room']}: {guess['probability']:.1%}"
        yield _row("rival", "household", str(guess["id"]), zh, en, None, guess["probability"])


def _decision(document: Document, said: Row) -> Iterator[Row]:
    by, state = document.decided_by, document.state
    if by and by != "machine":
        yield _row("decision", "document", "person", f"由人决定（{by}）", f"decided by {by}", None)
        return
    if types := said.get("types"):
        zh, en = _sure("类型", "type", types[0]["probability"])
        if (needed := said.get("type_threshold")) is not None:
            zh, en = f"{zh}，归档需达到 {needed:.1%}", f"{en}; filing needs {needed:.1%}"
        yield _row("decision", "document", state, zh, en, None)
    if homes := said.get("households"):
        zh, en = _sure("业户", "household", homes[0]["probability"])
        yield _row("decision", "document", state, zh, en, None)
    version = said.get("model", 0)
    zh, en = f"文字模型版本 {version}", f"text model version {version}"
    yield _row("decision", "document", state, zh, en, None)


def _sure(zh: str, en: str, probability: float) -> tuple[str, str]:
    return f"{zh}的把握 {probability:.1%}", f"{probability:.1%} sure of the {en}"


_ADDRESS = ("household", ("room",))
_WORDS = ("type", ("title", "phrase"))
_SPOKEN_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "type_unsure": _WORDS,
    "type_ambiguous": _WORDS,
    "type_whose": ("type", ("whose", "page")),
    "ledger_page": _WORDS,
    "office_paper": _WORDS,
    "blank_form": _WORDS,
    "not_household_paper": ("type", ("against", "title", "phrase")),
    "like_discarded": ("document", ("discarded",)),
    "household_partial": _ADDRESS,
    "household_ambiguous": _ADDRESS,
    "household_unknown_room": _ADDRESS,
    "household_unsupported": _ADDRESS,
    "household_repaired": _ADDRESS,
    "household_several": _ADDRESS,
    "other_estate": _ADDRESS,
    "former_owner": ("household", ("former",)),
    "household_conflict": ("household", ("owner", "phone", "id_no", "file_no")),
}
_MUST_OPPOSE = frozenset({"household_conflict", "former_owner"})


def spoken_by(code: str, evidence: Sequence[Row]) -> int | None:
    """Which item of the evidence shows on the page why a reason was given; None where none does."""
    subject, kinds = _SPOKEN_BY.get(code, ("", ()))
    for kind in kinds:
        for position, item in enumerate(evidence):
            opposes = item["weight"] < 0 or code not in _MUST_OPPOSE
            if (item["subject"], item["code"]) == (subject, kind) and item.get("box") and opposes:
                return position
    return None


def _both(message: str) -> tuple[str, str]:
    zh, _, en = message.partition(" / ")
    return zh, en or zh


def _row(
    side: str, subject: str, code: str, zh: str, en: str, item: Row | None, weight: float = 0.0
) -> Row:
    place = item or {}
    return {
        "side": side,
        "subject": subject,
        "code": code,
        "zh": zh,
        "en": en,
        "weight": round(place.get("weight", weight), 3),
        "page": place.get("page"),
        "box": place.get("box"),
    }


def field_rows(document: Document, *, shown: bool = False) -> Iterator[Row]:
    """The key fields with their places; personal values masked unless `shown`."""
    for field in (document.judgement or {}).get("fields", ()):
        value = str(field["value"])
        yield {
            "name": field["name"],
            "value": value if shown else masked(field["name"], value),
            "label": field["label"],
            "page": field["page"] or None,
            "box": field["box"],
            "confidence": round(field["confidence"], 3),
            "valid": id_checks(value) if field["name"] == "id_no" else None,
        }
