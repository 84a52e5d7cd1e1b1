"""Sign-on through the office's identity provider (OpenID Connect, code flow with PKCE).

An account must exist: a provider says who somebody is, never what they may do.
The first time the claim names the account; from then on its subject does.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.accounts import new_secret, people, secret_hash, signed_in
from catalog.models import Account, SignOnAttempt
from web.guard import front_of
from web.page import to
from web.rooms.sign_in import over_https, with_session
from web.serve import address
from yihu.clock import now
from yihu.errors import NotFound, Retryable, Usage
from yihu.settings import Settings

router = APIRouter()
STATE_COOKIE = "yihu_sign_on"
_LIVES = timedelta(minutes=10)
_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]


@router.get("/sign-in/sso")
def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    front = front_of(request)
    settings = _configured(front.settings)
    known = _discovered(settings)
    state, nonce, verifier = new_secret(), new_secret(), new_secret() + new_secret()
    with front.database.write() as session:
        session.execute(delete(SignOnAttempt).where(SignOnAttempt.expires_at < now()))
        session.add(
            SignOnAttempt(
                state_hash=secret_hash(state),
                nonce=nonce,
                verifier=verifier,
                expires_at=now() + _LIVES,
            )
        )
    with _client(request, settings) as client:
        url, _ = client.create_authorization_url(
            known["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
    answer = RedirectResponse(url, 303)
    answer.set_cookie(
        STATE_COOKIE,
        state,
        max_age=600,
        httponly=True,
        samesite="lax",
        secure=over_https(request),
        path="/sign-in/sso",
    )
    return answer


@router.get("/sign-in/sso/answer")
def answer(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """Take the provider's answer; anything that does not fit ends at the form, with a word."""
    front = front_of(request)
    settings = _configured(front.settings)
    with front.database.write() as session:
        attempt = session.get(SignOnAttempt, secret_hash(state))
        fits = attempt is not None and attempt.expires_at > now()
        if attempt is not None:
            session.delete(attempt)
    if not fits or attempt is None or error or request.cookies.get(STATE_COOKIE) != state:
        return to("/sign-in", problem="sso")
    claims = _claims(request, settings, code, attempt)
    with front.database.write() as session:
        account = _account(session, settings, claims)
        if account is None:
            return to("/sign-in", problem="sso")
        secret = signed_in.open_session(
            session, account, request.headers.get("user-agent", ""), "sso"
        )
    done = with_session(request, to("/"), secret)
    done.delete_cookie(STATE_COOKIE, path="/sign-in/sso")
    return done


def _account(session: Session, settings: Settings, claims: dict[str, Any]) -> Account | None:
    subject = f"{claims['iss']}|{claims['sub']}"
    account = session.scalar(select(Account).where(Account.sso_subject == subject))
    if account is None:
        named = people.by_name(session, str(claims.get(settings.oidc_claim) or ""))
        trusted = settings.oidc_claim != "email" or claims.get("email_verified") is True
        if named is None or not trusted or not _joinable(named):
            return None
        account = named
        account.sso_subject = subject
        ledger.append(session, "sso_joined", f"account:{account.name}", {}, "sso")
    return None if account.disabled_at is not None else account


def _joinable(account: Account) -> bool:
    """Whether a provider's claim alone may name this account.

    Only one made for sign-on, which has no password: else a provider, or whoever
    may choose a name there, would take over accounts that people use already.
    """
    return (
        account.sso_subject is None
        and not account.password_hash
        and account.disabled_at is None
        and "sysadmin" not in account.roles
    )


def _configured(settings: Settings) -> Settings:
    if not settings.oidc_issuer or not settings.oidc_client_id:
        raise NotFound("未启用统一登录 / sign-on is not set up")
    return settings


_KNOWN: dict[str, tuple[float, dict[str, Any]]] = {}
_KEEP_SECONDS = 300.0


def _discovered(settings: Settings) -> dict[str, Any]:
    """What the provider says of itself, asked for once in five minutes."""
    kept = _KNOWN.get(settings.oidc_issuer)
    if kept is None or time.monotonic() > kept[0]:
        found = _asked(settings)
        kept = _KNOWN[settings.oidc_issuer] = (time.monotonic() + _KEEP_SECONDS, found)
    return kept[1]


def _asked(settings: Settings) -> dict[str, Any]:
    import httpx

    url = settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        found: dict[str, Any] = httpx.get(url, timeout=5).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise Retryable("统一登录暂不可用 / the identity provider does not answer") from error
    secure = urlsplit(settings.oidc_issuer).scheme == "https"
    if found.get("issuer", "").rstrip("/") != settings.oidc_issuer.rstrip("/"):
        raise Usage("issuer mismatch")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if secure and urlsplit(found[name]).scheme != "https":
            raise Usage(f"{name} is not https")
    return found


def _client(request: Request, settings: Settings) -> Any:
    from authlib.integrations.httpx_client import OAuth2Client

    base = address(settings, request.app.state.port)
    return OAuth2Client(
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value() or None,
        scope="openid profile email",
        redirect_uri=f"{base}/sign-in/sso/answer",
        code_challenge_method="S256",
        timeout=5,
    )


def _for_us(settings: Settings, claims: dict[str, Any]) -> None:
    """Raise ValueError for a token that was made for another client (OpenID Connect 3.1.3.7)."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else settings.oidc_client_id) != settings.oidc_client_id:
        raise ValueError("azp")


def _claims(
    request: Request, settings: Settings, code: str, attempt: SignOnAttempt
) -> dict[str, Any]:
    """The verified claims of the identity token."""
    import httpx
    from authlib.common.errors import AuthlibBaseError
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    known = _discovered(settings)
    try:
        with _client(request, settings) as client:
            token = client.fetch_token(
                known["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
        keys = KeySet.import_key_set(
            httpx.get(known["jwks_uri"], timeout=5).raise_for_status().json()
        )
        decoded = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": settings.oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
            leeway=30,
        )
        registry.validate(decoded.claims)
        _for_us(settings, decoded.claims)
    except (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        raise Usage(
            "统一登录未通过核验 / the answer of the identity provider does not hold"
        ) from error
    return dict(decoded.claims)
