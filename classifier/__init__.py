"""Text and layout of pages in; document type, household and evidence out. Pure.

Gives `split`, `judge` and the parts it is made of, the in-memory register
index, and the values they speak in. It never touches a database, a broker, a
store or a file format, and it never guesses: unsure is an answer, with reasons.
"""

from classifier.address import AddressReading
from classifier.address import parse as parse_address
from classifier.fields import extract_fields
from classifier.judge import judge
from classifier.match import match_household
from classifier.register_index import RegisterIndex
from classifier.split import split
from classifier.types.classify import classify
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
    "AddressReading",
    "Classification",
    "Evidence",
    "Field",
    "Hints",
    "HouseholdGuess",
    "Judgement",
    "Match",
    "Part",
    "Policy",
    "Register",
    "RegisterIndex",
    "TypeGuess",
    "classify",
    "extract_fields",
    "judge",
    "match_household",
    "parse_address",
    "split",
]
