"""Reads the wordings of a pack: titles, labels, sentences, all data in `wording/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).parent / "wording"


@dataclass(frozen=True, slots=True)
class Kit:
    """The wording of one document type in one pack.

    `body` is the list of blocks as written in the YAML file; `company` names
    the header ("office", "developer", "contractor" or nothing); `weight` is how
    often it comes relative to others; `ledger` marks pages that list many
    households and are never filed; `whose` names the owner's label for the test
    that every fileable page carries room and owner.
    """

    code: str
    titles: tuple[str, ...]
    body: tuple[Mapping[str, Any], ...]
    company: str = "office"
    number: str = ""
    codes: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()
    weight: float = 1.0
    landscape: bool = False
    review: str = ""
    layouts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """All wordings of a pack: kits by code, label synonyms by slot, names to pick from."""

    pack: str
    kits: dict[str, Kit]
    labels: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]


def _kit(code: str, data: Mapping[str, Any]) -> Kit:
    return Kit(
        code=code,
        titles=tuple(data.get("titles", ())),
        body=tuple(data["body"]),
        company=data.get("company", "office"),
        number=data.get("number", ""),
        codes=tuple(data.get("codes", ())),
        foot=tuple(data.get("foot", ())),
        weight=float(data.get("weight", 1)),
        landscape=bool(data.get("landscape", False)),
        review=data.get("review", ""),
        layouts=tuple(data.get("layouts", ())),
    )


@lru_cache(maxsize=2)
def load_words(pack: str) -> Words:
    """The wordings of "train" or "eval"; "demo" speaks as "train" does."""
    folder = _HERE / ("eval" if pack == "eval" else "train")
    kits: dict[str, Kit] = {}
    labels: dict[str, tuple[str, ...]] = {}
    names: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.stem == "labels":
            labels = {slot: tuple(map(str, words)) for slot, words in data["labels"].items()}
            names = {slot: tuple(map(str, words)) for slot, words in data["names"].items()}
        else:
            kits.update({code: _kit(code, kit) for code, kit in data.items()})
    return Words(folder.name, kits, labels, names)
