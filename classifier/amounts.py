"""Which of the amounts on its pages is a document's own.

The amount in words decides, then a total, then what was paid, due or agreed,
then the one thing it is about (a deposit, a rent). What is deducted, a price
for one unit and the items of a list are never the document's amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from classifier import numbers
from classifier.fields_entries import Entry, Sheet
from classifier.fields_layout import Cell, Row
from classifier.values import Field

_UNSURE = 0.5
_IN_RUNNING_TEXT = 0.7
_MONEY = re.compile(
    r"(?:\(元\)[\s:;]*(?P<yuan>\d[\d,]{0,14}(?:\.\d{1,2})?)"
    r"|(?<![\d.,¥-])(?:¥\s*(?P<dotted>\d{1,3}(?:[.,·]\d{3}){1,4}\.\d{2})"
    r"|¥\s*(?P<signed>\d[\d,]{0,14}(?:\.\d{1,2})?)"
    r"|(?P<grouped>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{2})?)|(?P<exact>\d{1,12}\.\d{2})"
    r"|(?P<said>\d{1,12}(?:\.\d{1,2})?)(?=\s*元)))(?![\d.,·]*\d)(?!\s*(?:元\s*)?/)"
)
_WORDS = re.compile(
    r"(?<![零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟])(?![佰仟万亿])"
    r"[零〇壹贰叁肆伍陆柒捌玖拾佰仟万亿]{2,}[元圆](?:[零壹贰叁肆伍陆柒捌玖][角分])*[整正]?"
)
_SPELT = re.compile(r"[零〇一二三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟万亿]+[元圆].{0,4}")
_SAID_BEFORE = re.compile(r"(?P<said>[\u4e00-\u9fff()/ ]{1,24})[\s:;]*$")
_IN_BRACKETS = re.compile(r"\([^()]*\)?|[()\s/]")
_BETWEEN = re.compile(r"(?:每月|为|是|(?<![共合总])计|收取|交纳|缴纳|人民币|小写|大写|各|约|整)+$")
_NEVER = re.compile(
    r"扣|减|单价|标准|余额|结余|滞纳|违约|罚|税|每平|每次|每日|每天|每张|每证|工本|赔偿|限额|注册资|首付|找零"
    r"|优惠|折|小计|超过|以上|以下|低于|高于"
)
_RANKS: tuple[re.Pattern[str], ...] = tuple(
    map(
        re.compile,
        (
            r"(?:合计|总计|共计|总价|总价款|总额|总金额|总房款|总房价|总款)$",
            r"实[收退付缴交发领](?:金额|款项?|额|费用?|总额|押金|保证金)?$",
            r"(?:应[收退付缴交]|尚?欠|欠[费缴交款])(?:金额|款项?|额|费用?|总额|押金|保证金)?$",
            r"(?:金额|小写|款额|成交价|房款|房价|价款|价格|[交缴]存额|款项|欠款|应退款)$",
            r"租金$",
            r"(?:押金|保证金|定金|物业管理费|物业服务费|物业费|维修资金|维修基金|费用|欠费)$",
        ),
    )
)
_WORDS_RANK, _TOTAL, _THING = -1, 0, 4
_NOT_ITS = len(_RANKS) + 1
_COLUMN_ROWS, _LOOK_BACK = 3, 40


@dataclass(frozen=True, slots=True)
class _Seen:
    """An amount with what is said before it; the lowest rank is the document's own."""

    fen: int
    rank: int
    field: Field


