"""A small office for tests and pictures: households of three buildings, documents, accounts.

Documents are put in as read (no reading engine runs), so a home is ready in
seconds; the pictures are real, with the very text at the very place.
"""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

from bench.home import Home
from catalog import documents, readings, search, ticks
from catalog.access import Area
from catalog.accounts import people
from catalog.database import Database
from catalog.models import Document, Original
from storage import ObjectStore
from worker.home import open_home, open_store
from yihu.clock import now
from yihu.page import Line, PageText
from yihu.settings import Settings, load
from yihu.urgency import Urgency

PASSWORD = "correct-horse-7"  # noqa: S105 - of throw-away homes
REGISTER = """\
estate,zone,building,unit,room,owner,phone,id_no,vip,former
阳光花园,,3,1,101,张伟,13812345678,110101199003074514,,
阳光花园,,3,1,102,李娜,13987654321,,,旧主人
阳光花园,,3,2,501,王芳、赵强,13700001111,,,
阳光花园,,5,1,101,陈静,13655556666,,,
阳光花园,,5,1,102,刘洋,13522223333,,是,
阳光花园,,10,1,301,周敏,13411112222,,,
"""
ROLES: dict[str, tuple[str, ...]] = {
    "scanner": ("scanner",),
    "clerk3": ("clerk",),
    "clerk5": ("clerk",),
    "custodian": ("custodian",),
    "cs_head": ("cs_head",),
    "manager": ("manager",),
    "estate_head": ("estate_head",),
    "leader": ("leader",),
    "dept_head": ("dept_head",),
    "supervisor": ("supervisor",),
    "cs_staff": ("cs_staff",),
    "staff": ("staff",),
    "gm": ("gm",),
    "auditor": ("auditor",),
    "sysadmin": ("sysadmin",),
}
AREAS = {name: (Area(building="3"),) for name in ("clerk3", "dept_head", "supervisor", "cs_staff")}
AREAS["clerk5"] = (Area(building="5"),)


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to put in: its room, what stands on its pages, and how it stands."""

    file: str
    room: str
    type: str
    lines: tuple[tuple[str, ...], ...]
    state: str = "filed"
    reasons: tuple[str, ...] = ()
    by: str = ""
    sure: float = 0.99


def notice(room: str, owner: str, phone: str, id_no: str = "") -> tuple[str, ...]:
    """The lines of an ordinary page."""
    return (
        "装修申请表",
        f"房号：{room}",
        f"业主姓名：{owner}",
        f"联系电话：{phone}",
        f"身份证号：{id_no}" if id_no else "施工内容：厨房改造",
        "日期：2024年5月6日",
    )


PAPERS = (
    Paper(
        "电话13812345678.jpg", "3-1-101", "reno.application",
        (notice("3-1-101", "张伟", "13812345678", "110101199003074514"),),
    ),
    Paper("五栋.jpg", "5-1-101", "reno.application", (notice("5-1-101", "陈静", "13655556666"),)),
    Paper("重要.jpg", "5-1-102", "reno.permit", (notice("5-1-102", "刘洋", "13522223333"),)),
    Paper(
        "待定三.jpg", "3-2-501", "reno.commitment", (notice("3-2-501", "王芳", "13700001111"),),
        "review", ("policy",), sure=0.9,
    ),
    Paper(
        "待定五.jpg", "5-1-101", "reno.commitment", (notice("5-1-101", "陈静", "13655556666"),),
        "review", ("household_unsupported",), sure=0.7,
    ),
    Paper(
        "没有房号.jpg", "", "movein.notice", (("入住通知单", "请按时办理", "物业服务中心"),),
        "review", ("household_missing",), sure=0.2,
    ),
    Paper(
        "多页.pdf", "3-1-102", "movein.household_form",
        tuple(notice("3-1-102", "李娜", "13987654321") for _ in range(3)),
        "review", ("split_unsure",), sure=0.6,
    ),
    Paper("扫描员.jpg", "5-1-101", "movein.notice",
          (("入住通知单", "房号：5-1-101", "业主：陈静"),), by="person:scanner"),
)  # fmt: skip


@dataclass
class Office:
    """A filled home; `ids` are documents by file, `households` ids by room."""

    settings: Settings
    database: Database
    ids: dict[str, int] = field(default_factory=dict)
    households: dict[str, int] = field(default_factory=dict)
    base: str = ""
    _clients: list[httpx.Client] = field(default_factory=list)

    def client(self, name: str = "", **headers: str) -> httpx.Client:
        """A browser-like client, signed in as `name` when one is given."""
        client = httpx.Client(
            base_url=self.base, timeout=60, headers={"accept": "text/html"} | headers
        )
        self._clients.append(client)
        if name:
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
            if answer.status_code != 303:
                raise RuntimeError(f"{name} cannot sign in: {answer.status_code}")
        return client

    def close(self) -> None:
        """Close every client and the database."""
        while self._clients:
            self._clients.pop().close()
        self.database.dispose()

    def document(self, number: int) -> Document:
        """A document as it stands."""
        with self.database.read() as session:
            (found,) = documents.by_id(session, [number])
        return found

    def settled(self, number: int, state: str, patience: float = 60.0) -> Document:
        """The document once it rests in this state; TimeoutError otherwise."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = self.document(number)
            if found.state == state and not found.stage:
                return found
            time.sleep(0.1)
        raise TimeoutError(f"document {number} is {found.state} at {found.stage}")


