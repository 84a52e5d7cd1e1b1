"""Hand-written papers of the kinds that go wrong: each is filed right, or a person is asked.

`hard_cases.txt` holds them: `@@ name|expectation|options`, then the page as text.
The expectation is `file TYPE ROOM`, `review [TYPE]`, or `either TYPE ROOM`
(right or review). Nothing was taken from the generated sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.papertext import page_of
from classifier import Hints, Judgement, People, Policy, RegisterIndex, judge
from yihu.household import HouseholdRecord, RoomKey
from yihu.template import Template

HERE = Path(__file__).parent


def _home(
    number: int,
    room: str,
    owners: str,
    phone: str,
    former_owners: tuple[str, ...] = (),
    id_nos: tuple[str, ...] = (),
    tenants: tuple[str, ...] = (),
) -> HouseholdRecord:
    building, unit, flat = room.split("-")
    return HouseholdRecord(
        number,
        RoomKey("阳光花园", "-", building, unit, flat),
        owners=tuple(owners.split("、")),
        phones=(phone,),
        id_nos=id_nos,
        former_owners=former_owners,
        tenants=tenants,
    )


REGISTER = RegisterIndex(
    [
        _home(1, "3-2-501", "张伟国", "13811110001", former_owners=("刘德胜",),
              id_nos=("110101199003071233",)),
        _home(2, "3-2-601", "李建华", "13811110002"),
        _home(3, "3-2-401", "王秀英、赵明亮", "13811110003"),
        _home(4, "3-1-501", "陈玉兰", "13811110004", tenants=("周文斌",)),
        _home(5, "5-A-1203", "广州市佳园投资有限公司", "13811110005",
              id_nos=("91440101MA59ABCD1X",)),
        _home(6, "5-A-1202", "孙丽娟", "13811110006"),
        _home(7, "13-2-501", "吴国强", "13811110007"),
        _home(8, "3-2-502", "张伟", "13811110008"),
    ]
)  # fmt: skip
PEOPLE = People(
    workers=frozenset({"马二强"}),
    tenants=frozenset({"何晓梅"}),
    contractors=frozenset({"深圳市信诺装饰工程有限公司"}),
    agents=frozenset({"林志远"}),
)


@dataclass(frozen=True)
class Case:
    """A page, what must come of it, the path it came by, whether others are known."""

    name: str
    wanted: tuple[str, ...]
    path: str
    people: bool
    text: str


def _cases() -> list[Case]:
    found = []
    for block in ("\n" + (HERE / "hard_cases.txt").read_text("utf-8")).split("\n@@ ")[1:]:
        head, _, text = block.partition("\n")
        name, wanted, *options = (part.strip() for part in head.split("|"))
        path = next((option[5:] for option in options if option.startswith("path=")), "")
        found.append(Case(name, tuple(wanted.split()), path, "people" in options, text))
    return found


def _judged(case: Case, template: Template) -> Judgement:
    known: Callable[[HouseholdRecord], People] | None = (lambda _: PEOPLE) if case.people else None
    page = page_of(case.text)
    return judge([page], Hints(path=case.path), REGISTER, template, Policy(), people=known)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_it_is_filed_right_or_a_person_is_asked(case: Case, template: Template) -> None:
    said = _judged(case, template)
    kind, home = said.classification.best, said.match.best
    answer = (kind.code if kind else "", str(home.household.key) if home else "")
    verb, *rest = case.wanted
    if verb == "review":
        assert said.state == "review", answer
        assert not rest or answer[0] == rest[0]
        return
    if verb == "either" and said.state == "review":
        assert said.reasons
        return
    assert (said.state, *answer) == ("filed", *rest), said.reasons


def _titles() -> list[tuple[str, str]]:
    rows = (HERE / "titles_of_practice.txt").read_text("utf-8").splitlines()
    return [
        (code, title)
        for row in rows
        for code, _, titles in [row.partition(": ")]
        for title in titles.split("|")
    ]


def test_titles_of_practice_are_understood_and_none_is_filed_wrong(template: Template) -> None:
    wrong, right, household_papers = [], 0, 0
    for code, title in _titles():
        text = (
            f"#{title}\n房号：3栋2单元501 | 业主姓名：张伟国 | 电话：13811110001\n"
            "日期：2024年3月1日 | 备注：请于本月内办理"
        )
        said = _judged(Case(title, (), "", False, text), template)
        best = said.classification.best
        household_papers += not code.startswith(("admin", "NONE"))
        if said.state == "filed":
            right += best is not None and best.code == code
            if best is None or best.code != code:
                wrong.append((title, best))
    assert wrong == []
    assert right >= 0.95 * household_papers
