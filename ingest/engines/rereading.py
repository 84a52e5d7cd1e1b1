"""Which lines deserve the slower reader, and what of its answer to believe.

The small model costs five times the tiny one. It is asked only where a letter
or digit is doubtful, and only about the stretch of the line around it; its
stretch replaces the first reading between characters both agree on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.engines.recogniser import HEIGHT, Reading

if TYPE_CHECKING:
    from ingest.pages import Pixels

_CONTEXT = 2
_MARGIN = 0.9 * HEIGHT
_LONG = 10 * HEIGHT
_MOST_OF_IT = 0.6
_SAME_PLACE = 0.5 * HEIGHT
"""How far apart two readings may set one character: less than half a full-width one."""
_MARKS = "□☐☑○〇√"
"""Marks that the small model tends to drop and the tiny one sees."""

Reader = Callable[[list["Pixels"]], list[Reading]]


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a line: characters [first, last] of the first reading, pixels [left, right]."""

    first: int
    last: int
    left: int
    right: int


def doubtful(reading: Reading, below: float) -> list[int]:
    """Positions of letters and digits that are less sure than `below`.

    Doubt about punctuation and boxes is not worth the time, except in a line
    that holds nothing else.
    """
    pairs = list(enumerate(zip(reading.text, reading.chances, strict=True)))
    words = [(i, chance) for i, (char, chance) in pairs if unicodedata.category(char)[0] in "LN"]
    counted = words or [(i, chance) for i, (_, chance) in pairs]
    return [i for i, chance in counted if chance < below]


def read_again(
    strips: list[Pixels], readings: list[Reading], reader: Reader, below: float
) -> list[Reading]:
    """The readings with doubtful stretches read by `reader`."""
    better = list(readings)
    for index, (strip, reading) in enumerate(zip(strips, readings, strict=True)):
        weak = doubtful(reading, below)
        if not weak and reading.text:
            continue
        spliced = _in_windows(strip, reading, weak, reader)
        if spliced is None:
            spliced = surer(reading, reader([strip])[0])
        better[index] = spliced
    return better


def surer(reading: Reading, second: Reading) -> Reading:
    """The second reading unless it is less sure or lost marks that the first one saw."""
    if not second.text or second.mean < reading.mean - 0.02:
        return reading
    lost = any(second.text.count(mark) < reading.text.count(mark) for mark in _MARKS)
    return reading if lost and reading.mean > 0.7 else second


def _in_windows(strip: Pixels, reading: Reading, weak: list[int], reader: Reader) -> Reading | None:
    """The line with its doubtful stretches replaced; None where the whole should be read."""
    width = strip.shape[1]
    if width < _LONG or not weak:
        return None
    windows = _windows(reading, weak, width)
    if sum(window.right - window.left for window in windows) > _MOST_OF_IT * width:
        return None
    for window in reversed(windows):
        second = reader([strip[:, window.left : window.right]])[0]
        spliced = _splice(reading, window, second)
        if spliced is None:
            return None
        reading = spliced
    return reading


def _windows(reading: Reading, weak: list[int], width: int) -> list[_Window]:
    """Stretches of two more characters to either side of each doubtful one, joined."""
    count = len(reading.text)
    windows: list[_Window] = []
    for position in weak:
        first, last = max(0, position - _CONTEXT), min(count - 1, position + _CONTEXT)
        if windows and first <= windows[-1].last + 2:
            first = windows.pop().first
        left = 0 if first == 0 else round(max(0.0, reading.places[first] - _MARGIN))
        right = width if last == count - 1 else round(min(width, reading.places[last] + _MARGIN))
        windows.append(_Window(first, last, left, right))
    return windows


def _splice(reading: Reading, window: _Window, second: Reading) -> Reading | None:
    """The first reading with the window's characters replaced; None when the ends disagree."""
    count = len(reading.text)
    start, end = 0, len(second.text)
    if window.first > 0:
        found = _same_place(reading, window.first, window, second)
        if found is None:
            return None
        start = found
    if window.last < count - 1:
        found = _same_place(reading, window.last, window, second)
        if found is None or found < start:
            return None
        end = found + 1
    inside = slice(start, end)
    part = Reading(second.text[inside], second.chances[inside], second.places[inside])
    old = slice(window.first, window.last + 1)
    before = Reading(reading.text[old], reading.chances[old], reading.places[old])
    if surer(before, part) is before:
        return reading
    moved = tuple(place + window.left for place in part.places)
    return Reading(
        reading.text[: window.first] + part.text + reading.text[window.last + 1 :],
        reading.chances[: window.first] + part.chances + reading.chances[window.last + 1 :],
        reading.places[: window.first] + moved + reading.places[window.last + 1 :],
    )


def _same_place(reading: Reading, index: int, window: _Window, second: Reading) -> int | None:
    """Where the second reading has the first one's character: the same one at the same place.

    By place, because rooms repeat their digits (101).
    """
    place = reading.places[index] - window.left
    same = [i for i, char in enumerate(second.text) if char == reading.text[index]]
    nearest = min(same, key=lambda i: abs(second.places[i] - place), default=None)
    if nearest is None or abs(second.places[nearest] - place) > _SAME_PLACE:
        return None
    return nearest
