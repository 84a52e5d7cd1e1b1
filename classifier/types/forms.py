"""Pages that must not be filed whatever their title: blank forms and ledgers (2.7 rows 25, 27)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from classifier.types.folding import fold, simplified
from classifier.types.layout import Row, rows
from classifier.types.signals import Signals
from yihu.page import PageText

_EMPTY = re.compile(
    r"^[\s_＿…\-—–.·。~年月日时分至元把张份人间个□☐○◯口()/\\:：,，、；;|*¥￥%㎡\[\]【】]*$"
)
_GAP = re.compile(r"[_＿]{2,}|…{2,}|\.{6,}|—{3,}")
# Lines the office printed itself: numbers on them are not entries.
_OWN = re.compile(
    r"热线|服务电话|咨询|监督|值班电话|客服电话|投诉电话|传真|版本|修订|编号|表号|档号|[A-Z]{2,}[-/][A-Z\d]"
    r"|一式|网址|邮编|小时|www|本表|本单|注[:：]|说明[:：]|第\s*\d+\s*页|共\s*\d+\s*页|办公地址|公司地址",
    re.IGNORECASE,
)
_FILLED = re.compile(
    r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|(?<!\d)\d{17}[\dXx]"
    r"|(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}|二[〇○零O0][一二三四五六七八九〇○零]{2}年"
    r"|(?<![\d-])[A-Z]?\d{1,3}\s*(?:[-—–]|号楼|[栋幢座#])\s*(?:\d{1,2}\s*(?:[-—–门]|单元)\s*)?\d{3,4}"
    r"(?![\d-])|\d+\.\d{2}(?!\d|\s*元?\s*/)|[一-龥][A-Z][·\s]?(?=[A-Z]*\d)[A-Z\d]{5}(?![A-Z\d])"
)
_ROOM = re.compile(
    r"(?<![\d./-])(?:[A-Z]?\d{1,3}(?:[-—–]|号楼|[栋幢座#号])(?:\d{1,2}(?:[-—–]|单元|[门梯]))?"
    r"(?:\d{1,2}[-—–])?\d{3,4}[A-Z]?(?:室|房|号)?)(?![\d./-])"
)
_ROOM_HEAD = re.compile(
    r"^(房号|室号|单元编号|房间号|门牌号?|户号|单元房号|楼号房号|房屋号|房屋地址|房间)$"
)
_PLAIN_ROOM = re.compile(r"^\d{3,4}[A-Z]?(室|房)?$")
_IN_SENTENCE = re.compile(r"[:：，。,；;、]|地址|房号|座落|坐落")
_GENERAL = (
    "房号", "业主", "姓名", "电话", "日期", "联系电话", "业主姓名", "签名", "地址", "经办人",
    "经办", "身份证号", "手机", "业主签名", "单号",
    "备注", "房屋地址", "单元房号", "业主电话", "签字",
)  # fmt: skip
_LEDGER_ROOMS = 3
_COLUMN = 0.04


@dataclass(frozen=True, slots=True)
class Filling:
    """A form's labels, how many have a value, entries anywhere, and gaps left open."""

    labels: int
    values: int
    written: int
    gaps: int

    @property
    def blank(self) -> bool:
        """Labels or gaps present, and nothing written in."""
        if self.written:
            return False
        return (self.labels >= 3 and self.values <= 0.34 * self.labels) or self.gaps >= 2


def filling(signals: Signals) -> Filling:
    """Count labels and what stands behind or beside them."""
    labels = values = written = gaps = 0
    known = signals.lexicon.labels | set(_GENERAL)
    head = signals.title.best
    for page in signals.pages:
        for row in rows(page):
            above = head is not None and page.number == head.page and row.box[3] <= head.box[1]
            if above or _OWN.search(row.text):
                continue
            text = simplified(row.text)
            written += bool(_FILLED.search(text))
            gaps += len(_GAP.findall(text))
            seen, full = _row_filling(row, known)
            labels += seen
            values += full
    return Filling(labels, values, written, gaps)


def _row_filling(row: Row, known: Collection[str]) -> tuple[int, int]:
    labels = values = 0
    tokens = [token for line in row.lines for token in _tokens(simplified(line.text))]
    for token, following in pairwise([*tokens, ""]):
        if fold(token) in known:
            labels += 1
            values += fold(following) not in known and not _EMPTY.match(following)
    return labels, values


def _tokens(cell: str) -> Iterator[str]:
    """The pieces of a cell between blanks and colons; a gap left open is a piece too."""
    for piece in re.split(r"[\s　:：]+", _GAP.sub(" _ ", cell)):
        if piece:
            yield piece


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
            if match.start() > 30 or _IN_SENTENCE.search(text[: match.start()]):
                continue
            share = match.start() / max(1, len(text))
            left = line.box[0] + share * (line.box[2] - line.box[0])
            spots.append((left, re.sub(r"\D+", "-", match.group()).strip("-")))
    most = 0
    for left, _ in spots:
        most = max(most, len({room for x, room in spots if abs(x - left) < _COLUMN}))
    return max(most, _plain_column(page))


def _plain_column(page: PageText) -> int:
    """Bare room numbers under a heading 房号."""
    most = 0
    for head in page.lines:
        if not _ROOM_HEAD.match(fold(head.text)):
            continue
        middle = (head.box[0] + head.box[2]) / 2
        below = {
            fold(line.text)
            for line in page.lines
            if line.box[1] > head.box[1]
            and abs((line.box[0] + line.box[2]) / 2 - middle) < _COLUMN
            and _PLAIN_ROOM.match(simplified(line.text).strip().upper())
        }
        most = max(most, len(below))
    return most
