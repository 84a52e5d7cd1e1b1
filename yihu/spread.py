"""Two pages side by side in one picture, as A3 scans and open booklets hold them.

Told from boxes alone and only where nothing else fits: a wide picture, a gutter
that no line crosses, and on both sides of it what a page of its own has, a
heading in its middle or running text over its width. A wide table has its
heading across the middle, short cells instead of running text, and its rows go
on behind the gutter at the same height.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from yihu.page import Box, PageText

_WIDE = 1.2
_FROM, _TO, _LEAST_GAP = 0.4, 0.6, 0.035
_LEAST_LINES, _HEADS = 5, 4
_CENTRED, _LARGER = 0.035, 1.2
_RUNNING, _MOSTLY = 0.7, 0.6
_LEAST_WIDE, _SAME_HEIGHT, _ALIGNED = 0.25, 0.25, 0.5


def gutter(boxes: Sequence[Box], width: float, height: float) -> float | None:
    """Where two pages meet, as a share of the picture's width; None where it holds one page.

    `boxes` are shares of a picture of `width` by `height` pixels.
    """
    if width < _WIDE * height:
        return None
    middle = _gap(boxes)
    if middle is None:
        return None
    left = [box for box in boxes if box[2] <= middle]
    right = [box for box in boxes if box[0] >= middle]
    if min(len(left), len(right)) < _LEAST_LINES:
        return None
    headed = _headed(left, 0.0, middle), _headed(right, middle, 1.0)
    alone = [
        is_headed or _runs(side) for is_headed, side in zip(headed, (left, right), strict=True)
    ]
    if not all(alone) or (not any(headed) and _aligned(left, right)):
        return None
    return middle


def halves(page: PageText) -> tuple[PageText, PageText] | None:
    """The two pages in one picture, each with boxes of its own; None where it holds one."""
    middle = gutter([line.box for line in page.lines], page.width, page.height)
    if middle is None:
        return None
    return _part(page, 0.0, middle), _part(page, middle, 1.0)


def _part(page: PageText, start: float, end: float) -> PageText:
    wide = end - start
    lines = tuple(
        replace(line, box=((line.box[0] - start) / wide, line.box[1], (line.box[2] - start) / wide,
                           line.box[3]))
        for line in page.lines
        if start <= line.box[0] < end
    )  # fmt: skip
    return replace(page, lines=lines, width=max(1, round(page.width * wide)))


def _gap(boxes: Sequence[Box]) -> float | None:
    """The middle of the widest strip near the centre that no line touches."""
    start, best = 0.0, (0.0, 0.0)
    for box in sorted(boxes):
        low, high = max(start, _FROM), min(box[0], _TO)
        best = max(best, (high - low, (low + high) / 2))
        start = max(start, box[2])
    high, low = _TO, max(start, _FROM)
    width, middle = max(best, (high - low, (low + high) / 2))
    return middle if width >= _LEAST_GAP else None


def _headed(boxes: Sequence[Box], start: float, end: float) -> bool:
    """Whether a larger line stands in the middle between start and end, near the top."""
    left = min(box[0] for box in boxes)
    usual = median(box[3] - box[1] for box in boxes)
    return any(
        abs((box[0] + box[2]) - (start + end)) / 2 < _CENTRED
        and box[3] - box[1] >= _LARGER * usual
        and box[0] > left + _CENTRED
        for box in sorted(boxes, key=lambda one: one[1])[:_HEADS]
    )


def _runs(boxes: Sequence[Box]) -> bool:
    """Whether most lines run over the width of this side."""
    wide = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    long = sum(box[2] - box[0] >= _RUNNING * wide for box in boxes)
    return wide > _LEAST_WIDE and long >= _MOSTLY * len(boxes)


def _aligned(left: Sequence[Box], right: Sequence[Box]) -> bool:
    """Whether the lines of both sides stand at the same heights, as the cells of a row do."""
    tops = [box[1] for box in right]
    same = sum(
        any(abs(box[1] - top) < _SAME_HEIGHT * (box[3] - box[1]) for top in tops) for box in left
    )
    return same >= _ALIGNED * min(len(left), len(right))
