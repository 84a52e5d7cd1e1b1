"""Pictures of pages: where it cannot be told which pixels show a number, more is covered."""

from __future__ import annotations

from dataclasses import replace

from catalog.access import Covers
from worker.front import coverable, covered_boxes
from yihu.page import Line, PageText

LINE = Line("手机号码13812345678", (0.1, 0.2, 0.9, 0.22), 0.99)
PAGE = PageText(number=1, lines=(LINE,), width=1000, height=1400)


def test_a_number_in_a_well_read_line_is_covered_where_it_stands() -> None:
    (box,) = covered_boxes(PAGE, Covers())
    assert 0.3 < box[0] < 0.45
    assert box[2] >= 0.9
    assert covered_boxes(PAGE, Covers(phones=False, id_nos=False)) == []


def test_a_line_of_uneven_letters_or_a_doubtful_reading_is_covered_whole() -> None:
    for line in (replace(LINE, text="Tel iiii 13812345678 WWW"), replace(LINE, confidence=0.5)):
        (box,) = covered_boxes(replace(PAGE, lines=(line,)), Covers())
        assert box[0] <= 0.1
        assert box[2] >= 0.9


def test_a_born_digital_page_is_shown_after_a_reason_only() -> None:
    assert coverable(PAGE)
    assert not coverable(replace(PAGE, flags=frozenset({"born-digital"})))
