"""A filled office whose screens answer within this process: no worker, no broker, no socket.

What is decided stays where the decision put it, so nothing is read and no second
process is started; for tests that ask only what the doors let through.
"""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select

from bench.front_office import PAPERS, Office, Paper, csrf, fill, notice, put
from catalog.accounts import people, signed_in
from catalog.models import Event, Household, Person, Room, Sample
from storage import ObjectStore
from web.app import make_web
from web.guard import COOKIE
from worker.front import Front
from worker.home import open_home, open_store
from yihu.clock import now
from yihu.settings import Settings

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from catalog.access import Viewer

FORMER = "former"
"""The name of the household that `closed` makes: 3-1-103, whose owner left."""
LOOKS = {"refused", "looked", "searched", "signed_in", "token_made"}
"""Events of somebody who changed nothing."""


class Within:
    """The office, its screens, and everybody signed in once."""

    def __init__(self, office: Office, stack: ExitStack) -> None:
        self.office = office
        self.app = make_web(office.settings)
        self.front = cast("Front", self.app.state.front)
        self.store = open_store(office.settings, office.database)
        self._stack = stack
        self._clients: dict[str, tuple[TestClient, str]] = {}
        self._numbers = itertools.count(1)
        stack.callback(self.app.state.front.close)

    def stranger(self, **headers: str) -> TestClient:
        """Somebody with nothing but these headers."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the library's own choice of client
            from starlette.testclient import TestClient

        client = TestClient(
            self.app,
            base_url="http://127.0.0.1",
            raise_server_exceptions=False,
            follow_redirects=False,
            headers={"accept": "text/html"} | headers,
        )
        self._stack.callback(client.close)
        return client

    def client(self, name: str) -> TestClient:
        """This person's browser."""
        if name not in self._clients:
            client = self.stranger()
            with self.office.database.write() as session:
                account = people.named(session, name)
                secret = signed_in.open_session(session, account, "test", "password")
            client.cookies.set(COOKIE, secret)
            self._clients[name] = (client, csrf(client))
        return self._clients[name][0]

    def csrf(self, name: str) -> str:
        """The token of this person's forms."""
        self.client(name)
        return self._clients[name][1]

    def keep(self, data: bytes, key: str) -> None:
        """Put an original into the store, as the journey would."""
        self.store.put(io.BytesIO(data), key)

    def viewer(self, name: str) -> Viewer:
        """Who the doors take this person for."""
        with self.office.database.read() as session:
            return people.viewer_of(session, people.named(session, name))

    def token(self, name: str, scopes: Sequence[str]) -> TestClient:
        """A program of this person's, with these scopes."""
        with self.office.database.write() as session:
            viewer = people.viewer_of(session, people.named(session, name))
            secret = signed_in.add_token(session, viewer, "test", scopes, 1)
        return self.stranger(authorization=f"Bearer {secret}", accept="application/json")

    def post(self, name: str, path: str, body: dict[str, Any], files: Any = None) -> Any:
        """Send a form, or what a program would send where the path is of the API."""
        client, token = self.client(name), self.csrf(name)
        headers = {"x-csrf-token": token}
        if path.startswith("/api/") and files is None:
            return client.post(path, json=body, headers=headers)
        return client.post(path, data={"csrf": token} | body, files=files, headers=headers)

    def paper(self, room: str, state: str = "review", pages: int = 1, **more: Any) -> int:
        """A fresh document of this room."""
        number = next(self._numbers)
        lines = (notice(room, "某人", "13900000000"),) * pages
        file = f"新{number}.{'pdf' if pages > 1 else 'jpg'}"
        reasons = ("policy",) if state == "review" else ()
        made = Paper(file, room, more.pop("type", "reno.permit"), lines, state, reasons, **more)
        return _put(self.office, self.store, made)

    def done_by(self, name: str) -> list[str]:
        """What this person has done that changed something, as the ledger tells."""
        query = select(Event.action).where(
            Event.actor == f"person:{name}", Event.action.not_in(LOOKS)
        )
        with self.office.database.read() as session:
            return list(session.scalars(query))

    def refusals(self, name: str) -> int:
        """How many tries of this person were refused, as the ledger tells."""
        query = select(func.count()).where(
            Event.actor == f"person:{name}", Event.action == "refused"
        )
        with self.office.database.read() as session:
            return session.scalar(query) or 0

    def sample_of(self, document: int) -> int:
        """The number of the sample that was drawn of this document."""
        with self.office.database.read() as session:
            return session.scalars(select(Sample.id).where(Sample.document_id == document)).one()


def closed(office: Office, paper: Paper) -> None:
    """Give the estate a room 3-1-103 whose owner left, with one document of that time."""
    with office.database.write() as session:
        beside = session.get_one(Room, session.get_one(Household, 1).room_id)
        room = Room(estate=beside.estate, building="3", unit="1", room="103", shelf_order="3-1-103")
        session.add(room)
        session.flush()
        left = Household(room_id=room.id, file_no="left-1", owner="胡先前", opened_at=now())
        session.add(left)
        session.flush()
        session.add(Person(household_id=left.id, role="owner", name="胡先前", phone="13177778888"))
        office.households[FORMER] = left.id
    office.ids[paper.file] = _put(office, open_store(office.settings, office.database), paper)


def _put(office: Office, store: ObjectStore, paper: Paper) -> int:
    """Put a document in; a former owner's while that owner still lived there."""
    if paper.room == FORMER:
        _close(office, None)
    number = put(office, store, paper)
    if paper.room == FORMER:
        _close(office, now())
    return number


def _close(office: Office, moment: datetime | None) -> None:
    with office.database.write() as session:
        session.get_one(Household, office.households[FORMER]).closed_at = moment


@contextmanager
def within(folder: Path, papers: Sequence[Paper] = PAPERS) -> Iterator[Within]:
    """A filled office, its screens open until the block ends."""
    office = fill(folder, papers)
    with ExitStack() as stack:
        stack.callback(office.close)
        yield Within(office, stack)


@contextmanager
def empty_house(settings: Settings) -> Iterator[Within]:
    """A home with nothing and nobody in it, its screens open until the block ends."""
    office = Office(settings, open_home(settings))
    with ExitStack() as stack:
        stack.callback(office.close)
        yield Within(office, stack)
