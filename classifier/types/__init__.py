"""Document types: what a document is, from its title, its words, its neighbours, its people.

Gives `classify`; pure over values. Never decides whose document it is (that is
`classifier.match`) and never files anything (that is the policy).
"""

from classifier.types.classify import classify
from classifier.types.learning import Comparison, Lesson, compare, teach
from classifier.types.model import TypeModel, shipped_model
from classifier.types.whose import People

__all__ = [
    "Comparison",
    "Lesson",
    "People",
    "TypeModel",
    "classify",
    "compare",
    "shipped_model",
    "teach",
]
