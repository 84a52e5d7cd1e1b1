"""Puts one document together: kit, scene, case and arrangement become laid-out pages and truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.corpus.cases import Outcome, scene_for
from bench.corpus.content import plain
from bench.corpus.filling import fill
from bench.corpus.layout import lay_out
from bench.corpus.marks import Page
from bench.corpus.register import Household
from bench.corpus.scene import Scene
from bench.corpus.styles import Style, styles_of
from bench.corpus.words import Kit, Words

_FIELDS = (
    "title",
    "owner",
    "phone",
    "id_no",
    "date",
    "number",
    "file_no",
    "permit_no",
    "receipt_no",
    "amount",
    "contractor",
)


@dataclass(slots=True)
class Sample:
    """One document: its pages of marks and what is true about it."""

    code: str | None
    outcome: Outcome
    pages: list[Page]
    household: Household | None = None
    owner: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    layout: str = ""
    typed: bool = False

    def truth(self) -> dict[str, Any]:
        """The part of the truth line that does not depend on the file."""
        code = self.code if self.outcome.typed else None
        home = self.household if self.outcome.household else None
        return {
            "type": code,
            "category": code.partition(".")[0] if code else None,
            "household": home.key.as_dict() if home else None,
            "owner": self.owner or None,
            "expect": self.outcome.expect,
            "why": self.outcome.why,
            "fields": self.fields,
        }


def fields_of(scene: Scene) -> dict[str, str]:
    """The key fields as they really stand on the paper."""
    out = {name: plain(scene.used[name]) for name in _FIELDS if name in scene.used}
    if "owners" in scene.used and "owner" not in scene.used:
        out["owner"] = plain(scene.used["owners"])
    if "room" in scene.used:
        out["room_written"] = plain(scene.used["room"]).strip()
    return {name: text for name, text in out.items() if text}


def sample_form(
    kit: Kit,
    words: Words,
    register: Sequence[Household],
    rng: random.Random,
    *,
    case: str = "",
    style: Style | None = None,
    home: Household | None = None,
    typed: bool | None = None,
) -> Sample:
    """A filled form of a kit, in a given or a random arrangement of the pack."""
    if case == "untitled" and not kit.titles:
        case = "room-alone"
    scene, outcome = scene_for(case, words, register, rng, home)
    form = fill(kit, scene)
    style = style or _style(kit, words, rng)
    typed = rng.random() < 0.3 if typed is None else typed
    pages = lay_out(form, style, rng, typed=typed)
    found = fields_of(scene) | ({"form_no": form.code} if form.code else {})
    if outcome.expect == "file" and kit.review:
        outcome = Outcome("review", kit.review)
    return Sample(
        kit.code, outcome, pages, scene.home, found.get("owner", ""), found, style.name, typed
    )


def _style(kit: Kit, words: Words, rng: random.Random) -> Style:
    styles = styles_of(words.pack)
    fitting = [style for style in styles if style.name in kit.layouts] or list(styles)
    return rng.choice(fitting)
