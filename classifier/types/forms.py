"""Pages that must not be filed whatever their title: blank forms and ledgers (2.7 rows 25, 27)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.types.folding import fold, simplified
from classifier.types.layout import Row, rows
from classifier.types.signals import Signals
from yihu.page import PageText

_EMPTY = re.compile(
    r"^[\s_＿…\-—–.·。年月日时分至元把张份人间个□☐○◯口()/\\:：,，、；;|*¥￥%㎡\[\]【】]*$"
)
_OWN = re.compile(
    r"热线|服务电话|咨询|监督|值班电话|客服电话|投诉电话|传真|版本|修订|编号|表号|档号|[A-Z]{2,}[-/][A-Z\d]"
    r"|一式|网址|邮编|小时|www|本表|本单|注[:：]|说明[:：]|第\d+页|共\d+页",
    re.IGNORECASE,
)
_FILLED = re.compile(
    r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|(?<!\d)\d{17}[\dXx]|(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}"
    r"|(?<![\d-])\d{1,3}\s*[-—–栋幢座#]\s*(?:\d{1,2}\s*[-—–单元门]+\s*)?\d{3,4}(?![\d-])|\d+\.\d{2}(?!\d)"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·\s]?[A-Z\d]{5}"
)
_ROOM = re.compile(
    r"(?<![\d./-])(?:[A-Z]?\d{1,3}(?:[-—–]|号楼|[栋幢座#号])(?:\d{1,2}(?:[-—–]|单元|[门梯]))?"
    r"(?:\d{1,2}[-—–])?\d{3,4}[A-Z]?(?:室|房|号)?)(?![\d./-])"
)
_ROOM_HEAD = re.compile(r"^(房号|室号|单元编号|房间号|门牌号?|户号|单元房号|楼号房号|房屋号)$")
_PLAIN_ROOM = re.compile(r"^\d{3,4}[A-Z]?(室|房)?$")
_GENERAL = (
    "房号", "业主", "姓名", "电话", "日期", "联系电话", "业主姓名", "签名", "地址",
    "经办人", "身份证号",
)  # fmt: skip
_LEDGER_ROOMS = 3


@dataclass(frozen=True, slots=True)
class Filling:
    """How many labels of a form stand on the page, and how many have something written in."""

    labels: int
    values: int
    written: int

    @property
    def blank(self) -> bool:
        """Labels present, no values."""
        return self.labels >= 4 and self.written == 0 and self.values <= 0.12 * self.labels


def filling(signals: Signals) -> Filling:
    """Count labels and what stands behind, beside or under them."""
    labels = values = written = 0
    known = signals.lexicon.labels | set(_GENERAL)
    head = signals.title.best
    for page in signals.pages:
        for row in rows(page):
            above = head is not None and page.number == head.page and row.box[3] <= head.box[1]
            if above or _OWN.search(row.text):
                continue
            written += bool(_FILLED.search(simplified(row.text)))
            seen, full = _row_filling(row, known)
            labels += seen
            values += full
    return Filling(labels, values, written)


def _row_filling(row: Row, known: frozenset[str] | set[str]) -> tuple[int, int]:
    labels = values = 0
    cells = [simplified(line.text) for line in row.lines]
    for index, cell in enumerate(cells):
        for label, rest in _pairs(cell):
            if fold(label) not in known:
                continue
            labels += 1
            beside = cells[index + 1] if index + 1 < len(cells) else ""
            value = rest if not _EMPTY.match(rest) else ("" if rest.strip() else beside)
            values += _is_value(value, known)
    return labels, values


def _pairs(cell: str) -> Iterator[tuple[str, str]]:
    """(label, what follows) for every "label：value" in a cell; a bare cell is a label alone."""
    pieces = re.split(r"[:：]", cell)
    if len(pieces) == 1:
        yield cell.strip(), ""
        return
    for before, after in itertools.pairwise(pieces):
        label = re.split(r"[\s　_]+", before.strip())[-1]
        last = after is pieces[-1]
        value = after if last else " ".join(re.split(r"[\s　]+", after.strip())[:-1])
        yield label, value or ("_" if not last else "")


def _is_value(text: str, known: frozenset[str] | set[str]) -> bool:
    if _EMPTY.match(text):
        return False
    folded = fold(re.split(r"[:：]", text)[0])
    options = text.count("□") + text.count("☐") + text.count("口")
    return folded not in known and options < 2


def ledger_rooms(pages: Sequence[PageText]) -> int:
    """The most distinct room numbers that stand in one column: three make a ledger."""
    return max((_page_ledger(page) for page in pages), default=0)


def is_ledger(pages: Sequence[PageText]) -> bool:
    """Whether a page lists several households."""
    return ledger_rooms(pages) >= _LEDGER_ROOMS


def _page_ledger(page: PageText) -> int:
    spots: list[tuple[float, str]] = []
    for line in page.lines:
        text = simplified(line.text)
        for match in _ROOM.finditer(text):
            share = match.start() / max(1, len(text))
            left = line.box[0] + share * (line.box[2] - line.box[0])
            spots.append((left, re.sub(r"\D", "-", match.group()).strip("-")))
    most = 0
    for left, _ in spots:
        most = max(most, len({room for x, room in spots if abs(x - left) < 0.05}))
    return max(most, _plain_column(page))


def _plain_column(page: PageText) -> int:
    most = 0
    for head in page.lines:
        if not _ROOM_HEAD.match(fold(head.text)):
            continue
        middle = (head.box[0] + head.box[2]) / 2
        below = {
            fold(line.text)
            for line in page.lines
            if line.box[1] > head.box[1]
            and abs((line.box[0] + line.box[2]) / 2 - middle) < 0.06
            and _PLAIN_ROOM.match(fold(line.text).upper())
        }
        most = max(most, len(below))
    return most
