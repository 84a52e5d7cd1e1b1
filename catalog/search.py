"""Full-text search that is exact for short Chinese words: character bigrams, queried as phrases.

Text is folded into one spelling (half width, lower case, simplified, no
blanks), so 張 偉 over two lines is found by 张伟. A word of any length is found
wherever its characters stand next to each other; measured 3.3 says why
trigrams and segmentation are not used. SQLite keeps the bigrams in FTS5 with
positions; PostgreSQL without, and compares longer words with the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Integer, SelectBase, column, delete, select, text
from sqlalchemy.orm import Session

from catalog.models import Document, SearchText
from yihu.characters import Characters

BEFORE, AFTER = 24, 48  # characters of context in a snippet
_LONGEST_QUERY = 200
_PAGE, _CHUNK = 200, 60  # a screen shows fifty, and asks for one more
_LARGE, _STEP = 20_000, 5
"""Who goes on searching needs many candidates: so many at once, and `_STEP` times as many tested
with each further look."""
FEW, _RARE = 10_000, 5_000
"""So many documents are few enough to read their texts; words in so few are asked of the index."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that holds the words, and its text around the first place."""

    document_id: int
    snippet: str


def index_document(session: Session, document_id: int, text: str) -> None:
    """Make a document's text searchable; what was indexed of it before is replaced."""
    written = unicodedata.normalize("NFC", text.replace("\0", ""))
    folded = fold(written)
    known = session.get(SearchText, document_id)
    if known is not None:
        if known.text == written and known.folded == folded:
            return
        _forget(session, document_id, known.folded)
        known.text, known.folded = written, folded
    else:
        session.add(SearchText(document_id=document_id, text=written, folded=folded))
    session.flush()
    _learn(session, document_id, folded)


def build_index(session: Session) -> None:
    """Fill an empty index from all the text there is, for a catalogue that was moved here."""
    last = 0
    while True:
        query = select(SearchText.document_id, SearchText.folded)
        query = query.where(SearchText.document_id > last).order_by(SearchText.document_id)
        rows = session.execute(query.limit(_PAGE)).all()
        for document_id, folded in rows:
            _learn(session, document_id, folded)
        if len(rows) < _PAGE:
            return
        last = rows[-1].document_id


def remove(session: Session, document_id: int) -> None:
    """Take a document out of the index; harmless when it is not there."""
    known = session.get(SearchText, document_id)
    if known is not None:
        _forget(session, document_id, known.folded)
        session.execute(delete(SearchText).where(SearchText.document_id == document_id))
        session.expunge(known)


def search(
    session: Session,
    text: str,
    limit: int = 50,
    allowed: Callable[[Sequence[int]], Collection[int]] | None = None,
    shown: Callable[[int, str], str] | None = None,
    before: int | None = None,
    within: ColumnElement[bool] | None = None,
    near: SelectBase | None = None,
) -> list[Hit]:
    """Documents that hold every word of `text` (words stand apart by blanks), newest first.

    `before` goes on behind a document that was given already. `within`, a condition
    on `Document`, says for PostgreSQL where alone it is worth looking; `near` asks for
    the `id` of what lies there, where that is little: so a common word is not looked
    for in all others. Neither is a right, `allowed` must hold it too.

    `allowed` says which of some documents the asker may know of; others neither
    show nor count towards `limit` (P1-4.4b). `shown` gives a document's text as
    the asker may see it, of the same length; a document whose shown text lacks a
    word is no hit, and the snippet is cut from that text alone. An empty text
    finds nothing.
    """
    words = _words(text)
    if not words:
        return []
    candidates = _candidates(session, words, before, within, near)
    found = _shown(session, _permitted(candidates, allowed), words, shown)
    return [Hit(number, snippet(seen, words)) for number, seen in islice(found, limit)]


def _shown(
    session: Session,
    found: Iterator[int],
    words: list[str],
    shown: Callable[[int, str], str] | None,
) -> Iterator[tuple[int, str]]:
    """Those that hold the words in the text the asker may see, with that text."""
    while chunk := list(islice(found, _CHUNK)):
        rows = session.execute(
            select(SearchText.document_id, SearchText.text).where(SearchText.document_id.in_(chunk))
        )
        texts = {document_id: text for document_id, text in rows}  # noqa: C416
        for number in chunk:
            seen = shown(number, texts[number]) if shown else texts[number]
            if seen != texts[number]:
                folded = fold(seen)
                if not all(word in folded for word in words):
                    continue
            yield number, seen


