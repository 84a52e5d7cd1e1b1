"""Every role at every door: the status of each route is what the table of rights says.

Reading is tried here, on a household of either building, an important one and a
former generation; `test_rights_verbs` tries what changes something.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bench.front_office import AREAS, ROLES, Paper
from catalog import samples
from catalog.access import Viewer
from tests.integration.web.within import FORMER, Within, closed, within
from web.app import PUBLIC, guarded_routes, needed
from yihu.household import RoomKey

FORMER_PAPER = Paper(
    "旧业主.jpg", FORMER, "movein.notice",
    (("入住通知单", "房号：3-1-103", "业主：胡先前", "联系电话：13177778888"),),
)  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """A household and a document of it, with what of it is not for everybody."""

    building: str
    room: str
    file: str
    phone: str
    id_no: str = ""
    vip: bool = False
    former: bool = False

    @property
    def place(self) -> RoomKey:
        """Where it stands."""
        return RoomKey("阳光花园", "-", self.building, "1", "101")


THINGS = {
    "building 3": Thing("3", "3-1-101", "电话13812345678.jpg", "13812345678", "110101199003074514"),
    "building 5": Thing("5", "5-1-101", "五栋.jpg", "13655556666"),
    "important": Thing("5", "5-1-102", "重要.jpg", "13522223333", vip=True),
    "former": Thing("3", FORMER, FORMER_PAPER.file, "13177778888", former=True),
}
REFUSED = {403, 404}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Within]:
    """One office for the module, with a sample of every document."""
    with within(tmp_path_factory.mktemp("office") / "home") as made:
        closed(made.office, FORMER_PAPER)
        with made.office.database.write() as session:
            samples.draw(session, 1.0, "person:test", 100)
        yield made


def viewer(name: str) -> Viewer:
    return Viewer(1, name, ROLES[name], AREAS.get(name, ()))


ROUTES = sorted(
    (method, route.path, needed(route) or "")
    for route in guarded_routes()
    if route.path not in PUBLIC
    for method in route.methods or ()
)
READING = [route for route in ROUTES if route[0] == "GET" and route[2]]


def _of_a_thing(path: str) -> bool:
    return "{" in path and "kind" not in path


def test_every_route_says_who_may_call_it() -> None:
    assert len(ROUTES) > 50
    open_to_all = {path for _, path, action in ROUTES if not action}
    assert open_to_all == {
        "/sign-out",
        "/account",
        "/account/password",
        "/account/sessions/end",
        "/account/tokens",
        "/account/tokens/{token_id}/revoke",
        "/settings/rights",
        "/api/v1/me",
    }


@pytest.mark.parametrize(("method", "path", "action"), ROUTES)
def test_nobody_gets_in_without_signing_in(
    house: Within, method: str, path: str, action: str
) -> None:
    address = _filled(path, house, THINGS["building 3"])
    for accept in ("text/html", "application/json"):
        answer = house.stranger(accept=accept).request(method, address)
        assert answer.status_code in (303, 401)
        assert "张伟" not in answer.text
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(("method", "path", "action"), READING)
def test_each_role_reads_what_the_table_says_and_nothing_else(
    house: Within, method: str, path: str, action: str
) -> None:
    for name, thing in itertools.product(ROLES, THINGS.values()):
        if not _of_a_thing(path) and thing.room != "3-1-101":
            continue
        who, address = viewer(name), _filled(path, house, thing)
        allowed = _holds(who, action, thing) if _of_a_thing(path) else who.reach(action).anything
        answer = house.client(name).get(address)
        expected = allowed and not _needs_more(who, path, thing)
        assert answer.status_code < 500
        assert (answer.status_code not in REFUSED) is expected, (name, address, answer.status_code)


def _holds(who: Viewer, action: str, thing: Thing) -> bool:
    """Whether the table gives somebody this with that thing."""
    former = who.reach("household.former").holds(thing.place)
    return who.reach(action).holds(thing.place) and (former or not thing.former)


def _needs_more(who: Viewer, path: str, thing: Thing) -> bool:
    """What a route asks besides its own action: pages of an auditor need a reason, copies all."""
    if path.endswith((".jpg", "/text", "/readings")) and who.reach("document.page").with_reason:
        return True
    if path.endswith("/original"):  # its numbers cannot be covered
        return not (_holds(who, "household.id_no", thing) and _sees_phone(who, thing))
    return False


def _sees_phone(who: Viewer, thing: Thing) -> bool:
    return _holds(who, "household.phone", thing) and (
        not thing.vip or _holds(who, "household.vip_phone", thing)
    )


@pytest.mark.parametrize("which", THINGS)
@pytest.mark.parametrize("name", ROLES)
def test_each_level_shows_to_whom_the_table_names(house: Within, name: str, which: str) -> None:
    who, thing = viewer(name), THINGS[which]
    answers = [
        house.client(name).get(_filled(path, house, thing)).text
        for _, path, _ in READING
        if _of_a_thing(path) and not path.endswith((".jpg", "/original"))
    ]
    told = "\n".join(answers)
    assert (thing.phone in told) is _sees_phone(who, thing)
    if thing.id_no:
        assert (thing.id_no in told) is _holds(who, "household.id_no", thing)
    if thing.former:
        assert ("胡先前" in told) is any(
            _holds(who, action, thing) for action in ("document.page", "catalogue.see")
        )


def _filled(path: str, house: Within, thing: Thing) -> str:
    office = house.office
    document = office.ids[thing.file]
    values = {
        "document_id": document,
        "household_id": office.households[thing.room],
        "sample_id": house.sample_of(document) if "sample_id" in path else 0,
        "number": 1,
        "kind": "xlsx",
        "token_id": 1,
        "name": "custodian",
    }
    address = path
    for name, value in values.items():
        address = address.replace("{" + name + "}", str(value))
    if path in ("/api/v1/households", "/api/v1/search"):
        address += "?q=3"
    return address
