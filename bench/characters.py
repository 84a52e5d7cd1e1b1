"""How many characters of a page were read wrong, whatever order the reader gives them in.

Every printed piece of text is looked for in what was read, exact ones and long
ones first, and what it matches is used up. What no piece used counts as
inserted. So a form whose cells are read in another order costs nothing, and
text that was made up does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

_SAME = str.maketrans({
    "—": "-", "–": "-", "－": "-", "―": "-", "“": '"', "”": '"', "‘": "'", "’": "'",
    "【": "[", "】": "]", "〔": "(", "〕": ")", "［": "[", "］": "]", "、": ",",
    "。": ".", "·": ".", "○": "〇", "￥": "¥",
})  # fmt: skip
_MARKS = re.compile(r"[□☐☑☒■▢✓✔√×_]|[.．…·‧・\-—]{3,}|\s")
_GAP = "\x00"
_CHEAP = 0.6
"""A piece that differs in more than this share of its characters is taken as not found."""


@dataclass(slots=True)
class Errors:
    """Counts of characters: `total` printed, `wrong` changed, lost or made up."""

    total: int = 0
    wrong: int = 0
    hand_total: int = 0
    hand_wrong: int = 0
    made_up: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The character error rate over everything on the page."""
        return self.wrong / self.total if self.total else 0.0

    @property
    def printed_rate(self) -> float:
        """The same over what was printed, without what a pen wrote."""
        total = self.total - self.hand_total
        return (self.wrong - self.hand_wrong) / total if total else 0.0

    def add(self, other: Errors) -> None:
        """Count another page in."""
        self.total += other.total
        self.wrong += other.wrong
        self.hand_total += other.hand_total
        self.hand_wrong += other.hand_wrong
        self.made_up += other.made_up
        self.missed += other.missed


def bare(text: str) -> str:
    """Text as compared: one width, one kind of quote and dash, no blanks, leaders or boxes."""
    folded = unicodedata.normalize("NFKC", text.translate(_SAME)).translate(_SAME)
    return _MARKS.sub("", folded)


def compare(
    pieces: Iterable[tuple[str, bool]], read: Sequence[str], optional: Sequence[str] = ()
) -> Errors:
    """The errors of the lines `read` against (text, written by hand) pieces.

    Characters of the `optional` texts (of seals) may have been read or not.
    """
    wanted = sorted(((bare(text), hand) for text, hand in pieces), key=lambda item: -len(item[0]))
    left = _GAP.join(bare(line) for line in read)
    errors, rest = Errors(), []
    for text, hand in wanted:
        errors.total += len(text)
        errors.hand_total += len(text) if hand else 0
        place = left.find(text) if text else -1
        if place >= 0:
            left = left[:place] + _GAP + left[place + len(text) :]
        elif text:
            rest.append((text, hand))
    for text, hand in rest:
        cost, start, end = _nearest(text, left)
        if cost > _CHEAP * len(text):
            cost = len(text)
        else:
            left = left[:start] + _GAP + left[end:]
        errors.wrong += cost
        errors.hand_wrong += cost if hand else 0
        if cost:
            errors.missed.append(text)
    forgiven = list("".join(bare(text) for text in optional))
    for char in left.replace(_GAP, ""):
        if char in forgiven:
            forgiven.remove(char)
        else:
            errors.made_up += 1
    errors.wrong += errors.made_up
    return errors


def _nearest(wanted: str, text: str) -> tuple[int, int, int]:
    """(edit distance, start, end) of the part of `text` that is nearest to `wanted`."""
    if not text:
        return len(wanted), 0, 0
    codes = np.asarray([ord(char) for char in text], dtype=np.int64)
    size = len(codes) + 1
    steps = np.arange(size)
    cost = np.zeros(size, dtype=np.int64)
    begin = steps.copy()
    for row, char in enumerate(wanted, 1):
        differs = (codes != ord(char)).astype(np.int64)
        through = cost[:-1] + differs
        down = cost + 1
        new = np.concatenate(([row], np.minimum(through, down[1:])))
        origin = np.concatenate(([0], np.where(through <= down[1:], begin[:-1], begin[1:])))
        slid = new - steps  # an inserted character costs one more with every step to the right
        best = np.minimum.accumulate(slid)
        at = np.maximum.accumulate(np.where(slid == best, steps, 0))
        cost, begin = best + steps, origin[at]
    end = size - 1 - int(cost[::-1].argmin())  # of equal ones the one that leaves least over
    return int(cost[end]), int(begin[end]), end


def holds(read: str, parts: Sequence[str]) -> bool:
    """True when every part of a field stands in the (bare) text that was read."""
    return all(bare(part) in read for part in parts)
