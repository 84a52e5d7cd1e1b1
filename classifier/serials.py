"""The numbers a document bears itself, beside those under a label that is known.

Forms name their number freely (报告号, 网签号, 催字号) and print it at the top
right, or put it behind No.; the code of the form stands alone at head or foot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifier import numbers
from classifier.fields_entries import Sheet
from classifier.fields_layout import Cell, Row
from classifier.fields_roles import role_of
from classifier.values import Field

_CODE = r"(?P<code>[A-Za-z]{0,4}[-]?\d[0-9A-Za-z/-]{3,17})"
_NO = re.compile(rf"N(?:[oO]|0(?=[.,:;]))\s*[.,。·]?\s*[:;]?\s*{_CODE}")
_NAMED = re.compile(
    rf"(?P<label>[\u4e00-\u9fff]{{1,6}}?(?:编号|单号|字号|号码|号)|工单|派工单)(?P<colon>[:;]?){_CODE}"
)
_PAPERS = re.compile(
    r"(?:审批|报告|网签|合约|合同|协议|通知|催[字缴告]?|函|备案|受理|登记|申请|流水|回执|工单|任务|派工"
    r"|事件|投诉|报修|维修|变更|过户|业务|验收|交付|结算|订单|签约|认购|批准|审核|委托)"
    r"(?:单|书|表|函)?(?:编号|单号|字号|号码|号)|工单|派工单"
)
_ANOTHERS = re.compile(
    r"[证户房室楼栋幢座门铺车位表机话新旧原型]|电|银行|开户|身份|邮|工号|税|微信|支付"
)
_FORM = re.compile(r"[A-Z]{1,4}/[A-Z]{1,4}[0-9.]+(?:-\d+)+|[A-Z]{2,4}-[A-Z]{2,4}-\d{2,3}")
_HEAD, _FOOT, _RIGHT = 0.3, 0.85, 0.55
_ACCOUNT = 13
_PIECES = 3


def serials(sheet: Sheet) -> Iterator[Field]:
    """The numbers of a page that no known label announces: "number" and "form_no"."""
    for row in sheet.rows:
        for place, cell in enumerate(row.cells):
            text = re.sub(r"\s", "", cell.text)
            if _FORM.fullmatch(text) and _at_edge(row) and not _after_label(row, place):
                yield _field("form_no", text, "", row, cell)
            elif found := _number(row, place):
                yield _field("number", *found, row, cell)


def _number(row: Row, place: int) -> tuple[str, str] | None:
    """The number in a cell with its label; a label in the cells before it has to be whole."""
    cell = row.cells[place]
    for first in range(place, max(-1, place - _PIECES), -1):
        text = re.sub(r"\s", "", "".join(one.text for one in row.cells[first : place + 1]))
        if (match := _NO.fullmatch(text)) and row.top < _HEAD:
            return match["code"], "No"
        match = _NAMED.fullmatch(text)
        if match is None:
            continue
        label, code = match["label"], match["code"]
        said = match["colon"] or (first == place - 1 and _PAPERS.fullmatch(label))
        if said and _its_own(label, code, row, cell):
            return code, label
    return None


def _its_own(label: str, code: str, row: Row, cell: Cell) -> bool:
    """Whether a label outside the lexicon names the document's number, by its words or place."""
    role = role_of(label)
    if role not in ("", "stop", "number") or len(re.sub(r"\D", "", code)) >= _ACCOUNT:
        return False
    if numbers.is_form_no(code) or numbers.is_mobile(code):
        return False
    if role == "number" or _PAPERS.fullmatch(label):
        return True
    in_corner = row.top < _HEAD and cell.box[0] > _RIGHT
    return in_corner and not _ANOTHERS.search(label)


def _after_label(row: Row, place: int) -> bool:
    before = row.cells[place - 1].text.strip() if place else ""
    return before.endswith(":") or role_of(re.sub(r"\s", "", before)) != ""


def _at_edge(row: Row) -> bool:
    placed = any(cell.box[2] > cell.box[0] for cell in row.cells)
    return placed and (row.top < _HEAD / 2 or row.top > _FOOT)


def _field(name: str, code: str, label: str, row: Row, cell: Cell) -> Field:
    start = cell.start + max(0, cell.text.find(code))
    box = row.box(start, cell.end)
    return Field(name, code, row.page, box, cell.confidence, label)
