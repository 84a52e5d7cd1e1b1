"""What an administrator, a lost link, an old token or a guesser must not be able to do."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bench.front_office import PASSWORD, Office, post
from catalog.accounts import people, signed_in
from catalog.models import Event, WebSession
from yihu.clock import now

LONG = "another-good-one"


def _link(office: Office, name: str) -> str:
    made = post(office.client("sysadmin"), f"/settings/users/{name}", act="link")
    return str(made.text.partition("/password/")[2].partition("<")[0])


def _new(office: Office, name: str, *roles: str) -> None:
    with office.database.write() as session:
        people.add(session, name, roles or ("custodian",), password=PASSWORD, actor="test")


def _events(office: Office, name: str, action: str) -> list[Event]:
    with office.database.read() as session:
        return list(
            session.scalars(select(Event).where(Event.subject_id == name, Event.action == action))
        )


def test_who_made_a_link_stands_in_the_ledger_and_beside_the_password(office: Office) -> None:
    _new(office, "victim")
    path = f"/password/{_link(office, 'victim')}"
    (made,) = _events(office, "victim", "link_made")
    assert made.actor == "person:sysadmin"
    form = {"password": LONG, "again": LONG}
    assert office.client().post(path, data=form).status_code == 303
    (was_set,) = _events(office, "victim", "password_set")
    assert '"link_by":"person:sysadmin"' in was_set.data


def test_nobody_gives_themselves_a_role_and_an_administrator_has_no_other(office: Office) -> None:
    _new(office, "second-admin", "sysadmin")
    admin = office.client("second-admin")
    path = "/settings/users/second-admin"
    assert post(admin, path, act="change", role="manager").status_code == 400
    assert post(admin, path, act="change", role="sysadmin", areas="3").status_code == 400
    assert post(admin, path, act="change", role="sysadmin", display="乙").status_code == 303
    both = post(office.client("sysadmin"), path, act="change", role=["sysadmin", "manager"])
    assert both.status_code == 400
    form = {"name": "third", "role": ["sysadmin", "gm"]}
    assert post(office.client("sysadmin"), "/settings/users", **form).status_code == 400
    with office.database.read() as session:
        assert people.by_name(session, "third") is None
        assert people.named(session, "second-admin").roles == ["sysadmin"]


def test_a_new_password_ends_sessions_tokens_and_pending_links(office: Office) -> None:
    _new(office, "renewing")
    client, link = office.client("renewing"), _link(office, "renewing")
    token = _token(client)
    form = {"old": PASSWORD, "password": LONG, "again": LONG}
    assert post(client, "/account/password", **form).status_code == 303
    assert _me(office, token) == 401
    assert office.client().get(f"/password/{link}").status_code == 404


def test_signing_out_everywhere_ends_tokens_too(office: Office) -> None:
    _new(office, "leaving-all")
    client = office.client("leaving-all")
    token = _token(client)
    assert _me(office, token) == 200
    assert post(client, "/account/sessions/end").status_code == 303
    assert _me(office, token) == 401
    assert client.get("/account").status_code == 200


def test_what_disabling_ended_stays_ended(office: Office) -> None:
    _new(office, "back-again")
    token, link = _token(office.client("back-again")), _link(office, "back-again")
    admin = office.client("sysadmin")
    for act in ("disable", "enable"):
        assert post(admin, "/settings/users/back-again", act=act).status_code == 303
    assert _me(office, token) == 401
    assert office.client().get(f"/password/{link}").status_code == 404


def test_signing_in_over_a_session_ends_it(office: Office) -> None:
    client = office.client("custodian")
    kept = dict(client.cookies)
    assert client.post("/sign-in", data={"name": "gm", "password": PASSWORD}).status_code == 303
    again = office.client()
    again.cookies.update(kept)
    assert again.get("/inbox").status_code == 303


def test_a_page_left_open_does_not_keep_the_session_alive(office: Office) -> None:
    client = office.client("estate_head")
    long_ago = now() - timedelta(hours=7)
    with office.database.write() as session:
        account = people.named(session, "estate_head")
        one = session.scalars(
            select(WebSession).where(
                WebSession.account_id == account.id, WebSession.revoked_at.is_(None)
            )
        ).one()
        one.seen_at = long_ago
        key = one.token_hash
    assert client.get("/inbox/rows").status_code == 200
    with office.database.read() as session:
        assert session.get_one(WebSession, key).seen_at == long_ago
    client.get("/inbox")
    with office.database.read() as session:
        assert session.get_one(WebSession, key).seen_at > long_ago


def test_a_stranger_s_guesses_do_not_lock_the_owner_out(office: Office) -> None:
    for _ in range(5):
        assert signed_in.sign_in(office.database, "dept_head", "wrong-one", "10.0.0.1") is None
    with pytest.raises(signed_in.TooManyTries):
        signed_in.sign_in(office.database, "dept_head", PASSWORD, "10.0.0.1")
    assert signed_in.sign_in(office.database, "dept_head", PASSWORD, "10.0.0.2") is not None


def test_the_old_password_cannot_be_guessed_either(office: Office) -> None:
    _new(office, "left-open")
    client = office.client("left-open")
    form = {"password": LONG, "again": LONG}
    codes = [
        post(client, "/account/password", old=f"guess-{n}", **form).status_code for n in range(5)
    ]
    assert codes == [400] * 5
    assert post(client, "/account/password", old=PASSWORD, **form).status_code == 429


def test_an_account_has_a_usable_name_and_areas_that_bound(office: Office) -> None:
    admin = office.client("sysadmin")
    for form in ({"name": ".."}, {"name": "wide-open", "areas": "/"}):
        assert post(admin, "/settings/users", role="clerk", **form).status_code == 400


def _token(client: httpx.Client) -> str:
    answer = post(client, "/account/tokens", name="t", scope=["read"], days=1)
    found = re.search(r"yihu_[A-Za-z0-9_-]{20,}", answer.text)
    assert found is not None
    return found[0]


def _me(office: Office, token: str) -> int:
    return office.client(authorization=f"Bearer {token}").get("/api/v1/me").status_code
