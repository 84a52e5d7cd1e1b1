"""Every role at every door: the status of each route is what the table of rights says."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bench.front_office import AREAS, ROLES, Office, csrf
from catalog import samples
from catalog.access import Viewer
from catalog.models import Sample
from web.app import PUBLIC, guarded_routes, needed
from yihu.household import RoomKey

PLACES = {
    3: RoomKey("阳光花园", "-", "3", "1", "101"),
    5: RoomKey("阳光花园", "-", "5", "1", "101"),
}
OBJECTS = {
    "document_id": {3: "电话13812345678.jpg", 5: "五栋.jpg"},
    "household_id": {3: "3-1-101", 5: "5-1-101"},
}
REFUSED = {403, 404}
AFAR = {"x-forwarded-for": "203.0.113.7"}
"""Not from this machine, which may read the figures without an account."""


@pytest.fixture(scope="module")
def clients(office: Office) -> Iterator[dict[str, httpx.Client]]:
    """Everybody, signed in."""
    with office.database.write() as session:
        samples.draw(session, 1.0, "person:test", 100)
    made = {name: office.client(name) for name in ROLES}
    yield made
    for client in made.values():
        client.close()


def viewer(name: str) -> Viewer:
    return Viewer(1, name, ROLES[name], AREAS.get(name, ()))


ROUTES = sorted(
    (method, route.path, needed(route) or "")
    for route in guarded_routes()
    if route.path not in PUBLIC
    for method in route.methods or ()
)


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
@pytest.mark.usefixtures("clients")
def test_nobody_gets_in_without_signing_in(
    office: Office, method: str, path: str, action: str
) -> None:
    address = _filled(path, office, 3)
    for accept in ("text/html", "application/json"):
        answer = httpx.request(method, office.base + address, headers=AFAR | {"accept": accept})
        assert answer.status_code in (303, 401, 422)
        assert "张伟" not in answer.text
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("method", "path", "action"), [route for route in ROUTES if route[0] == "GET" and route[2]]
)
@pytest.mark.parametrize("building", [3, 5])
def test_each_role_reads_what_the_table_says_and_nothing_else(
    office: Office,
    clients: dict[str, httpx.Client],
    method: str,
    path: str,
    action: str,
    building: int,
) -> None:
    address = _filled(path, office, building)
    for name, client in clients.items():
        who = viewer(name)
        reach = who.reach(action)
        answer = client.get(address)
        if "{" in path and "kind" not in path:
            allowed = reach.holds(PLACES[building]) and not _needs_more(who, path, building)
        else:
            allowed = reach.anything
        refused = answer.status_code in REFUSED
        assert refused is not allowed, (name, address, answer.status_code)
        assert answer.status_code < 500


def _needs_more(who: Viewer, path: str, building: int) -> bool:
    """What a route asks besides its own action: pages of an auditor need a reason, copies all."""
    if path.endswith((".jpg", "/text", "/readings")) and who.reach("document.page").with_reason:
        return True
    if path.endswith(".jpg"):  # a page read well is shown with its numbers covered
        return False
    if path.endswith("/original"):  # an estate head sees no ID numbers without a reason
        return not who.reach("household.id_no").holds(PLACES[building])
    return False


def _filled(path: str, office: Office, building: int) -> str:
    values = {
        "document_id": office.ids[OBJECTS["document_id"][building]],
        "household_id": office.households[OBJECTS["household_id"][building]],
        "sample_id": _sample(office, office.ids[OBJECTS["document_id"][building]]),
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


def _sample(office: Office, document: int) -> int:
    with office.database.read() as session:
        return session.query(Sample).filter_by(document_id=document).one().id


@pytest.mark.parametrize(
    ("method", "path", "action"), [route for route in ROUTES if route[0] == "POST" and route[2]]
)
def test_who_may_not_change_things_changes_nothing(
    office: Office, clients: dict[str, httpx.Client], method: str, path: str, action: str
) -> None:
    before = {number: _standing(office, number) for number in office.ids.values()}
    for name, client in clients.items():
        reach = viewer(name).reach(action)
        if reach.anything and ("{" not in path or reach.holds(PLACES[5])):
            continue
        address = _filled(path, office, 5)
        form = {"csrf": csrf(client), "reason": "because", "name": "evil", "role": "sysadmin"}
        if path.startswith("/api/"):
            headers = {"x-csrf-token": csrf(client)}
            answer = client.post(address, json={"act": "accept"}, headers=headers)
        else:
            answer = client.post(
                address, data=form | {"act": "disable", "type": "reno.permit", "page": "1"}
            )
        assert answer.status_code in (*REFUSED, 422), (name, address, answer.status_code)
    assert {number: _standing(office, number) for number in office.ids.values()} == before


def _standing(office: Office, number: int) -> tuple[object, ...]:
    found = office.document(number)
    return found.state, found.stage, found.household_id, found.type, found.reasons
