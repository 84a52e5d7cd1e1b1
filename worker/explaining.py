"""Why a document is where it is: what spoke for and against, in words, with the place on the page.

Everything comes from the judgement kept with the document; nothing is judged
again, so the answer is what was known at the time.
"""

from __future__ import annotations

from collections.abc import Iterator
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
        yield _row("decision", "document", document.state, *_both(document.message), None)
    for item in said.get("evidence", ()):
        side = "for" if item["weight"] > 0 else "against"
        yield _row(side, item["subject"], item["code"], item["zh"], item["en"], item)
    yield from _rivals(said, template)
    for code in dict.fromkeys((*said.get("reasons", ()), *document.reasons)):
        yield _row("against", "document", code, *_both(words([code])), None)
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
    by = document.decided_by
    if by and by != "machine":
        yield _row("decision", "document", "person", f"由人决定（{by}）", f"decided by {by}", None)
        return
    parts = [("类型 type", said.get("types"), said.get("type_threshold"))]
    parts += [("业户 household", said.get("households"), None)]
    for label, guesses, threshold in parts:
        if guesses:
            zh = f"{label} {guesses[0]['probability']:.1%}"
            need = f"，需 needs {threshold:.1%}" if threshold is not None else ""
            yield _row("decision", "document", document.state, zh + need, zh + need, None)
    version = said.get("model", 0)
    zh, en = f"文字模型版本 {version}", f"text model version {version}"
    yield _row("decision", "document", document.state, zh, en, None)


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
