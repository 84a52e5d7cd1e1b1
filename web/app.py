"""Puts the web application together; refuses to start with a route nobody guards."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from catalog.accounts.signed_in import TooManyTries
from web import (
    api,
    api_approvals,
    api_checks,
    api_decisions,
    api_households,
    api_office,
    operations,
)
from web.askable import Askable, askable
from web.guard import Forged, Needs, NotSignedIn, Refused, known_to
from web.page import page, words_of
from web.rooms import (
    account,
    approvals,
    audit,
    documents,
    facts,
    households,
    inbox,
    learning,
    policy,
    queue,
    rereading,
    review,
    samples,
    searching,
    settings_room,
    sheets,
    sign_in,
    sso,
    verification,
)
from web.shield import Shield
from worker.front import Front
from worker.home import home_key
from worker.lookout import Lookout
from yihu.errors import Invariant, NotFound, Rejected, Retryable, Usage, YihuError
from yihu.settings import MEGABYTE, Settings

log = logging.getLogger(__name__)
ROUTERS = (
    *(
        room.router
        for room in (
            sign_in,
            sso,
            account,
            inbox,
            sheets,
            review,
            queue,
            documents,
            households,
            searching,
            approvals,
            audit,
            settings_room,
            policy,
            facts,
            samples,
            learning,
            rereading,
            verification,
        )
    ),
    api.router,
    api_decisions.router,
    api_households.router,
    api_approvals.router,
    api_office.router,
    api_checks.router,
    operations.router,
)
PUBLIC = {
    "/",
    "/sign-in",
    "/sign-in/sso",
    "/sign-in/sso/answer",
    "/language",
    "/setup/{secret}",
    "/password/{secret}",
    "/api/v1/openapi.json",
    "/healthz",
    "/readyz",
}
"""Routes that anybody may call; everything else declares what it needs."""

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedIn, 401),
    (Refused, 403),
    (Forged, 403),
    (TooManyTries, 429),
    (NotFound, 404),
    (Usage, 400),
    (Rejected, 422),
    (Retryable, 503),
)


def make_web(settings: Settings, port: int = 0) -> FastAPI:
    """The application for one home."""
    front = Front.open(settings)

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        front.sweep_uploads()
        yield
        front.close()

    app = Web(settings, life)
    app.state.front = front
    app.state.port = port
    app.state.key = home_key(settings)
    app.state.lookout = Lookout(settings, front.database, lambda: front.store, front.messages)
    for router in ROUTERS:
        app.include_router(router)
    _must_be_guarded()
    app.mount("/static", _Static(directory=str(resources.files("web").joinpath("static"))))
    _errors(app)
    return app


class Web(FastAPI):
    """The application within its shield, which seals the answers of errors too."""

    def __init__(self, settings: Settings, life: Any) -> None:
        super().__init__(
            title="Yihu", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life
        )
        self._settings = settings

    def build_middleware_stack(self) -> ASGIApp:
        """Everything, inside the shield."""
        return Shield(
            super().build_middleware_stack(),
            hosts=_hosts(self._settings),
            largest=self._settings.max_file_bytes * 4 + MEGABYTE,
            secure=self._settings.web_url.startswith("https"),
            known=lambda authorization, cookie: known_to(
                self.state.front.database, authorization, cookie
            ),
        )


def _hosts(settings: Settings) -> set[str]:
    """The names we answer to: a page of another site must not reach us by a name of its own."""
    if settings.web_host in ("0.0.0.0", "::") and not settings.web_url:  # noqa: S104
        return set()  # the administrator opened it to the network without naming it
    named = urlsplit(settings.web_url).hostname if settings.web_url else None
    return {*LOOPBACK, settings.web_host, *([named] if named else [])}


def _must_be_guarded() -> None:
    for route in guarded_routes():
        if route.path not in PUBLIC and needed(route) is None:
            raise Invariant(f"route {route.path} does not say who may call it")


def guarded_routes() -> Iterator[APIRoute]:
    """Every route of ours."""
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                raise Invariant(f"a route nobody can check: {route}")
            yield route


def needed(route: APIRoute) -> str | None:
    """The action a route declares; None when it declares nothing."""
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Needs):
            return dependency.call.action
    return None


class _Static(StaticFiles):
    """Our own files, kept by browsers: their address changes when they do."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, to be kept for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


# --- errors -------------------------------------------------------------------------------------


def _errors(app: FastAPI) -> None:
    handlers: dict[type[Exception], Callable[..., Response]] = {
        YihuError: _known,
        HTTPException: _http,
        RequestValidationError: _invalid,
        OverflowError: _too_large,
        Exception: _bug,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _known(request: Request, error: YihuError) -> Response:
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 500)
    if status == 500:
        log.error("%s: %s", request.scope.get("path", "").split("/")[1:2], type(error).__name__)
    if isinstance(error, NotSignedIn) and _for_person(request) and request.method == "GET":
        from urllib.parse import quote

        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path)}", 303)
    ask = askable(request) if isinstance(error, NotFound | Refused) else Askable()
    return _told(request, status, str(error), ask)


def _http(request: Request, error: HTTPException) -> Response:
    return _told(request, error.status_code, str(error.detail))


def _invalid(request: Request, error: RequestValidationError) -> Response:
    places = sorted({".".join(str(part) for part in one["loc"][1:]) for one in error.errors()})
    return _told(request, 422, f"请检查输入 / please check: {', '.join(places)}")


def _too_large(request: Request, _error: OverflowError) -> Response:
    return _told(request, 404, "没有这个编号 / there is no such number")


def _bug(request: Request, error: Exception) -> Response:
    # The edge of the process: a bug must not take the screens down, nor show its insides.
    log.error("a page failed", exc_info=error)
    return _told(request, 500, "程序错误，已记录 / an error of ours; it was logged")


def _for_person(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get(
        "accept", ""
    )


def _told(request: Request, status: int, message: str, ask: Askable | None = None) -> Response:
    words = words_of(request)
    if not _for_person(request):
        return JSONResponse({"error": status, "message": words.both(message)}, status)
    viewer = getattr(request.state, "viewer", None)
    known = {"status": status, "message": words.both(message), "ask": ask or Askable()}
    return page(request, "error.html", viewer, status, **known)
