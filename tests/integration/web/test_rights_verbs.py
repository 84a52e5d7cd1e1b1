"""Every verb, tried by everybody: who may does it, who may not is refused and changes nothing.

Each POST of the screens and the API is tried on a fresh object of building 3:
the cells of the table of rights that allow it answer with success, all others
with a refusal that stands in the ledger. What only a former owner's generation
or a token's scope withholds is tried too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from bench.front_office import ROLES, draw
from catalog import documents, facts, policies, samples, ticks
from catalog.access import SCOPES, Cell
from catalog.accounts import people
from catalog.models import Document, Household
from tests.integration.web.test_rights_http import FORMER_PAPER, ROUTES
from tests.integration.web.within import FORMER, Within, closed, within
from yihu.household import RoomKey

PLACE = RoomKey("阳光花园", "-", "3", "1", "101")
ROOM = "3-1-101"
VERBS = [route for route in ROUTES if route[0] == "POST" and route[2]]
REFUSED = {403, 404}


class Try(NamedTuple):
    """One call: where the path's number stands, what is sent, and files."""

    number: object = ""
    body: dict[str, Any] = {}  # noqa: RUF012 - read only
    files: Any = None


Maker = Callable[[Within, str, str], Try]
"""Makes a fresh object in a room, for somebody to do this with; gives the call."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Within]:
    """One office for the module."""
    with within(tmp_path_factory.mktemp("office") / "home") as made:
        closed(made.office, FORMER_PAPER)
        yield made


def _waiting(**body: str) -> Maker:
    return lambda house, _, room: Try(house.paper(room, pages=2), {"page": "2"} | body)


def _filed(**body: object) -> Maker:
    return lambda house, _, room: Try(
        house.paper(room, "filed", type="movein.notice"), {"reason": "放错了"} | body
    )


def _trash(house: Within, name: str, room: str) -> Try:
    number = house.paper(room)
    house.front.desk(house.viewer("cs_head")).discard(number)
    return Try(number, {"act": "restore"})


def _decided(house: Within, name: str, room: str) -> Try:
    number = house.paper(room)
    house.front.desk(house.viewer(name)).discard(number)
    return Try(number)


def _two_parts(house: Within, name: str, room: str) -> Try:
    number = house.paper(room, pages=3)
    with house.office.database.write() as session:
        whole = session.get_one(Document, number)
        whole.last_page = 1
        part = documents.add_sibling(session, whole, 2, 3)
        part.state, part.stage, part.due_at = "review", "", None
        part.household_id = whole.household_id
        session.flush()
        return Try(part.id)


def _bulk(house: Within, name: str, room: str) -> Try:
    return Try("", {"document": [str(house.paper(room))]})


def _judged(house: Within, name: str, room: str) -> Try:
    return Try(house.paper(room))


def _sample(house: Within, name: str, room: str) -> Try:
    number = house.paper(room, "filed")
    with house.office.database.write() as session:
        samples.draw(session, 1.0, "person:test", 500)
    return Try(house.sample_of(number), {"household": room, "type": "reno.permit"})


def _to_draw(house: Within, name: str, room: str) -> Try:
    house.paper(room, "filed")
    return Try("", {"size": 1})


def _home(house: Within, room: str) -> int:
    return house.office.households[room]


def _facts(house: Within, name: str, room: str) -> Try:
    home = _home(house, room)
    with house.office.database.write() as session:
        if facts.undoable(session, session.get_one(Household, home)) is not None:
            facts.undo(session, home, why="重来", actor="test", template=house.front.template)
    return Try(home, {"why": "登记", "vehicles": 1})


def _noted(house: Within, name: str, room: str) -> Try:
    home = _facts(house, name, room).number
    assert isinstance(home, int)
    if room != FORMER:
        with house.office.database.write() as session:
            facts.change(
                session, home, facts.Noted(leases=1), why="登记", actor="test",
                template=house.front.template,
            )  # fmt: skip
    return Try(home, {"why": "记错"})


def _paper(house: Within, name: str, room: str) -> Try:
    return Try(_home(house, room), {"type": "movein.notice", "location": "A-1"})


def _ticked(house: Within, name: str, room: str) -> Try:
    home = _home(house, room)
    if room != FORMER and not _has_paper(house, home):
        with house.office.database.write() as session:
            ticks.confirm_paper(
                session, household_id=home, type="movein.notice", location="", actor="test"
            )
    return Try(home, {"type": "movein.notice", "reason": "并不在"})


def _has_paper(house: Within, home: int) -> bool:
    with house.office.database.read() as session:
        return bool(ticks.live_papers(session, home, "movein.notice"))


def _upload(house: Within, name: str, room: str) -> Try:
    data = draw((name, room), f"{name} {house.paper(room)}")
    return Try("", {}, [("files", ("x.jpg", data, "image/jpeg"))])


def _brought(house: Within, name: str, room: str) -> Try:
    return _upload(house, name, room)._replace(number=_home(house, room))


def _superseded(house: Within, name: str, room: str) -> Try:
    older, newer = (house.paper(room, "filed", type="movein.notice") for _ in range(2))
    return Try(older, {"by": newer, "reason": "有新的"})


def _just_decided(house: Within, name: str, room: str) -> Try:
    return Try("", {"document": [_decided(house, name, room).number]})


def _rate(**more: object) -> Maker:
    def made(house: Within, name: str, room: str) -> Try:
        with house.office.database.read() as session:
            kept = policies.history(session)
        version = kept[0].version if kept else policies.BY_SETTINGS
        return Try("", {"version": version, "why": "试用"} | more)

    return made


def _wish(house: Within, name: str, room: str) -> Try:
    """Something this very role needs approval for, on a document of the room."""
    who = house.viewer(name)
    number = house.paper(room, "filed")
    for action in ("document.page", "document.original", "household.former"):
        if who.asks(action):
            return Try("", {"action": action, "actions": [action], "reason": "有事要办",
                            "subject": f"document:{number}"})  # fmt: skip
    raise AssertionError(name)


ASKERS = {
    "custodian": ("clerk3", "document.refile"),
    "cs_head": ("clerk3", "document.refile"),
    "manager": ("leader", "household.former"),
    "estate_head": ("clerk3", "document.original"),
}
"""For each who decides: somebody who asks them, and for what."""


def _asked(**body: str) -> Maker:
    def made(house: Within, name: str, room: str) -> Try:
        asker, action = ASKERS[name]
        of = FORMER if action == "household.former" else room
        subject = f"document:{house.paper(of, 'filed')}"
        return Try(_request(house, asker, action, subject), body)

    return made


def _request(house: Within, name: str, action: str, subject: str) -> int:
    wanted = {"actions": [action], "subject": subject, "reason": "有事要办"}
    answer = house.post(name, "/api/v1/approvals", wanted)
    assert answer.status_code == 201, answer.text
    (number,) = answer.json()["approvals"]
    return int(number)


def _own_request(house: Within, name: str, room: str) -> Try:
    wish = _wish(house, name, room).body
    return Try(_request(house, name, wish["action"], wish["subject"]))


def _new_user(house: Within, name: str, room: str) -> Try:
    return Try("", {"name": f"new{house.paper(room)}", "role": "staff"})


def _user(house: Within, name: str, room: str) -> Try:
    made = f"old{house.paper(room)}"
    with house.office.database.write() as session:
        people.add(session, made, ["staff"], actor="test")
    return Try(made, {"act": "disable"})


MAKERS: dict[str, Maker] = {
    "/api/v1/approvals": lambda *a: _only(_wish(*a), "actions", "subject", "reason"),
    "/api/v1/approvals/{number}/decision": _asked(act="grant"),
    "/api/v1/approvals/{number}/withdraw": _own_request,
    "/api/v1/documents": _upload,
    "/api/v1/documents/{document_id}/decision": lambda *a: _judged(*a)._replace(
        body={"act": "accept"}),
    "/api/v1/documents/{document_id}/reread": lambda *a: Try(_judged(*a).number),
    "/api/v1/households/{household_id}/documents": _brought,
    "/api/v1/households/{household_id}/facts": _facts,
    "/api/v1/households/{household_id}/facts/undo": _noted,
    "/api/v1/households/{household_id}/paper/confirm": _paper,
    "/api/v1/households/{household_id}/paper/withdraw": _ticked,
    "/api/v1/models/use": lambda *_: Try("", {"version": 0, "why": "试用"}),
    "/api/v1/policy": _rate(rate=0.002),
    "/api/v1/samples/draw": _to_draw,
    "/api/v1/samples/{sample_id}/answer": _sample,
    "/approvals": lambda *a: _only(_wish(*a), "action", "subject", "reason"),
    "/approvals/{number}/decline": _asked(reason="不必"),
    "/approvals/{number}/grant": _asked(),
    "/approvals/{number}/withdraw": _own_request,
    "/audit/samples/draw": _to_draw,
    "/audit/samples/{sample_id}": _sample,
    "/documents/{document_id}/refile": _filed(household="3-1-102"),
    "/documents/{document_id}/replace": _superseded,
    "/documents/{document_id}/reread": _judged,
    "/documents/{document_id}/take-out": _filed(),
    "/documents/{document_id}/turn": _waiting(),
    "/documents/{document_id}/unmask": _filed(),
    "/households/{household_id}/documents": _brought,
    "/households/{household_id}/facts": _facts,
    "/households/{household_id}/facts/undo": _noted,
    "/households/{household_id}/paper/confirm": _paper,
    "/households/{household_id}/paper/withdraw": _ticked,
    "/inbox/sheets": lambda *_: Try("", {"rooms": "", "type": "reno.permit", "copies": 1}),
    "/inbox/upload": _upload,
    "/inbox/{document_id}/restore": _trash,
    "/inbox/{document_id}/retry": _judged,
    "/review/bulk": _bulk,
    "/review/desk/{document_id}/accept": _judged,
    "/review/desk/{document_id}/assign": _waiting(household="3-1-102", type="reno.permit"),
    "/review/desk/{document_id}/blank": _waiting(),
    "/review/desk/{document_id}/discard": _waiting(),
    "/review/desk/{document_id}/hold": _waiting(),
    "/review/desk/{document_id}/merge": _two_parts,
    "/review/desk/{document_id}/split": _waiting(),
    "/review/desk/{document_id}/undo": _decided,
    "/review/undo": _just_decided,
    "/settings/learning/use": lambda *_: Try("", {"version": 0, "why": "试用"}),
    "/settings/policy": _rate(rate="0.2"),
    "/settings/policy/back": _rate(to_version=0),
    "/settings/users": _new_user,
    "/settings/users/{name}": _user,
}  # fmt: skip


def _only(one: Try, *kept: str) -> Try:
    return one._replace(body={name: one.body[name] for name in kept})


def test_every_verb_is_tried() -> None:
    assert {path for _, path, _ in VERBS} == set(MAKERS)


SEEN_TOO = "/households/{household_id}/documents"
"""Whoever brings papers to a household must see that household as well."""


def _split(house: Within, path: str, action: str) -> tuple[list[str], list[str]]:
    """Who may do this with something of building 3, and who may not."""
    by_place = "{" in path and "approvals" not in path and "users" not in path
    may: list[str] = []
    may_not: list[str] = []
    for name in ROLES:
        reach = house.viewer(name).reach(action)
        allowed = reach.holds(PLACE) if by_place else reach.anything
        if path.endswith(SEEN_TOO):
            allowed = allowed and house.viewer(name).reach("catalogue.see").holds(PLACE)
        (may if allowed else may_not).append(name)
    return may, may_not


def _call(house: Within, name: str, path: str, one: Try) -> Any:
    address = path
    if "{" in path:
        head, _, rest = path.partition("{")
        address = f"{head}{one.number}{rest.partition('}')[2]}"
    return house.post(name, address, one.body, one.files)


@pytest.mark.parametrize(("method", "path", "action"), VERBS)
def test_who_may_does_it_and_who_may_not_changes_nothing(
    house: Within, method: str, path: str, action: str
) -> None:
    may, may_not = _split(house, path, action)
    assert may
    room = {"clerk5": "5-1-101"}
    for name in may:
        answer = _call(house, name, path, MAKERS[path](house, name, room.get(name, ROOM)))
        assert answer.status_code in (200, 201, 303), (name, answer.status_code, answer.text[-300:])
        assert "problem=" not in answer.headers.get("location", ""), name
    withheld = MAKERS[path](house, may[-1], ROOM)
    for name in may_not:
        done, refusals = house.done_by(name), house.refusals(name)
        answer = _call(house, name, path, withheld)
        if path == "/review/bulk" and answer.status_code == 303:  # it tells how many, not which
            assert "done=0" in answer.headers["location"]
        else:
            assert answer.status_code in REFUSED, (name, answer.status_code)
        assert house.done_by(name) == done, name
        assert house.refusals(name) > refusals, name


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [verb for verb in VERBS if "{document_id}" in verb[1] or "{household_id}" in verb[1]],
)
def test_what_is_a_former_owners_is_out_of_reach_without_that_right(
    house: Within, method: str, path: str, action: str
) -> None:
    may, _ = _split(house, path, action)
    short = [n for n in may if house.viewer(n).rights.cell(ROLES[n][0], "household.former")
             is not Cell.ALL]  # fmt: skip
    if not short:
        return
    maker = "cs_head" if path.endswith("/undo") else short[0]
    withheld = MAKERS[path](house, maker, FORMER)
    for name in short:
        done, refusals = house.done_by(name), house.refusals(name)
        assert _call(house, name, path, withheld).status_code in REFUSED, name
        assert house.done_by(name) == done, name
        assert house.refusals(name) > refusals, name


@pytest.mark.parametrize("name", ["custodian", "clerk3", "manager", "estate_head", "auditor"])
@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_reaches_what_its_scope_and_its_owner_do(
    house: Within, name: str, scope: str
) -> None:
    program, who = house.token(name, [scope]), house.viewer(name)
    number, home = house.paper(ROOM, "filed", type="movein.notice"), _home(house, ROOM)
    for method, path, action in ROUTES:
        if not path.startswith("/api/") or not action:
            continue
        address = path.replace("{document_id}", str(number)).replace("{household_id}", str(home))
        address = address.replace("{number}.jpg", "1.jpg").replace("{number}", "999999")
        address = address.replace("{sample_id}", "999999") + ("?q=3" if method == "GET" else "")
        answer = program.request(method, address, json={} if method == "POST" else None)
        in_scope = who.rights.actions[action].scope == scope
        if not (in_scope and who.may(action)):
            assert answer.status_code == 403, (address, answer.status_code)
        elif method == "POST":  # an empty wish makes no sense, but it is read
            assert answer.status_code not in (401, 403), address
        elif action not in ("document.page", "document.original"):
            assert answer.status_code == 200, (address, answer.status_code)
