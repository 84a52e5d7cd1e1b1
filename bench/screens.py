"""`make screens`: the pictures of docs/screens, of every room filled with sample scans.

Reads a generated set, opens the rooms in real Chromium at desktop and phone
width in both languages, and refuses to finish when a page complains.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench import browser as chrome
from bench.corpus import generate
from bench.front_office import PASSWORD
from bench.home import Home, until
from catalog import approvals, documents, households, readings, samples
from catalog.access import Area
from catalog.accounts import people, signed_in
from catalog.desk import Filter, queue
from catalog.models import Document, Holding
from worker.front import coverable
from worker.home import open_home
from yihu.settings import load

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

FOLDER = Path("docs/screens")
FILES, SEED, MORE_SAMPLES = 40, 7, 4
ROOMS = {
    "sign-in": ("", "/sign-in"),
    "password": ("", "/password/{link}"),
    "inbox": ("custodian", "/inbox"),
    "sheets": ("custodian", "/inbox/sheets"),
    "review": ("custodian", "/review"),
    "desk": ("custodian", "/review/desk/{desk}"),
    "households": ("custodian", "/households?{building}"),
    "household": ("custodian", "/households/{household}"),
    "document": ("custodian", "/documents/{document}"),
    "text": ("custodian", "/documents/{document}/text"),
    "readings": ("custodian", "/documents/{document}/readings"),
    "search": ("custodian", "/search?q=装修"),
    "approvals": ("custodian", "/approvals"),
    "audit": ("auditor", "/audit"),
    "gaps": ("auditor", "/audit/gaps"),
    "samples": ("custodian", "/audit/samples"),
    "sample": ("custodian", "/audit/samples/{sample}"),
    "verification": ("auditor", "/audit/verification"),
    "looks": ("auditor", "/audit/looks"),
    "account": ("custodian", "/account"),
    "settings": ("sysadmin", "/settings"),
    "rights": ("sysadmin", "/settings/rights"),
    "policy": ("auditor", "/settings/policy?rate=0.5"),
    "learning": ("auditor", "/settings/learning"),
}
"""Who opens which address; nobody ("") opens it without signing in."""
WIDTHS = {"desktop": chrome.DESKTOP, "phone": chrome.PHONE}
LANGUAGES = ("zh", "en")


def pictures(room: str) -> list[str]:
    """The file names of a room's pictures: desktop and phone, Chinese and English."""
    return [f"{room}-{width}-{language}.jpg" for width in WIDTHS for language in LANGUAGES]


def main(rooms: Sequence[str] = ()) -> int:
    """Make the pictures, of these rooms or of all; exit code 1 when a page wrote an error."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpus = generate(folder / "samples", seed=SEED, count=FILES, pack="demo")
        home = Home(folder / "home")
        home.run("register", "import", str(corpus.register))
        home.run("ingest", str(corpus.inbox))
        home.run("verify")
        ids = _prepared(folder / "home")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with _served(home) as base:
            wrong = _pictures(base, ids, rooms or tuple(ROOMS))
    sys.stderr.write("".join(f"{text}\n" for text in wrong))
    return 1 if wrong else 0


def _prepared(folder: Path) -> dict[str, int | str]:
    """Accounts, and which document and household to show."""
    database = open_home(load(folder))
    with database.write() as session:
        for name in ("custodian", "auditor", "sysadmin", "clerk", "estate_head"):
            people.add(session, name, [name], password=PASSWORD, actor="screens")
        invited = people.add(session, "invited", ["clerk"], actor="screens")
        link = signed_in.add_link(session, "password", invited, actor="screens")
        account = people.named(session, "custodian")
        waiting = queue(session, people.viewer_of(session, account), Filter())
        holdings = session.query(Holding).all()
        counts: dict[int, int] = {}
        for holding in holdings:
            counts[holding.household_id] = counts.get(holding.household_id, 0) + 1
        household = max(counts, key=lambda number: counts[number])
        ids = [h.document_id for h in holdings if h.household_id == household and h.document_id]
        document = _readable(session, documents.by_id(session, ids)).id
        _requests(session, document, household)
        (sample,) = samples.draw(session, 0.0, account.name, 1)
        samples.draw(session, 0.0, account.name, MORE_SAMPLES)
        suggested = [d for d in waiting if d.household_id and d.probability]
        shown = _readable(session, suggested or waiting)
        home = households.address(session, household)
    database.dispose()
    place = {"estate": home.estate, "zone": home.zone, "building": home.building}
    return {
        "desk": shown.id,
        "household": household,
        "document": document,
        "sample": sample.id,
        "building": urlencode(place),
        "link": link,
    }


def _readable(session: Session, found: Sequence[Document]) -> Document:
    """One whose first page shows without a reason, so that the picture has a page on it."""

    def shows(document: Document) -> bool:
        first = document.first_page
        read = readings.texts(session, document.sha256 or "", first, first)
        return coverable(read[0] if read else None)

    return next((document for document in found if shows(document)), found[0])


def _requests(session: Session, document: int, household: int) -> None:
    """A clerk asks to move a document, the custodian for a copy of it, which was granted."""
    home = households.address(session, household)
    clerk = people.named(session, "clerk")
    people.change(
        session, clerk, roles=["clerk"], areas=[Area(home.estate, home.zone, home.building)],
        display="", actor="screens",
    )  # fmt: skip
    subject = approvals.Subject("document", document)

    def ask(name: str, action: str, reason: str) -> int:
        viewer = people.viewer_of(session, people.named(session, name))
        return approvals.ask(session, viewer, action, subject, reason)

    ask("clerk", "document.refile", "房号看错了，应归 2 单元")
    number = ask("custodian", "document.original", "业主需要复印件")
    head = people.viewer_of(session, people.named(session, "estate_head"))
    approvals.grant(session, head, number, 3)


@contextmanager
def _served(home: Home) -> Iterator[str]:
    server = home.start("up", "--port", "0", "--json", stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        base = str(json.loads(server.stdout.readline())["url"])
        until(lambda: _answers(base), 90)
        yield base
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
        server.stdout.close()


def _answers(base: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{base}/healthz", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _pictures(base: str, ids: Mapping[str, int | str], rooms: Sequence[str]) -> list[str]:
    wrong: list[str] = []
    with chrome.browser() as running:
        for language in LANGUAGES:
            for width, size in WIDTHS.items():
                pages: dict[str, Page] = {}
                for room in rooms:
                    name, path = ROOMS[room]
                    if name not in pages:
                        page = pages[name] = chrome.context(
                            running, base, size, language
                        ).new_page()
                        page.on(
                            "console",
                            lambda m: wrong.append(m.text) if m.type == "error" else None,
                        )
                        if name:
                            chrome.sign_in(page, name, PASSWORD)
                    pages[name].goto(path.format(**ids))
                    pages[name].wait_for_load_state("networkidle")
                    target = FOLDER / f"{room}-{width}-{language}.jpg"
                    pages[name].screenshot(path=target, type="jpeg", quality=72)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
