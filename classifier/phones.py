"""Whose phone numbers stand on a document: the household's, not those of others.

A foreman's, an emergency contact's or a seller's number is left out, so is the
old one of a change and every one of a list of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from classifier import numbers
from classifier.fields_entries import Sheet
from classifier.fields_layout import Cell, Row
from classifier.values import Field

_ANOTHERS = re.compile(
    r"工地|施工|现场|负责人|工人|应急|紧急|转让|出让|出卖|卖方|旧|原|前业主|变更前|过户前|承租|租户|租客|受托|代理|代办"
    r"|邻居|工程部|师傅|经理|主管|管家|主任|物业|管理处|客服|热线|咨询|投诉热|监督|值班|传真|经办|服务中心|中介|保姆"
)
_NAMED = re.compile(
    r"(?:负责人|联系人|联络人|承租人|受托人|代理人|代办人|经办人|出卖人|工人|队长|师傅|监护人)[\s:;]*"
    r"[\u4e00-\u9fff·]{2,6}[\s,;]+(?:联系)?(?:电话|手机)(?:号码?)?[\s:;]*$"
)
_LIST_HEAD = re.compile(r"关系|称谓|家庭成员|同住|联络人|工种")
_OLD = re.compile(r"(?:原|旧|变更前|更改前|更正前|过户前).{0,4}")
_NEW = re.compile(r"(?:现|新|变更后|更改后|更正后|过户后).{0,4}")
_CUE = re.compile(
    r"(?P<cue>(?:电话|手机|来电|致电|拨打|请打|联系方式|(?:新|现|变更后|更改后)的?(?:联系)?(?:号码|手机号?|电话)))"
    r"(?:号码?)?(?:为|是|改为|变更为|至)?[\s:;]*$"
)
_MOBILE = re.compile(r"(?<![\d])1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_BEGUN = re.compile(r"1[3-9]\d{1,8}")
_DIGITS = re.compile(r"[\d\s-]+")
_LENGTH = 11
_LOOK_BACK = 60
_REACH, _NEAR_ROWS, _HEAD_ROWS = 18, 1.6, 6


def phones(sheets: Sequence[Sheet], found: Sequence[Field]) -> tuple[Field, ...]:
    """Those of the phone numbers found that are the household's; else the one that is asked for."""
    kept = [field for field in found if not _is_anothers(sheets, field)]
    if kept:
        return tuple(kept)
    others = {field.value for field in found}
    loose = [
        field
        for sheet in sheets
        for field in (*_torn(sheet), *_in_text(sheet))
        if field.value not in others
    ]
    return tuple(loose[:1]) if len({field.value for field in loose}) == 1 else ()


def _is_anothers(sheets: Sequence[Sheet], field: Field) -> bool:
    if _ANOTHERS.search(field.label):
        return True
    return any(
        _said_of_another(row, at) or _in_others_list(sheet, row, at) or _is_old(sheet, row, at)
        for sheet in sheets
        if sheet.number == field.page
        for row in sheet.rows
        for at in _places(row, field)
    )


def _places(row: Row, field: Field) -> list[int]:
    """Where a row holds this phone number, in the place where the field was seen."""
    box = field.box
    if box is None or row.top > box[3] or row.bottom < box[1]:
        return []
    whole = [start for digits, start, _ in numbers.phones_in(row.text) if digits == field.value]
    return whole or [
        cell.start for cell in row.cells if re.sub(r"\D", "", cell.text) == field.value
    ]


def _said_of_another(row: Row, at: int) -> bool:
    """Whether the words directly before a number, or a name with its label there, are another's."""
    before = row.text[max(0, at - _LOOK_BACK) : at]
    said = re.search(r"[\u4e00-\u9fff()/,]{1,18}[\s:;]*$", before)
    if said is not None and _ANOTHERS.search(said[0]):
        return True
    return _NAMED.search(before) is not None


def _heads(sheet: Sheet, row: Row) -> Iterator[Row]:
    """The rows over this one, the nearest first."""
    yield from reversed(sheet.rows[max(0, row.number - _HEAD_ROWS) : row.number])


def _in_others_list(sheet: Sheet, row: Row, at: int) -> bool:
    """Whether the number stands in a list of the family, of contacts or of workers."""
    cell = row.cell_at(at)
    if not cell.text.replace("-", "").replace(" ", "").isdigit():
        return False
    for head in _heads(sheet, row):
        if any(":" in one.text for one in head.cells):
            return False
        if len(head.cells) > 2 and any(_LIST_HEAD.search(one.text) for one in head.cells):
            return True
    return False


def _is_old(sheet: Sheet, row: Row, at: int) -> bool:
    """Whether the number stands in the column of what was changed."""
    cell = row.cell_at(at)
    for head in _heads(sheet, row):
        old = [one for one in head.cells if _OLD.fullmatch(one.text)]
        new = [one for one in head.cells if _NEW.fullmatch(one.text)]
        if old and new:
            return abs(_middle(cell) - _middle(old[0])) < abs(_middle(cell) - _middle(new[0]))
    return False


def _middle(cell: Cell) -> float:
    return (cell.box[0] + cell.box[2]) / 2


def _in_text(sheet: Sheet) -> Iterator[Field]:
    """A mobile number that a sentence or a label outside the lexicon asks to call."""
    for row in sheet.rows:
        for match in _MOBILE.finditer(row.text):
            before = row.text[max(0, match.start() - _LOOK_BACK) : match.start()]
            cue = _CUE.search(before)
            if cue is None or _ANOTHERS.search(before[_since(cue) :]):
                continue
            if _in_others_list(sheet, row, match.start()) or _is_old(sheet, row, match.start()):
                continue
            box, sure = row.box(*match.span()), row.confidence(*match.span())
            yield Field("phone", re.sub(r"\D", "", match[0]), row.page, box, sure, cue["cue"])


def _since(cue: re.Match[str]) -> int:
    """From where the words before a number tell whose it is: 新号码 tells it alone."""
    if cue["cue"][0] in "新现变更":
        return cue.start()
    return max(0, cue.start() - _REACH)


def _torn(sheet: Sheet) -> Iterator[Field]:
    """A mobile number in two pieces, where both together have the right length."""
    for entry in sheet.entries:
        written = _DIGITS.match(entry.value)
        begun = re.sub(r"\D", "", written[0]) if written else ""
        if entry.role != "phone" or entry.box is None or _ANOTHERS.search(entry.label):
            continue
        row = sheet.rows[entry.row]
        if numbers.is_mobile(begun) and not _said_of_another(row, row.text.find(entry.value)):
            yield Field("phone", begun, entry.page, entry.box, entry.confidence, entry.label)
        if not _BEGUN.fullmatch(begun):
            continue
        start = row.text.find(entry.value)
        box = row.box(start, start + len(written[0].rstrip())) if written and start >= 0 else None
        for cell in _following(sheet, row, box or entry.box):
            whole = begun + cell.text.strip()
            if cell.text.strip().isdigit() and len(whole) == _LENGTH:
                sure = min(entry.confidence, cell.confidence)
                yield Field("phone", whole, entry.page, entry.box, sure, entry.label)


def _following(sheet: Sheet, row: Row, box: tuple[float, float, float, float]) -> Iterator[Cell]:
    high = box[3] - box[1]
    for other in sheet.rows[row.number + 1 : row.number + 3]:
        for cell in other.cells:
            below = (cell.box[1] + cell.box[3]) / 2 - (box[1] + box[3]) / 2
            if (
                -high < 2 * below < 2 * _NEAR_ROWS * high
                and box[0] - 0.02 < cell.box[0] < box[2] + 0.02
            ):
                yield cell
