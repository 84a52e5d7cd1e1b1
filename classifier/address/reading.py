"""From text to addresses: every one found, checked against the register, with what is open.

`parse` never makes a household up: a well-formed room that the register does
not have is "unknown", an open level leaves it "partial" or "ambiguous"
(domain 3.1 and 3.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from classifier.address import slips
from classifier.address.before import Setting, setting
from classifier.address.chain import Chain, chains
from classifier.address.levels import Levels, canonical, compact_codes, meanings
from classifier.address.noise import lane_before, masked
from classifier.address.numerals import CHARACTERS
from classifier.address.profile import Profile, profile_of
from classifier.normalise import Normalised, normalise
from classifier.values import Register
from yihu.household import ABSENT, HouseholdRecord

MOST_CANDIDATES = 24
_LABELLED = re.compile(
    r"(?:房\s*间?\s*号|室\s*号|房\s*屋(?:\s*地\s*址|\s*[座坐]\s*落)?|[座坐]\s*落|地\s*址|住\s*址|门\s*牌\s*号?|"
    r"单\s*元\s*号|楼\s*号|房\s*产|物业)\s*[:;\t]\s*"
)
_BARE = re.compile(r"[0-9A-Za-z|\u4e00-\u9fff]{1,10}(?:\s*[-./ ]\s*[0-9A-Za-z|]{1,6}){1,3}")
_OPEN = frozenset({"unknown", "partial", "ambiguous"})
_TORN = re.compile(r"(?<=[0-9A-Za-z])[ \t]+(?=[0-9A-Za-z])")
_MAY_HOLD = re.compile(
    rf"[0-9|]|[OolISZ]{{2}}|[{CHARACTERS}]\s*(?:[栋幢座楼单门梯弄号#室房层\-]|别墅)|墅"
)
_CODE = re.compile(r"\s*[0-9OolIS]{4,8}\s*")


@dataclass(frozen=True, slots=True)
class AddressReading:
    """One address as found in a text.

    `estate` .. `room` are canonical; None is open, "-" absent. `status` is
    "known" (one household), "ambiguous" (several hold it), "partial" (building
    or room not written), "unknown" (well formed, not in the register) or
    "other_estate". `how` is "labelled", "plain" (nothing else in the text) or
    "running"; `repaired` names misreadings put right; `review_only` marks a
    repair of the building (R93). `joined` marks one of several joined rooms.
    `households` are the candidates, at most 24.
    """

    estate: str | None
    zone: str | None
    building: str | None
    unit: str | None
    room: str | None
    status: str
    households: tuple[HouseholdRecord, ...] = ()
    span: tuple[int, int] = (0, 0)
    written: str = ""
    how: str = "running"
    repaired: tuple[str, ...] = ()
    review_only: bool = False
    joined: bool = False
    doubt: str = ""
    other: str = ""

    @property
    def confidence(self) -> str:
        """ "medium" for a sound labelled room, "low" for running text or a repair, else "none"."""
        if self.status != "known":
            return "none"
        sound = self.how != "running" and not self.repaired and not self.doubt
        return "medium" if sound else "low"

    @property
    def household(self) -> HouseholdRecord | None:
        """The one household it names, or None."""
        return self.households[0] if self.status == "known" else None

    def fits(self, record: HouseholdRecord) -> bool:
        """True when the household agrees with every level that is written."""
        key = record.key
        pairs = (
            (self.estate, key.estate), (self.zone, key.zone), (self.building, key.building),
            (self.unit, key.unit), (self.room, key.room),
        )  # fmt: skip
        return self.status != "other_estate" and all(a is None or a == b for a, b in pairs)


def parse(text: str, register: Register, *, field: bool = False) -> list[AddressReading]:
    """Every address in the text, left to right.

    `field` says that the text is the value of an address label: then dots and
    blanks may separate the parts, and a code without separators may be one.
    """
    source = normalise(text)
    if not _MAY_HOLD.search(source.text):
        return []
    profile = profile_of(register)
    readings = _readings(source, register, profile, field=field)
    if not readings and not field and _BARE.fullmatch(source.text.strip()):
        readings = _readings(source, register, profile, field=True)
    if not readings and field and _CODE.fullmatch(source.text):
        readings = list(_coded(source, register, profile))
    if field and all(r.status in _OPEN and not r.joined for r in readings):
        readings = _closed_up(text, register, profile) or readings
    return readings


def _closed_up(text: str, register: Register, profile: Profile) -> list[AddressReading]:
    """Digits that reading tore apart (22 0 1室) are closed up when the register has the result."""
    closed = _TORN.sub("", text)
    if closed == text:
        return []
    found = _readings(normalise(closed), register, profile, field=True)
    if len(found) != 1 or found[0].status != "known":
        return []
    return [replace(found[0], written=text.strip(), repaired=(*found[0].repaired, " "))]


def _readings(
    source: Normalised, register: Register, profile: Profile, *, field: bool
) -> list[AddressReading]:
    text, repaired = slips.words_repaired(masked(source.text))
    labels = [match.end() for match in _LABELLED.finditer(text)]
    found: list[AddressReading] = []
    for chain in _all_chains(text, profile, labels, field=field):
        place = _Place(source, text, chain, set(repaired), labels, field)
        found.extend(place.readings(register, profile))
    return found


def _all_chains(
    text: str, profile: Profile, labels: Sequence[int], *, field: bool
) -> Iterator[Chain]:
    taken = 0
    if not field:
        for start in labels:
            for chain in chains(text[start:], profile, field=True)[:1]:
                if chain.start == 0 and len(chain.parts) > 1:
                    parts = tuple(
                        replace(part, start=part.start + start, end=part.end + start)
                        for part in chain.parts
                    )
                    yield from _plain(text[taken:start], taken, profile, field=False)
                    yield Chain(parts, start, chain.end + start)
                    taken = chain.end + start
    yield from _plain(text[taken:], taken, profile, field=field)


def _plain(text: str, offset: int, profile: Profile, *, field: bool) -> Iterator[Chain]:
    for chain in chains(text, profile, field=field):
        parts = tuple(
            replace(part, start=part.start + offset, end=part.end + offset) for part in chain.parts
        )
        yield Chain(parts, chain.start + offset, chain.end + offset)


@dataclass(frozen=True, slots=True)
class _Place:
    """A chain in its text."""

    source: Normalised
    text: str
    chain: Chain
    repaired: set[int]
    labels: Sequence[int]
    field: bool

    def readings(self, register: Register, profile: Profile) -> list[AddressReading]:
        options = [
            levels for levels in meanings(self.chain, profile) if self._worth(levels, profile)
        ]
        if not options:
            return []
        labelled = self.field or self._after_label()
        lane = lane_before(self.text, self.chain.start)
        begin = lane.start() if lane else self.chain.start
        begins = self.chain.parts[0]
        if (
            ":" in self.text[begins.start : begins.end]
            or "\t" in self.text[begins.start : begins.end]
        ):
            where = Setting(begin)  # 楼号：3: what stands before the label is another field
        else:
            where = setting(self.text, begin, profile, field=labelled)
        slip = tuple(
            sorted({self.source.written(p, p + 1) for p in self.repaired if self._covers(p)})
        )
        best: list[AddressReading] = []
        for levels in options:
            one = _resolved(levels, where, register, profile)
            if not best or _rank(one) > _rank(best):
                best = one
        best = _repairs(best, options[0], where, register, profile)
        return [self._finish(reading, where, slip, labelled=labelled) for reading in best]

    def _worth(self, levels: Levels, profile: Profile) -> bool:
        """Running text has many numbers; without level words only a building we know counts."""
        if self._goes_on():
            return False
        if levels.building is None:
            return bool(levels.rooms) and _plausible_room(levels.rooms[0], self.chain, self.field)
        if not levels.rooms:
            return self.field or self._after_label() or _is_typed(levels.building, profile)
        if self.chain.worded or self.field or self._after_label():
            return True
        return levels.building in profile.buildings or self._alone()

    def _goes_on(self) -> bool:
        """The number goes on behind the chain, or a unit of measure follows: no address."""
        if self.chain.worded:
            return False
        rest = self.text[self.chain.end : self.chain.end + 3]
        return bool(
            re.match(
                r"[-/.:]?[0-9]|[-/]|\s?(?:年|月|日|元|%|℃|㎡|[km]m|m(?![A-Za-z])|米|版|期)", rest
            )
        )

    def _covers(self, position: int) -> bool:
        return self.chain.start <= position < self.chain.end

    def _after_label(self) -> bool:
        start = self.chain.start
        between = (self.text[end:start] for end in self.labels if end <= start)
        return any(len(gap) <= 24 and not re.search(r"[。;\n]", gap) for gap in between) or any(
            part.kind and self.text[part.start : part.end].find(":") >= 0
            for part in self.chain.parts
        )

    def _alone(self) -> bool:
        rest = self.text[: self.chain.start] + self.text[self.chain.end :]
        return not re.sub(r"[\s\W_号室房]", "", rest)

    def _finish(
        self, reading: AddressReading, where: Setting, slip: tuple[str, ...], *, labelled: bool
    ) -> AddressReading:
        start, end = where.start, self.chain.end
        rest = self.text[:start] + self.text[end:]
        alone = not re.sub(r"[\s\W_号室房]|业主|住户|户", "", rest)
        how = "labelled" if labelled else ("plain" if alone else "running")
        return replace(
            reading,
            span=self.source.span(start, end),
            written=self.source.written(start, end).strip(),
            how=how,
            repaired=(*slip, *reading.repaired),
        )


def _plausible_room(room: str, chain: Chain, field: bool) -> bool:
    if re.fullmatch(r"\d{3,4}[A-Z]?|\d{1,2}[A-Z]|商铺\w+", room) is None:
        return False
    return field or chain.worded


def _is_typed(building: str, profile: Profile) -> bool:
    return any(building.startswith(word) for word in profile.types)


def _rank(readings: Sequence[AddressReading]) -> int:
    order = {"known": 4, "ambiguous": 3, "other_estate": 2, "partial": 2, "unknown": 1}
    return max((order[reading.status] for reading in readings), default=0)


def _resolved(
    levels: Levels, where: Setting, register: Register, profile: Profile
) -> list[AddressReading]:
    rooms: tuple[str | None, ...] = levels.rooms or (None,)
    found = [_one(levels, room, where, register, profile) for room in rooms]
    if len(found) > 1:
        found = [replace(reading, joined=True) for reading in found]
    return found


def _one(
    levels: Levels, room: str | None, where: Setting, register: Register, profile: Profile
) -> AddressReading:
    building, unit = levels.building, levels.unit
    estate = where.estate or None
    zone = None if where.zone == "?" else (where.zone or ABSENT)
    base = AddressReading(
        estate,
        zone,
        building,
        unit,
        room,
        "unknown",
        doubt=levels.doubt or ("prefix" if where.odd else ""),
        other=where.other,
    )
    if where.other:
        return replace(base, status="other_estate")
    if not where.known:
        return base
    if building is not None and room is None:
        return _without_room(base, register)
    hits = _hits(base, register)
    if building is None:
        return replace(base, status="partial", households=_few(hits))
    if not hits and not where.zone:
        open_zone = replace(base, zone=None)
        hits = _hits(open_zone, register)
        base = open_zone if hits else base
    return _concluded(base, hits, profile)


def _without_room(base: AddressReading, register: Register) -> AddressReading:
    house = _hits(replace(base, room=ABSENT, unit=base.unit or ABSENT), register)
    if house:
        whole = replace(base, room=ABSENT, unit=ABSENT)
        return replace(
            whole, status="known" if len(house) == 1 else "ambiguous", households=_few(house)
        )
    assert base.building is not None
    if re.search(r"[\u4e00-\u9fff]\d", base.building):
        return replace(base, room=ABSENT, unit=ABSENT)
    return replace(base, status="partial", households=_few(_hits(base, register)))


def _concluded(
    base: AddressReading, hits: Sequence[HouseholdRecord], profile: Profile
) -> AddressReading:
    if not hits:
        has_units = base.building is not None and profile.has_units(base.building)
        unit = base.unit if base.unit or has_units else ABSENT
        return replace(base, unit=unit)
    if base.unit is None and all(record.key.unit == ABSENT for record in hits):
        base = replace(base, unit=ABSENT)
    status = "known" if len(hits) == 1 else "ambiguous"
    return replace(base, status=status, households=_few(hits))


def _hits(base: AddressReading, register: Register) -> Sequence[HouseholdRecord]:
    return register.find(
        building=base.building, unit=base.unit, room=base.room, zone=base.zone, estate=base.estate
    )


def _few(hits: Sequence[HouseholdRecord]) -> tuple[HouseholdRecord, ...]:
    return tuple(hits[:MOST_CANDIDATES])


def _repairs(
    found: list[AddressReading],
    levels: Levels,
    where: Setting,
    register: Register,
    profile: Profile,
) -> list[AddressReading]:
    """Try letters as misread digits when the register lacks the room; mark what came of it."""
    if len(found) != 1 or found[0].status != "unknown" or not levels.complete or not where.known:
        return found
    assert levels.building is not None
    room = levels.rooms[0]
    for units, rooms in (
        ((), slips.as_digits(room)),
        (slips.as_digits(levels.unit or ""), (room,)),
    ):
        tries = [replace(levels, rooms=(canonical(other),)) for other in rooms if other != room]
        tries += [replace(levels, unit=canonical(unit)) for unit in units]
        if hit := _unique(tries, where, register, profile):
            return [replace(hit, repaired=(room if hit.room != room else levels.unit or "",))]
    both = [
        replace(levels, unit=canonical(unit), rooms=(canonical(other),))
        for unit in slips.as_digits(levels.unit or "")
        for other in slips.as_digits(room)
    ]
    if hit := _unique(both, where, register, profile):
        return [replace(hit, repaired=(room,))]
    houses = [replace(levels, building=canonical(b)) for b in slips.as_building(levels.building)]
    if hit := _unique(houses, where, register, profile):
        return [replace(hit, repaired=(levels.building,), review_only=True)]
    return found


def _unique(
    tries: Sequence[Levels], where: Setting, register: Register, profile: Profile
) -> AddressReading | None:
    hits: dict[int, AddressReading] = {}
    for levels in tries:
        for reading in _resolved(levels, where, register, profile):
            if reading.status in {"known", "ambiguous"}:
                hits[reading.households[0].id] = reading
    return next(iter(hits.values())) if len(hits) == 1 else None


def _coded(source: Normalised, register: Register, profile: Profile) -> Iterator[AddressReading]:
    """A code without separators counts only when exactly one reading of it is in the register."""
    digits = source.text.strip()
    slip = next(slips.as_digits(digits), digits) if not digits.isdigit() else digits
    where = Setting(0)
    hit = _unique(list(compact_codes(slip)), where, register, profile)
    if hit is not None and hit.status == "known":
        repaired = (digits,) if slip != digits else ()
        yield replace(
            hit, span=(0, len(source.source)), written=source.source.strip(), how="labelled",
            doubt="code", repaired=repaired,
        )  # fmt: skip
