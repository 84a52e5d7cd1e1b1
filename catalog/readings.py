"""Pages of an original: which wait to be read, who reads them, and what was read.

A page is claimed like a document: one conditional update that counts the
attempt and sets the lease. Every reading is kept; the newest is the current one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session, joinedload

from catalog.models import Document, Page, Reading, table_of
from yihu.clock import now
from yihu.page import PageText
from yihu.urgency import Urgency

PageKey = tuple[str, int]  # the original's hash and the page's number


AT_ONCE = 16
"""So many pages of a file are as urgent as the file; a long file's rest lets others by."""


def add_pages(session: Session, sha256: str, count: int, urgency: Urgency) -> None:
    """Make the pages of an original known."""
    there = set(session.scalars(select(Page.number).where(Page.sha256 == sha256)))
    missing = [n for n in range(1, count + 1) if n not in there]
    if missing:
        moment = now()
        rows = [
            {
                "sha256": sha256,
                "number": n,
                "state": "waiting",
                "urgency": urgency if n <= AT_ONCE else max(urgency, Urgency.BULK),
                "attempts": 0,
                "due_at": moment,
                "worker": "",
                "last_error": "",
            }
            for n in missing
        ]
        session.execute(insert(table_of(Page)), rows)


_WAITING = (  # this and the others above their functions are built once: every page asks them
    select(Page.number, Page.urgency)
    .where(Page.sha256 == bindparam("original"), Page.state == "waiting")
    .order_by(Page.number)
)


def waiting_pages(session: Session, sha256: str) -> list[tuple[int, Urgency]]:
    """Numbers of the pages of an original that were not read yet, and how urgent each is."""
    rows = session.execute(_WAITING, {"original": sha256})
    return [(number, Urgency(urgency)) for number, urgency in rows]


SLOW_PAGES = 3
"""So many slow pages make a whole file slow."""


