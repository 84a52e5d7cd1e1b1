"""A search's words on the page image: where they stand, over line ends, never what is covered."""

from __future__ import annotations

import pytest

from catalog.access import Covers
from web.found_places import best_page, found_places, marks
from yihu.page import Line, PageText

CLEAR, COVERED = Covers(phones=False, id_nos=False), Covers(phones=True, id_nos=True)


def _page(number: int, *lines: str) -> PageText:
    rows = (Line(text, (0.1, 0.1 * n, 0.5, 0.1 * n + 0.05)) for n, text in enumerate(lines, 1))
    return PageText(number, tuple(rows), 600, 800)


def test_a_word_is_marked_where_it_stands_in_its_line() -> None:
    found = found_places([_page(1, "张伟", "押金退还")], "退还", CLEAR)
    (box,) = marks(found)[1]
    assert box == pytest.approx((0.3, 0.2, 0.5, 0.25))


def test_narrow_characters_before_a_word_take_half_the_place() -> None:
    ((left, _, right, _),) = marks(found_places([_page(1, "AB押金")], "押金", CLEAR))[1]
    assert (left, right) == pytest.approx((0.1 + 0.4 / 3, 0.5))


def test_a_word_over_two_lines_is_marked_on_both() -> None:
    first, second = marks(found_places([_page(1, "房屋押", "金收据")], "押金", CLEAR))[1]
    assert (first[1], second[1]) == pytest.approx((0.1, 0.2))
    assert first[0] > second[0]


def test_the_page_with_most_of_the_words_is_shown_the_first_of_them() -> None:
    pages = [_page(3, "别的"), _page(4, "押金"), _page(5, "押金 张伟"), _page(6, "张伟 押金")]
    assert best_page(found_places(pages, "张伟 押金", CLEAR)) == 5
    assert best_page(found_places(pages, "押金", CLEAR)) == 4
    assert best_page(found_places(pages, "没有的", CLEAR)) is None


def test_nothing_is_marked_inside_a_covered_number() -> None:
    page = _page(1, "电话 13812345678", "电话 138123", "45678")
    assert found_places([page], "812345", CLEAR)
    assert found_places([page], "812345", COVERED) == {}