def fill(folder: Path, papers: Sequence[Paper] = PAPERS) -> Office:
    """Make the home: register, documents, accounts."""
    home = Home(folder)
    register = folder.parent / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    code, _ = home.run("register", "import", str(register))
    if code:
        raise RuntimeError("the register was not taken")
    settings = load(folder)
    office = Office(settings, open_home(settings))
    with office.database.read() as session:
        from catalog import households

        for record in households.records(session):
            office.households[str(record.key)] = record.id
    store = open_store(settings, office.database)
    for paper in papers:
        office.ids[paper.file] = put(office, store, paper)
    with office.database.write() as session:
        for name, roles in ROLES.items():
            people.add(session, name, roles, AREAS.get(name, ()), password=PASSWORD, actor="test")
    return office


def put(office: Office, store: ObjectStore, paper: Paper) -> int:
    """Put one document in, as the journey would have left it."""
    images = [draw(lines, paper.file) for lines in paper.lines]
    data = as_pdf(images) if paper.file.endswith(".pdf") else images[0]
    key = sha256(data).hexdigest()
    store.put(io.BytesIO(data), key)
    with office.database.write() as session:
        document = documents.record(
            session,
            documents.Dropped(
                token=sha256(paper.file.encode()).hexdigest()[:32],
                path=paper.file,
                place="",
                sha256=key,
                size=len(data),
                by=paper.by,
            ),
        )
        original = session.get_one(Original, key)
        original.stored_at = original.verified_at = now()
        original.verify_result, original.pages = "ok", len(images)
        original.format = "pdf" if paper.file.endswith(".pdf") else "jpeg"
        _read(session, key, paper)
        _stand(session, office, document, paper)
        return document.id


def _read(session: Session, key: str, paper: Paper) -> None:
    readings.add_pages(session, key, len(paper.lines), Urgency.NOW)
    for number, lines in enumerate(paper.lines, start=1):
        readings.claim_page(session, key, number, "test", 60)
        readings.page_read(session, key, page_of(number, lines), "test", 0.1)


def page_of(number: int, lines: Sequence[str]) -> PageText:
    """A page as it is read, with every line where `draw` puts it."""
    return PageText(number, tuple(_lines(lines)), WIDTH, HEIGHT, engine="test", version="1")


def _stand(session: Session, office: Office, document: Document, paper: Paper) -> None:
    household = office.households.get(paper.room)
    document.state, document.stage, document.due_at = paper.state, "", None
    document.settled_at = now()
    document.last_page = len(paper.lines)
    document.household_id, document.type = household, paper.type
    document.category = paper.type.partition(".")[0]
    document.reasons, document.probability = list(paper.reasons), paper.sure
    document.judgement = _judgement(paper, household)
    search.index_document(session, document.id, "\n".join(t for page in paper.lines for t in page))
    session.flush()
    if paper.state == "filed" and household is not None and document.sha256:
        ticks.tick_digital(
            session, household_id=household, type=paper.type, document_id=document.id,
            sha256=document.sha256, evidence={}, actor="machine",
        )  # fmt: skip


