"""One's own account: password, sessions, API tokens, what one may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from catalog.access import SCOPES, load_rights
from catalog.accounts import people, secret_hash, signed_in
from catalog.models import Account
from web.guard import COOKIE, SignedIn, front_of
from web.page import page, to
from web.rooms.sign_in import address_of, with_session
from yihu.errors import Usage

router = APIRouter()
Text = Annotated[str, Form(max_length=300)]


@router.get("/account")
def account(request: Request, viewer: SignedIn, done: str = "") -> Response:
    """What this account is and may do."""
    return _shown(request, viewer, done=done if done in ("password", "sessions") else "")


def _shown(
    request: Request, viewer: SignedIn, *, done: str = "", problem: str = "", secret: str = ""
) -> Response:
    with front_of(request).database.read() as session:
        tokens = signed_in.tokens_of(session, viewer.account_id)
    rights = load_rights()
    return page(
        request,
        "account.html",
        viewer,
        400 if problem else 200,
        tokens=tokens,
        scopes=SCOPES,
        done=done,
        problem=problem,
        secret=secret,
        actions=list(rights.actions.values()),
    )


@router.post("/account/password")
def change_password(
    request: Request, viewer: SignedIn, old: Text, password: Text, again: Text
) -> Response:
    """Change one's own password; every other session ends."""
    try:
        if password != again:
            raise Usage("两次输入不一致 / the two passwords differ")
        database = front_of(request).database
        if signed_in.sign_in(database, viewer.name, old, address_of(request)) is None:
            raise Usage("原密码不对 / the old password is wrong")
        with database.write() as session:
            account = session.get_one(Account, viewer.account_id)
            people.set_password(session, account, password, viewer.actor)
            secret = signed_in.open_session(
                session, account, request.headers.get("user-agent", ""), "password"
            )
    except Usage as error:
        return _shown(request, viewer, problem=str(error))
    return with_session(request, to("/account", done="password"), secret)


@router.post("/account/sessions/end")
def end_sessions(request: Request, viewer: SignedIn) -> Response:
    """Sign out everywhere else; API tokens and pending links end too."""
    with front_of(request).database.write() as session:
        keep = secret_hash(request.cookies.get(COOKIE, ""))
        people.end_everything(session, viewer.account_id, keep)
    return to("/account", done="sessions")


@router.post("/account/tokens")
def add_token(
    request: Request,
    viewer: SignedIn,
    name: Text,
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form(ge=1, le=730)] = 365,
) -> Response:
    """Make an API token and show it, once."""
    try:
        with front_of(request).database.write() as session:
            secret = signed_in.add_token(session, viewer, name, scope or [], days)
    except Usage as error:
        return _shown(request, viewer, problem=str(error))
    return _shown(request, viewer, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(request: Request, viewer: SignedIn, token_id: int) -> Response:
    """End one of one's own tokens."""
    with front_of(request).database.write() as session:
        signed_in.revoke_token(session, viewer, token_id)
    return to("/account")
