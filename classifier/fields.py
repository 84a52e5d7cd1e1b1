"""The key fields of a document: whose names, phones, numbers, dates and amounts, and where.

Names count by the label they stand under (domain 3.2): an owner's label makes
an owner, a contractor's or clerk's label never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from classifier import names, numbers
from classifier.fields_entries import Entry, Sheet, sheet_of
from classifier.fields_roles import role_of
from classifier.values import Field, Register
from yihu.page import PageText

_NAMES = {
    "owner": "owner", "signer": "signer", "former": "former_owner", "tenant": "tenant",
    "agent": "agent", "co_owner": "co_owner", "contractor": "contractor",
}  # fmt: skip
_CODES = frozenset({"permit_no", "receipt_no", "number", "form_no"})
_CODE = re.compile(
    r"[A-Za-z0-9\u4e00-\u9fff]{0,6}[\[(〔]?[A-Za-z0-9][A-Za-z0-9()\[\]〔〕·./_\-]*"
    r"(?:(?<=[)\]〕])[\u4e00-\u9fff]{0,8}第?[0-9A-Za-z-]+)?(?:\s?号)?"
)
_CUT = re.compile(r"[\u4e00-\u9fff]*[\[(〔]\d{4}[)\]〕]")
_FILE_CODE = re.compile(
    r"[A-Za-z0-9\u4e00-\u9fff]*(?:[ ]?[-·/.()〔〕\[\]]+[ ]?[A-Za-z0-9\u4e00-\u9fff]+)+"
    r"|[A-Za-z]*\d{3,}"
)
_NO_NAME = re.compile(r"[0-9。;☑√]|\s□|\s{3,}|(?<=\S)\s*(?:电话|日期|年\s*月|先生\s*/\s*女士)")
_WITHIN_BRACKET = re.compile(r"(?:[^()]|\([^()]*\)?)*")
_IN_SENTENCE = re.compile(
    r"(?P<word>业主|产权人|姓名|兹证明|今收到|兹收到|本人)[ ]?"
    r"(?P<name>[\u4e00-\u9fff]{2,4}?(?:·[\u4e00-\u9fff]{2,6})?)"
    r"(?=[ ]?(?:[:;(（,，。、\t]|$|的|系|交来|为|是|身份证|先生|女士))"
)
_OFFICE = re.compile(r"热线|服务中心|客服|物业|管理处|咨询|传真|邮编|公司")
_CREW = re.compile(r"工种|施工人员|装修人员|工人(?:名单|登记|姓名)|出入证号")
_ANY_ID = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
_FIRST = {"日期": 0, "申请日期": 0, "填表日期": 0, "登记日期": 0, "签订日期": 0}


def extract_fields(
    pages: Sequence[PageText], register: Register | None = None
) -> tuple[Field, ...]:
    """The fields of all pages in reading order; the same name may come several times.

    Names of fields: "owner" (strict owner's labels; each name of several under one
    label), "co_owner" (共有人), "signer" (labels under
    which others may sign too), "former_owner", "tenant", "agent",
    "contractor", "worker" (on a list of a crew), "phone", "id_no", "date" (the
    document's own date first), "file_no", "number", "form_no", "permit_no", "receipt_no", "amount",
    "room". Where the reader has no owner's label, the first signer is the
    owner named.
    """
    del register
    return fields_of([sheet_of(page) for page in pages])


def fields_of(sheets: Sequence[Sheet]) -> tuple[Field, ...]:
    """The fields of pages already in rows."""
    found = [field for sheet in sheets for field in _fields(sheet)]
    dates = [field for field in found if field.name == "date"]
    rest = [field for field in found if field.name != "date"]
    if all(field.name != "amount" for field in rest):
        rest.extend(_loose_amounts(sheets))
    return (*_unique(rest), *_unique(_ordered_dates(dates)))


def _fields(sheet: Sheet) -> Iterator[Field]:
    for entry in sheet.entries:
        yield from _of_entry(entry)
    yield from _loose_names(sheet)
    yield from _crew(sheet)
    yield from _loose_numbers(sheet)


def _of_entry(entry: Entry) -> Iterator[Field]:
    role = entry.role
    if role in _NAMES:
        yield from _names(entry)
    elif role in _CODES or role == "file_no":
        yield from _codes(entry)
    elif role == "phone" and not _OFFICE.search(entry.label):
        found = [digits for digits, _, _ in numbers.phones_in(entry.value)]
        torn = re.sub(r"(?<=\d) (?=\d)", "", entry.value)
        for digits in found or filter(None, [numbers.phone_digits(torn)]):
            yield _field("phone", digits, entry)
    elif role == "amount":
        if (amount := numbers.amount_in(entry.value)) is not None:
            sure = 0.5 if amount.agrees is False else entry.confidence
            yield Field("amount", str(amount), entry.page, entry.box, sure, entry.label)
    elif role == "id_no":
        for number, _, _ in (
            *numbers.id_numbers_in(entry.value),
            *numbers.credit_codes_in(entry.value),
        ):
            yield _field("id_no", number, entry)
    elif role == "room":
        yield _field("room", entry.value, entry)
    elif role == "date":
        for day, _, _ in numbers.dates_in(entry.value)[:1]:
            yield _field("date", day.isoformat(), entry)


def _names(entry: Entry) -> Iterator[Field]:
    for name in names.people_in(_until_noise(entry.value)):
        if names.looks_like_name(name) or names.is_salutation(name) or names.is_masked(name):
            yield _field(_NAMES[entry.role], name, entry)


def _codes(entry: Entry) -> Iterator[Field]:
    """A number under 编号 may be the file number when it has parts; a form's code never is."""
    file_code = _file_code(entry.value)
    may_be = entry.role == "file_no" or (entry.role == "number" and "-" in file_code)
    if file_code and may_be and not numbers.is_form_no(file_code):
        yield _field("file_no", file_code, entry)
    if entry.role != "file_no" and (number := _code(entry.value)):
        name = "form_no" if numbers.is_form_no(number) else entry.role
        yield _field(name, number, entry)


def id_checks(number: str) -> bool:
    """Whether the check digit of an ID number or a company's credit code is right."""
    return numbers.id_number_valid(number) or numbers.credit_code_valid(number)


def _field(name: str, value: str, entry: Entry) -> Field:
    return Field(name, value, entry.page, entry.box, entry.confidence, entry.label)


def _until_noise(value: str) -> str:
    """A name ends where a number, a date or a sentence begins, or the bracket it stands in ends."""
    within = _WITHIN_BRACKET.match(_NO_NAME.split(value)[0])
    return within[0] if within else ""


def _code(value: str) -> str:
    match = _CODE.match(re.sub(r"(?<=[0-9A-Za-z])\s+(?=[-0-9A-Za-z])", "", value.strip()))
    number = match[0].strip() if match else ""
    brackets = [sum(map(number.count, pair)) for pair in ("([〔", ")]〕")]
    whole = brackets[0] == brackets[1] and not _CUT.fullmatch(number)
    whole = whole and any(char.isdigit() for char in number)
    return number if whole else ""


def _file_code(value: str) -> str:
    match = _FILE_CODE.match(value.strip())
    return re.sub(r"\s", "", match[0]) if match else ""


def _loose_names(sheet: Sheet) -> Iterator[Field]:
    """Names glued to their label, in a salutation or in a statement.

    A sentence may be taken for a name here, so they are only signers: they may
    agree with an owner, they never contradict one.
    """
    for row in sheet.rows:
        for match in _IN_SENTENCE.finditer(row.text):
            name = match["name"]
            if names.looks_like_name(name):
                start, end = match.span("name")
                box, sure = row.box(start, end), row.confidence(start, end)
                yield Field("signer", name, row.page, box, sure, match["word"])


def _crew(sheet: Sheet) -> Iterator[Field]:
    """Names beside an ID number on a list of a fit-out's workers."""
    if not any(_CREW.search(row.text) for row in sheet.rows):
        return
    for row in sheet.rows:
        if not _ANY_ID.search(row.text):
            continue
        for cell in row.cells:
            name = re.sub(r"^[\d\s.、]+|\s", "", cell.text)
            if names.looks_like_name(name) and role_of(name) == "":
                yield Field("worker", name, row.page, cell.box, cell.confidence)
                break


def _loose_numbers(sheet: Sheet) -> Iterator[Field]:
    """ID numbers and dates count wherever they stand: their form tells what they are."""
    for row in sheet.rows:
        for number, start, end in (
            *numbers.id_numbers_in(row.text),
            *numbers.credit_codes_in(row.text),
        ):
            label = _label_before(sheet, row.number, number)
            box = row.box(start, end)
            yield Field("id_no", number, row.page, box, row.confidence(start, end), label)
        for day, start, end in numbers.dates_in(row.text):
            yield Field(
                "date", day.isoformat(), row.page, row.box(start, end), row.confidence(start, end)
            )


def _label_before(sheet: Sheet, row: int, number: str) -> str:
    for entry in sheet.entries:
        if entry.row == row and number[:6] in entry.value and entry.role in {"id_no", "other_id"}:
            return entry.label
    return ""


def _loose_amounts(sheets: Sequence[Sheet]) -> Iterator[Field]:
    """The first figure with a currency sign, where no amount is labelled."""
    for sheet in sheets:
        for row in sheet.rows:
            if "¥" in row.text and (amount := numbers.amount_in(row.text)) is not None:
                yield Field("amount", str(amount), row.page, row.box(0, len(row.text)), 0.7)
                return


def _ordered_dates(dates: Sequence[Field]) -> list[Field]:
    """The date the document bears: labelled 日期 before other labels, the last before the first."""
    order = {id(field): index for index, field in enumerate(dates)}

    def rank(field: Field) -> tuple[int, int]:
        labelled = 0 if field.label in _FIRST else (1 if field.label else 2)
        return labelled, -order[id(field)]

    return sorted(dates, key=rank)


def _unique(fields: Sequence[Field]) -> list[Field]:
    seen: dict[tuple[str, str, int], Field] = {}
    for field in fields:
        key = (field.name, field.value, field.page)
        known = seen.get(key)
        if known is None or (not known.label and field.label):
            seen[key] = field
    return list(seen.values())