def document_amounts(sheets: Sequence[Sheet], found: Sequence[Field]) -> tuple[Field, ...]:
    """The document's amount first, then the others of `found` that stand beside a label.

    Where several are equally likely all of them are given, as unsure ones.
    """
    seen = [one for sheet in sheets for one in (*_beside(sheet), *_under(sheet))]
    if not seen:
        return _only_signed(sheets)
    ranked = [one for one in seen if one.fen and one.rank < _NOT_ITS]
    best = min((one.rank for one in ranked), default=None)
    own = {one.fen: one for one in reversed(ranked) if one.rank == best}
    others = tuple(field for field in found if any(_says(one.field, field) for one in seen))
    if len(own) != 1:
        return _different((*(_unsure(one.field) for one in own.values()), *others))
    (chosen,) = own.values()
    own_ones = _checked(chosen, seen, ranked)
    pieces = {one.value for one in others if any(_lost_its_beginning(one, it) for it in own_ones)}
    return _different((*own_ones, *(one for one in others if one.value not in pieces)))


def _lost_its_beginning(one: Field, whole: Field) -> bool:
    unsure = whole.confidence <= _UNSURE
    return unsure and one.value != whole.value and whole.value.endswith(one.value)


def _says(seen: Field, field: Field) -> bool:
    """Whether an amount found under a label stands behind that label, and is no deduction."""
    if seen.value != field.value or not field.label or _NEVER.search(field.label):
        return False
    return field.label in seen.label or seen.label in field.label


def _checked(chosen: _Seen, seen: Sequence[_Seen], ranked: Sequence[_Seen]) -> tuple[Field, ...]:
    """Words are shown by the figures that say the same; figures that differ make both unsure.

    Of two that differ in their beginning alone the shorter has lost it, as under a seal.
    """
    if chosen.rank != _WORDS_RANK:
        return (chosen.field,)
    figures = sorted((one for one in seen if one.rank > _WORDS_RANK), key=lambda one: one.rank)
    same = next((one for one in figures if one.fen == chosen.fen), None)
    if same is not None:
        return (same.field if same in ranked else replace(same.field, label=chosen.field.label),)
    differing = next((one for one in figures if one in ranked), None)
    if differing is None:
        return (chosen.field,)
    short, long = sorted((chosen, differing), key=lambda one: one.fen)
    if str(long.fen).endswith(str(short.fen)):
        return (_unsure(long.field),)
    return (_unsure(chosen.field), _unsure(differing.field))


def _unsure(field: Field) -> Field:
    return replace(field, confidence=min(field.confidence, _UNSURE))