def _judgement(paper: Paper, household: int | None) -> dict[str, Any]:
    box = next(iter(_lines(paper.lines[0]))).box
    phone = next((t.partition("：")[2] for t in paper.lines[0] if "电话" in t), "")
    return {
        "types": [{"code": paper.type, "probability": paper.sure},
                  {"code": "reno.permit", "probability": 0.1}],
        "households": [{"id": household, "room": paper.room, "probability": paper.sure}]
        if household else [],
        "evidence": [
            {"subject": "type", "code": "title", "zh": "标题“装修申请表”", "en": "title",
             "weight": 2.0, "value": "", "page": 1, "box": box},
            {"subject": "household", "code": "phone", "zh": f"电话 {phone} 与名册一致",
             "en": f"phone {phone} agrees", "weight": -1.0, "value": phone, "page": 1, "box": box},
        ],
        "fields": list(_fields(paper)),
        "reasons": list(paper.reasons),
    }  # fmt: skip


_FIELDS = {"房号": "room", "业主姓名": "owner", "联系电话": "phone", "身份证号": "id_no"}


def _fields(paper: Paper) -> Iterator[dict[str, Any]]:
    """The key fields of the pages, each with its place, as a reading would have found them."""
    for number, texts in enumerate(paper.lines, start=1):
        for line in _lines(texts):
            label, _, value = line.text.partition("：")
            if value and label in _FIELDS:
                yield {"name": _FIELDS[label], "value": value, "page": number, "box": line.box,
                       "confidence": 0.98, "label": label}  # fmt: skip


# --- pictures -----------------------------------------------------------------------------------

WIDTH, HEIGHT, SIZE, STEP = 620, 877, 22, 60


def _lines(texts: Sequence[str]) -> Iterator[Line]:
    for row, text in enumerate(texts):
        top = 60 + row * STEP
        wide = sum(SIZE if ord(c) > 255 else SIZE / 2 for c in text)
        box = (60 / WIDTH, top / HEIGHT, (60 + wide) / WIDTH, (top + SIZE + 6) / HEIGHT)
        yield Line(text, box, 0.98)


def draw(texts: Sequence[str], mark: str) -> bytes:
    """A page with these lines, as JPEG; `mark` keeps two pages from being the same file."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(image)
    font = _font(ImageFont)
    for row, text in enumerate(texts):
        pen.text((60, 60 + row * STEP), text, 0, font=font)
    pen.text((60, HEIGHT - 40), sha256(mark.encode()).hexdigest()[:12], 120)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _font(fonts: Any) -> Any:
    for path in Path("/usr/share/fonts").rglob("wqy-*.ttc"):
        return fonts.truetype(str(path), SIZE)
    return fonts.load_default()


def as_pdf(images: Sequence[bytes]) -> bytes:
    """The pictures as the pages of one PDF."""
    from PIL import Image

    pages = [Image.open(io.BytesIO(data)) for data in images]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def csrf(client: httpx.Client) -> str:
    """The token of the client's forms, as its pages carry it."""
    found = re.search(r'<meta name="csrf" content="([0-9a-f]+)">', client.get("/account").text)
    if found is None:
        raise RuntimeError("the page carries no token")
    return found[1]


def post(client: httpx.Client, path: str, **data: Any) -> httpx.Response:
    """Send a form as the page would."""
    return client.post(path, data={"csrf": csrf(client)} | data)


@contextmanager
def open_office(office: Office, **settings: str) -> Iterator[Office]:
    """`yihu up` on the office's home until the block ends; RuntimeError unless it stops cleanly."""
    home = Home(office.settings.home, sweep_seconds="1", **settings)
    server = home.start("up", "--workers", "1", "--port", "0", "--json", stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        office.base = str(json.loads(server.stdout.readline())["url"])
        _answers(office.base)
        yield office
    finally:
        office.close()
        server.send_signal(signal.SIGTERM)
        code = server.wait(60)
        server.stdout.close()
        if code != 0:
            raise RuntimeError(f"yihu up ended with code {code}")


def _answers(base: str, patience: float = 90.0) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{base}/healthz", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the screens do not answer")
