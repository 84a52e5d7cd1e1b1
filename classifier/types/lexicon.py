"""A template compiled for look-up: titles, and weighted words for every document type.

A word's weight falls with the number of types that use it, so a label such as
日期 says little and 公民身份号码 much.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from classifier.types.folding import fold
from yihu.template import DocumentType, Template

STRONG, PHRASE, FIELD, AGAINST = 3.0, 1.0, 0.7, -2.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a type's list: folded text, weight for that type, and which list it stands in."""

    text: str
    weight: float
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Everything `classify` looks up, built once per template; compared by identity."""

    template: Template
    titles: dict[str, tuple[str, ...]]
    by_char: dict[str, frozenset[str]]
    words: dict[str, tuple[Word, ...]]
    labels: frozenset[str] = field(default_factory=frozenset)
    longest: int = 0


@lru_cache(maxsize=4)
def compile_template(template: Template) -> Lexicon:
    """The lexicon of a template; cached, since a template is a value."""
    titles: dict[str, list[str]] = defaultdict(list)
    for kind in template.types:
        for title in (kind.name, *kind.titles):
            key = title_key(title)
            if len(key) >= 2 and kind.code not in titles[key]:
                titles[key].append(kind.code)
    by_char: dict[str, set[str]] = defaultdict(set)
    for key in titles:
        for char in key:
            by_char[char].add(key)
    labels = {fold(label) for kind in template.types for label in kind.fields}
    return Lexicon(
        template=template,
        titles={key: tuple(codes) for key, codes in titles.items()},
        by_char={char: frozenset(keys) for char, keys in by_char.items()},
        words=_weighted(template),
        labels=frozenset(label for label in labels if len(label) >= 2),
        longest=max(map(len, titles), default=0),
    )


def longest_title(text: str, lexicon: Lexicon) -> str:
    """The longest listed title of three characters or more inside a folded text, or ""."""
    for length in range(min(len(text), lexicon.longest), 2, -1):
        for start in range(len(text) - length, -1, -1):
            if text[start : start + length] in lexicon.titles:
                return text[start : start + length]
    return ""


_BRACKETED = re.compile(r"\([^)]*\)")


def title_key(title: str) -> str:
    """A title as it is compared: folded, without brackets and slashes."""
    return _BRACKETED.sub("", fold(title)).replace("/", "").replace("(", "").replace(")", "")


def _weighted(template: Template) -> dict[str, tuple[Word, ...]]:
    spread: dict[str, set[str]] = defaultdict(set)
    for kind in template.types:
        for word in (*kind.strong, *kind.phrases, *kind.fields):
            spread[fold(word)].add(kind.code)
    most = math.log(1 + len(template.types))

    def rarity(word: str) -> float:
        return math.log(1 + len(template.types) / max(1, len(spread[word]))) / most

    return {kind.code: _words_of(kind, rarity) for kind in template.types}


def _words_of(kind: DocumentType, rarity: Callable[[str], float]) -> tuple[Word, ...]:
    best: dict[str, Word] = {}
    lists = (
        (kind.strong, STRONG, "strong"),
        (kind.phrases, PHRASE, "phrase"),
        (kind.fields, FIELD, "field"),
        (kind.against, AGAINST, "against"),
    )
    for words, base, name in lists:
        for word in words:
            text = fold(word)
            if len(text) < 2 or text in best:
                continue
            weight = base if base < 0 else base * rarity(text)
            best[text] = Word(text, weight, name)
    return tuple(best.values())
