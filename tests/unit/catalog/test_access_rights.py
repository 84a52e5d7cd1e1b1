"""The table of rights, cell by cell, against the matrix written down here on its own."""

from __future__ import annotations

import pytest

from catalog.access import Area, Cell, Viewer, area_of, load_rights
from yihu.errors import Invariant
from yihu.household import RoomKey

ROLES = "scanner clerk custodian cs_head manager estate_head leader dept_head supervisor cs_staff staff gm auditor sysadmin".split()  # noqa: E501, SIM905
MATRIX = """
document.drop       all    all      all  all  -    -    -    -    -    -    -    -    -      -
document.list       own    area     all  all  all  all  -    -    -    -    -    all  all    -
document.page       own    area     all  all  all  all  -    appr appr area appr all  reason -
document.original   -      appr     appr appr appr all  -    appr appr appr -    appr -      -
document.unmask     -      area     all  all  all  all  -    -    -    -    -    all  all    -
review.see          -      area     all  all  -    -    -    -    -    -    -    -    all    -
review.decide       -      area     all  all  -    -    -    -    -    -    -    -    -      -
document.refile     -      appr     all  all  -    -    -    -    -    -    -    -    -      -
paper.confirm       -      area     all  all  -    -    -    -    -    -    -    -    -      -
paper.withdraw      -      appr     all  all  -    -    -    -    -    -    -    -    -      -
catalogue.see       -      area     all  all  all  all  all  -    -    area -    all  all    -
household.name      -      area     all  all  all  all  all  area area area -    all  all    -
household.phone     -      area     all  all  all  all  all  -    -    area -    all  -      -
household.vip_phone -      -        -    appr all  appr -    -    -    -    -    all  -      -
household.id_no     -      -        -    -    all  appr -    -    -    -    -    all  -      -
household.former    -      appr     all  all  all  appr appr appr -    appr appr all  all    -
approval.see        -      all      all  all  all  all  all  all  all  all  all  all  -      -
approval.ask        -      all      all  all  all  all  all  all  all  all  all  all  -      -
approval.decide     -      -        all  all  all  all  -    -    -    -    -    -    -      -
audit.see           -      area     all  all  all  all  all  -    -    -    -    all  all    -
audit.export        -      area     all  all  all  all  all  -    -    -    -    all  all    -
log.see             -      own      own  all  all  -    all  -    -    -    -    all  all    -
policy.see          -      -        all  all  all  -    -    -    -    -    -    -    all    all
policy.change       -      -        -    all  all  -    -    -    -    -    -    -    -      -
household.facts     -      area     all  all  appr -    -    -    -    -    -    -    -      -
sample.see          -      area     all  all  all  -    all  -    -    -    -    -    all    -
sample.draw         -      -        -    all  all  -    -    -    -    -    -    -    all    -
sample.answer       -      area     all  all  -    -    -    -    -    -    -    -    -      -
model.use           -      -        -    all  all  -    -    -    -    -    -    -    -      -
document.reread     -      area     all  all  -    -    -    -    -    -    -    -    -      -
verify.see          -      -        all  all  all  -    -    -    -    -    -    -    all    all
operations.see      -      -        all  all  all  -    -    -    -    -    -    -    all    all
user.see            -      -        -    all  all  -    -    -    -    -    -    -    all    all
user.manage         -      -        -    -    -    -    -    -    -    -    -    -    -      all
"""
SHORT = {"-": Cell.NO, "appr": Cell.APPROVAL}
WANTED = {
    (role, action): SHORT.get(cell) or Cell(cell)
    for action, *cells in (line.split() for line in MATRIX.strip().splitlines())
    for role, cell in zip(ROLES, cells, strict=True)
}
HERE, THERE = RoomKey("花园", "-", "3", "1", "101"), RoomKey("花园", "-", "5", "1", "101")


@pytest.mark.parametrize(("role", "action"), sorted(WANTED))
def test_each_cell_is_as_written_down(role: str, action: str) -> None:
    assert load_rights().cell(role, action) is WANTED[role, action]


def test_the_table_has_no_other_role_or_action() -> None:
    rights = load_rights()
    assert set(rights.roles) == set(ROLES)
    assert set(rights.actions) == {action for _, action in WANTED}


@pytest.mark.parametrize(("role", "action"), sorted(WANTED))
def test_each_cell_reaches_as_far_as_it_says(role: str, action: str) -> None:
    cell = WANTED[role, action]
    bound = Viewer(1, "x", (role,), (Area(building="3"),)).reach(action)
    free = Viewer(1, "x", (role,)).reach(action)
    wide = cell in (Cell.ALL, Cell.REASON)
    assert free.holds(HERE) is wide
    assert free.holds(HERE, own=True) is (wide or cell is Cell.OWN)
    assert bound.holds(HERE) is (wide or cell is Cell.AREA)
    assert bound.holds(THERE) is False
    assert bound.with_reason is (cell is Cell.REASON)


def test_what_nobody_named_is_refused() -> None:
    assert load_rights().cell("director", "document.page") is Cell.NO
    assert not Viewer(1, "x", ("director",)).may("document.page")
    assert not Viewer(1, "x", ()).may("catalogue.see")
    with pytest.raises(Invariant):
        load_rights().cell("clerk", "document.burn")


@pytest.mark.parametrize("action", sorted({action for _, action in WANTED}))
def test_a_token_without_the_scope_may_nothing(action: str) -> None:
    scope = load_rights().actions[action].scope
    everyone = tuple(ROLES)
    others = frozenset({"read", "upload", "decide", "download"} - {scope})
    assert not Viewer(1, "x", everyone, scopes=others).may(action)
    if scope:
        assert Viewer(1, "x", everyone, scopes=frozenset({scope})).may(action)


def test_two_roles_reach_as_far_as_the_wider_within_the_areas() -> None:
    both = Viewer(1, "x", ("clerk", "auditor"), (Area(building="3"),))
    assert both.reach("document.page").holds(HERE)
    assert not both.reach("document.page").with_reason
    assert not both.reach("catalogue.see").holds(THERE)
    without_areas = Viewer(1, "x", ("clerk", "auditor"))
    assert without_areas.reach("document.page").with_reason


def test_areas_as_people_write_them() -> None:
    assert area_of("3栋") == Area(building="3")
    assert area_of("东区-03") == Area(zone="东区", building="3")
    assert area_of("花园/3") == Area("花园", "", "3")
    assert area_of("花园/") == Area(estate="花园")
    with pytest.raises(ValueError, match="building"):
        area_of("")
