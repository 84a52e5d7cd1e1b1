"""What a second reading may replace, and what it may not."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.geometry import Quad
from ingest.engines.grey_seal import without_grey_seals
from ingest.engines.leftover import leftover
from ingest.engines.recogniser import Reading
from ingest.engines.rereading import read_again
from ingest.engines.second_look import Found, merged, places

Pixels = NDArray[np.uint8]


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    """An upright region."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return np.asarray(corners, dtype=np.float32)


def found(text: str, sure: float, *box: float) -> Found:
    """A line as read."""
    chances = (sure,) * len(text)
    return Found(quad(*box), Reading(text, chances, tuple(range(len(text)))))


def test_a_stretch_read_again_does_not_double_the_digits_of_a_room() -> None:
    text = "阳光花园7栋101室"
    places_of = tuple(48.0 * (i + 0.5) for i in range(len(text)))
    first = Reading(text, (*(0.99,) * (len(text) - 1), 0.4), places_of)
    strip = np.zeros((48, 48 * len(text), 3), dtype=np.uint8)

    def reader(strips: list[Pixels]) -> list[Reading]:
        width = strips[0].shape[1]
        seen = text[-round(width / 48) :]
        return [
            Reading(seen, (1.0,) * len(seen), tuple(48.0 * (i + 0.5) for i in range(len(seen))))
        ]

    assert read_again([strip], [first], reader, 0.8)[0].text == text


def test_a_better_reading_replaces_the_lines_it_covers() -> None:
    old = [found("收款单位日物", 0.6, 0, 0, 100, 20), found("日期", 0.9, 0, 40, 40, 60)]
    new = [found("收款单位：", 0.99, 0, 0, 48, 20), found("阳光物业", 0.99, 52, 0, 100, 20)]
    assert {item.reading.text for item in merged(old, new)} == {"收款单位：", "阳光物业", "日期"}


def test_a_look_at_a_part_never_cuts_a_line() -> None:
    old = [found("证明单位：阳光物业服务有限公司", 0.8, 0, 0, 300, 20)]
    assert merged(old, [found("有限公司", 1.0, 220, 0, 300, 20)]) == old
    assert len(merged(old, [found("第1页", 0.9, 120, 200, 160, 215)])) == 2


def test_places_are_joined_where_they_touch_and_stay_on_the_page() -> None:
    joined = places(
        [quad(0, 0, 100, 20), quad(90, 10, 200, 40), quad(0, 300, 5, 303)], 1.0, (400, 210)
    )
    assert joined == [((0, 0), (210, 54))]


def test_ink_that_no_region_explains_is_found_but_rules_are_not() -> None:
    page = np.full((1000, 700), 255, dtype=np.uint8)
    cv2.putText(page, "- 1 -", (330, 950), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0,), 1)
    cv2.line(page, (50, 500), (650, 500), (0,), 1)
    cv2.putText(page, "known", (100, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0,), 1)
    rest = leftover(page, [quad(90, 180, 200, 210)])
    assert len(rest.short) == 1
    assert not rest.larger
    assert not rest.figure
    left, top = rest.short[0].min(axis=0)
    assert 320 < left < 340
    assert 930 < top < 950


def test_a_grey_seal_is_lifted_off_and_print_under_it_stays() -> None:
    page = np.full((1170, 827), 255, dtype=np.uint8)
    cv2.circle(page, (400, 600), 110, (150,), 7)
    cv2.putText(page, "3-2-501 SAMPLE", (330, 610), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20,), 3)
    lifted, discs = without_grey_seals(page)
    assert len(discs) == 1
    ring = lifted[490:494, 398:402]
    assert ring.mean() > 230
    assert (lifted[580:612, 340:480] < 60).sum() > 0.8 * (page[580:612, 340:480] < 60).sum()


def test_a_page_without_a_seal_is_given_back_itself() -> None:
    page = np.full((1170, 827), 250, dtype=np.uint8)
    cv2.putText(page, "NO SEAL", (100, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (20,), 3)
    lifted, discs = without_grey_seals(page)
    assert lifted is page
    assert discs == []
