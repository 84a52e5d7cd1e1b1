"""Facts on the household's page: who may note them does, with a reason, and takes them back."""

from __future__ import annotations

from bench.front_office import Office, csrf, post
from catalog import facts
from catalog.models import Household


def _noted(office: Office, home: int) -> facts.Noted:
    with office.database.read() as session:
        return facts.of(session.get_one(Household, home))


def test_a_clerk_notes_facts_of_the_own_buildings_and_sees_what_is_missing(office: Office) -> None:
    home = office.households["5-1-101"]
    path, form = f"/households/{home}/facts", {"vehicles": "1", "evidence": "车位协议"}
    clerk = office.client("clerk5")
    assert "problem=" in post(clerk, path, **form).headers["location"]
    assert post(clerk, path, **form, why="新买车").headers["location"].endswith("done=facts")
    assert _noted(office, home).vehicles == 1
    page = clerk.get(f"/households/{home}").text
    assert "新买车" in page
    assert "车位协议" in page
    assert post(office.client("clerk3"), path, **form, why="不是我的楼").status_code == 404
    for name in ("manager", "auditor", "cs_staff"):  # what the manager needs is an approval
        assert post(office.client(name), path, **form, why="不能改").status_code == 403
    auditor = office.client("auditor").get(f"/households/{home}").text
    assert "新买车" not in auditor  # people's own words may name somebody
    assert post(clerk, f"{path}/undo").headers["location"].count("problem=") == 1
    assert post(clerk, f"{path}/undo", why="登记错").headers["location"].endswith("done=facts")
    assert _noted(office, home).vehicles == 0


def test_who_saw_older_facts_does_not_overwrite_newer(office: Office) -> None:
    home = office.households["3-1-102"]
    head, path = office.client("cs_head"), f"/households/{home}/facts"
    old = _noted(office, home).mark
    assert "done=" in post(head, path, leases="1", why="先到", seen=old).headers["location"]
    late = post(office.client("custodian"), path, leases="2", why="后到", seen=old)
    assert "problem=" in late.headers["location"]
    assert _noted(office, home).leases == 1


def test_the_api_does_the_same(office: Office) -> None:
    home = office.households["10-1-301"]
    client = office.client("custodian", accept="application/json")
    path, token = f"/api/v1/households/{home}/facts", {"x-csrf-token": csrf(client)}
    assert client.get(path).json()["renovations"] == 0
    wish = {"renovations": 2, "renovations_done": 1, "why": "两次装修"}
    assert client.post(path, json=wish, headers=token).json()["renovations"] == 2
    assert client.post(path, json={"why": "没有意思", "x": 1}, headers=token).status_code == 422
    undone = client.post(f"{path}/undo", json={"why": "改错"}, headers=token)
    assert undone.json()["renovations"] == 0
