"""What a document says about people: names by role, phones, ID and file numbers.

Each is held against one household at a time: it agrees, it contradicts, or it
says nothing (domain 3.2, 3.3; an owner's name alone never files).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifier import names, numbers
from classifier.fields_entries import Sheet
from classifier.fields_labels import STRICT_SOFT
from classifier.names import Agreement
from classifier.normalise import plain
from classifier.values import Field, Register
from yihu.household import HouseholdRecord

_NOT_HIS = frozenset({"other_person", "neighbour", "agent", "contractor", "office_address"})
_SIGNATURE = re.compile(r"签|章|确认")
_CARD_LABELS = frozenset({"公民身份号码", "公民身份证号码"})
_BEFORE = re.compile(
    r"(?:业主|姓名|致|收到|证明|本人|委托|由|为|人|方|名|的|与|和|及|户|尊敬的|系|兹有|即|女士|先生)$"
)
_AFTER = re.compile(
    r"^(?:先生|女士|小姐|的|于|系|业主|交|同志|身份证|房号|所|为|在|已|于|因|与|和|等|夫妇|电话|手机|男|女|性别|签|名下|自)"
)


@dataclass(frozen=True, slots=True)
class Claims:
    """The identifiers a document carries.

    `owners` stand under labels that only an owner has, `semi` under 申请人, 乙方
    and the like, `signers` under labels others may sign.
    """

    owners: tuple[Field, ...]
    semi: tuple[Field, ...]
    signers: tuple[Field, ...]
    former: tuple[Field, ...]
    tenants: tuple[Field, ...]
    phones: tuple[Field, ...]
    all_phones: frozenset[str]
    ids: tuple[Field, ...]
    files: tuple[Field, ...]
    text: str

    @property
    def named(self) -> tuple[Field, ...]:
        """All names that may be the owner's."""
        return (*self.owners, *self.semi, *self.signers)


def claims_of(sheets: Sequence[Sheet], fields: Sequence[Field]) -> Claims:
    """Sort the fields by what they claim."""
    by: dict[str, list[Field]] = {}
    for field in fields:
        by.setdefault(field.name, []).append(field)
    owners = by.get("owner", [])
    return Claims(
        owners=tuple(f for f in owners if f.label not in STRICT_SOFT),
        semi=tuple(f for f in owners if f.label in STRICT_SOFT),
        signers=(*by.get("signer", []), *by.get("co_owner", [])),
        former=tuple(by.get("former_owner", [])),
        tenants=tuple(by.get("tenant", [])),
        phones=tuple(by.get("phone", [])),
        all_phones=frozenset(_phones(sheets)),
        ids=tuple(by.get("id_no", [])),
        files=tuple(by.get("file_no", [])),
        text=_own_text(sheets),
    )


def _phones(sheets: Sequence[Sheet]) -> list[str]:
    return [
        digits
        for sheet in sheets
        for row in sheet.rows
        for digits, _, _ in numbers.phones_in(row.text)
    ]


def _own_text(sheets: Sequence[Sheet]) -> str:
    """The text without what stands under other people's labels."""
    lines = []
    for sheet in sheets:
        others = [e for e in sheet.entries if e.role in _NOT_HIS]
        for row in sheet.rows:
            text = row.text
            for entry in others:
                if entry.row == row.number and entry.value:
                    text = text.replace(entry.value, "\x00")
            lines.append(text)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the claims say about one household.

    `agree` and `against` name kinds ("owner", "owner_near", "mention", "tenant",
    "phone", "id_no", "file_no", "former") with the field that says so.
    """

    agree: dict[str, Field]
    against: dict[str, Field]
    former: Field | None = None


def opinion(claims: Claims, household: HouseholdRecord, register: Register) -> Opinion:
    """Hold all claims against one household."""
    agree: dict[str, Field] = {}
    against: dict[str, Field] = {}
    for phone in claims.phones:
        _number("phone", phone, household, register.by_phone(phone.value), agree, against)
    own_phones = {digits for digits in map(numbers.phone_digits, household.phones) if digits}
    if "phone" not in agree and (seen := own_phones & claims.all_phones):
        agree["phone"] = Field("phone", min(seen), 0)
    for number in claims.ids:
        _number("id_no", number, household, register.by_id_no(number.value), agree, against)
    for number in claims.files:
        _number("file_no", number, household, register.by_file_no(number.value), agree, against)
    _names(claims, register, household, agree, against)
    _namesake(claims, household, agree, against)
    return Opinion(agree, against, _former(claims, household, register, agree))


def _namesake(
    claims: Claims,
    household: HouseholdRecord,
    agree: dict[str, Field],
    against: dict[str, Field],
) -> None:
    """An ID card with the owner's name and another number is somebody else of that name."""
    cards = [field for field in claims.ids if field.label in _CARD_LABELS]
    registered = [number for number in household.id_nos if number]
    if len(registered) < max(1, len(household.owners)):
        return  # a co-owner's number may be missing in the register
    if not cards or not agree.keys() & {"owner", "mention"}:
        return
    same = any(
        numbers.same_person_number(card.value, number) for card in cards for number in registered
    )
    if not same:
        against.setdefault("id_no", cards[0])


