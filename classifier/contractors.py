"""Who fits out: the company behind a builder's label or word, in a cell or in a sentence.

A label may announce the company and a signature beside it a person; the person
signs for the company. Names of estates, offices and sellers are never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier import names
from classifier.fields_entries import Sheet
from classifier.fields_layout import Row
from classifier.values import Field
from yihu.page import Box

_CLAIM = re.compile(
    r"(?:(?:装修|装饰)?施工(?:单位|方|队|企业|公司)|(?:装修|装饰|承建)(?:单位|公司|企业|方)|承包方|丙方|委托|聘请)"
    r"(?:名称)?(?:\([^()]{0,8}\))?[:;]?(?:为|是|系)?"
    r"(?P<name>[\u4e00-\u9fff()]{2,22}?(?:有限责任公司|股份有限公司|有限公司|工程公司|装饰公司|装修公司|工程队|装饰部|工作室))"
)
_BUILDS = re.compile(r"装饰|装修|装潢|建筑|工程|设计|建设|营造|家居|家装|园林|安装|防水|水电|室内")
_NOT_BUILDER = re.compile(r"物业|地产|置业|开发|管理处|服务中心|业主|甲方|乙方|委托|施工|签")
_ENDS = re.compile(r"[\u4e00-\u9fff]{1,12}(?:公司|工程队|装饰部|工作室)")
_BEGUN = re.compile(r"[\u4e00-\u9fff()]{3,20}(?<!公司)")
_MOST_ROWS = 2
_ALIGNED = 0.03
_MARGIN = 0.06
_SPACING = 2.5


@dataclass(frozen=True, slots=True)
class _Text:
    """The rows of a page as one text without blanks; where each character stands."""

    text: str
    places: tuple[tuple[Row, int], ...]


def contractors(sheets: Sequence[Sheet], found: Sequence[Field]) -> tuple[Field, ...]:
    """The contractors of a document: companies before persons, none of them in pieces."""
    seen = [*found, *(field for sheet in sheets for field in (*_broken(sheet), *_in_text(sheet)))]
    companies: dict[str, Field] = {}
    for field in seen:
        if names.is_company(field.value):
            companies.setdefault(_key(field.value), field)
    whole = [
        field
        for key, field in companies.items()
        if not any(other.endswith(key) and other != key for other in companies)
    ]
    return tuple(whole or found)


def _key(name: str) -> str:
    return re.sub(r"\s", "", name)


def _in_text(sheet: Sheet) -> Iterator[Field]:
    """Companies that a builder's word announces, over the end of a line where it breaks there."""
    for text in _texts(sheet):
        for match in _CLAIM.finditer(text.text):
            name = match["name"]
            start, end = match.span("name")
            rows = list(dict.fromkeys(row.number for row, _ in text.places[start:end]))
            if _BUILDS.search(name) and not _NOT_BUILDER.search(name) and len(rows) <= _MOST_ROWS:
                yield _field(text, start, end, name)


def _texts(sheet: Sheet) -> Iterator[_Text]:
    """Each row with the one that goes on with it."""
    for row in sheet.rows:
        below = [r for r in sheet.rows if r.number == row.number + 1 and _goes_on(row, r)]
        places = [
            (one, at)
            for one in (row, *below)
            for at, char in enumerate(one.text)
            if not char.isspace()
        ]
        yield _Text("".join(one.text[at] for one, at in places), tuple(places))


def _goes_on(row: Row, below: Row) -> bool:
    """Whether a row of running text ends at the margin and the next begins at the left."""
    first, last = below.cells[0].box, row.cells[-1].box
    if last == first:
        return True
    at_left = first[0] < row.cells[0].box[0] + _MARGIN
    full = last[2] > below.cells[-1].box[2] - _MARGIN
    return at_left and full and below.top - row.bottom < _SPACING * (row.bottom - row.top)


def _field(text: _Text, start: int, end: int, name: str) -> Field:
    (first, at), (last, until) = text.places[start], text.places[end - 1]
    if first is last:
        box, sure = first.box(at, until + 1), first.confidence(at, until + 1)
    else:
        boxes = (first.box(at, len(first.text)), last.box(0, until + 1))
        box = _around([one for one in boxes if one])
        sure = min(first.confidence(at, len(first.text)), last.confidence(0, until + 1))
    return Field("contractor", name, first.page, box, sure)


def _around(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    return (
        min(b[0] for b in boxes), min(b[1] for b in boxes),
        max(b[2] for b in boxes), max(b[3] for b in boxes),
    )  # fmt: skip


def _broken(sheet: Sheet) -> Iterator[Field]:
    """A company behind a label whose end stands alone in the next line, under its beginning."""
    for entry in sheet.entries:
        begun = _key(entry.value)
        if entry.role != "contractor" or entry.box is None or not _BEGUN.fullmatch(begun):
            continue
        left, top, _, bottom = entry.box
        high = bottom - top
        for row in sheet.rows[entry.row + 1 : entry.row + 3]:
            for cell in row.cells:
                rest = _key(cell.text)
                near = 0 < cell.box[3] - bottom < _SPACING * high
                if near and abs(cell.box[0] - left) < _ALIGNED and _ENDS.fullmatch(rest):
                    box = _around([entry.box, cell.box])
                    sure = min(entry.confidence, cell.confidence)
                    yield Field("contractor", begun + rest, entry.page, box, sure, entry.label)
