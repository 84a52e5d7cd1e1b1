"""Who is asking, and may they: the one door every room and API call goes through.

`needs(action)` is a route's declaration; `web.app` refuses to start with a
route that has none and is not in `PUBLIC`. A cookie needs the CSRF token on
every call that changes something; a bearer token needs its scope.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import cookie_parser

from catalog.access import Viewer, log_refusal
from catalog.accounts import signed_in
from catalog.database import Database
from worker.front import Front
from yihu.errors import YihuError

COOKIE = "yihu_session"
LANGUAGE_COOKIE = "yihu_language"
SAFE = {"GET", "HEAD", "OPTIONS"}
ANYBODY = ""
"""The action of a route that needs a sign-in and nothing else."""
POLLS = {"/inbox/rows", "/review/desk/{document_id}/hold"}
"""What an open page asks by itself: an unattended screen must not stay signed in by it."""


class NotSignedIn(YihuError):
    """Sign in first."""


class Refused(YihuError):
    """This account may not do that."""


class Forged(YihuError):
    """The form did not come from this site, or is too old; load the page again."""


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency that gives the viewer, or refuses. `html` asks a browser to sign in."""

    action: str

    async def __call__(self, request: Request) -> Viewer:
        """The viewer who may do this to something at least."""
        viewer = await run_in_threadpool(self._viewer, request)
        if request.method not in SAFE and viewer.scopes is None:
            try:
                await _must_be_ours(request)
            except Forged:
                await run_in_threadpool(self._note, request, viewer, "form")
                raise
        request.state.viewer = viewer
        if self.action and not viewer.may(self.action):
            await run_in_threadpool(self._refuse, request, viewer)
        return viewer

    def _viewer(self, request: Request) -> Viewer:
        front = front_of(request)
        secret = bearer(request.headers.get("authorization", ""))
        if secret and self._takes_tokens(request):
            with front.database.read() as session:
                by_token = signed_in.token_viewer(session, secret)
            if by_token is None:
                raise NotSignedIn
            return by_token
        secret = request.cookies.get(COOKIE, "")
        with front.database.read() as session:
            found = signed_in.session_viewer(session, secret) if secret else None
        if found is None:
            raise NotSignedIn
        viewer, stale = found
        if stale and route_of(request) not in POLLS:
            with front.database.write() as session:
                signed_in.renew(session, secret)
        return viewer

    @staticmethod
    def _takes_tokens(request: Request) -> bool:
        return request.url.path.startswith("/api/")

    def _refuse(self, request: Request, viewer: Viewer) -> None:
        self._note(request, viewer, self.action)
        raise Refused(self.action)

    def _note(self, request: Request, viewer: Viewer, action: str) -> None:
        with front_of(request).database.write() as session:
            log_refusal(session, viewer, f"route:{route_of(request)}"[:80], action)


def bearer(authorization: str) -> str:
    """The token in an Authorization header, or ""."""
    kind, _, secret = authorization.partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


def known_to(database: Database, authorization: str, cookie: str) -> bool:
    """Whether these headers are of somebody who is signed in; what they may do is asked later."""
    token = bearer(authorization)
    secret = cookie_parser(cookie).get(COOKIE, "")
    with database.read() as session:
        return bool(
            (token and signed_in.token_viewer(session, token))
            or (secret and signed_in.session_viewer(session, secret))
        )


def route_of(request: Request) -> str:
    """The route's pattern, not the path: no ids or texts of a person."""
    route: Any = request.scope.get("route")
    return getattr(route, "path", "")


def needs(action: str) -> Any:
    """Declare what a route needs: an action of the table of rights, or `ANYBODY` signed in."""
    return Depends(Needs(action))


SignedIn = Annotated[Viewer, needs(ANYBODY)]


def front_of(request: Request) -> Front:
    """The home this application serves."""
    front: Front = request.app.state.front
    return front


def csrf_token(request: Request) -> str:
    """The token of this session's forms; worth nothing without its cookie."""
    secret = request.cookies.get(COOKIE, "")
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest() if secret else ""


def seal_of(request: Request, text: str) -> str:
    """The seal of a text that goes through this browser's address and comes back to be shown."""
    secret = request.cookies.get(COOKIE, "")
    return hmac.new(secret.encode(), b"shown" + text.encode(), hashlib.sha256).hexdigest()[:32]


async def _must_be_ours(request: Request) -> None:
    given = request.headers.get("x-csrf-token", "")
    kind = request.headers.get("content-type", "").partition(";")[0]
    if not given and kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.form()
        given = str(form.get("csrf", ""))
    wanted = csrf_token(request)
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Forged