def _permitted(
    found: Iterator[int], allowed: Callable[[Sequence[int]], Collection[int]] | None
) -> Iterator[int]:
    if allowed is None:
        yield from found
        return
    for chunk in _growing(found):
        permitted = allowed(chunk)
        yield from (number for number in chunk if number in permitted)


def _growing(found: Iterator[int]) -> Iterator[list[int]]:
    """In chunks: mostly the first few are enough, else it is looked further in larger steps."""
    size = _CHUNK
    while chunk := list(islice(found, size)):
        yield chunk
        size = min(size * _STEP, _LARGE // 4)


def count(session: Session, text: str) -> int:
    """How many documents hold every word."""
    words = _words(text)
    return sum(1 for _ in _candidates(session, words)) if words else 0


def snippet(text: str, words: list[str]) -> str:
    """The text around the first place of any word, on one line, with … where cut."""
    folded = fold(text)
    places = [place for word in words if (place := folded.find(word)) >= 0]
    if not places:
        return " ".join(text[: BEFORE + AFTER].split())
    start = _origin(text, min(places))
    first, last = max(0, start - BEFORE), min(len(text), start + AFTER)
    cut = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{cut}{'…' if last < len(text) else ''}"


# --- one spelling -----------------------------------------------------------------------------


def fold(text: str) -> str:
    """The text in one spelling without blanks."""
    return text.translate(_SPELLING)


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and where each of its characters stood."""
    out: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        for plain in _SPELLING[ord(char)]:
            out.append(plain)
            origin.append(place)
    return "".join(out), origin


def _origin(text: str, place: int) -> int:
    """Where in the text the character stands that is at this place of the folded text."""
    for start, char in enumerate(text):
        place -= len(_SPELLING[ord(char)])
        if place < 0:
            return start
    return len(text)


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _character(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).casefold()
    if not plain.isascii():
        plain = str(_converter().convert(plain))
    return "".join(
        c for c in plain if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )


_SPELLING = Characters(_character)


def places(line: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words of a query stand in a line: first and last character after, of each."""
    folded, origin = _fold(line)
    found = []
    for word in words:
        start = folded.find(word)
        while start >= 0:
            end = origin[start + len(word) - 1] + 1
            found.append((origin[start], end))
            start = folded.find(word, start + len(word))
    return found


def words_of(query: str) -> list[str]:
    """The words of a query in the one spelling."""
    return _words(query)


def _words(query: str) -> list[str]:
    normal = unicodedata.normalize("NFC", query[:_LONGEST_QUERY])
    return [word for word in map(fold, normal.split()) if word]


# --- bigrams ----------------------------------------------------------------------------------


def grams(folded: str) -> list[str]:
    """One token per character with the next, written in hex so that any tokenizer keeps it."""
    codes = [f"{ord(char):x}" for char in folded]
    return [f"{one}z{other}" for one, other in zip(codes, [*codes[1:], ""], strict=False)]


def _learn(session: Session, document_id: int, folded: str) -> None:
    if session.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO search_index (rowid, grams) VALUES (:id, :grams)"
        values = {"id": document_id, "grams": " ".join(grams(folded))}
    else:
        statement = (
            "INSERT INTO search_index (document_id, grams) "
            "VALUES (:id, array_to_tsvector(string_to_array(:grams, ' ')))"
        )
        values = {"id": document_id, "grams": " ".join(sorted(set(grams(folded))))}
    session.execute(text(statement), values)


def _forget(session: Session, document_id: int, folded: str) -> None:
    """An index without content must be told the very tokens it holds."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text(
                "INSERT INTO search_index (search_index, rowid, grams) VALUES ('delete', :id, :g)"
            ),
            {"id": document_id, "g": " ".join(grams(folded))},
        )
    else:
        session.execute(
            text("DELETE FROM search_index WHERE document_id = :id"), {"id": document_id}
        )


def _candidates(
    session: Session,
    words: list[str],
    before: int | None = None,
    within: ColumnElement[bool] | None = None,
    near: SelectBase | None = None,
) -> Iterator[int]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    match = " AND ".join(map(_phrase, words)) if sqlite else " & ".join(map(_conjunction, words))
    few = None if near is None else _few(session, near, before)
    if few is not None:
        yield from _checked(session, _likely(session, match, before, few), words)
        return
    longer = [] if sqlite else [word for word in words if len(word) > 2]
    size = _PAGE
    while True:
        whole = not sqlite and _is_rare(session, match, size)
        size = _LARGE if whole else size  # all are fetched anyway
        page = _page(session, match, before, size, whole=whole, within=None if sqlite else within)
        yield from _checked(session, page, longer)
        if len(page) < size:
            return
        before, size = page[-1], _LARGE


def _few(session: Session, near: SelectBase, before: int | None) -> list[int] | None:
    """The documents to look among, newest first; None when they are many."""
    number = near.subquery().c.id
    query = select(number).order_by(number.desc()).limit(FEW + 1)
    if before is not None:
        query = query.where(number < before)
    found = list(session.scalars(query))
    return found if len(found) <= FEW else None


def _likely(session: Session, match: str, before: int | None, few: list[int]) -> list[int]:
    """Those of a few documents that may hold the words: all, where the words are common.

    The index names rare words' documents at once; of common ones it would name
    nearly all there are, and the texts of a few are sooner read.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite and not _is_rare(session, match, _PAGE):
        return few
    page = _page(session, match, before, _RARE, whole=not sqlite, within=None)
    named, last = set(page), page[-1] if len(page) == _RARE else 0
    return [number for number in few if number in named or number < last]


def _phrase(word: str) -> str:
    """The FTS5 query for a word: its bigrams next to each other."""
    if len(word) == 1:
        return f"{ord(word):x}z*"
    return f'"{" ".join(grams(word)[:-1])}"'


def _conjunction(word: str) -> str:
    """The tsquery for a word: all its bigrams, wherever they stand."""
    if len(word) == 1:
        return f"'{ord(word):x}z':*"
    return " & ".join(f"'{gram}'" for gram in grams(word)[:-1])


_MATCHING = {
    "sqlite": "SELECT rowid AS id FROM search_index WHERE search_index MATCH :match",
    "postgresql": "SELECT document_id AS id FROM search_index "
    "WHERE grams @@ CAST(:match AS tsquery)",
}


def _page(
    session: Session,
    match: str,
    before: int | None,
    size: int,
    *,
    whole: bool,
    within: ColumnElement[bool] | None,
) -> list[int]:
    """The next newest documents that match, at most so many; `whole` takes all from the index."""
    matching = text(_MATCHING[session.get_bind().dialect.name]).columns(column("id", Integer))
    found = matching.bindparams(match=match).cte("found")
    found = found.prefix_with(f"{'' if whole else 'NOT '}MATERIALIZED")
    query = select(found.c.id).order_by(found.c.id.desc()).limit(size)
    if before is not None:
        query = query.where(found.c.id < before)
    if within is not None:
        query = query.join(Document, Document.id == found.c.id).where(within)
    return list(session.scalars(query))


def _is_rare(session: Session, match: str, size: int) -> bool:
    """Whether taking all matches from the index is quicker than looking from the newest back.

    PostgreSQL believes that a look at a row costs next to nothing, while its
    bigrams must be fetched and unpacked: measured on a million documents 3 us a
    row, and 2 us a match taken from the index. Its own estimate of the matches
    is good, so it is asked for that alone.
    """
    question = _MATCHING["postgresql"]
    (plan,) = session.execute(
        text(f"EXPLAIN (FORMAT JSON) {question}"), {"match": match}
    ).scalar_one()
    expected = max(1.0, plan["Plan"]["Plan Rows"])
    total = session.scalar(_ROWS) or 0.0
    return bool(2 * expected < 3 * size * max(total, expected) / expected)


_ROWS = text("SELECT reltuples FROM pg_class WHERE oid = 'search_index'::regclass")
"""How many rows the index had when PostgreSQL last counted them."""


def _checked(session: Session, page: list[int], words: list[str]) -> Iterator[int]:
    """Of these documents those that hold these words as they stand."""
    if not words:
        yield from page
        return
    for chunk in _growing(iter(page)):
        query = select(SearchText.document_id).where(SearchText.document_id.in_(chunk))
        for word in words:
            query = query.where(SearchText.folded.contains(word, autoescape=True))
        yield from session.scalars(query.order_by(SearchText.document_id.desc()))
