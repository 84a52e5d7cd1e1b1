"""Where a document says which room it is about, and how much each place counts.

A labelled room beats an address in a heading or a statement, that beats one in
running text, that beats a postal address; the office's own address and a
neighbour's room never count (domain 3.5 and the notes of 2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from classifier.address import AddressReading, parse
from classifier.fields_entries import Entry, Sheet
from classifier.fields_labels import Label, labels_in
from classifier.fields_layout import Row
from classifier.names_glyphs import look_alike
from classifier.normalise import plain
from classifier.values import Register
from yihu.household import ABSENT
from yihu.page import Box

_NEIGHBOUR = re.compile(
    r"(?:楼上|楼下|隔壁|对面|对门|邻居|相邻|邻户|被投诉|上层|下层|上户|下户|对方|肇事)(?:的|是|为|住户|业主|邻居|用户|户|家)?[\s:(（,]*$"
)
_OFFICE = re.compile(r"热线|传真|邮编|服务中心|管理处|客服中心|物业公司|办公室|网址|咨询电话")
_COMPANY = re.compile(r"有限公司")
_PROSE = re.compile(r"[，。；;]|,(?!\d)|兹|确认|同意|我司|我方|本人|本公司|购买|承租|租赁")
"""A sentence, in which a company is a party; in a letterhead it is the office."""
_ADDRESSEE = re.compile(
    r"\s*[室房号户]?\s*(?:的)?\s*[(（]?\s*(?:业主|住户|产权人|户主|租户|用户)"
    r"|\s*[室房号户]?\s*[)）]\s*[:：]\s*$"  # 张伟（3栋2单元501室）：
)
_HIS_HOME = re.compile(r"\s*[室房号]?\s*户(?:内|的|在|因|已)?(?:装修|房屋|业主|发生|家中)")
_STATEMENT = re.compile(
    r"(?:致|尊敬的|关于|认购的|购买的|坐落于|座落于|位于|业主|本人(?:系|为|是)|兹证明|您的|贵户|系我小区|仅供)[^。;]{0,24}$"
)
_HEAD, _FOOT = 0.14, 0.9
_CLOSE_BY = 16
_NEAR_ROWS = 4
_REACH = 24
_NOT_HIS = frozenset(
    {"neighbour", "office_address", "contractor", "number", "file_no", "permit_no", "form_no"}
)
_CARD_ADDRESS = re.compile(r"(?:^|[\s\t])住\s*址(?!\s*:)")
_CARD_NUMBER = re.compile(r"身份号码|\d{17}[\dXx]")
_CARD_ROWS = 6
_AREA = re.compile(r"(?<![\d.])\d{1,4}\.\d{1,2}\s*(?:m(?![A-Za-z])|M|㎡|平)")
_LEVEL_LABELS = frozenset({"单元", "单元号", "梯号"})


class Standing(IntEnum):
    """How much the place of an address counts; only the highest standing on a page speaks."""

    NOT_HIS = 0
    CONTACT = 1
    RUNNING = 2
    STATED = 3
    LABELLED = 4


_HOW = {Standing.LABELLED: "labelled", Standing.STATED: "plain"}


@dataclass(frozen=True, slots=True)
class Finding:
    """An address with its standing and place."""

    reading: AddressReading
    standing: Standing
    page: int
    box: Box | None = None
    label: str = ""
    row: int = -1


def findings(sheets: Sequence[Sheet], register: Register) -> list[Finding]:
    """Every address of the document that may say whose it is."""
    found: list[Finding] = []
    for sheet in sheets:
        found.extend(_on_sheet(sheet, register))
    return found


def _on_sheet(sheet: Sheet, register: Register) -> list[Finding]:
    labelled = [*_labelled(sheet, register), *_in_levels(sheet, register)]
    cards = _card_rows(sheet)
    read = {(finding.row, finding.label) for finding in labelled}
    loose = [
        finding
        for row in sheet.rows
        if row.number not in cards
        for finding in _in_row(row, register)
        if finding.standing is not Standing.LABELLED or (finding.row, finding.label) not in read
    ]
    broken = list(_across_lines(sheet, cards, register))
    return _merged(_without_pieces([*labelled, *loose], broken))


def _card_rows(sheet: Sheet) -> set[int]:
    """The rows of the address on an ID card, which is where its holder is registered."""
    found: set[int] = set()
    for row in sheet.rows:
        if not _CARD_ADDRESS.search(row.text):
            continue
        for other in sheet.rows[row.number : row.number + _CARD_ROWS]:
            if other.number > row.number and _CARD_NUMBER.search(other.text):
                found.update(range(row.number, other.number))
                break
    return found


def _labelled(sheet: Sheet, register: Register) -> Iterator[Finding]:
    for entry in sheet.entries:
        if entry.role == "room" and not _is_level(entry):
            for reading in _value_readings(entry, register):
                place = (entry.page, entry.box, entry.label, entry.row)
                yield Finding(reading, Standing.LABELLED, *place)


def _value_readings(entry: Entry, register: Register) -> list[AddressReading]:
    """The value with what is wrapped around it when that names a room, else the row's own part."""
    whole = parse(_AREA.sub(" ", entry.value), register, field=True)
    if entry.beside in {"", entry.value} or any(one.status == "known" for one in whole):
        return whole
    return parse(entry.beside, register, field=True) or whole


