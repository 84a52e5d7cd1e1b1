"""Signing in and out, the one-time links, and the language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from catalog.accounts import people, signed_in
from catalog.models import Account
from web.guard import COOKIE, LANGUAGE_COOKIE, Needs, NotSignedIn, SignedIn, front_of
from web.page import NAVIGATION, inner_path, page, to
from web.words import LANGUAGES
from yihu.errors import NotFound, Usage

router = APIRouter()
_YEAR = 365 * 86400
Text = Annotated[str, Form(max_length=300)]


@router.get("/")
async def front_door(request: Request) -> Response:
    """The first room this person may enter."""
    try:
        viewer = await Needs("")(request)
    except NotSignedIn:
        return to("/sign-in")
    for _, path, action in NAVIGATION:
        if viewer.may(action):
            return to(path)
    return to("/settings" if viewer.may("user.see") else "/account")


@router.get("/language")
def language(to: str, next: str = "/") -> Response:  # noqa: A002 - the parameter of the address
    """Choose the language of this browser."""
    answer = RedirectResponse(inner_path(next), 303)
    if to in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, to, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


@router.get("/sign-in")
def form(request: Request, next: str = "/", problem: str = "") -> Response:  # noqa: A002
    """The form for name and password."""
    with front_of(request).database.read() as session:
        empty = not people.anybody(session)
    return _form(request, inner_path(next), problem if problem == "sso" else "", empty=empty)


def _form(
    request: Request, next_path: str, problem: str, *, name: str = "", empty: bool = False
) -> Response:
    settings = front_of(request).settings
    return page(
        request,
        "sign_in.html",
        None,
        {"wrong": 401, "many": 429}.get(problem, 200),
        next_path=next_path,
        problem=problem,
        name=name,
        empty=empty,
        sso=bool(settings.oidc_issuer),
    )


@router.post("/sign-in")
def sign_in(request: Request, name: Text, password: Text, next: Text = "/") -> Response:  # noqa: A002
    """Check name and password; a wrong one costs the same whatever was wrong."""
    database = front_of(request).database
    try:
        account = signed_in.sign_in(database, name, password, address_of(request))
    except signed_in.TooManyTries:
        return _form(request, inner_path(next), "many", name=name)
    if account is None:
        return _form(request, inner_path(next), "wrong", name=name)
    with database.write() as session:
        secret = signed_in.open_session(session, account, _client(request), "password")
    return with_session(request, to(inner_path(next)), secret)


def with_session(request: Request, answer: Response, secret: str) -> Response:
    """The answer with the cookie of a new session; the one it replaces ends."""
    old = request.cookies.get(COOKIE, "")
    if old and old != secret:
        with front_of(request).database.write() as session:
            signed_in.close_session(session, old)
    answer.set_cookie(
        COOKIE,
        secret,
        httponly=True,
        samesite="lax",
        secure=over_https(request),
        max_age=int(signed_in.OLDEST.total_seconds()),
        path="/",
    )
    return answer


def over_https(request: Request) -> bool:
    """Whether this person reaches us by HTTPS, so that cookies are for that alone."""
    return request.url.scheme == "https" or front_of(request).settings.web_url.startswith("https")


def address_of(request: Request) -> str:
    """Where the call came from, as failed sign-ins are counted."""
    return request.client.host if request.client else ""


def _client(request: Request) -> str:
    return request.headers.get("user-agent", "")


@router.post("/sign-out")
def sign_out(request: Request, viewer: SignedIn) -> Response:  # noqa: ARG001 - needed to ask
    """End this session, and let the browser forget what it kept."""
    with front_of(request).database.write() as session:
        signed_in.close_session(session, request.cookies.get(COOKIE, ""))
    answer = to("/sign-in")
    answer.delete_cookie(COOKIE, path="/")
    answer.headers["clear-site-data"] = '"cache"'
    return answer


# --- one-time links -----------------------------------------------------------------------------


@router.get("/setup/{secret}")
def setup_form(request: Request, secret: str) -> Response:
    """The form of the first administrator."""
    return _link_form(request, secret, "setup", "")


@router.post("/setup/{secret}")
def setup(request: Request, secret: str, name: Text, password: Text, again: Text) -> Response:
    """Make the first administrator; the link works no more."""
    try:
        _same(password, again)
        with front_of(request).database.write() as session:
            if signed_in.use_link(session, secret).purpose != "setup":
                raise NotFound
            account = people.add(session, name, ["sysadmin"], password=password, actor="setup-link")
            session_secret = signed_in.open_session(session, account, _client(request), "setup")
    except Usage as error:
        return _link_form(request, secret, "setup", str(error))
    return with_session(request, to("/settings"), session_secret)


@router.get("/password/{secret}")
def password_form(request: Request, secret: str) -> Response:
    """The form of a first or a new password."""
    return _link_form(request, secret, "password", "")


@router.post("/password/{secret}")
def set_password(request: Request, secret: str, password: Text, again: Text) -> Response:
    """Set the password; the link works no more."""
    try:
        _same(password, again)
        with front_of(request).database.write() as session:
            link = signed_in.use_link(session, secret)
            account = session.get(Account, link.account_id or 0)
            if link.purpose != "password" or account is None or account.disabled_at is not None:
                raise NotFound
            people.set_password(
                session,
                account,
                password,
                f"person:{account.name}",
                link_by=signed_in.link_maker(session, account),
            )
            session_secret = signed_in.open_session(session, account, _client(request), "link")
    except Usage as error:
        return _link_form(request, secret, "password", str(error))
    return with_session(request, to("/"), session_secret)


def _link_form(request: Request, secret: str, purpose: str, problem: str) -> Response:
    with front_of(request).database.read() as session:
        found = signed_in.link(session, secret)
    if found is None or found.purpose != purpose:
        raise NotFound("链接已失效 / this link does not work any more")
    return page(
        request,
        "link.html",
        None,
        400 if problem else 200,
        purpose=purpose,
        problem=problem,
    )


def _same(password: str, again: str) -> None:
    if password != again:
        raise Usage("两次输入不一致 / the two passwords differ")