def _different(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The first of each value."""
    first: dict[str, Field] = {}
    for field in fields:
        first.setdefault(field.value, field)
    return tuple(first.values())


def _beside(sheet: Sheet) -> Iterator[_Seen]:
    """Every amount that something is said of in its own row; of a row of totals the last one."""
    for row in sheet.rows:
        for match in _WORDS.finditer(row.text):
            fen = numbers.words_to_fen(match[0].replace("正", "整"))
            if fen and not _NEVER.search(row.text[max(0, match.start() - 10) : match.start()]):
                yield _seen(row, match, fen, _WORDS_RANK, "大写")
        total: _Seen | None = None
        head = _label(row.cells[0].text.rstrip(":"))
        for match in _MONEY.finditer(row.text):
            label = _said_of(sheet, row, match)
            rank = _rank(label)
            if not label and _rank(head) == _TOTAL:
                label, rank = head, _TOTAL
            if rank >= _THING and _in_list(sheet, row, match.start()):
                rank = _NOT_ITS
            if rank == _TOTAL:
                total = _seen(row, match, _fen(match), rank, label)
            elif label:
                yield _seen(row, match, _fen(match), rank, label)
        if total is not None:
            yield total


def _said_of(sheet: Sheet, row: Row, match: re.Match[str]) -> str:
    """What is said of an amount directly before it, over the start of the line if need be."""
    said = _SAID_BEFORE.search(row.text, max(0, match.start() - _LOOK_BACK), match.start())
    if said is None:
        return ""
    label = _label(said["said"])
    if _SPELT.fullmatch(label):
        return "小写"
    if said.start() == 0 and _rank(label) == _NOT_ITS:
        return _from_line_above(sheet, row, label)
    return label


def _from_line_above(sheet: Sheet, row: Row, label: str) -> str:
    """What is said before an amount where it begins in the line above: 租 / 金每月¥3,000."""
    above = sheet.rows[row.number - 1].text if row.number else ""
    begun = re.search(r"[\u4e00-\u9fff]{1,6}$", above)
    return _label(begun[0] + label) if begun else label


def _label(said: str) -> str:
    """The words directly before an amount, without brackets and without what only leads to it."""
    return _BETWEEN.sub("", _IN_BRACKETS.sub("", said))


def _rank(label: str) -> int:
    if not label or _NEVER.search(label[-8:]):
        return _NOT_ITS
    for rank, pattern in enumerate(_RANKS):
        if pattern.search(label):
            return rank
    return _NOT_ITS


def _words(label: str) -> str:
    """The words of a label that tell what an amount is; of running text no more is shown."""
    found = (pattern.search(label) for pattern in _RANKS)
    return next((match[0] for match in found if match), label[-8:])


def _seen(row: Row, match: re.Match[str], fen: int, rank: int, label: str) -> _Seen:
    start, end = match.span()
    sure = row.confidence(start, end)
    in_cell = row.text.rfind("\t", 0, start) + 1
    if start - in_cell > 2 * len(label) + 6:
        sure = min(sure, _IN_RUNNING_TEXT)
    value, words = str(numbers.Amount(fen)), _words(label)
    return _Seen(fen, rank, Field("amount", value, row.page, row.box(start, end), sure, words))


def _fen(match: re.Match[str]) -> int:
    """The fen; a dot before three digits was a comma: 1.500.00 is 1,500.00."""
    text = next(group for group in match.groups() if group)
    return numbers.fen_of(re.sub(r"[,.·](?=\d{3}(?!\d))", "", text))


def _in_list(sheet: Sheet, row: Row, position: int) -> bool:
    """Whether more amounts stand over or under this one: an item of a list, not the whole."""
    cell = row.cell_at(position)
    if not _MONEY.match(cell.text) or cell.box[2] <= cell.box[0]:
        return False
    near = sheet.rows[max(0, row.number - _COLUMN_ROWS) : row.number + _COLUMN_ROWS + 1]
    return any(
        _MONEY.match(other.text) and _over(cell, other)
        for one in near
        if one is not row
        for other in one.cells
    )


def _over(one: Cell, other: Cell) -> bool:
    shared = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    return shared > 0.3 * min(one.box[2] - one.box[0], other.box[2] - other.box[0])


def _under(sheet: Sheet) -> Iterator[_Seen]:
    """A single amount in the box under its label; under the head of a list stand several."""
    for entry in sheet.entries:
        if entry.role != "amount" or entry.beside or not _is_under(entry):
            continue
        amount = numbers.amount_in(entry.value)
        row = next((row for row in sheet.rows if _holds(row, entry)), None)
        if amount is None or row is None:
            continue
        cell = next(cell for cell in row.cells if cell.box == entry.box)
        if not _in_list(sheet, row, cell.start):
            field = Field(
                "amount", str(amount), entry.page, entry.box, entry.confidence, entry.label
            )
            rank = _rank(_label(entry.label))
            yield _Seen(amount.fen, min(rank, len(_RANKS)), field)


def _is_under(entry: Entry) -> bool:
    return entry.box is not None and entry.box[1] > entry.top


def _holds(row: Row, entry: Entry) -> bool:
    return row.number != entry.row and any(cell.box == entry.box for cell in row.cells)


def _only_signed(sheets: Sequence[Sheet]) -> tuple[Field, ...]:
    """The one figure with a currency sign, where nothing is said of any amount."""
    found = [
        Field(
            "amount", str(numbers.Amount(_fen(match))), row.page,
            row.box(*match.span()), _IN_RUNNING_TEXT,
        )
        for sheet in sheets
        for row in sheet.rows
        for match in _MONEY.finditer(row.text)
        if match["signed"] or match["dotted"]
    ]  # fmt: skip
    return tuple(found[:1]) if len({field.value for field in found}) == 1 else ()
