"""Of everything that stands on a document, what is kept as its own key fields.

Matching weighs every field that was read; a person is shown, and the document
keeps, its own amount and number, the household's phones, the company that fits
out. Names, rooms and dates are kept as they were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from classifier import numbers
from classifier.amounts import document_amounts
from classifier.contractors import contractors
from classifier.fields_entries import Sheet, sheet_of
from classifier.phones import phones
from classifier.serials import serials
from classifier.values import Field
from yihu.page import PageText

_ID_LENGTH = 18
_ALIGNED = 0.02
_BEGUN = re.compile(r"(?<![0-9A-Za-z])\d{4,17}$")
_ENDS = re.compile(r"\d{0,13}[\dXx](?![0-9A-Za-z])")
_SETTLED = ("phone", "contractor", "number", "form_no", "amount")


def key_fields(pages: Sequence[PageText], found: Sequence[Field]) -> tuple[Field, ...]:
    """The fields that are kept of those found by `extract_fields`, in the same order."""
    sheets = [sheet_of(page) for page in pages]
    by = {name: [field for field in found if field.name == name] for name in _SETTLED}
    settled = {
        "phone": phones(sheets, by["phone"]),
        "contractor": contractors(sheets, by["contractor"]),
        "amount": document_amounts(sheets, by["amount"]),
        **_numbers(sheets, by["number"], by["form_no"]),
    }
    ids = {field.value for field in found if field.name == "id_no"}
    broken = [field for sheet in sheets for field in _broken_ids(sheet) if field.value not in ids]
    rest = [*(field for field in found if field.name not in _SETTLED), *broken]
    dates = [field for field in rest if field.name == "date"]
    return (
        *(field for field in rest if field.name != "date"),
        *(field for name in _SETTLED for field in settled[name]),
        *dates,
    )


def _numbers(
    sheets: Sequence[Sheet], known: Sequence[Field], forms: Sequence[Field]
) -> dict[str, tuple[Field, ...]]:
    """Numbers without a known label stand at the head: they come first."""
    seen = [field for sheet in sheets for field in serials(sheet)]
    said = {field.value for field in (*known, *forms)}
    new = list({field.value: field for field in seen if field.value not in said}.values())
    return {
        "number": (*(field for field in new if field.name == "number"), *known),
        "form_no": (*(field for field in new if field.name == "form_no"), *forms),
    }


def _broken_ids(sheet: Sheet) -> Iterator[Field]:
    """ID numbers that go on in the next line, where the check digit confirms it."""
    for row, below in pairwise(sheet.rows):
        for cell in row.cells:
            begun = _BEGUN.search(cell.text)
            for other in below.cells if begun else ():
                rest = _ENDS.match(other.text)
                if begun is None or rest is None or len(begun[0]) + len(rest[0]) != _ID_LENGTH:
                    continue
                if abs(other.box[0] - cell.box[0]) > _ALIGNED and len(row.cells) > 1:
                    continue
                number = (begun[0] + rest[0]).upper()
                if numbers.id_number_valid(number):
                    box = row.box(cell.start + begun.start(), cell.end)
                    sure = min(cell.confidence, other.confidence)
                    yield Field("id_no", number, row.page, box, sure)
