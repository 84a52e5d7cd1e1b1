"""The catalogue template as values: categories, document types, and their rules.

The shipped default is data (`catalog/template/`); these are the shapes it is
validated into. A document type's code is "category.name", e.g. "movein.notice".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Required(StrEnum):
    """When a document type is required of a household (domain 2.2)."""

    ALWAYS = "always"
    RECOMMENDED = "recommended"  # A*, R*: off in the customer's own template
    RENOVATION = "renovation"
    RENOVATION_DONE = "renovation_done"
    LET = "let"
    BUSINESS = "business"
    VEHICLE = "vehicle"
    COMPANY = "company"
    AGENT = "agent"
    OWNER_CHANGE = "owner_change"
    TOWER = "tower"
    EVENT = "event"  # required by the event itself; never missing on its own
    OPTIONAL = "optional"
    NEVER = "never"  # office papers: never household content


class Cardinality(StrEnum):
    """How many of a document type one household keeps."""

    ONE = "one"
    PER_OWNER = "per_owner"
    PER_RENOVATION = "per_renovation"
    PER_CASE = "per_case"
    PER_VEHICLE = "per_vehicle"
    PER_LEASE = "per_lease"
    PER_GENERATION = "per_generation"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Category:
    """A drawer of the household file: code, names, pinyin initials (domain 2.1)."""

    code: str
    name: str
    name_en: str
    initials: str = ""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One line of the catalogue (domain 2.4).

    `titles` are the names and synonyms seen in the title zone, `phrases` the
    wordings that tell it from its neighbours, `strong` those that are nearly
    decisive on their own, `fields` the labels its form carries. `whose` is
    "person" or "company" when the page alone does not tell the type because it
    depends on whose paper it is (2.7 rows 9, 10). `ledger` marks pages that
    list many households.
    """

    code: str
    name: str
    name_en: str
    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    required: Required = Required.OPTIONAL
    cardinality: Cardinality = Cardinality.MANY
    signer: str = ""
    whose: str = ""
    ledger: bool = False
    sensitive: bool = False
    customer: bool = False

    @property
    def category(self) -> str:
        """The code of the category it stands in."""
        return self.code.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Template:
    """A versioned catalogue template: what every household file should hold."""

    name: str
    version: int
    categories: tuple[Category, ...]
    types: tuple[DocumentType, ...]
    by_code: dict[str, DocumentType] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.by_code.update({kind.code: kind for kind in self.types})

    def __hash__(self) -> int:
        """Of what tells templates apart: it is looked up by for every page."""
        return hash((self.name, self.version, len(self.types)))

    def type(self, code: str) -> DocumentType:
        """The document type with this code; KeyError when there is none."""
        return self.by_code[code]