def asks_for_room(sheets: Sequence[Sheet]) -> bool:
    """True when a form asks for the room; if none was read there, it was not legible."""
    return any(
        label.role in {"room", "building"}
        for sheet in sheets
        for row in sheet.rows
        for label in labels_in(row.text)
    )


def _is_level(entry: Entry) -> bool:
    return (
        entry.label in _LEVEL_LABELS
        and re.fullmatch(r"[0-9A-Za-z甲乙丙丁一二三四五六]{1,2}\s*(?:单元)?", entry.value)
        is not None
    )


def _in_levels(sheet: Sheet, register: Register) -> Iterator[Finding]:
    """Building, unit and room in cells of their own, on one row or the next ones."""
    for entry in sheet.entries:
        if entry.role != "building":
            continue
        near = [e for e in sheet.entries if 0 <= e.row - entry.row <= _NEAR_ROWS]
        before = [e for e in sheet.entries if 0 <= entry.row - e.row <= 2]
        zone = next((e.value for e in [*before, *near] if e.role == "zone"), "")
        unit = next((e for e in near if e.role == "unit" or _is_level(e)), None)
        room = next((e for e in near if e.role == "room" and not _is_level(e)), None)
        text = zone + _building_words(entry.value) + _unit_words(unit.value if unit else "")
        if room is not None:
            text += room.value
        for reading in parse(text, register, field=True)[:2]:
            box = _around(entry, unit, room)
            yield Finding(reading, Standing.LABELLED, entry.page, box, entry.label, entry.row)


def _building_words(value: str) -> str:
    value = value.strip()
    if re.fullmatch(r"[0-9〇零一二三四五六七八九十]+", value):
        return f"{value}栋"
    return f"{value}座" if re.fullmatch(r"[A-Za-z]\d?", value) else value


def _unit_words(value: str) -> str:
    value = value.strip()
    return f"{value}单元" if value and not re.search(r"单元|座|梯|门", value) else value


def _around(*entries: Entry | None) -> Box | None:
    boxes = [entry.box for entry in entries if entry is not None and entry.box is not None]
    if not boxes:
        return None
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def _in_row(row: Row, register: Register) -> Iterator[Finding]:
    labels = labels_in(row.text)
    for reading in parse(row.text, register):
        start, end = reading.span
        label = next((one for one in reversed(labels) if one.start <= start), None)
        standing = _standing(row, start, end, label)
        if standing is None:
            continue
        how = _HOW.get(standing, "running")
        word = label.word if label else ""
        yield Finding(
            replace(reading, how=how), standing, row.page, row.box(start, end), word, row.number
        )


