"""The tables of the catalogue, one module a noun.

Typed SQLAlchemy 2 models only; queries live in the repositories beside them.
Relationships raise when loaded by accident (`lazy="raise"`).
"""

from catalog.models.accounts import (
    Account,
    AccountArea,
    ApiToken,
    DeskHold,
    LoginFailure,
    OneTimeLink,
    SignOnAttempt,
    Unmasking,
    WebSession,
)
from catalog.models.approvals import Approval
from catalog.models.base import Base, Moment, table_of
from catalog.models.chores import Chore
from catalog.models.documents import Arrival, Document, Original, Page, Reading, Verification
from catalog.models.facts import FactChange
from catalog.models.holdings import Counter, Holding, Item, Waiver
from catalog.models.households import (
    Estate,
    FileNumber,
    Household,
    Person,
    RegisterState,
    Room,
)
from catalog.models.learning import LearntModel, Mind, Sample
from catalog.models.ledger import Event, LedgerHead
from catalog.models.policy import PolicyRate
from catalog.models.search import SearchText
from catalog.models.tallies import Tally

__all__ = [
    "Account",
    "AccountArea",
    "ApiToken",
    "Approval",
    "Arrival",
    "Base",
    "Chore",
    "Counter",
    "DeskHold",
    "Document",
    "Estate",
    "Event",
    "FactChange",
    "FileNumber",
    "Holding",
    "Household",
    "Item",
    "LearntModel",
    "LedgerHead",
    "LoginFailure",
    "Mind",
    "Moment",
    "OneTimeLink",
    "Original",
    "Page",
    "Person",
    "PolicyRate",
    "Reading",
    "RegisterState",
    "Room",
    "Sample",
    "SearchText",
    "SignOnAttempt",
    "Tally",
    "Unmasking",
    "Verification",
    "Waiver",
    "WebSession",
    "table_of",
]
