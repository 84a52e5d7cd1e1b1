"""Rendering: the template environment, what every page knows, and small formats."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from catalog.access import Viewer, load_rights
from catalog.approvals.listing import Standing, standing
from web.guard import LANGUAGE_COOKIE, csrf_token, front_of, seal_of
from web.words import LANGUAGES, Words, table
from yihu.household import ABSENT, RoomKey
from yihu.reasons import REASONS
from yihu.template import Template

NAVIGATION = (
    ("inbox", "/inbox", "document.list"),
    ("review", "/review", "review.see"),
    ("households", "/households", "catalogue.see"),
    ("search", "/search", "household.name"),
    ("approvals", "/approvals", "approval.see"),
    ("audit", "/audit", "audit.see"),
)


@cache
def environment() -> Environment:
    """The templates; unknown names are errors, every value is escaped."""
    return Environment(
        loader=PackageLoader("web", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes when the file does."""
    data = resources.files("web").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(data).hexdigest()[:12]}"


def words_of(request: Request) -> Words:
    """The language of this request: the cookie, the account, the browser, Chinese."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    chosen = request.cookies.get(LANGUAGE_COOKIE) or (viewer.language if viewer else "")
    return Words(chosen if chosen in LANGUAGES else LANGUAGES[0])


class Shown:
    """How values are written for one reader: language and the estate's zone."""

    def __init__(self, words: Words, template: Template, zone: str) -> None:
        self.words = words
        self._template = template
        self._zone = ZoneInfo(zone)
        self._categories = {c.code: (c.name, c.name_en) for c in template.categories}

    def type(self, code: str | None) -> str:
        """A document type's name."""
        kind = self._template.by_code.get(code or "")
        return self.words.pick(kind.name, kind.name_en) if kind else (code or "")

    def category(self, code: str | None) -> str:
        """A category's name."""
        return self.words.pick(*self._categories.get(code or "", (code or "", code or "")))

    def reason(self, code: str) -> str:
        """A reason in words."""
        reason = REASONS.get(code)
        return self.words.pick(reason.zh, reason.en) if reason else code

    def remedy(self, code: str) -> str:
        """What to do about a reason."""
        reason = REASONS.get(code)
        return self.words.pick(reason.do_zh, reason.do_en) if reason else ""

    def role(self, code: str) -> str:
        """A role's name."""
        role = load_rights().roles.get(code)
        return self.words.pick(role.zh, role.en) if role else code

    def event(self, action: str) -> str:
        """What an event tells, in words; one we have no word for by its code."""
        key = f"event.{action}"
        return self.words(key) if key in table() else action

    def field(self, name: str) -> str:
        """What a key field is called; one of an older reading we have no word for by its name."""
        return self.words(f"field.{name}") if f"field.{name}" in table() else name

    def pages(self, first: int, last: int) -> str:
        """A range of pages; nothing for the usual single one."""
        if first == last:
            return self.words("document.page_one", page=first) if first > 1 else ""
        return self.words("document.pages_range", first=first, last=last)

    def moment(self, moment: datetime | None) -> str:
        """A moment in the estate's zone, to the minute."""
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    def day(self, moment: datetime | None) -> str:
        """A day in the estate's zone."""
        return moment.astimezone(self._zone).strftime("%Y-%m-%d") if moment else ""

    def room(self, key: RoomKey | Mapping[str, str] | None) -> str:
        """An address as people write it: 3-2-501."""
        if key is None:
            return ""
        if isinstance(key, RoomKey):
            return str(key) or ABSENT
        parts = [key[k] for k in ("zone", "building", "unit", "room") if key[k] != ABSENT]
        return "-".join(parts)

    def actor(self, actor: str) -> str:
        """Who did it."""
        if actor in ("machine", "command"):
            return self.words(f"common.{actor}")
        return actor.removeprefix("person:")


def shown(request: Request, words: Words | None = None) -> Shown:
    """How values are written for this request."""
    front = front_of(request)
    return Shown(words or words_of(request), front.template, front.settings.timezone)


def page(
    request: Request,
    template: str,
    viewer: Viewer | None = None,
    status_code: int = 200,
    /,
    **values: Any,
) -> HTMLResponse:
    """Render a template with what every page knows."""
    words = words_of(request)
    approving = _approving(request, viewer, status_code)
    known = {
        "t": words,
        "show": shown(request, words),
        "asset": asset,
        "viewer": viewer,
        "csrf": csrf_token(request),
        "navigation": [
            (key, path)
            for key, path, action in NAVIGATION
            if viewer and viewer.may(action) and (key != "approvals" or approving.room)
        ],
        "counts_of": {"approvals": approving.waiting},
        "here": request.url.path,
        "query": request.url.query,
        "languages": LANGUAGES,
    }
    text = environment().get_template(template).render(known | values)
    return HTMLResponse(text, status_code)


def _approving(request: Request, viewer: Viewer | None, status: int) -> Standing:
    """What the navigation says of approvals; an error's page must not ask the database."""
    if viewer is None:
        return Standing(room=False, waiting=0)
    if status >= 400:
        return Standing(room=viewer.may("approval.decide") or bool(viewer.grants), waiting=0)
    with front_of(request).database.read() as session:
        return standing(session, viewer)


def to(path: str, **query: object) -> RedirectResponse:
    """Go on to another page after a form."""
    given = {name: value for name, value in query.items() if value not in ("", None, 0)}
    return RedirectResponse(f"{path}?{urlencode(given)}" if given else path, 303)


def to_problem(request: Request, path: str, message: str, **query: object) -> RedirectResponse:
    """Go on to a page that shows what was wrong; sealed, so that no link makes it say more."""
    text = words_of(request).both(message)[:200]
    return to(path, problem=f"{seal_of(request, text)}.{text}", **query)


def problem_of(request: Request, problem: str) -> str:
    """What `to_problem` sent this browser; "" for what anybody else wrote."""
    seal, _, text = problem.partition(".")
    return text if hmac.compare_digest(seal.encode(), seal_of(request, text).encode()) else ""


def wants_json(request: Request) -> bool:
    """Whether the page's own script asked, rather than a form."""
    return "application/json" in request.headers.get("accept", "")


def inner_path(path: str, fallback: str = "/") -> str:
    """The path to go to next; only ever one of this site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if plain and path.isprintable() else fallback


def download(data: bytes, kind: str, name: str) -> Response:
    """Bytes to save, never to open in the browser."""
    from urllib.parse import quote

    ascii_name = name.encode("ascii", "ignore").decode().strip() or "download"
    ascii_name = "".join(c for c in ascii_name if c.isalnum() or c in "._- ")
    disposition = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    return Response(data, media_type=kind, headers={"content-disposition": disposition})


def chosen(values: Sequence[str], value: str, fallback: str = "") -> str:
    """`value` where it is one of `values`, else the fallback."""
    return value if value in values else fallback
