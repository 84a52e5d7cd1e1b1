"""Document types: what a document is, from its title, its words, its neighbours, its people.

Gives `classify`; pure over values. Never decides whose document it is (that is
`classifier.match`) and never files anything (that is the policy).
"""

from classifier.types.classify import classify
from classifier.types.discards import Discard, FiledPaper, teach_discards, unopposed
from classifier.types.kinds import LIKE_DISCARDED, alike, marks_of
from classifier.types.learning import Comparison, Lesson, compare, teach
from classifier.types.model import TypeModel, shipped_model
from classifier.types.whose import People

__all__ = [
    "LIKE_DISCARDED",
    "Comparison",
    "Discard",
    "FiledPaper",
    "Lesson",
    "People",
    "TypeModel",
    "alike",
    "classify",
    "compare",
    "marks_of",
    "shipped_model",
    "teach",
    "teach_discards",
    "unopposed",
]
