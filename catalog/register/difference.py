"""What a row changes of a household that is known: the people it should have, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.register.names import alike, is_masked, name_key
from catalog.register.rows import Wanted


@dataclass(frozen=True, slots=True)
class Being:
    """A person as the register keeps one."""

    name: str
    phone: str = ""
    id_no: str = ""


@dataclass(slots=True)
class Known:
    """An open household before the import."""

    household_id: int
    room_id: int
    generation: int
    file_no: str
    owner: str
    occupancy: str
    vip: bool
    owners: list[Being]
    former: list[str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What to write: `fields` empty means nothing; `doubts` are codes of warnings.

    `owners` and `former` are the complete new lists. "generation" among the
    fields means that this owner follows the known one.
    """

    fields: tuple[str, ...]
    owners: tuple[Being, ...]
    former: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def beings(wanted: Wanted, names: Sequence[str]) -> tuple[Being, ...]:
    """The people of a row, numbers given out in order.

    As many numbers as names go one to one; more go to the first.
    """
    count = len(names) or 1
    phones = _shared_out(wanted.phones, count)
    id_nos = _shared_out(wanted.id_nos, count)
    if not names:
        return (Being("", phones[0], id_nos[0]),) if phones[0] or id_nos[0] else ()
    return tuple(map(Being, names, phones, id_nos))


def _shared_out(values: tuple[str, ...], count: int) -> list[str]:
    first = (*values[:1], *values[count:])
    shares = ["、".join(first), *values[1:count]]
    return shares + [""] * (count - len(shares))


def difference(known: Known, wanted: Wanted) -> Difference:
    """Compare a row with the open household of its room."""
    doubts: list[str] = []
    names = list(wanted.owners)
    if names and known.owners and all(is_masked(name) for name in names):
        doubts.append("masked_owner")
        names = []
    succession = _succeeds(known, wanted, names)
    if succession == "corrected":
        doubts.append("owner_corrected")
    if succession == "follows":
        return Difference(
            ("generation", "owner"), beings(wanted, names), wanted.former, tuple(doubts)
        )
    owners = _merged(
        known,
        wanted,
        names or [being.name for being in known.owners if being.name],
        renamed=succession == "corrected" or all(not being.name for being in known.owners),
    )
    former = _former(known, wanted, owners, corrected=succession == "corrected")
    return Difference(tuple(_fields(known, wanted, owners, former)), owners, former, tuple(doubts))


def _succeeds(known: Known, wanted: Wanted, names: Sequence[str]) -> str:
    """ "same", "corrected" or "follows": who the row's owners are to the known ones."""
    before = {name_key(being.name): being for being in known.owners if being.name}
    if not names or not before or before.keys() & {name_key(name) for name in names}:
        return "same"
    numbers = {n for b in known.owners for n in (*b.phone.split("、"), b.id_no) if n}
    shared = numbers & {*wanted.phones, *wanted.id_nos}
    close = any(alike(name, being.name) for name in names for being in before.values())
    return "corrected" if shared and close else "follows"


def _merged(
    known: Known, wanted: Wanted, names: Sequence[str], *, renamed: bool
) -> tuple[Being, ...]:
    """The row's people; what it does not say is taken over by name, or by place when renamed."""
    before = {name_key(being.name): being for being in known.owners}
    kept = {name_key(name) for name in names}
    left = [being for being in known.owners if name_key(being.name) not in kept]
    found = []
    for being in beings(wanted, names):
        old = before.get(name_key(being.name)) or (left.pop(0) if renamed and left else Being(""))
        phone = being.phone if wanted.phones else old.phone
        id_no = being.id_no if wanted.id_nos else old.id_no
        found.append(Being(being.name, phone, id_no))
    return tuple(found) if found or names else tuple(known.owners)


def _former(
    known: Known, wanted: Wanted, owners: Sequence[Being], *, corrected: bool
) -> tuple[str, ...]:
    present = {name_key(being.name) for being in owners}
    left = [] if corrected else [b.name for b in known.owners if b.name]
    found = {
        name_key(name): name
        for name in (*known.former, *wanted.former, *left)
        if name_key(name) not in present
    }
    return tuple(found.values())


def _fields(
    known: Known, wanted: Wanted, owners: Sequence[Being], former: Sequence[str]
) -> list[str]:
    old, new = known.owners, owners
    changes = {
        "owner": [b.name for b in old] != [b.name for b in new]
        or bool(wanted.owners and not _masked_only(wanted) and wanted.owner != known.owner),
        "phone": _filled(b.phone for b in old) != _filled(b.phone for b in new),
        "id_no": _filled(b.id_no for b in old) != _filled(b.id_no for b in new),
        "file_no": bool(wanted.file_no) and wanted.file_no != known.file_no,
        "occupancy": bool(wanted.occupancy) and wanted.occupancy != known.occupancy,
        "vip": wanted.vip is not None and wanted.vip != known.vip,
        "former": sorted(known.former) != sorted(former),
    }
    return [name for name, changed in changes.items() if changed]


def _filled(texts: Iterable[str]) -> list[str]:
    return sorted(text for text in texts if text)


def _masked_only(wanted: Wanted) -> bool:
    return all(is_masked(name) for name in wanted.owners)