def _standing(row: Row, start: int, end: int, label: Label | None) -> Standing | None:
    role = label.role if label else ""
    if role in _NOT_HIS:
        return None
    if _NEIGHBOUR.search(row.text[:start]):
        return None
    if role in {"room", "building"} or (label and start <= label.start + 1 < end):
        return Standing.LABELLED
    edge = row.top < _HEAD or row.top > _FOOT
    his = (
        _ADDRESSEE.match(row.text, end)
        or _HIS_HOME.match(row.text, end - (row.text[end - 1 : end] == "户"))
        or _STATEMENT.search(row.text[:start])
    )
    if (
        _is_office(row.text[:start], row.text[end:])
        and (edge or role == "contact_address")
        and not his
    ):
        return None
    if role == "contact_address":
        return Standing.CONTACT
    if _stated(row, start, end, role):
        return Standing.STATED
    return Standing.RUNNING


def _is_office(before: str, after: str) -> bool:
    """Whether what stands around an address says that it is the office's own.

    In a letterhead all of it counts; a sentence must speak of the office close by.
    """
    if _PROSE.search(before + after):
        return bool(_OFFICE.search(before[-_CLOSE_BY:]) or _OFFICE.search(after[:_CLOSE_BY]))
    return bool(_OFFICE.search(before + after) or _COMPANY.search(before + after))


def _stated(row: Row, start: int, end: int, role: str) -> bool:
    """A heading, a line of its own, "… 业主 张伟", or a sentence that says whose room it is."""
    rest = re.sub(r"[\s\W_]", "", row.text[:start] + row.text[end:])
    if len(rest) <= 4 or _ADDRESSEE.match(row.text, end):
        return role in {"", "owner", "signer", "estate"} or _ADDRESSEE.match(row.text, end) is None
    return role in {"", "owner", "signer"} and bool(_STATEMENT.search(row.text[:start]))


def _across_lines(
    sheet: Sheet, cards: set[int], register: Register
) -> Iterator[tuple[Finding, int]]:
    """Addresses broken at the end of a line, a neighbour's too: its pieces are nobody's room."""
    for above, below in zip(sheet.rows, sheet.rows[1:], strict=False):
        if above.number in cards:
            continue
        head = above.text.rstrip()
        tail = above.cells[-1].text.rstrip()[-_REACH:]
        text = tail + below.cells[0].text.lstrip()[:_REACH]
        for reading in parse(text, register):
            start, end = reading.span
            if not start < len(tail) < end or reading.status not in {"known", "ambiguous"}:
                continue
            position = len(head) - len(tail) + start
            labels = labels_in(above.text)
            label = next((one for one in reversed(labels) if one.start <= position), None)
            standing = _broken_standing(head[:position], text[end:], label.role if label else "")
            box = above.box(position, len(head))
            word = label.word if label else ""
            yield Finding(reading, standing, above.page, box, word, above.number), above.number


def _broken_standing(before: str, after: str, role: str) -> Standing:
    if role in _NOT_HIS or _NEIGHBOUR.search(before):
        return Standing.NOT_HIS
    if role in {"room", "contact_address"}:
        return Standing.LABELLED if role == "room" else Standing.CONTACT
    stated = _STATEMENT.search(before) or _ADDRESSEE.match(after)
    return Standing.STATED if stated else Standing.RUNNING


def _without_pieces(
    loose: Sequence[Finding], broken: Sequence[tuple[Finding, int]]
) -> list[Finding]:
    """A piece of a broken address ("元501室", "3栋2") is no address of its own."""
    kept = [
        finding
        for finding in loose
        if not any(
            finding.page == other.page and _is_piece(finding, other.reading, row)
            for other, row in broken
        )
    ]
    return kept + [finding for finding, _ in broken if finding.standing > Standing.NOT_HIS]


