"""Errors of reading are counted whatever the order, and what was made up counts too."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.characters import bare, compare, holds
from bench.corpus.conditions import CONDITIONS, pages_of

PIECES = [("业主姓名：", False), ("张伟", True), ("3栋2单元501室", False)]


def test_another_order_of_the_cells_costs_nothing() -> None:
    errors = compare(PIECES, ["3栋2单元501室", "张伟业主姓名："])
    assert (errors.wrong, errors.total, errors.hand_total) == (0, 16, 2)


def test_changed_lost_and_made_up_characters_count() -> None:
    errors = compare(PIECES, ["业主姓名：张韦", "3栋2单元501", "垃圾"])
    assert (errors.wrong, errors.hand_wrong, errors.made_up) == (1 + 1 + 2, 1, 2)
    assert "3栋2单元501室" in errors.missed


def test_a_piece_that_is_not_there_is_lost_whole() -> None:
    assert compare([("装修申请表", False)], []).rate == 1.0
    assert compare([], ["多读"]).wrong == 2


def test_text_of_seals_may_be_read_or_not() -> None:
    assert compare(PIECES[:1], ["业主姓名：", "物业专用章"], ["物业专用章"]).wrong == 0


def test_width_quotes_leaders_and_boxes_are_one() -> None:
    assert bare("　１２ “甲” ……… □") == '12"甲"'
    assert holds(bare("房号： 3栋 501室"), ["3栋", "501室"])
    assert not holds(bare("房号：3栋"), ["501室"])


@pytest.mark.parametrize("seed", range(40))
def test_the_distance_is_levenshteins(seed: int) -> None:
    rng = random.Random(seed)
    wanted = "".join(rng.choice("甲乙丙丁") for _ in range(12))
    read = list(wanted)
    for _ in range(2):
        read[rng.randrange(len(read))] = "戊"
    assert compare([(wanted, False)], ["".join(read)]).wrong <= 2


def test_every_condition_draws_pages_with_their_fields(tmp_path: Path) -> None:
    for condition in CONDITIONS:
        if condition.sheets > 1:
            continue
        (page,) = pages_of(condition, tmp_path, pack="train", seed=4, count=1)
        assert page.path.stat().st_size > 1000
        assert sum(len(piece.text) for piece in page.pieces) > 20
        text = bare("".join(piece.text for piece in page.pieces))
        assert all(part and bare(part) in text for key in page.fields for part in key.parts)
