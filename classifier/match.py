"""Whose document is it? Candidates from rooms and numbers, corroborated, or the reasons to ask.

Room and another agreeing identifier file; a room alone is a question; a name
alone is nothing; a contradiction always goes to a person with both sides shown
(domain 3.5). The register is the only source of households.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.fields import fields_of
from classifier.fields_entries import Sheet, sheet_of
from classifier.match_evidence import Level, agreeing, hint_evidence, opposing, room_evidence
from classifier.match_hints import HintRooms, hint_rooms
from classifier.match_people import Claims, Opinion, claims_of, opinion
from classifier.match_rooms import Finding, Standing, asks_for_room, findings, names_other_estate
from classifier.values import Evidence, Field, Hints, HouseholdGuess, Match, Register
from yihu.household import HouseholdRecord
from yihu.page import PageText

_MOST = 5
_WEIGHTS = {
    "file_no": 4.0, "id_no": 3.0, "phone": 2.0, "owner": 2.0, "tenant": 1.5,
    "mention": 1.0, "owner_near": 0.5,
}  # fmt: skip
_PERSONAL = frozenset({"owner", "mention", "tenant", "phone", "id_no", "file_no"})


def match_household(
    pages: Sequence[PageText],
    hints: Hints,
    register: Register,
    fields: Sequence[Field] | None = None,
) -> Match:
    """Which household the pages belong to, with evidence; never certain without two identifiers.

    `fields` saves reading the fields again when the caller has them.
    """
    sheets = [sheet_of(page) for page in pages]
    known = fields if fields is not None else fields_of(sheets)
    found = findings(sheets, register)
    case = _Case(
        rooms=_speaking(found),
        elsewhere=[finding for finding in found if finding.reading.household is None],
        claims=claims_of(sheets, known),
        hints=hint_rooms(pages, hints, register),
        register=register,
        sheets=sheets,
    )
    return case.decided()


match = match_household


def _speaking(found: Sequence[Finding]) -> list[Finding]:
    """Only the addresses of the highest standing speak; a partial one is completed by a lower."""
    found = [f for f in found if f.standing > Standing.CONTACT or f.reading.household]
    if not found:
        return []
    best = max(finding.standing for finding in found)
    top = [finding for finding in found if finding.standing == best]
    if all(finding.reading.status == "partial" for finding in top):
        lower = [
            finding
            for finding in found
            if finding.standing < best
            and finding.reading.status == "known"
            and any(_agree(part, finding) for part in top)
        ]
        keys = {finding.reading.households[0].id for finding in lower}
        if len(keys) == 1:
            return lower[:1]
    return _without_partials(top)


def _agree(part: Finding, whole: Finding) -> bool:
    household = whole.reading.household
    return household is not None and part.reading.fits(household)


def _without_partials(top: Sequence[Finding]) -> list[Finding]:
    known = [finding for finding in top if finding.reading.status == "known"]
    return [finding for finding in top if not any(_part_of(finding, whole) for whole in known)]


def _part_of(finding: Finding, whole: Finding) -> bool:
    """An open address the whole one fills, or one cut short by the end of a line."""
    part, full = finding.reading, whole.reading
    if part.status in {"partial", "ambiguous"}:
        return _agree(finding, whole)
    same = (part.zone, part.building, part.unit) == (full.zone, full.building, full.unit)
    cut = part.room is not None and full.room is not None and full.room.startswith(part.room)
    return part.status == "unknown" and same and cut


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything the document says, ready to be weighed."""

    rooms: list[Finding]
    elsewhere: list[Finding]
    claims: Claims
    hints: HintRooms
    register: Register
    sheets: Sequence[Sheet]

    def decided(self) -> Match:
        if self.hints.promised is not None:
            return self._promised(self.hints.promised)
        foreign = next((f for f in self.rooms if f.reading.status == "other_estate"), None)
        if foreign is not None and not self._known():
            return self._open("other_estate", foreign)
        if self.rooms and (other := names_other_estate(self.sheets, self.register)):
            return self._open("other_estate", self.rooms[0], other)
        households = self._known()
        if any(finding.reading.joined for finding in self.rooms):
            return self._several(households)
        unknown = next((f for f in self.rooms if f.reading.status == "unknown"), None)
        if len(households) > 1 or (households and (unknown is not None or foreign is not None)):
            return self._choice(households)
        if households:
            finding = next(f for f in self.rooms if f.reading.household is not None)
            return self._one(households[0], finding)
        if unknown is not None:
            return self._open("household_unknown_room", unknown)
        if self.rooms:
            return self._partial()
        return self._without_room()

    def _known(self) -> list[HouseholdRecord]:
        found: dict[int, HouseholdRecord] = {}
        for finding in self.rooms:
            household = finding.reading.household
            if household is not None:
                found.setdefault(household.id, household)
        return list(found.values())

    def _opinion(self, household: HouseholdRecord) -> Opinion:
        return opinion(self.claims, household, self.register)

    # --- one room -------------------------------------------------------------------------

    def _one(self, household: HouseholdRecord, finding: Finding) -> Match:
        view = self._opinion(household)
        reading = finding.reading
        evidence = [room_evidence(finding, household), *agreeing(view, household)]
        evidence += hint_evidence(self.hints, household)
        if reading.review_only:
            return self._match(
                [(household, Level.WEAK)], evidence, ("household_repaired",), finding
            )
        if view.former is not None:
            evidence += opposing(view, household)
            return self._match([(household, Level.CONFLICT)], evidence, ("former_owner",), finding)
        rivals = self._rivals(household, view)
        if view.against or rivals or self.hints.contradict(household):
            return self._conflict(household, view, rivals, evidence, finding)
        level = self._level(finding, view, household)
        reasons = () if level.supported else _unsupported(finding)
        return self._match([(household, level)], evidence, reasons, finding)

    def _level(self, finding: Finding, view: Opinion, household: HouseholdRecord) -> Level:
        """How sure a known room is with what agrees and nothing against it."""
        reading = finding.reading
        personal = view.agree.keys() & _PERSONAL
        sound = finding.standing >= Standing.STATED and not reading.repaired and not reading.doubt
        inferred = reading.zone is None or reading.unit is None
        if finding.standing is Standing.CONTACT or reading.doubt == "prefix":
            return Level.FIRM if len(personal) > 1 else Level.ALONE
        if not sound or inferred:
            return Level.FIRM if personal else Level.WEAK
        if len(personal) > 1:
            return Level.CERTAIN
        if personal & {"owner", "id_no", "file_no"}:
            return Level.SURE
        if personal:
            return Level.FIRM
        if "owner_near" in view.agree and finding.standing is Standing.LABELLED:
            return Level.FIRM
        # The document before it in the batch is a suggestion, no second identifier: batches
        # hold several households, and a person named the folder.
        return Level.FIRM if self._in_folder(household) else Level.ALONE

    def _in_folder(self, household: HouseholdRecord) -> bool:
        folder = self.hints.folder
        return folder is not None and folder.id == household.id

    def _rivals(self, household: HouseholdRecord, view: Opinion) -> list[HouseholdRecord]:
        """Other households whose owner stands under an owner's label, or whose numbers are here."""
        found: dict[int, HouseholdRecord] = {}
        for kind, field in view.against.items():
            for other in self._holders(kind, field):
                found.setdefault(other.id, other)
        if not view.agree.keys() & {"owner", "mention", "tenant"}:
            for field in self.claims.named:
                for other in self.register.by_owner(field.value):
                    found.setdefault(other.id, other)
        found.pop(household.id, None)
        return list(found.values())[:_MOST]

    def _holders(self, kind: str, field: Field) -> Sequence[HouseholdRecord]:
        register = self.register
        if kind == "phone":
            return register.by_phone(field.value)
        if kind == "id_no":
            return register.by_id_no(field.value)
        if kind == "file_no":
            return register.by_file_no(field.value)
        return register.by_owner(field.value)

    def _conflict(
        self,
        household: HouseholdRecord,
        view: Opinion,
        rivals: Sequence[HouseholdRecord],
        evidence: list[Evidence],
        finding: Finding | None,
    ) -> Match:
        evidence = [*evidence, *opposing(view, household)]
        level = Level.DISPUTED if view.agree.keys() & _PERSONAL else Level.CONFLICT
        ranked = [(household, level), *((rival, Level.HINT) for rival in rivals)]
        meant = None if level is Level.DISPUTED else self._meant(household, rivals)
        if meant is not None:
            ranked.insert(0, (meant, Level.POINTED))
        if self.hints.folder is not None and self.hints.contradict(household):
            ranked.append((self.hints.folder, Level.HINT))
        return self._match(ranked, evidence, ("household_conflict",), finding)

    def _meant(
        self, household: HouseholdRecord, rivals: Sequence[HouseholdRecord]
    ) -> HouseholdRecord | None:
        """The rival that two identifiers name and whose room is the one read but for its zone."""
        alike = (rival for rival in rivals if _same_but_zone(household, rival))
        found = [r for r in alike if len(self._opinion(r).agree.keys() & _PERSONAL) > 1]
        return found[0] if len(found) == 1 else None

    # --- several rooms, or none that is whole ------------------------------------------------

    def _several(self, households: Sequence[HouseholdRecord]) -> Match:
        evidence = [room_evidence(f, f.reading.household) for f in self.rooms]
        ranked = [(household, Level.CONFLICT) for household in households]
        return self._match(ranked, evidence, ("household_several",), self.rooms[0])

    def _choice(self, households: Sequence[HouseholdRecord]) -> Match:
        """Several rooms of equal standing: in running text the owner may tell which is his."""
        top = self.rooms[0].standing
        views = [(household, self._opinion(household)) for household in households]
        own = [(h, v) for h, v in views if v.agree.keys() & _PERSONAL]
        if top < Standing.LABELLED and len(own) == 1 and "owner" in own[0][1].agree:
            household, view = own[0]
            finding = next(f for f in self.rooms if f.reading.household == household)
            if not view.against and view.former is None and not self.hints.contradict(household):
                evidence = [room_evidence(finding, household), *agreeing(view, household)]
                return self._match([(household, Level.FIRM)], evidence, (), finding)
        return self._several([h for h, _ in own] + [h for h, v in views if not v.agree])

    def _partial(self) -> Match:
        """Levels are open: a name and a number together may single out one candidate (N01-N03)."""
        finding = self.rooms[0]
        reading = finding.reading
        reason = "household_ambiguous" if reading.status == "ambiguous" else "household_partial"
        fitting = [h for h in self._by_people() if all(f.reading.fits(h) for f in self.rooms)]
        evidence = [room_evidence(finding, None)]
        if len(fitting) == 1:
            household = fitting[0]
            view = self._opinion(household)
            evidence += [*agreeing(view, household), *hint_evidence(self.hints, household)]
            if view.former is not None or view.against or self.hints.contradict(household):
                return self._conflict(household, view, (), evidence, finding)
            if reading.room is None:
                # the room itself was not read, and it may be another's
                return self._match([(household, Level.HINT)], evidence, (reason,), finding)
            strong = len(view.agree.keys() & (_PERSONAL - {"mention"})) > 1
            strong = strong or "id_no" in view.agree or "file_no" in view.agree
            if self._in_folder(household) and view.agree.keys() & _PERSONAL:
                strong = True
            # the levels that are missing may be another's: a person looks (N03)
            level = Level.LIKELY if strong else Level.FAIR
            return self._match([(household, level)], evidence, (reason,), finding)
        shown = fitting or list(reading.households)
        ranked = [(household, Level.HINT) for household in shown]
        return self._match(ranked, evidence, (reason,), finding)

    def _by_people(self) -> Iterator[HouseholdRecord]:
        """Households that a number or an owner's name on the page points to."""
        seen: set[int] = set()
        claims, register = self.claims, self.register
        pointed = [
            *(h for f in claims.files for h in register.by_file_no(f.value)),
            *(h for f in claims.ids for h in register.by_id_no(f.value)),
            *(h for f in claims.phones for h in register.by_phone(f.value)),
            *(h for f in claims.named for h in register.by_owner(f.value)),
        ]
        for household in pointed:
            if household.id not in seen:
                seen.add(household.id)
                yield household

    # --- no room -------------------------------------------------------------------------------

    def _without_room(self) -> Match:
        views = [(household, self._opinion(household)) for household in self._by_people()]
        extra = [h for h in (self.hints.folder, self.hints.batch) if h is not None]
        seen = {household.id for household, _ in views}
        views += [(h, self._opinion(h)) for h in extra if h.id not in seen]
        ranked = sorted(views, key=lambda item: -self._weight(*item))
        if not ranked:
            return Match(reasons=("household_missing",))
        household, view = ranked[0]
        evidence = [*agreeing(view, household), *hint_evidence(self.hints, household)]
        rest = [(other, Level.HINT) for other, _ in ranked[1:_MOST]]
        level = self._level_without_room(household, view, [v for _, v in ranked[1:]])
        if view.former is not None:
            evidence += opposing(view, household)
            return self._match(
                [(household, Level.CONFLICT), *rest], evidence, ("former_owner",), None
            )
        if level.supported and "file_no" not in view.agree and asks_for_room(self.sheets):
            # the form has a place for the room that could not be read: it may say another
            ranks = [(household, Level.ALONE), *rest]
            return self._match(ranks, evidence, ("household_partial",), None)
        if level.supported and "file_no" not in view.agree and self.elsewhere:
            # the only address on the page is not the household's: perhaps another home of his
            finding = self.elsewhere[0]
            evidence.append(room_evidence(finding, None))
            foreign = any(f.reading.status == "other_estate" for f in self.elsewhere)
            reason = "other_estate" if foreign else "household_unknown_room"
            return self._match([(household, Level.DISPUTED), *rest], evidence, (reason,), finding)
        likely = level.supported or level is Level.LIKELY
        if likely and (view.against or self.hints.contradict(household)):
            return self._conflict(household, view, [h for h, _ in rest], evidence, None)
        reasons = () if level.supported else self._why_open(view, ranked)
        return self._match([(household, level), *rest], evidence, reasons, None)

    def _weight(self, household: HouseholdRecord, view: Opinion) -> float:
        total = sum(_WEIGHTS[kind] for kind in view.agree)
        return total + (1.5 if self.hints.agree(household) else 0.0) - 3.0 * len(view.against)

    def _level_without_room(
        self,
        household: HouseholdRecord,
        view: Opinion,
        others: Sequence[Opinion],
    ) -> Level:
        kinds = view.agree.keys() & _PERSONAL
        same = [o for o in others if kinds and kinds <= o.agree.keys()]
        hinted = self.hints.agree(household)
        if "file_no" in kinds:
            return Level.SURE if len(kinds) > 1 else Level.FIRM
        if same and not hinted:
            return Level.HINT
        name = bool(kinds & {"owner", "mention"})
        if "id_no" in kinds and name:
            return Level.SURE
        if "phone" in kinds and "owner" in kinds:
            return Level.LIKELY  # he may have another home
        if self._in_folder(household) and kinds & {"owner", "id_no", "phone"}:
            return Level.FIRM
        return Level.ALONE if hinted else self._pointed(view, bool(others))

    @staticmethod
    def _pointed(view: Opinion, rivals: bool) -> Level:
        """A suggestion without a room of the register: what points to it, and whether alone."""
        if rivals or view.against or view.former is not None:
            return Level.HINT
        kinds = view.agree.keys() & _PERSONAL
        return (Level.HINT, Level.POINTED, Level.LIKELY)[min(2, len(kinds))]

    def _why_open(
        self, view: Opinion, ranked: Sequence[tuple[HouseholdRecord, Opinion]]
    ) -> tuple[str, ...]:
        alike = [v for _, v in ranked if v.agree.keys() == view.agree.keys()]
        if len(alike) > 1 and view.agree.keys() & {"id_no", "phone"}:
            return ("household_ambiguous",)
        return ("household_unsupported",) if self.hints.any else ("household_missing",)

    # --- shapes ----------------------------------------------------------------------------------

    def _promised(self, household: HouseholdRecord) -> Match:
        """One of our own sheets names the household; the page may still contradict it."""
        view = self._opinion(household)
        evidence = [*hint_evidence(self.hints, household), *agreeing(view, household)]
        known = self._known()
        finding = next(iter(self.rooms), None)
        if view.former is not None:
            evidence += opposing(view, household)
            return self._match([(household, Level.CONFLICT)], evidence, ("former_owner",), finding)
        if view.against or any(other.id != household.id for other in known):
            rivals = [other for other in known if other.id != household.id]
            return self._conflict(household, view, rivals, evidence, finding)
        foreign = {"other_estate", "unknown"} & {f.reading.status for f in self.rooms}
        if foreign and not known:
            return self._conflict(household, view, [], evidence, finding)
        level = Level.CERTAIN if known or view.agree else Level.SURE
        return self._match([(household, level)], evidence, (), finding)

    def _open(self, reason: str, finding: Finding, other: str = "") -> Match:
        suggestions = [] if reason == "other_estate" else list(self._by_people())
        evidence = [room_evidence(finding, None, other)]
        views = [(household, self._opinion(household)) for household in suggestions]
        if views:
            evidence += [*agreeing(views[0][1], views[0][0]), *opposing(views[0][1], views[0][0])]
        ranked = [(household, self._pointed(view, len(views) > 1)) for household, view in views]
        return self._match(ranked, evidence, (reason,), finding)

    def _match(
        self,
        ranked: Sequence[tuple[HouseholdRecord, Level]],
        evidence: Sequence[Evidence],
        reasons: tuple[str, ...],
        finding: Finding | None,
    ) -> Match:
        seen: dict[int, HouseholdGuess] = {}
        for household, level in ranked:
            seen.setdefault(household.id, HouseholdGuess(household, level.probability))
        supported = bool(ranked) and ranked[0][1].supported and not reasons
        written = finding.reading.written if finding else ""
        return Match(tuple(seen.values())[:_MOST], tuple(evidence), reasons, supported, written)


def _same_but_zone(one: HouseholdRecord, other: HouseholdRecord) -> bool:
    """一期-3-1-501 and 3-1-501: the zone, written before the rest, is what readers lose."""
    first, second = one.key, other.key
    return (first.building, first.unit, first.room) == (second.building, second.unit, second.room)


def _unsupported(finding: Finding) -> tuple[str, ...]:
    return ("household_repaired",) if finding.reading.repaired else ("household_unsupported",)


__all__ = ["match", "match_household"]
