"""Everything read from a document that the rules look at, gathered once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from classifier.types.folding import fold, simplified
from classifier.types.lexicon import Lexicon, Word, compile_template
from classifier.types.titles import TitleReading, read_title
from yihu.page import Box, PageText
from yihu.template import Template

_MOST_TEXT = 12_000
BODY_MOST, BODY_HALF = 4.0, 3.0


@dataclass(frozen=True)
class Signals:
    """A document as the rules see it: pages, folded text, and the reading of its title."""

    pages: tuple[PageText, ...]
    lexicon: Lexicon
    title: TitleReading
    text: str
    raw: str

    @property
    def template(self) -> Template:
        """The template the document is classified against."""
        return self.lexicon.template

    def has(self, *words: str) -> bool:
        """Whether any of the (folded) words stands on the pages."""
        return any(word in self.text for word in words)

    def place(self, *words: str) -> tuple[int, Box] | None:
        """The page and box of the first line that holds one of the (folded) words."""
        for page in self.pages:
            for line in page.lines:
                text = fold(line.text)
                if any(word and word in text for word in words):
                    return page.number, line.box
        return None

    def count(self, *words: str) -> int:
        """How many of the (folded) words stand on the pages."""
        return sum(word in self.text for word in words)

    @cached_property
    def found(self) -> dict[str, tuple[Word, ...]]:
        """Per type, the words of its lists that stand on the pages."""
        hits = {
            code: tuple(word for word in words if word.text in self.text)
            for code, words in self.lexicon.words.items()
        }
        return {code: words for code, words in hits.items() if words}

    def body(self, code: str) -> float:
        """How far the body speaks for a type: -2 .. 4, levelling off."""
        words = self.found.get(code, ())
        good = sum(word.weight for word in words if word.weight > 0)
        bad = sum(-word.weight for word in words if word.weight < 0)
        return BODY_MOST * good / (good + BODY_HALF) - min(2.0, 0.5 * bad)

    @cached_property
    def named_types(self) -> int:
        """How many different types' titles stand as lines of their own: a catalogue lists many."""
        codes: set[str] = set()
        for page in self.pages:
            for line in page.lines:
                key = _ITEM.sub("", fold(line.text))
                for title in (key, _TICK.sub("", key)):
                    if len(title) >= 4 and title in self.lexicon.titles:
                        codes.add(self.lexicon.titles[title][0])
        return len(codes)


_ITEM = re.compile(r"^[\d一二三四五六七八九十()√✓✔☑□■口]{0,5}")
_TICK = re.compile(r"[√✓✔☑□■口有无\d]+$")


def gather(pages: Sequence[PageText], template: Template) -> Signals:
    """The signals of a document; its title is read on the first page that has text."""
    lexicon = compile_template(template)
    written = [page for page in pages if page.lines]
    title = read_title(written[0], template) if written else TitleReading()
    text = "".join(fold(line.text) for page in written for line in page.lines)
    raw = "\n".join(simplified(line.text) for page in written for line in page.lines)
    return Signals(tuple(pages), lexicon, title, text[:_MOST_TEXT], raw[: 2 * _MOST_TEXT])