def put_behind(session: Session, page: PageKey) -> None:
    """Let a slow page wait behind all others; with `SLOW_PAGES` of them its whole file."""
    sha256, number = page
    waiting = update(Page).where(Page.sha256 == sha256, Page.state == "waiting")
    session.execute(waiting.where(Page.number == number).values(urgency=Urgency.SLOW))
    slow = select(func.count()).where(Page.sha256 == sha256, Page.urgency == Urgency.SLOW)
    if (session.scalar(slow) or 0) >= SLOW_PAGES:
        session.execute(waiting.values(urgency=Urgency.SLOW))
    session.execute(
        update(Document)
        .where(Document.sha256 == sha256, Document.stage == "read")
        .values(reasons=["slow_waiting"])
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A page in a worker's hands: its urgency, and which attempt this is.

    `failed` and `read` count the other pages of its file that went beyond the
    parser's limits, and those that were read.
    """

    sha256: str
    number: int
    urgency: Urgency
    attempt: int
    failed: int
    read: int

    @property
    def key(self) -> PageKey:
        """The page."""
        return self.sha256, self.number


def claim_page(
    session: Session, sha256: str, number: int, worker: str, lease_seconds: float
) -> Taken | None:
    """Take a waiting page that nobody holds; None when it is not ours."""
    moment = now()
    taken = session.execute(
        update(Page)
        .where(
            Page.sha256 == sha256,
            Page.number == number,
            Page.state == "waiting",
            Page.due_at <= moment,
            or_(Page.lease_until.is_(None), Page.lease_until < moment),
        )
        .values(
            worker=worker,
            attempts=Page.attempts + 1,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )
        .returning(Page.attempts, Page.urgency)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        return None
    failed, read = other_pages(session, (sha256, number), "parser_limit")
    return Taken(sha256, number, Urgency(taken.urgency), taken.attempts, failed, read)


def give_page_back(session: Session, page: PageKey, worker: str) -> None:
    """Let go of a held page as if it had never been taken."""
    held = _held_page(session, page, worker)
    if held is not None:
        held.lease_until, held.attempts = None, max(0, held.attempts - 1)


def page_read(session: Session, sha256: str, page: PageText, worker: str, seconds: float) -> None:
    """Keep a reading of a page and make it the current one; nothing when it was taken over."""
    held = _held_page(session, (sha256, page.number), worker)
    if held is None:
        return
    reading = _reading(sha256, page, seconds, page.pack())
    session.add(reading)
    session.flush()
    held.state, held.reading_id, held.last_error = "read", reading.id, ""
    held.lease_until = held.due_at = None


TAKEN, KEPT, SAME = "taken", "kept", "same"


def add_reading(session: Session, sha256: str, page: PageText, seconds: float) -> str:
    """Keep a further reading of a page; gives what became of it.

    `TAKEN`: it is the current one now. `KEPT`: it is worse, so the one before
    stays current. `SAME`: it says what the current one says, and is not kept
    twice.
    """
    held = session.scalar(
        select(Page).where(Page.sha256 == sha256, Page.number == page.number).with_for_update()
    )
    if held is None or held.state == "waiting":
        return SAME
    current = session.get(Reading, held.reading_id) if held.reading_id else None
    packed = page.pack()
    if current is not None and current.packed == packed:
        return SAME
    reading = _reading(sha256, page, seconds, packed)
    session.add(reading)
    session.flush()
    if current is not None and not not_worse(page, PageText.unpack(current.packed)):
        return KEPT
    held.state, held.reading_id, held.last_error = "read", reading.id, ""
    return TAKEN


LETTERS_KEPT, SURENESS_LOST = 0.97, 0.01


def not_worse(new: PageText, old: PageText) -> bool:
    """Whether a newer reading may become the current one.

    It must hold at least 97 % as many letters and digits, and read them no
    more than a hundredth less surely (mean confidence over characters). Two
    engines do not measure confidence alike, so this errs towards keeping what
    is there.
    """
    many, before = _letters(new), _letters(old)
    enough = many >= LETTERS_KEPT * before
    return enough and (not before or new.sureness >= old.sureness - SURENESS_LOST)


def _letters(page: PageText) -> int:
    return sum(char.isalnum() for line in page.lines for char in line.text)


@dataclass(frozen=True, slots=True)
class Told:
    """One reading of a page, as shown to people."""

    page: int
    reading: int
    engine: str
    version: str
    at: datetime
    seconds: float
    current: bool
    text: PageText


def history(session: Session, sha256: str, first: int, last: int) -> list[Told]:
    """All readings of a range of pages, by page and oldest first."""
    current = {number: page.reading_id for number, page in page_states(session, sha256).items()}
    rows = session.scalars(
        select(Reading)
        .where(Reading.sha256 == sha256, Reading.number.between(first, last))
        .order_by(Reading.number, Reading.id)
    )
    return [
        Told(
            row.number,
            row.id,
            row.engine,
            row.version,
            row.at,
            row.seconds,
            current.get(row.number) == row.id,
            PageText.unpack(row.packed),
        )
        for row in rows
    ]


def _reading(sha256: str, page: PageText, seconds: float, packed: bytes) -> Reading:
    return Reading(
        sha256=sha256,
        number=page.number,
        engine=page.engine,
        version=page.version,
        at=now(),
        seconds=seconds,
        packed=packed,
    )


def page_given_up(session: Session, page: PageKey, worker: str, error: str) -> None:
    """Mark a held page as one that no reader could take; a person will see why."""
    held = _held_page(session, page, worker)
    if held is not None:
        held.state, held.last_error = "unread", error
        held.lease_until = held.due_at = None


def give_up_rest(session: Session, sha256: str, error: str) -> None:
    """Mark every page of an original that nobody reads now as one that no reader could take."""
    session.execute(
        update(Page)
        .where(
            Page.sha256 == sha256,
            Page.state == "waiting",
            or_(Page.lease_until.is_(None), Page.lease_until < now()),
        )
        .values(state="unread", last_error=error, due_at=None, lease_until=None)
    )


_OTHERS = select(
    func.count().filter(Page.last_error == bindparam("error")),
    func.count().filter(Page.state == "read"),
).where(Page.sha256 == bindparam("original"), Page.number != bindparam("this"))


def other_pages(session: Session, page: PageKey, error: str) -> tuple[int, int]:
    """Of the other pages of an original: how many failed for this reason, how many were read."""
    asked = {"original": page[0], "this": page[1], "error": error}
    failed, read = session.execute(_OTHERS, asked).one()
    return failed, read


def page_put_off(
    session: Session, page: PageKey, worker: str, seconds: float, *, counted: bool, error: str
) -> None:
    """Let go of a held page and make it due again after `seconds`; its document shows why."""
    held = _held_page(session, page, worker)
    if held is None:
        return
    held.lease_until, held.last_error = None, error
    held.due_at = now() + timedelta(seconds=seconds)
    if not counted:
        held.attempts = max(0, held.attempts - 1)
    session.execute(
        update(Document)
        .where(Document.sha256 == page[0], Document.stage == "read")
        .values(last_error=error)
    )


_HELD = (
    select(Page)
    .where(
        Page.sha256 == bindparam("original"),
        Page.number == bindparam("this"),
        Page.worker == bindparam("holder"),
        Page.state == "waiting",
        Page.lease_until.is_not(None),
    )
    .with_for_update()
)


def _held_page(session: Session, page: PageKey, worker: str) -> Page | None:
    """The page if this worker still holds it: the compare of compare-and-set."""
    return session.scalar(_HELD, {"original": page[0], "this": page[1], "holder": worker})


_READ_THROUGH = (
    select(Document)
    .where(
        Document.sha256 == bindparam("original"),
        Document.stage == "read",
        Document.due_at.is_(None),
    )
    .options(joinedload(Document.arrival))
    .with_for_update(of=Document)
    .execution_options(populate_existing=True)
)


def pages_complete(session: Session, sha256: str) -> Document | None:
    """The document waiting for these pages, when the last of them is done; moves it on.

    The document row is locked before counting, so of two workers that finish
    the last two pages exactly one sends it on.
    """
    document = session.scalar(_READ_THROUGH, {"original": sha256})
    if document is None or waiting_pages(session, sha256):
        return None
    document.stage, document.due_at, document.attempts = "split", now(), 0
    document.urgency = min(document.urgency, Urgency.BULK)  # what was slow is behind it
    return document


def go_on(session: Session, sha256: str, worker: str, lease_seconds: float) -> Document | None:
    """As `pages_complete`, and this worker holds the document from then on."""
    document = pages_complete(session, sha256)
    if document is not None:
        document.worker, document.attempts = worker, 1
        document.lease_until = now() + timedelta(seconds=lease_seconds)
    return document


def due_pages(session: Session, limit: int, urgency: Urgency | None = None) -> list[PageKey]:
    """Pages that should be read but that nobody holds, longest due first."""
    moment = now()
    query = select(Page.sha256, Page.number).where(
        Page.state == "waiting",
        Page.due_at <= moment,
        or_(Page.lease_until.is_(None), Page.lease_until < moment),
    )
    if urgency is not None:
        query = query.where(Page.urgency == urgency)
    rows = session.execute(query.order_by(Page.due_at, Page.number).limit(limit))
    return [(sha256, number) for sha256, number in rows]


def stuck_reading(session: Session, limit: int) -> list[str]:
    """Originals whose pages are all done while their document still waits for them."""
    open_page = (
        select(Page.number).where(Page.sha256 == Document.sha256, Page.state == "waiting").exists()
    )
    rows = session.scalars(
        select(Document.sha256)
        .where(
            Document.stage == "read",
            Document.due_at.is_(None),
            Document.lease_until.is_(None),
            ~open_page,
        )
        .limit(limit)
    )
    return [sha256 for sha256 in rows if sha256]


def page_states(session: Session, sha256: str) -> dict[int, Page]:
    """Every page of an original by number."""
    return {p.number: p for p in session.scalars(select(Page).where(Page.sha256 == sha256))}


_TEXTS = (
    select(Reading.packed)
    .join(Page, and_(Page.sha256 == Reading.sha256, Page.reading_id == Reading.id))
    .where(
        Page.sha256 == bindparam("original"),
        Page.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(Page.number)
)


def texts(session: Session, sha256: str, first: int, last: int) -> tuple[PageText, ...]:
    """The current readings of a range of pages, in order; unread pages are left out."""
    rows = session.scalars(_TEXTS, {"original": sha256, "first": first, "last": last})
    return tuple(PageText.unpack(packed) for packed in rows)


def whole_text(session: Session, sha256: str) -> str:
    """The text of every read page of an original."""
    return "\n".join(page.text for page in texts(session, sha256, 1, 2**31 - 1))


def pages_read(session: Session) -> int:
    """How many pages were read so far."""
    query = select(func.count()).select_from(Page).where(Page.state == "read")
    return session.scalar(query) or 0
