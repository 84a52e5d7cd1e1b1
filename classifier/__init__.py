"""What a document is and whose it is: pure functions over the text of its pages.

`split` cuts a file into documents, `judge` composes fields, household, type and
policy into one judgement with named evidence; abstaining is an answer. Never
touches a database, a broker, a store or a file format, and never files.
"""

from classifier.address import AddressReading
from classifier.address import parse as parse_address
from classifier.fields import extract_fields, id_checks
from classifier.judge import judge
from classifier.match import match_household
from classifier.policy import Decision, decide
from classifier.register_index import RegisterIndex
from classifier.separator import Sheet
from classifier.separator import decode as decode_sheet
from classifier.separator import encode as encode_sheet
from classifier.split import split
from classifier.types import (
    LIKE_DISCARDED,
    Comparison,
    Discard,
    FiledPaper,
    Lesson,
    People,
    TypeModel,
    alike,
    classify,
    compare,
    marks_of,
    shipped_model,
    teach,
    teach_discards,
    unopposed,
)
from classifier.values import (
    Classification,
    Evidence,
    Field,
    Hints,
    HouseholdGuess,
    Judgement,
    Match,
    Part,
    Policy,
    Register,
    TypeGuess,
)

__all__ = [
    "LIKE_DISCARDED",
    "AddressReading",
    "Classification",
    "Comparison",
    "Decision",
    "Discard",
    "Evidence",
    "Field",
    "FiledPaper",
    "Hints",
    "HouseholdGuess",
    "Judgement",
    "Lesson",
    "Match",
    "Part",
    "People",
    "Policy",
    "Register",
    "RegisterIndex",
    "Sheet",
    "TypeGuess",
    "TypeModel",
    "alike",
    "classify",
    "compare",
    "decide",
    "decode_sheet",
    "encode_sheet",
    "extract_fields",
    "id_checks",
    "judge",
    "marks_of",
    "match_household",
    "parse_address",
    "shipped_model",
    "split",
    "teach",
    "teach_discards",
    "unopposed",
]
