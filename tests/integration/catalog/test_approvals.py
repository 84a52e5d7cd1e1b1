"""Every cell "approval" of the table of rights: refused, asked for, granted, used, over.

Each cell is tried with a request of its own, on SQLite and PostgreSQL: it opens
exactly one thing to exactly one person, for a time, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from catalog import approvals, ledger, ticks
from catalog.access import (
    Area,
    Cell,
    Sight,
    Viewer,
    document_with_sight,
    documents_for,
    documents_within,
    household_with_sight,
    households_for,
    load_rights,
)
from catalog.accounts import people
from catalog.approvals import Subject
from catalog.approvals.subjects import things
from catalog.database import Database
from catalog.models import Approval, Document, Event, Household, Room
from tests.integration.catalog.conftest import Register, add_scan
from yihu.clock import now
from yihu.errors import NotFound, Usage, YihuError

RIGHTS = load_rights()
CELLS = sorted(
    (role, action.code, kind)
    for action in RIGHTS.actions.values()
    for role, cell in action.cells.items()
    if cell is Cell.APPROVAL and action.approving is not None
    for kind in action.approving.subjects
)
PERMIT = "reno.permit"
WHY = "客户来访 13812345678"


@dataclass(frozen=True, slots=True)
class World:
    """Two households of building 3 and one of building 5, each with a former owner and papers."""

    database: Database
    here: int
    other: int
    afar: int
    former: dict[int, int]
    document: dict[int, int]

    def subject(self, action: str, kind: str, home: int) -> Subject:
        home = self.former[home] if action == "household.former" else home
        if kind == "document":
            return Subject("document", self.document[home])
        return Subject(kind, home, PERMIT if kind == "tick" else "")

    def viewer(self, name: str) -> Viewer:
        with self.database.read() as session:
            return people.viewer_of(session, people.named(session, name))

    def sight(self, name: str, subject: Subject) -> Sight:
        with self.database.read() as session:
            return things(session, self.viewer(name), [subject])[subject].sight

    def may(self, name: str, action: str, subject: Subject) -> bool:
        return self.sight(name, subject).may(action)

    def ask(self, name: str, action: str, subject: Subject) -> int:
        with self.database.write() as session:
            return approvals.ask(session, self.viewer(name), action, subject, WHY)

    def grant(self, name: str, number: int) -> None:
        with self.database.write() as session:
            approvals.grant(session, self.viewer(name), number, 3)

    def decline(self, name: str, number: int) -> None:
        with self.database.write() as session:
            approvals.decline(session, self.viewer(name), number, "不需要")

    def use(self, name: str, action: str, subject: Subject) -> int | None:
        sight = self.sight(name, subject)
        with self.database.write() as session:
            return approvals.use(session, sight, action, subject.in_ledger)

    def set(self, number: int, **values: object) -> None:
        with self.database.write() as session:
            session.execute(update(Approval).where(Approval.id == number).values(**values))

    def waiting(self, name: str) -> list[int]:
        with self.database.read() as session:
            return [line.id for line in approvals.waiting(session, self.viewer(name))]

    def state(self, name: str, number: int) -> str:
        with self.database.read() as session:
            lines = approvals.mine(session, self.viewer(name))
        return next(line.state for line in lines if line.id == number)


@pytest.fixture
def world(database: Database, register: Register) -> World:
    """`asker_ROLE` and `twin_ROLE` for each role, held to building 3, and `ROLE` without areas."""
    places = (("3", "101"), ("3", "102"), ("5", "101"))
    for owner in ("旧主", "新主"):
        register(
            *({"building": b, "unit": "1", "room": r, "owner": f"{owner}{b}{r}"} for b, r in places)
        )
    with database.write() as session:
        rows = session.execute(select(Household, Room).join(Room, Room.id == Household.room_id))
        found = {(room.building, room.room, home.closed_at is None): home for home, room in rows}
        document = {home.id: _filed(session, home) for home in found.values()}
        for home in found.values():
            home.vip = True
            if home.closed_at is None:
                _paper(session, home.id)
        for role in RIGHTS.roles:
            for name in ("asker", "twin"):
                people.add(session, f"{name}_{role}", [role], [Area(building="3")], actor="test")
            people.add(session, role, [role], actor="test")
        open_ones = {(b, r): found[b, r, True].id for b, r in places}
        former = {found[b, r, True].id: found[b, r, False].id for b, r in places}
    here, other, afar = (open_ones[place] for place in places)
    return World(database, here, other, afar, former, document)


def _filed(session: object, home: Household) -> int:
    number, _ = add_scan(session, f"{home.id}.pdf")  # type: ignore[arg-type]
    document = session.get_one(Document, number)  # type: ignore[attr-defined]
    document.state, document.stage, document.household_id = "filed", "", home.id
    document.type, document.category = PERMIT, "reno"
    return number


def _paper(session: object, home: int) -> None:
    ticks.confirm_paper(
        session,  # type: ignore[arg-type]
        household_id=home,
        type=PERMIT,
        location="",
        actor="test",
    )


def _decider(role: str, action: str) -> str:
    return min(RIGHTS.deciders([role], action))


def _prepared(world: World, role: str, action: str, kind: str) -> Subject:
    """The subject, with what the action builds on approved already where the role lacks it."""
    subject = world.subject(action, kind, world.here)
    approving = RIGHTS.actions[action].approving
    assert approving is not None
    for name in (f"asker_{role}", f"twin_{role}"):
        base = approving.base
        if base and not world.may(name, base, subject):
            world.grant(_decider(role, base), world.ask(name, base, subject))
    return subject


def test_who_asks_and_who_decides_is_what_the_cells_say() -> None:
    asking = {role for role, _, _ in CELLS}
    deciding = {_d for role, action, _ in CELLS for _d in RIGHTS.deciders([role], action)}
    assert {r for r in RIGHTS.roles if RIGHTS.cell(r, "approval.ask") is Cell.ALL} == asking
    assert {r for r in RIGHTS.roles if RIGHTS.cell(r, "approval.decide") is Cell.ALL} == deciding
    assert len(CELLS) > 25


@pytest.mark.parametrize(("role", "action", "kind"), CELLS)
def test_a_cell_opens_one_thing_to_one_person_for_a_time(
    world: World, role: str, action: str, kind: str
) -> None:
    me, twin = f"asker_{role}", f"twin_{role}"
    subject = _prepared(world, role, action, kind)
    assert not world.may(me, action, subject)

    number = world.ask(me, action, subject)
    assert world.ask(me, action, subject) == number  # asked again is the same request
    assert not world.may(me, action, subject)
    deciders = RIGHTS.deciders([role], action)
    for one in RIGHTS.roles:
        assert (number in world.waiting(one)) is (one in deciders), one
        if one not in deciders:
            with pytest.raises(NotFound):
                world.grant(one, number)
    with pytest.raises(NotFound):
        world.grant(me, number)
    assert world.state(me, number) == "open"

    world.grant(_decider(role, action), number)
    assert world.may(me, action, subject)
    assert world.state(me, number) == "granted"
    assert not world.may(twin, action, subject)
    for home in (world.other, world.afar):
        assert not world.may(me, action, world.subject(action, kind, home))

    world.set(number, until=now() - timedelta(seconds=1))
    assert not world.may(me, action, subject)
    assert world.state(me, number) == "expired"
    world.set(number, until=now() + timedelta(days=1))
    _once_or_often(world, me, action, subject, number)
    with world.database.read() as session:
        assert list(ledger.verify_chain(session)) == []


def _once_or_often(world: World, me: str, action: str, subject: Subject, number: int) -> None:
    """What changes something or hands out the original serves once; reading serves till the end."""
    approving = RIGHTS.actions[action].approving
    assert approving is not None
    stale = world.sight(me, subject)
    assert world.use(me, action, subject) == number
    if approving.uses == 0:
        assert world.may(me, action, subject)
        return
    assert not world.may(me, action, subject)
    assert world.state(me, number) == "used"
    with pytest.raises(Usage), world.database.write() as session:
        approvals.use(session, stale, action, subject.in_ledger)  # asked of the row, not of memory


@pytest.mark.parametrize(
    ("role", "action", "kind"),
    [cell for cell in CELLS if cell[1] in ("document.page", "household.former")],
)
def test_lists_hold_exactly_what_a_single_look_would_open(
    world: World, role: str, action: str, kind: str
) -> None:
    me = f"asker_{role}"
    subject = world.subject(action, kind, world.here)
    before = _listed(world, me)
    world.grant(_decider(role, action), world.ask(me, action, subject))
    after = _listed(world, me)
    assert before <= after
    for document in world.document.values():
        for one in ("document.page", "document.list"):
            shows = world.may(me, one, Subject("document", document))
            assert ((one, document) in after) is shows, (one, document)
    homes = [*world.former, *world.former.values()]
    for home in homes:
        shows = world.may(me, "catalogue.see", Subject("household", home))
        assert (("catalogue.see", home) in after) is shows


def _listed(world: World, name: str) -> set[tuple[str, int]]:
    viewer, found = world.viewer(name), set()
    with world.database.read() as session:
        for action in ("document.page", "document.list"):
            ids = session.scalars(select(Document.id).where(documents_for(viewer, action))).all()
            found |= {(action, number) for number in ids}
            if (within := documents_within(viewer, action)) is not None:
                assert sorted(session.scalars(within)) == sorted(ids)
        homes = session.scalars(
            select(Household.id)
            .join(Room, Room.id == Household.room_id)
            .where(households_for(viewer, "catalogue.see"))
        )
        found |= {("catalogue.see", number) for number in homes}
    return found


def test_a_single_look_and_a_grant_agree_on_documents_and_households(world: World) -> None:
    document = Subject("document", world.document[world.here])
    world.grant("cs_head", world.ask("asker_staff", "document.page", document))
    viewer = world.viewer("asker_staff")
    with world.database.read() as session:
        assert document_with_sight(session, viewer, document.number, "document.page")[1].page
        for other in world.document.values():
            if other != document.number:
                with pytest.raises(NotFound):
                    document_with_sight(session, viewer, other, "document.page")
        with pytest.raises(NotFound):
            household_with_sight(session, viewer, world.here, "catalogue.see")


# --- asking tells nothing -----------------------------------------------------------------------


def test_asking_is_the_same_for_what_is_not_there_and_what_is_elsewhere(world: World) -> None:
    me = "asker_dept_head"
    nothing, afar = Subject("document", 999_999), Subject("document", world.document[world.afar])
    for subject in (nothing, afar):
        number = world.ask(me, "document.page", subject)
        assert world.state(me, number) == "open"
        assert all(number not in world.waiting(role) for role in RIGHTS.roles)
        with pytest.raises(NotFound):
            world.grant("manager", number)
    with world.database.read() as session:
        for line in approvals.mine(session, world.viewer(me)):
            assert (line.place, line.owner, line.type, line.opens) == (None, "", "", ())


def test_what_needs_to_be_known_first_cannot_be_asked_for_blindly(world: World) -> None:
    document = Subject("document", world.document[world.afar])
    for name, action, subject in (
        ("asker_clerk", "document.refile", document),
        ("asker_clerk", "document.original", Subject("document", 999_999)),
        ("asker_staff", "document.original", Subject("document", world.document[world.here])),
        ("asker_cs_head", "household.vip_phone", Subject("household", world.afar)),
        ("asker_clerk", "paper.withdraw", Subject("tick", world.here, "movein.notice")),
        ("asker_clerk", "household.id_no", Subject("household", world.here)),  # a plain no
        ("asker_clerk", "document.refile", Subject("household", world.here)),
        ("asker_scanner", "document.page", document),
        ("asker_sysadmin", "document.page", document),
    ):
        with pytest.raises(NotFound):
            world.ask(name, action, subject)


def test_a_request_needs_a_reason_and_few_are_open_at_once(world: World) -> None:
    viewer = world.viewer("asker_staff")
    with pytest.raises(Usage), world.database.write() as session:
        approvals.ask(session, viewer, "document.page", Subject("document", 1), " ")
    for n in range(20):
        world.ask("asker_staff", "document.page", Subject("document", 1000 + n))
    with pytest.raises(Usage):
        world.ask("asker_staff", "document.page", Subject("document", 2000))
    with world.database.write() as session:
        session.execute(update(Approval).values(until=now()))
    world.ask("asker_staff", "document.page", Subject("document", 2000))  # the old ones lapsed


@pytest.mark.parametrize(
    "text", ["document:0", "document:-1", "tick:3", "room:3", "", "tick:3/../x"]
)
def test_a_subject_is_written_in_one_way_only(text: str) -> None:
    with pytest.raises(Usage):
        Subject.parse(text)
    with pytest.raises(Usage):
        Subject.parse("document:9999999999")
    assert str(Subject.parse("tick:3/reno.permit")) == "tick:3/reno.permit"


# --- deciding -----------------------------------------------------------------------------------


def test_nobody_decides_on_their_own_request_whatever_their_roles(world: World) -> None:
    with world.database.write() as session:
        people.add(session, "both", ["cs_head", "dept_head"], actor="test")
        people.add(session, "second", ["cs_head", "estate_head"], actor="test")
        mine = Subject("household", world.here)
    number = world.ask("both", "household.vip_phone", mine)
    with pytest.raises(NotFound):
        world.grant("both", number)
    with pytest.raises(NotFound):  # an asker of the same right does not have it outright
        world.grant("second", number)
    assert world.waiting("both") == []


def test_a_decider_of_other_buildings_neither_sees_nor_decides(world: World) -> None:
    with world.database.write() as session:
        people.add(session, "head5", ["cs_head"], [Area(building="5")], actor="test")
        people.add(session, "head3", ["cs_head"], [Area(building="3")], actor="test")
    number = world.ask(
        "asker_staff", "document.page", Subject("document", world.document[world.here])
    )
    assert world.waiting("head5") == []
    with pytest.raises(NotFound):
        world.decline("head5", number)
    world.decline("head3", number)
    assert world.state("asker_staff", number) == "declined"


def test_of_two_decisions_at_once_one_counts_and_the_other_is_told(world: World) -> None:
    number = world.ask(
        "asker_supervisor", "document.page", Subject("document", world.document[world.here])
    )
    together, told = Barrier(2), []

    def decide(name: str) -> None:
        viewer = world.viewer(name)
        together.wait()
        try:
            with world.database.write() as session:
                if name == "manager":
                    approvals.grant(session, viewer, number, 3)
                else:
                    approvals.decline(session, viewer, number, "不需要")
        except YihuError as error:
            told.append(type(error))

    threads = [Thread(target=decide, args=(name,)) for name in ("manager", "cs_head")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [Usage]
    with world.database.read() as session:
        events = session.scalars(
            select(Event.action).where(Event.action.in_(("approval_granted", "approval_declined")))
        ).all()
    assert len(events) == 1


def test_of_two_uses_at_once_one_goes_through(world: World) -> None:
    subject = Subject("document", world.document[world.here])
    world.grant("custodian", world.ask("asker_clerk", "document.refile", subject))
    sight, together, outcome = world.sight("asker_clerk", subject), Barrier(2), []

    def use() -> None:
        together.wait()
        try:
            with world.database.write() as session:
                outcome.append(approvals.use(session, sight, "document.refile", str(subject)) or 0)
        except Usage:
            outcome.append(-1)

    threads = [Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(outcome) == -1
    assert max(outcome) > 0


def test_the_reason_is_covered_where_the_decider_sees_no_numbers(world: World) -> None:
    document = Subject("document", world.document[world.here])
    number = world.ask("asker_clerk", "document.refile", document)
    with world.database.read() as session:
        (line,) = approvals.waiting(session, world.viewer("custodian"))
        told = [e.data for e in ledger.events_of(session, str(document))]
    assert (line.id, line.place is not None) == (number, True)
    assert "13812345678" not in line.reason  # an important household's mobile is not for them
    assert all("13812345678" not in data and "客户" not in data for data in told)


# --- ending -------------------------------------------------------------------------------------


def _page_granted(world: World, name: str = "asker_staff") -> tuple[Subject, int]:
    subject = Subject("document", world.document[world.here])
    number = world.ask(name, "document.page", subject)
    world.grant("cs_head", number)
    assert world.may(name, "document.page", subject)
    return subject, number


def test_an_approval_ends_with_the_account_and_does_not_come_back(world: World) -> None:
    subject, number = _page_granted(world)
    with world.database.write() as session:
        account = people.named(session, "asker_staff")
        people.disable(session, account, "person:root")
        people.enable(session, account, "person:root")
    assert not world.may("asker_staff", "document.page", subject)
    assert world.state("asker_staff", number) == "ended"


def test_an_approval_ends_with_the_role_and_holds_only_within_the_areas(world: World) -> None:
    subject, _ = _page_granted(world)
    _change(world, ["staff"], Area(building="5"))
    assert not world.may("asker_staff", "document.page", subject)
    _change(world, ["cs_staff"], Area(building="5"))
    _change(world, ["staff"], Area(building="3"))
    assert not world.may("asker_staff", "document.page", subject)


def _change(world: World, roles: list[str], area: Area) -> None:
    with world.database.write() as session:
        account = people.named(session, "asker_staff")
        people.change(session, account, roles=roles, areas=[area], display="", actor="person:root")


def test_an_approval_does_not_follow_a_document_to_another_household(world: World) -> None:
    subject, number = _page_granted(world)
    stale = world.sight("asker_staff", subject)
    _move(world, subject.number, world.other)
    assert not world.may("asker_staff", "document.page", subject)
    assert world.state("asker_staff", number) == "ended"
    with pytest.raises(Usage), world.database.write() as session:
        approvals.use(session, stale, "document.page", str(subject))


def test_a_request_is_not_decided_after_its_document_moved(world: World) -> None:
    subject = Subject("document", world.document[world.here])
    number = world.ask("asker_staff", "document.page", subject)
    _move(world, subject.number, world.other)
    assert world.waiting("cs_head") == []
    with pytest.raises(NotFound):
        world.grant("cs_head", number)


def _move(world: World, number: int, home: int) -> None:
    with world.database.write() as session:
        session.execute(update(Document).where(Document.id == number).values(household_id=home))


def test_a_request_of_a_disabled_account_is_nobody_s(world: World) -> None:
    number = world.ask(
        "asker_staff", "document.page", Subject("document", world.document[world.here])
    )
    with world.database.write() as session:
        people.disable(session, people.named(session, "asker_staff"), "person:root")
    assert world.waiting("cs_head") == []
    with pytest.raises(YihuError):
        world.grant("cs_head", number)


def test_only_the_asker_takes_a_request_back(world: World) -> None:
    subject, number = _page_granted(world)
    with pytest.raises(NotFound), world.database.write() as session:
        approvals.withdraw(session, world.viewer("twin_staff"), number)
    with world.database.write() as session:
        approvals.withdraw(session, world.viewer("asker_staff"), number)
    assert not world.may("asker_staff", "document.page", subject)


@pytest.mark.parametrize("scope", ["read", "upload", "decide"])
def test_a_token_uses_an_approval_only_with_the_scope_of_the_right(
    world: World, scope: str
) -> None:
    subject, _ = _page_granted(world)
    viewer = replace(world.viewer("asker_staff"), scopes=frozenset({scope}))
    assert viewer.may("document.page") is (scope == "read")
    with world.database.read() as session:
        sight = things(session, viewer, [subject])[subject].sight
    assert sight.page is (scope == "read")


def test_an_approved_copy_holds_no_important_mobile_without_that_right(world: World) -> None:
    subject = Subject("document", world.document[world.here])
    world.grant("estate_head", world.ask("asker_cs_head", "document.original", subject))
    assert not world.sight("asker_cs_head", subject).hands_out
    home = Subject("household", world.here)
    world.grant("manager", world.ask("asker_cs_head", "household.vip_phone", home))
    assert world.sight("asker_cs_head", subject).hands_out
