"""Signing in and out, the one-time links, and the language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

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


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Says that the process answers; nothing else."""
    return PlainTextResponse("ok\n")


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
    address = request.client.host if request.client else ""
    try:
        with database.write() as session:
            account = signed_in.sign_in(session, name, password, address)
            secret = ""
            if account is not None:
                secret = signed_in.open_session(session, account, _client(request), "password")
    except signed_in.TooManyTries:
        return _form(request, inner_path(next), "many", name=name)
    if not secret:
        return _form(request, inner_path(next), "wrong", name=name)
    return with_session(request, to(inner_path(next)), secret)


def with_session(request: Request, answer: Response, secret: str) -> Response:
    """The answer with the cookie of a new session."""
    answer.set_cookie(
        COOKIE,
        secret,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https"
        or front_of(request).settings.web_url.startswith("https"),
        max_age=int(signed_in.OLDEST.total_seconds()),
        path="/",
    )
    return answer


def _client(request: Request) -> str:
    return request.headers.get("user-agent", "")


@router.post("/sign-out")
def sign_out(request: Request, viewer: SignedIn) -> Response:
    """End this session, and let the browser forget what it kept."""
    with front_of(request).database.write() as session:
        signed_in.close_session(session, request.cookies.get(COOKIE, ""), viewer.actor)
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
            people.set_password(session, account, password, f"person:{account.name}")
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
