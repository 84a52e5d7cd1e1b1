"""Two pages in one picture are told from one page, and read one after the other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bench.papertext import page_of
from catalog.template import load_template
from classifier import split
from classifier.fields_entries import sheet_of
from classifier.fields_layout import rows_of
from ingest.engines.geometry import reading_order
from yihu.page import Line, PageText
from yihu.spread import gutter, halves

APPLICATION = (
    "#装修申请表\n房号：3-2-501 | 业主：张伟\n电话：13800138000 | 施工单位：美居装饰\n"
    "装修项目：水电、墙面\n施工人数：6\n申请日期：2023年5月1日"
)
PERMIT = (
    "#装修施工许可证\n证号：ZX20230012\n房号：3-2-501 | 业主：张伟\n施工单位：美居装饰\n"
    "有效期：2023年5月1日至8月1日\n发证人：李"
)
DUTY = "乙方应当按照约定的时间和标准向甲方交纳物业服务费用以及其他费用" * 2
CLAUSES = "\n".join(f"第{number}条 {DUTY}" for number in "二三四五六七")
TABLE = "\n".join(
    f"{n} | 3-2-{n}01 | 李{n} | 13800138000 | 漏水 | 已修 | 2023.5.{n}" for n in range(1, 9)
)


def _spread(left: str, right: str, lower: float = 0.0) -> PageText:
    """Two upright pages laid beside each other; the right one perhaps a little lower."""
    lines = [
        Line(line.text, (start + box[0] / 2, box[1] + down, start + box[2] / 2, box[3] + down))
        for start, down, text in ((0.0, 0.0, left), (0.5, lower, right))
        for line in page_of(text).lines
        for box in (line.box,)
    ]
    lines.sort(key=lambda line: (line.box[1], line.box[0]))
    return PageText(1, tuple(lines), 2800, 2000, ink=0.05)


def _wide(text: str) -> PageText:
    page = page_of(text)
    return PageText(1, page.lines, 2000, 1400, ink=0.05)


def _quads(page: PageText, turn: float = 0.0) -> list[np.ndarray]:
    spin = np.asarray([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [
        np.asarray(
            np.asarray([(a, b), (c, b), (c, d), (a, d)]) * (page.width, page.height) @ spin,
            dtype=np.float32,
        )
        for a, b, c, d in (line.box for line in page.lines)
    ]


@pytest.mark.parametrize("right", [PERMIT, CLAUSES])
def test_two_pages_side_by_side_are_read_one_after_the_other(right: str) -> None:
    page = _spread(APPLICATION, right, lower=0.007)
    parts = halves(page)
    assert parts is not None
    wanted = [line.text for text in (APPLICATION, right) for line in page_of(text).lines]
    assert [line.text for part in parts for line in part.lines] == wanted
    for turn in (0.0, 0.01):
        order = reading_order(_quads(page, turn), (page.width, page.height))
        assert [page.lines[index].text for index in order] == wanted
    texts = [cell.text for row in rows_of(page) for cell in row.cells]
    assert len(texts) == len(wanted)
    assert texts.index("装修申请表") < texts.index("申请日期:2023年5月1日")
    rows = rows_of(page)
    assert all(one.number < other.number for one, other in pairwise(rows))
    assert not any(
        cell.box[0] > 0.5 for row in rows for cell in row.cells if row.cells[0].box[0] < 0.5
    )


def test_values_are_paired_with_the_labels_of_their_own_page() -> None:
    left = APPLICATION.replace("装修项目：水电、墙面", "装修项目：")
    found = {entry.label: entry.value for entry in sheet_of(_spread(left, PERMIT)).entries}
    assert "证号" not in found.get("装修项目", "")
    assert found.get("房号") == "3-2-501"


@pytest.mark.parametrize(
    "page",
    [
        _wide(TABLE),
        _wide("#投诉登记表\n序号 | 房号 | 投诉人 | 电话 | 内容 | 结果 | 日期\n" + TABLE),
        _wide(
            "\n".join(
                f"存在的问题写在这一格里第{n}处很长很长很长 | 整改的办法写在这一格里第{n}处很长很长"
                for n in range(8)
            )
        ),
        _wide(APPLICATION),
        _wide(CLAUSES),
        page_of(APPLICATION + "\n" + TABLE),
    ],
    ids=["table", "titled table", "two wide columns", "form", "text", "upright"],
)
def test_one_page_keeps_its_order(page: PageText) -> None:
    assert gutter([line.box for line in page.lines], page.width, page.height) is None
    quads = _quads(page)
    order = reading_order(quads, (page.width, page.height))
    assert order == reading_order(quads)


def test_two_papers_in_one_picture_go_to_a_person() -> None:
    template = load_template()
    for left, right, reasons in (
        (APPLICATION, PERMIT, ("split_unsure",)),
        (APPLICATION, CLAUSES, ()),
    ):
        (part,) = split([_spread(left, right, lower=0.007)], template)
        assert part.reasons == reasons