def _number(
    kind: str,
    field: Field,
    household: HouseholdRecord,
    holders: Sequence[HouseholdRecord],
    agree: dict[str, Field],
    against: dict[str, Field],
) -> None:
    if any(holder.id == household.id for holder in holders):
        agree.setdefault(kind, field)
    elif holders:
        against.setdefault(kind, field)


def _names(
    claims: Claims,
    register: Register,
    household: HouseholdRecord,
    agree: dict[str, Field],
    against: dict[str, Field],
) -> None:
    owners = [one for name in household.owners for one in names.people_in(name)]
    for field in (*claims.named, *claims.former):
        how = _best(field.value, owners)
        if how is Agreement.EXACT:
            agree.setdefault("owner", field)
        elif how is Agreement.NEAR:
            agree.setdefault("owner_near", field)
    for field in claims.tenants:
        if _best(field.value, list(household.tenants)) is Agreement.EXACT:
            agree.setdefault("tenant", field)
        elif _best(field.value, owners) is Agreement.EXACT:
            agree.setdefault("owner", field)
    if "owner" not in agree and (name := mentioned(owners, claims.text)):
        agree["mention"] = Field("owner", name, 0)
    handed_over = any(_best(f.value, owners) is Agreement.EXACT for f in claims.former)
    if not handed_over:
        _contradictions(claims, register, household.owners, owners, agree, against)


def _contradictions(
    claims: Claims,
    register: Register,
    registered: tuple[str, ...],
    owners: Sequence[str],
    agree: dict[str, Field],
    against: dict[str, Field],
) -> None:
    exact = [f for f in claims.owners if _best(f.value, owners) is Agreement.EXACT]
    strict = [f for f in claims.owners if names.contradicts(f.value, registered)]
    semi = [f for f in claims.semi if names.contradicts(f.value, registered)]
    for field in strict:
        if exact and _beside(field, exact):
            continue  # a co-owner the register does not know, in the same cell
        if _signed_for(field, exact) and not register.by_owner(field.value):
            continue  # a relative signed for the owner the form names
        if _only_misread(field, owners, agree):
            continue
        against.setdefault("owner", field)
    if semi and not agree.keys() & {"owner", "mention"}:
        other = next((f for f in semi if not _only_misread(f, owners, agree)), None)
        if other is not None:
            against.setdefault("owner", other)


def _signed_for(field: Field, exact: Sequence[Field]) -> bool:
    signed = _SIGNATURE.search(field.label) is not None
    return signed and any(_SIGNATURE.search(other.label) is None for other in exact)


def _beside(field: Field, others: Sequence[Field]) -> bool:
    return any(
        field.page == o.page and field.label == o.label and field.box == o.box for o in others
    )


def _only_misread(field: Field, owners: Sequence[str], agree: dict[str, Field]) -> bool:
    """A name that may be the owner's read badly does not contradict when something else agrees."""
    helped = agree.keys() & {"owner", "mention", "owner_near"} or agree.keys() - {"owner_near"}
    return bool(helped) and any(names.could_be_misread(field.value, owner) for owner in owners)


def _best(written: str, owners: Sequence[str]) -> Agreement:
    found = {names.compare(written, owner) for owner in owners}
    for how in (Agreement.EXACT, Agreement.NEAR):
        if how in found:
            return how
    return Agreement.NONE


def _former(
    claims: Claims, household: HouseholdRecord, register: Register, agree: dict[str, Field]
) -> Field | None:
    """The place where a former owner is named as if he were the owner (P2-4.4.1)."""
    for number in claims.files:
        if not register.by_file_no(number.value) and any(
            holder.id == household.id
            for other in numbers.other_generations(number.value)
            for holder in register.by_file_no(other)
        ):
            return number
    past = [one for name in household.former_owners for one in names.people_in(name)]
    present = [one for name in household.owners for one in names.people_in(name)]
    past = [name for name in past if _best(name, present) is not Agreement.EXACT]
    if not past:
        return None
    for field in claims.named:
        if _best(field.value, past) is Agreement.EXACT and not _handed_over(claims, present):
            return field
    if not agree.keys() & {"owner", "mention"} and (name := mentioned(past, claims.text)):
        return Field("owner", name, 0)
    return None


def _handed_over(claims: Claims, present: Sequence[str]) -> bool:
    """A transfer paper names both: the present owner stands under 新业主 or the like."""
    return bool(claims.former) and any(
        _best(field.value, present) is Agreement.EXACT for field in claims.owners
    )


def mentioned(people: Sequence[str], text: str) -> str:
    """The first of these names that stands in the text by itself, or ""."""
    for name in people:
        key = names.name_key(name)
        if len(key) < 2:
            continue
        spelt = r"[ ·•.]*".join(map(re.escape, plain(key)))
        for match in re.finditer(spelt, text, re.IGNORECASE):
            if len(key) >= 4 or _bounded(text, match.start(), match.end(), len(key)):
                return name
    return ""


def _bounded(text: str, start: int, end: int, size: int) -> bool:
    before, after = text[max(0, start - 4) : start], text[end : end + 4]
    free_before = not before or not _han(before[-1]) or bool(_BEFORE.search(before))
    free_after = not after or not _han(after[0]) or bool(_AFTER.match(after))
    return free_before and free_after if size == 2 else free_before or free_after


def _han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"
