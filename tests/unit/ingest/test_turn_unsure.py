"""A page of which nobody can tell which way up it stands is named as such, not filed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classifier.judge import _reading_reasons
from ingest.quality import Look, Text, judge
from yihu.page import Line, PageText
from yihu.reasons import REASONS

PAPER = Look(
    ink=0.05,
    paper=235.0,
    contrast=160.0,
    edge=40.0,
    tones=0.02,
    flat=0.9,
    colour=4.0,
    spread=40.0,
    empty=False,
    hidden=False,
    seals=(),
    flags=frozenset(),
)


def _lines(confidence: float, count: int) -> tuple[Line, ...]:
    return tuple(
        Line("本人申请装修上述房屋", (0.1, 0.1 + n / 20, 0.6, 0.12 + n / 20), confidence)
        for n in range(count)
    )


def _page(lines: tuple[Line, ...], flags: frozenset[str]) -> PageText:
    return PageText(1, lines, 1000, 1400, ink=0.05, flags=flags)


@pytest.mark.parametrize("lines", [_lines(0.9, 1), _lines(0.5, 12)])
def test_an_upside_down_page_that_reads_poorly_either_way_is_named(
    lines: tuple[Line, ...],
) -> None:
    flags = judge(PAPER, Text(lines, turn_unsure=True))
    assert {"turn_unsure", "illegible"} <= flags
    reasons = _reading_reasons([_page(lines, flags)])
    assert "page_turn_unsure" in reasons
    assert "low_quality" in reasons
    said = REASONS["page_turn_unsure"]
    assert "颠倒" in said.zh
    assert "Turn it upright" in said.do_en


def test_a_page_that_reads_well_is_not_held_back_because_its_turn_was_close() -> None:
    lines = _lines(0.98, 12)
    flags = judge(PAPER, Text(lines, turn_unsure=True))
    assert "illegible" not in flags
    assert _reading_reasons([_page(lines, flags)]) == ()


def test_a_code_or_a_blank_side_settles_nothing_about_the_turn() -> None:
    assert judge(PAPER, Text((), codes=1, turn_unsure=True)) == frozenset()
    blank = judge(replace(PAPER, ink=0.0), Text((), turn_unsure=True))
    assert blank == frozenset({"blank"})