def _is_piece(finding: Finding, whole: AddressReading, row: int) -> bool:
    piece = finding.reading
    if finding.row not in {row, row + 1}:
        return False
    if piece.status == "known" and finding.row != row + 1:
        return False
    levels = (
        (piece.building, whole.building), (piece.unit, whole.unit), (piece.room, whole.room),
    )  # fmt: skip
    return all(
        a in {None, "-"} or (b or "").startswith(a) or a.endswith(b or "\x00") for a, b in levels
    )


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """Without those that a fuller labelled one on the page completes."""
    labelled = [finding for finding in found if finding.standing is Standing.LABELLED]
    full = [finding for finding in labelled if finding.reading.status != "partial"]
    return [
        finding
        for finding in found
        if finding.standing is not Standing.LABELLED
        or not any(_is_same(finding, other) for other in full if other is not finding)
    ]


def _is_same(finding: Finding, other: Finding) -> bool:
    """An open address, or one read without the zone that stands in a cell above it."""
    part, whole = finding.reading, other.reading
    zoneless = part.zone in {None, ABSENT} and whole.zone not in {None, ABSENT}
    near = finding.page == other.page and abs(finding.row - other.row) <= _NEAR_ROWS
    open_one = part.status == "partial" or (zoneless and near and whole.status == "known")
    return open_one and _completes(whole, part)


def _completes(whole: AddressReading, part: AddressReading) -> bool:
    pairs = ((part.building, whole.building), (part.unit, whole.unit), (part.room, whole.room))
    return all(a is None or a == b for a, b in pairs)


_ESTATE_WORD = re.compile(
    r"([\u4e00-\u9fff]{2,8}?(?:花园|家园|花苑|名苑|雅苑|新城|新村|公寓|豪庭|华庭|名城|山庄|嘉园|佳园|小区))"
    r"(?=管理处|客户服务|客服|物业服务中心|服务中心|装修|业主|住户|催缴|楼宇|房屋|入住|入伙|收楼)"
)
_TOP_ROWS = 4


def names_other_estate(sheets: Sequence[Sheet], register: Register) -> str:
    """The name of another estate that a label or the heading gives, when ours is nowhere named."""
    ours = [plain(name) for name in register.estates() if len(name) > 1]
    text = "".join(row.text for sheet in sheets for row in sheet.rows)
    if not ours or any(name in re.sub(r"\s", "", text) for name in ours):
        return _labelled_other(sheets, ours)
    if other := _labelled_other(sheets, ours):
        return other
    for sheet in sheets[:1]:
        for row in sheet.rows[:_TOP_ROWS]:
            match = _ESTATE_WORD.search(row.text)
            if (
                match
                and not _ours(match[1], ours)
                and not re.search(r"本小区|住宅小区|我小区", match[1])
            ):
                return match[1]
    return ""


def _labelled_other(sheets: Sequence[Sheet], ours: Sequence[str]) -> str:
    for sheet in sheets:
        for entry in sheet.entries:
            value = re.sub(r"\s", "", entry.value)
            if (
                entry.role != "estate"
                or not ours
                or not re.fullmatch(r"[\u4e00-\u9fff]{2,12}", value)
            ):
                continue
            if not _ours(value, ours) and not re.search(r"物业|公司|管理处|业主|本小区", value):
                return value
    return ""


def _ours(value: str, ours: Sequence[str]) -> bool:
    return any(name in value or value in name or _one_off(value, name) for name in ours)


def _one_off(value: str, name: str) -> bool:
    end = value[-len(name) :]
    if len(end) != len(name):
        return False
    wrong = [(a, b) for a, b in zip(end, name, strict=True) if a != b]
    return len(wrong) == 1 and look_alike(*wrong[0]) and "家" not in wrong[0]
