"""Signing in: no default password, throttled, revocable, and only from our own pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bench.front_office import PASSWORD, Office, csrf, post
from catalog.accounts import people, signed_in
from catalog.models import Account, Event, LoginFailure, WebSession
from cli.up import _setup_secret
from tests.integration.web.within import empty_house
from yihu.settings import load


def test_every_page_is_sealed(office: Office) -> None:
    for path in ("/sign-in", "/static/style.css", "/nothing", "/inbox", "/api/v1/documents"):
        headers = office.client().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "server" not in headers


def test_no_page_holds_a_script_or_a_style_of_its_own(office: Office) -> None:
    client = office.client("custodian")
    pages = (
        "/inbox",
        "/review",
        "/households",
        "/search",
        "/audit",
        "/account",
        "/settings/rights",
    )
    for path in (*pages, f"/review/desk/{office.ids['多页.pdf']}", "/households/1", "/documents/1"):
        text = client.get(path, follow_redirects=True).text
        assert "<style" not in text
        assert " style=" not in text
        assert "onclick" not in text
        assert "<script>" not in text
        assert "https://" not in text


def test_a_wrong_name_and_a_wrong_password_say_the_same(office: Office) -> None:
    client = office.client()
    wrong = [
        client.post("/sign-in", data={"name": name, "password": "not-the-one"})
        for name in ("custodian", "nobody")
    ]
    assert [answer.status_code for answer in wrong] == [401, 401]
    texts = {answer.text.replace("custodian", "").replace("nobody", "") for answer in wrong}
    assert len(texts) == 1
    _forget(office)


def test_guessing_is_braked_even_with_the_right_password(office: Office) -> None:
    client = office.client()
    codes = [
        client.post("/sign-in", data={"name": "leader", "password": f"guess-{n}"}).status_code
        for n in range(6)
    ]
    assert codes == [401] * 5 + [429]
    right = client.post("/sign-in", data={"name": "leader", "password": PASSWORD})
    assert right.status_code == 429
    assert signed_in.WINDOW.total_seconds() >= 600
    _forget(office)


def _forget(office: Office) -> None:
    with office.database.write() as session:
        session.execute(delete(LoginFailure))


def test_the_cookie_is_kept_from_scripts_and_only_its_hash_is_stored(office: Office) -> None:
    answer = office.client().post("/sign-in", data={"name": "custodian", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    secret = cookie.partition("=")[2].partition(";")[0]
    with office.database.read() as session:
        assert session.get(WebSession, secret) is None
        assert all(secret != one.token_hash for one in session.scalars(select(WebSession)))


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    client = office.client("custodian")
    kept = dict(client.cookies)
    assert client.get("/inbox").status_code == 200
    assert post(client, "/sign-out").status_code == 303
    again = office.client()
    again.cookies.update(kept)
    answer = again.get("/inbox")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_a_disabled_account_is_out_at_once(office: Office) -> None:
    with office.database.write() as session:
        people.add(session, "leaver", ["custodian"], password=PASSWORD, actor="test")
    client = office.client("leaver")
    assert client.get("/inbox").status_code == 200
    admin = office.client("sysadmin")
    assert post(admin, "/settings/users/leaver", act="disable").status_code == 303
    assert client.get("/inbox").status_code == 303
    with pytest.raises(RuntimeError):
        office.client("leaver")
    _forget(office)


def test_forms_without_the_token_do_nothing(office: Office) -> None:
    client = office.client("custodian")
    number = office.ids["待定三.jpg"]
    for path in (f"/review/desk/{number}/discard", "/account/tokens", "/sign-out", "/review/bulk"):
        assert client.post(path, data={"name": "x", "scope": "read"}).status_code == 403
        assert client.post(path, data={"csrf": "0" * 64}).status_code == 403
    assert office.document(number).state == "review"


def test_another_session_s_token_is_worth_nothing(office: Office) -> None:
    one, other = office.client("custodian"), office.client("custodian")
    path = f"/review/desk/{office.ids['待定三.jpg']}/discard"
    assert other.post(path, data={"csrf": csrf(one)}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:1"},
    ],
)
def test_forms_of_other_sites_are_refused(office: Office, headers: dict[str, str]) -> None:
    answer = office.client().post(
        "/sign-in", data={"name": "custodian", "password": PASSWORD}, headers=headers
    )
    assert answer.status_code == 403


def test_a_host_name_that_is_not_ours_gets_nothing(office: Office) -> None:
    assert office.client().get("/sign-in", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("next_path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(office: Office, next_path: str) -> None:
    answer = office.client().post(
        "/sign-in", data={"name": "custodian", "password": PASSWORD, "next": next_path}
    )
    assert answer.headers["location"] == "/"
    answer = office.client().get(f"/language?to=en&next={next_path}")
    assert answer.headers["location"] == "/"


def test_an_invited_person_sets_the_password_once(office: Office) -> None:
    admin = office.client("sysadmin")
    made = post(admin, "/settings/users", name="Newcomer", role="clerk", areas="3、5")
    path = made.text.partition("/password/")[2].partition("<")[0]
    guest = office.client()
    form = {"password": "a-good-long-one", "again": "a-good-long-one"}
    assert guest.post(f"/password/{path}", data=form | {"again": "x"}).status_code == 400
    assert (
        guest.post(f"/password/{path}", data={"password": "short", "again": "short"}).status_code
        == 400
    )
    assert guest.post(f"/password/{path}", data=form).status_code == 303
    assert guest.get("/inbox").status_code == 200
    assert office.client().post(f"/password/{path}", data=form).status_code == 404
    with office.database.read() as session:
        areas = people.areas_of(session, people.named(session, "newcomer").id)
    assert [str(area) for area in areas] == ["3", "5"]


def test_the_first_run_link_is_worth_nothing_once_there_is_an_account(office: Office) -> None:
    with office.database.write() as session:
        secret = signed_in.add_link(session, "setup")
    assert office.client().get(f"/setup/{secret}").status_code == 404


def test_the_first_run_link_makes_the_administrator_once(tmp_path: Path) -> None:
    settings = load(tmp_path / "home")
    path = f"/setup/{_setup_secret(settings)}"
    with empty_house(settings) as house:
        client = house.stranger()
        assert "/setup/" not in client.get("/sign-in").text  # it is told on the console alone
        assert client.get("/setup/guessed").status_code == 404
        assert client.get(path).status_code == 200
        form = {"name": "admin", "password": "a-good-long-one", "again": "a-good-long-one"}
        assert client.post(path, data=form | {"again": "another"}).status_code == 400
        assert client.post(path, data=form | {"password": "x", "again": "x"}).status_code == 400
        made = client.post(path, data=form)
        assert (made.status_code, made.headers["location"]) == (303, "/settings")
        assert client.get("/settings").status_code == 200
        assert client.get("/inbox").status_code == 403  # whoever configures sees no papers
        assert house.viewer("admin").roles == ("sysadmin",)
        late = house.stranger()
        assert late.get(path).status_code == 404
        assert late.post(path, data=form | {"name": "second"}).status_code == 404
        signed = late.post("/sign-in", data={"name": "admin", "password": "a-good-long-one"})
        assert signed.status_code == 303
        with house.office.database.read() as session:
            assert [account.name for account in session.scalars(select(Account))] == ["admin"]
    assert _setup_secret(settings) == ""


def test_the_last_administrator_cannot_be_taken_away(office: Office) -> None:
    admin = office.client("sysadmin")
    assert post(admin, "/settings/users/sysadmin", act="disable").status_code == 400
    changed = post(admin, "/settings/users/sysadmin", act="change", role="clerk")
    assert changed.status_code == 400


def test_nothing_of_a_person_is_in_the_ledger(office: Office) -> None:
    with office.database.read() as session:
        names = set(session.scalars(select(Account.name)))
        rows = session.execute(select(Event.data, Event.subject_id)).all()
    assert names
    for data, _ in rows:
        for secret in ("张伟", "13812345678", "110101199003074514", PASSWORD):
            assert secret not in data
