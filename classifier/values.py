"""What the classifier takes and gives: hints, evidence, candidates, judgements.

Everything here is a frozen value; the journey stores it and the screens show it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from yihu.household import HouseholdRecord, RoomKey
from yihu.page import Box


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known besides the page: evidence, never orders.

    `path` is the file's path below the inbox, e.g. "3-2-501/装修/扫描1.pdf";
    `batch_household` the household of the previous titled page of the same file;
    `sheet` the payload of one of our separator or cover sheets.
    """

    path: str = ""
    batch_household: HouseholdRecord | None = None
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (weight > 0) or against (< 0) an answer.

    `subject` is "type", "household" or "document"; `code` names the kind of
    evidence ("title", "phrase", "field", "room", "owner", "phone", "id_no",
    "file_no", "folder", "batch", "model", ...); `zh` and `en` say it in words;
    `page` (from 1) and `box` point to the place on the page.
    """

    subject: str
    code: str
    zh: str
    en: str
    weight: float = 0.0
    value: str = ""
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class TypeGuess:
    """A document type and how probable it is (0..1, calibrated)."""

    code: str
    probability: float


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer to "what is this?": best first; empty when there is no answer.

    `reasons` are codes that forbid filing whatever the probability
    ("blank_form", "ledger_page", "office_paper", "type_whose", ...). `titled` is
    False when only the words speak for the best guess, and no title.
    """

    guesses: tuple[TypeGuess, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    titled: bool = True

    @property
    def best(self) -> TypeGuess | None:
        """The most probable type, or None."""
        return self.guesses[0] if self.guesses else None


@dataclass(frozen=True, slots=True)
class HouseholdGuess:
    """A household from the register and how probable it is (0..1, calibrated)."""

    household: HouseholdRecord
    probability: float


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to "whose is this?": candidates best first, with evidence.

    `reasons` are codes that forbid filing whatever the probability
    ("household_conflict", "household_ambiguous", "household_unknown_room", ...).
    `supported` is true when room and another identifier agree.
    """

    guesses: tuple[HouseholdGuess, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    reasons: tuple[str, ...] = ()
    supported: bool = False
    written: str = ""

    @property
    def best(self) -> HouseholdGuess | None:
        """The most probable household, or None."""
        return self.guesses[0] if self.guesses else None


@dataclass(frozen=True, slots=True)
class Field:
    """A key field read from the page: `name` is "owner", "phone", "id_no", "date", ..."""

    name: str
    value: str
    page: int
    box: Box | None = None
    confidence: float = 1.0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A document found in a file: pages `first`..`last` (from 1), and why it begins there.

    `blank_pages` are backs without content, `sheet` the payload of the
    separator that opened it. `reasons` non-empty sends it to review.
    """

    first: int
    last: int
    why: str = ""
    reasons: tuple[str, ...] = ()
    blank_pages: tuple[int, ...] = ()
    sheet: str = ""
    separator: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole understanding of one document, and what follows: "filed" or "review"."""

    state: str
    classification: Classification
    match: Match
    probability: float
    reasons: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the office tolerates: thresholds on the calibrated probabilities.

    A document files when type and household both reach their threshold and
    nothing forbids it. A type that no title names has a threshold of its own.
    """

    type_threshold: float = 0.9
    untitled_threshold: float = 0.97
    household_threshold: float = 0.97
    file_on_room_alone: bool = False
    version: str = "shipped"


class Register(Protocol):
    """The household register as the matcher sees it (open generations).

    Every lookup is exact on canonical strings; implementations hold an index.
    """

    def estates(self) -> Collection[str]:
        """Names of the estates."""
        ...

    def zones(self) -> Collection[str]:
        """Canonical zone names in use, without "-"."""
        ...

    def buildings(self) -> Collection[str]:
        """Canonical building names in use."""
        ...

    def units(self, building: str) -> Collection[str]:
        """Units of a building over all zones; "-" stands for "has no units"."""
        ...

    def find(
        self,
        *,
        building: str | None = None,
        unit: str | None = None,
        room: str | None = None,
        zone: str | None = None,
        estate: str | None = None,
    ) -> Sequence[HouseholdRecord]:
        """Households that agree on every level given; None leaves a level open."""
        ...

    def get(self, key: RoomKey) -> HouseholdRecord | None:
        """The household of exactly this room."""
        ...

    def by_owner(self, name: str) -> Sequence[HouseholdRecord]:
        """Households with a present owner of this (normalised) name."""
        ...

    def by_phone(self, digits: str) -> Sequence[HouseholdRecord]:
        """Households with this phone number (digits only)."""
        ...

    def by_id_no(self, number: str) -> Sequence[HouseholdRecord]:
        """Households with an owner of this ID number (upper case)."""
        ...

    def by_file_no(self, number: str) -> Sequence[HouseholdRecord]:
        """The household with this file number."""
        ...
