"""Sign-on through a small real identity provider that this test starts."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bench.front_office import Office, fill, open_office
from bench.servers import free_port
from catalog.accounts import people

CLIENT, SECRET = "yihu", "provider-secret"


@dataclass
class Provider:
    """An identity provider: authorization code with PKCE, RS256 identity tokens."""

    base: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    spoil: str = ""

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/keys",
            }
        )

    async def authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}")

    async def token(self, request: Request) -> Response:
        given = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(given["code"])
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        basic = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        assert basic == f"{CLIENT}:{SECRET}"
        claims = {
            "iss": self.base,
            "aud": CLIENT,
            "sub": "person-7",
            "exp": int(time.time()) + 60,
            "nonce": asked["nonce"],
        } | self.claims
        key = RSAKey.generate_key(2048, {"kid": "k1"}) if self.spoil == "key" else self.key
        if self.spoil == "nonce":
            claims["nonce"] = "other"
        if self.spoil == "audience":
            claims["aud"] = "another"
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port = free_port()
    made = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield made
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Office]:
    made = fill(tmp_path_factory.mktemp("office") / "home", ())
    with made.database.write() as session:
        for name, role in (("joiner", "custodian"), ("gone", "gm"), ("root2", "sysadmin")):
            people.add(session, name, [role], actor="test")
        people.disable(session, people.named(session, "gone"), "test")
    with open_office(
        made, oidc_issuer=provider.base, oidc_client_id=CLIENT, oidc_client_secret=SECRET
    ):
        yield made


def _walk(office: Office) -> tuple[Any, str]:
    """Go to the provider and back as a browser does; gives the client and where it ended."""
    client = office.client()
    begun = client.get("/sign-in/sso")
    assert begun.status_code == 303
    answer = client.get(begun.headers["location"])
    back = urlsplit(answer.headers["location"])
    done = client.get(f"{back.path}?{back.query}")
    return client, done.headers.get("location", str(done.status_code))


def test_a_known_person_signs_on_and_stays_known_by_subject(
    office: Office, provider: Provider
) -> None:
    provider.claims = {"preferred_username": "joiner"}
    client, ended = _walk(office)
    assert ended == "/"
    assert "joiner" in client.get("/account").text
    provider.claims = {"preferred_username": "manager"}  # renamed there: the subject decides
    client, _ = _walk(office)
    assert "<dd>joiner</dd>" in client.get("/account").text


def test_who_has_no_account_is_not_let_in(office: Office, provider: Provider) -> None:
    provider.claims = {"preferred_username": "stranger", "sub": "person-8"}
    _, ended = _walk(office)
    assert ended == "/sign-in?problem=sso"


def test_another_subject_does_not_take_over_a_name(office: Office, provider: Provider) -> None:
    provider.claims = {"preferred_username": "joiner", "sub": "person-9"}
    _, ended = _walk(office)
    assert ended == "/sign-in?problem=sso"


@pytest.mark.parametrize("name", ["custodian", "sysadmin", "root2", "gone"])
def test_a_name_alone_takes_over_nothing(office: Office, provider: Provider, name: str) -> None:
    """Not an account with a password, not an administrator, not one that is disabled."""
    provider.claims = {"preferred_username": name, "sub": f"taker-{name}"}
    _, ended = _walk(office)
    assert ended == "/sign-in?problem=sso"
    with office.database.read() as session:
        assert people.named(session, name).sso_subject is None


def test_a_token_made_for_another_client_is_refused(office: Office, provider: Provider) -> None:
    provider.claims = {"preferred_username": "joiner", "aud": [CLIENT, "x"], "azp": "x"}
    assert _walk(office)[1] == "400"
    provider.claims = {"preferred_username": "joiner", "aud": [CLIENT, "x"]}
    assert _walk(office)[1] == "400"


@pytest.mark.parametrize("spoil", ["key", "nonce", "audience"])
def test_an_answer_that_does_not_hold_is_refused(
    office: Office, provider: Provider, spoil: str
) -> None:
    provider.claims, provider.spoil = {"preferred_username": "gm", "sub": spoil}, spoil
    try:
        _, ended = _walk(office)
    finally:
        provider.spoil = ""
    assert ended == "400"


def test_an_answer_nobody_asked_for_is_refused(office: Office) -> None:
    client = office.client()
    answer = client.get("/sign-in/sso/answer?code=x&state=made-up")
    assert answer.headers["location"] == "/sign-in?problem=sso"


def test_the_answer_works_only_in_the_browser_that_asked(
    office: Office, provider: Provider
) -> None:
    provider.claims = {"preferred_username": "leader", "sub": "person-10"}
    mine, theirs = office.client(), office.client()
    answer = mine.get(mine.get("/sign-in/sso").headers["location"])
    back = urlsplit(answer.headers["location"])
    assert theirs.get(f"{back.path}?{back.query}").headers["location"] == "/sign-in?problem=sso"
