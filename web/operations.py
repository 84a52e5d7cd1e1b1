"""What machines ask: is it alive, is it ready, how does it stand. Never a name or a content.

`/healthz` and `/readyz` are for anybody; `/metrics` is for this machine, for
whoever has the scrape token, and for accounts that may see operations.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from catalog.access import Viewer
from web.figures import HouseFigures
from web.guard import Needs, bearer, front_of
from worker.lookout import Lookout
from worker.readiness import Part
from worker.scrape import CONTENT_TYPE
from yihu import measures

router = APIRouter()
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Scrapes(Needs):
    """As `Needs`, but a scraper needs no account: this machine itself, or a bearer of the token.

    With `YIHU_WEB_URL` a proxy stands before us, and what comes from this
    machine may come from anywhere. A proxy nobody told us of, which adds no
    header either, would pass for this machine: it would show counts and ages.
    """

    async def __call__(self, request: Request) -> Viewer:
        """The viewer, where it is not a scraper."""
        if _is_scraper(request):
            return Viewer(0, "scraper", ())
        return await super().__call__(request)

    @staticmethod
    def _takes_tokens(request: Request) -> bool:  # noqa: ARG004 - the signature
        return True


def _is_scraper(request: Request) -> bool:
    settings = front_of(request).settings
    token = settings.metrics_token.get_secret_value()
    given = bearer(request.headers.get("authorization", ""))
    if token and given and hmac.compare_digest(token.encode(), given.encode()):
        return True
    if given or settings.web_url or any(name in request.headers for name in FORWARDED):
        return False
    return bool(request.client and _is_loopback(request.client.host)) and not request.cookies


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@router.get("/healthz")
def healthz() -> PlainTextResponse:
    """Says that the process answers; nothing else."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """Whether database, schema, store and broker answer; 503 while one does not.

    A broker that another home uses as well is told, and is no reason to send nobody here.
    """
    parts = _lookout(request).parts()
    ready = all(part.answers for part in parts)
    body = {"ready": ready, "parts": {part.name: _told(part) for part in parts}}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics")
def metrics(
    request: Request,
    _viewer: Annotated[Viewer, Depends(Scrapes("operations.see"))],
) -> Response:
    """What every process of this home counted, and how the house stands."""
    body = measures.exposition(HouseFigures(_lookout(request).house()))
    return Response(body, media_type=CONTENT_TYPE)


def _told(part: Part) -> str:
    """Why a part does not answer is not for anybody; what is amiss with one that does is ours."""
    if part.ok:
        return "ok"
    return f"failed: {part.why}" if part.answers else "failed"


def _lookout(request: Request) -> Lookout:
    lookout: Lookout = request.app.state.lookout
    return lookout
