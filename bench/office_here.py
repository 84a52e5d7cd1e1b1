"""The office in one process: its screens without a server, its journey without broker or reader.

What stands on an uploaded page is told beforehand, so a test of the screens
costs no reading; files, database, store, stages and rights are the real ones.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256

import httpx
from fastapi import FastAPI

from bench.faults_walk import Here, Silent
from bench.front_office import PASSWORD, Office, draw, page_of
from catalog import documents, readings
from catalog.models import Document
from web.app import make_web
from worker import advance
from worker.app import make_app
from worker.services import Services
from yihu.errors import YihuError


class _Within(httpx.BaseTransport):
    """Asks the application itself, one request after the other."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The application's answer; on a thread of its own, as this one may have a loop already."""
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, self._asked(request)).result()

    async def _asked(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        answer = await self._inner.handle_async_request(asked)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


@dataclass
class OfficeHere(Office):
    """A filled home whose pages are asked and whose documents walk in this process."""

    services: Services = field(kw_only=True)
    app: FastAPI = field(kw_only=True)
    _texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _signed: dict[str, dict[str, str]] = field(default_factory=dict)

    def client(self, name: str = "", **headers: str) -> httpx.Client:
        """A browser-like client, signed in as `name` when one is given."""
        client = httpx.Client(
            transport=_Within(self.app),
            base_url="http://127.0.0.1",
            headers={"accept": "text/html"} | headers,
        )
        if name and name not in self._signed:
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
            if answer.status_code != 303:
                raise RuntimeError(f"{name} cannot sign in: {answer.status_code}")
            self._signed[name] = dict(client.cookies)
        for key, value in self._signed.get(name, {}).items():
            client.cookies.set(key, value)
        return client

    def scan(self, lines: Sequence[str], mark: str) -> bytes:
        """A picture of a page that will be read as these lines."""
        data = draw(lines, mark)
        self._texts[sha256(data).hexdigest()] = tuple(lines)
        return data

    def settled(self, number: int, state: str = "", patience: float = 60.0) -> Document:
        """The document once it rests, in this state; TimeoutError otherwise."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = self.document(number)
            if not found.stage and state in ("", found.state):
                return found
            self.turn()
        raise TimeoutError(f"document {number} is {found.state} at {found.stage}")

    def turn(self) -> None:
        """One look at everything due, as the sweeper and the workers take it."""
        with self.database.read() as session:
            pages = readings.due_pages(session, 100)
            ids = [number for number, _ in documents.due(session, 100)]
        for key, number in pages:
            read = page_of(number, self._texts.get(key, ("……",)))
            with self.database.write() as session:
                readings.claim_page(session, key, number, "test", 60)
                readings.page_read(session, key, read, "test", 0.1)
            advance.pages_done(key, self.services)
        for number in ids:
            with self.services.hands.at_work(), suppress(YihuError):
                advance.advance(number, self.services)


@contextmanager
def open_here(office: Office) -> Iterator[OfficeHere]:
    """The office's screens and journey in this process until the block ends."""
    app = make_app(office.settings)
    services = Services.open(office.settings, app)
    services.messages = Silent(app)
    services.sandbox = Here(workers=1, memory_bytes=0, seconds=1)
    web = make_web(office.settings)
    web.state.front.messages = Silent(app)
    web.state.front.sandbox = Here(workers=1, memory_bytes=0, seconds=1)
    here = OfficeHere(
        office.settings, office.database, office.ids, office.households, services=services, app=web
    )
    try:
        yield here
    finally:
        here.close()
        services.close()
        web.state.front.close()
