"""What the HTTP API answers, in types, so that its description says what comes back.

What the viewer may not know is null or empty.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class Uploaded(BaseModel):
    """The documents that were recorded."""

    documents: list[int]


class Place(BaseModel):
    """A unit of housing; a level the estate does not use is "-"."""

    estate: str
    zone: str
    building: str
    unit: str
    room: str


class DocumentOut(BaseModel):
    """One document: where it is, since when, why, and what it is."""

    document: int
    file: str
    pages: list[int]
    state: str
    stage: str
    since: str
    received: str
    seconds: float
    category: str | None
    type: str | None
    household: Place | None
    household_id: int | None
    owner: str | None
    probability: float | None
    reasons: list[str]
    duplicate_of: int | None


class HitOut(DocumentOut):
    """A document that holds the words, and its text around the first of them."""

    snippet: str


class HouseholdOut(BaseModel):
    """A household that fits what was written."""

    id: int
    room: str
    estate: str
    owner: str
    phone: str
    file_no: str


class ItemOut(BaseModel):
    """A line of the catalogue with its two ticks."""

    category: str
    type: str
    name: str
    required: bool
    state: str
    paper: bool
    digital: bool
    documents: list[int]


class CatalogueOut(BaseModel):
    """A household's catalogue; the counts are of required lines that are not waived."""

    household: Place
    file_no: str
    owner: str
    generation: int
    items: list[ItemOut]
    required: int
    digital: int
    paper: int
    both: int


class GapOut(BaseModel):
    """A required item that is missing."""

    household_id: int
    household: Place
    file_no: str
    owner: str
    category: str
    type: str
    state: str


class FactsOut(BaseModel):
    """What is noted about a household."""

    occupancy: str
    agent: bool
    renovations: int
    renovations_done: int
    vehicles: int
    leases: int


class ThresholdOut(BaseModel):
    """What a threshold does: documents filed and reviewed, the share wrong, and its proof."""

    threshold: float
    filed: int
    review: int
    expected_wrong: float
    answered: int
    wrong: int
    bound: float
    load: float


class ReliabilityOut(BaseModel):
    """Answers of like probability, and the share of them that was right."""

    low: float
    high: float
    count: int
    mean: float
    right: float


class RateOut(BaseModel):
    """A version of the filing policy."""

    version: int
    rate: float | None
    threshold: float
    at: str
    by: str
    why: str


class PolicyOut(BaseModel):
    """The policy in force, what would follow from a rate, and every version."""

    rate: float
    in_force: float
    shipped: float
    derived: float
    why: str
    now: ThresholdOut
    would: ThresholdOut
    reliability: list[ReliabilityOut]
    calibration_error: float | None
    versions: list[RateOut]


class PolicySet(BaseModel):
    """The rate in force and the threshold that follows from it."""

    rate: float
    threshold: float


class SampleFigures(BaseModel):
    """The measured share of wrong filings with its interval; rate null: unmeasured."""

    drawn: int
    answered: int
    wrong: int
    wrong_household: int
    wrong_type: int
    rate: float | None
    interval: list[float]
    confidence: float


class SampleOut(BaseModel):
    """A sample to answer, blind."""

    sample: int
    document: int
    drawn_at: str


class SamplesOut(BaseModel):
    """What samples measured, for who sees every building, and what waits for this account."""

    report: SampleFigures | None
    waiting: list[SampleOut]


class Drawn(BaseModel):
    """How many samples were drawn."""

    drawn: int


class Answered(BaseModel):
    """Whether an answer agrees with the filing."""

    sample: int
    agrees: bool


class ModelOut(BaseModel):
    """A version of the text model and its figures on held-back reviews."""

    version: int
    made_at: str | None
    labels: int
    better: bool | None
    figures: dict[str, Any]
    by: str
    in_use: bool


class InUse(BaseModel):
    """The version that judges now."""

    version: int
    in_use: bool


class ReadingOut(BaseModel):
    """One reading of a page, numbers covered."""

    page: int
    reading: int
    engine: str
    version: str
    at: str
    seconds: float
    current: bool
    sureness: float
    lines: list[str]


class Pages(BaseModel):
    """How many pages will be read again."""

    pages: int


class FindingOut(BaseModel):
    """Something a verification found."""

    check: str
    subject: str
    result: str
    message: str


class RunOut(BaseModel):
    """A run of verify: "agrees", "differs", "could-not-check" or "unfinished"."""

    id: int
    started: str
    finished: str | None
    originals: bool
    result: str
    checked: int
    failed: int
    could_not_check: int
    findings: list[FindingOut]


class RequestOut(BaseModel):
    """A request for approval."""

    approval: int
    action: str
    subject: str
    state: str
    reason: str
    asked_by: str
    roles: list[str]
    asked_at: str
    until: str
    uses_left: int | None
    decided_by: str | None
    answer: str | None
    household: Place | None
    owner: str | None
    type: str | None
    opens: list[int]


class RequestsOut(BaseModel):
    """What waits for my decision, and what I asked for."""

    waiting: list[RequestOut]
    mine: list[RequestOut]


class StateOut(BaseModel):
    """How a request stands now."""

    state: str
