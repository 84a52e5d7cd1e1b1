"""What surrounds every answer: headers, the size of what comes in, and whose page asks.

Pure ASGI, so it holds for errors and streams too. The policy allows nothing
but this site's own files: no inline script, no inline style, no frames.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-robots-tag": "noindex, nofollow",
}
LARGEST_FORM = 1024 * 1024
UPLOADS = re.compile(r"/inbox/upload|/api/v1/documents|(/api/v1)?/households/[0-9]+/documents")
BY_ANY_NAME = {"/healthz", "/readyz"}
"""Probes ask by address or by a name of the network; what these say, anybody may read."""
SCRAPED = "/metrics"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Shield:
    """Wraps the application. `hosts` are the names it answers to; `largest` bounds an upload.

    `known` says whether a call with this Authorization and Cookie header is
    somebody's who is signed in: nobody else's large body is even read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        largest: int,
        secure: bool,
        known: Callable[[str, str], bool],
    ) -> None:
        self._app = app
        self._hosts = {host.casefold() for host in hosts}
        self._largest = largest
        self._secure = secure
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, pass it on, and seal the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        brings = UPLOADS.fullmatch(scope["path"]) is not None
        limit = self._largest if brings else LARGEST_FORM
        if refusal is None and int(headers.get("content-length") or 0) > limit:
            refusal = PlainTextResponse("文件过大 / too large\n", 413)
        if refusal is None and brings and scope["method"] not in _SAFE:
            refusal = await self._stranger(headers)
        sealed = self._sealing(send)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        await self._app(scope, _bounded(receive, limit), sealed)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if self._hosts and _name(host) not in self._hosts and not _probe(scope, headers):
            return PlainTextResponse("未知主机名 / unknown host name\n", 421)
        if scope["method"] in _SAFE:
            return None
        origin = headers.get("origin")
        if origin and urlsplit(origin).netloc.casefold() != host.casefold():
            return PlainTextResponse("来源不符 / this form came from another site\n", 403)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("来源不符 / this form came from another site\n", 403)
        return None

    async def _stranger(self, headers: Headers) -> Response | None:
        given = headers.get("authorization", ""), headers.get("cookie", "")
        if await run_in_threadpool(self._known, *given):
            return None
        return JSONResponse({"error": 401, "message": "请先登录 / sign in first"}, 401)

    def _sealing(self, send: Send) -> Send:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        return sealed


def _probe(scope: Scope, headers: Headers) -> bool:
    """A probe, or a scraper with a token, which no page of another site can have."""
    path = scope["path"]
    return path in BY_ANY_NAME or (path == SCRAPED and "authorization" in headers)


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0].strip("[").casefold()
    return host.partition(":")[0].casefold()


def _bounded(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                return {"type": "http.disconnect"}
        return message

    return bounded
