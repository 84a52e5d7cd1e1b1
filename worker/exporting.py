"""`export`: one household's file as a BagIt bag (RFC 8493) that any other tool can check.

The bag is made beside its place, validated, and renamed, so DIR never holds
half of one. A document that is only some pages of an original is cut out of
it: the rest may be another household's.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from catalog.catalogue import Catalogue, household_catalogue
from catalog.models import Document, Event, Holding, Original
from ingest.formats import READABLE, Format
from ingest.inbox.names import numbered
from ingest.sandbox import Sandbox
from storage import LocalStore, ObjectStore
from storage.disk import copy_and_hash, retryable, sync_folder
from worker.backup_folder import hash_file
from worker.rooms import find_household
from worker.views import View
from yihu.clock import iso, now
from yihu.errors import Invariant, NotFound, Rejected, Retryable, Usage
from yihu.settings import Settings
from yihu.template import Template

CATALOGUE_JSON, CATALOGUE_CSV, EVENTS, README = (
    "catalogue.json",
    "catalogue.csv",
    "events.jsonl",
    "README.txt",
)
_EXTENSIONS = {Format.JPEG: "jpg", Format.TIFF: "tif", Format.JPEG2000: "jp2"}
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_NAME_CHARACTERS = 60
_CHUNK = 500
_README = """\
业户档案 {file_no} 的导出包（BagIt 格式），{moment} 由一户一档 Yihu {version} 生成。
Household file {file_no}, a BagIt bag made by Yihu {version} at {moment}.

- “档号 类型 日期.扩展名”：每份已归档文件的原件；日期为收件日期。只占原件一部分的文件，
  仅取其页面，catalogue.json 中 part 为 true。
  "file number type date.ext": each filed document as its original; the date is the day it
  was received. A document that is part of an original holds its pages only ("part": true).
- catalogue.json、catalogue.csv：应存项与勾、文件清单与 SHA-256。
  The catalogue with its ticks, the list of documents, their SHA-256.
- events.jsonl：这些文件的全部事件（带哈希链）。 Every event of these documents.

校验 To check:  bagit.py --validate 本文件夹/THIS-FOLDER
含个人信息，请妥善保管。 Holds personal data: keep it safe.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the bag: its file, and where that came from.

    `sha256` is of the file in the bag, `original` of the original it is, or is
    a `part` of; `pages` are the first and the last page of the original.
    """

    document: int
    file: str
    sha256: str
    original: str
    pages: tuple[int, int]
    part: bool
    category: str
    type: str
    name: str
    date: str
    dropped_as: str

    def as_dict(self) -> dict[str, Any]:
        """The entry as catalogue.json holds it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass
class Exported:
    """What an export wrote, and the documents it could not, with the reason."""

    bag: Path
    file_no: str
    entries: list[Entry] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The line of `yihu export --json`."""
        return {
            "bag": str(self.bag),
            "file_no": self.file_no,
            "documents": len(self.entries),
            "lacking": len(self.lacking),
        }


@dataclass(frozen=True, slots=True)
class _Known:
    """What the catalogue says of the household, read in one transaction."""

    catalogue: Catalogue
    documents: list[tuple[Document, Original]]
    events: list[dict[str, Any]]


def export_household(settings: Settings, written: str, folder: Path) -> Exported:
    """Write the household that `written` names into the bag `folder`.

    Raises Usage when `folder` is there and not empty, `UnknownRoom` when no
    single household fits.
    """
    must_be_free(folder)
    view = View.open(settings)
    record = find_household(written, view.register())
    with view.database.read() as session:
        known = _Known(
            household_catalogue(session, record.id, view.template),
            _documents(session, record.id),
            _events(session, record.id),
        )
    exported = Exported(folder, known.catalogue.file_no)
    half = folder.parent / f".{folder.name[:_NAME_CHARACTERS]}.{secrets.token_hex(4)}.part"
    with retryable("write the bag"):
        try:
            half.mkdir(parents=True)
            _fill(half, known, exported, settings, view.template)
            _seal(half, known.catalogue)
            must_be_free(folder)
            half.rename(folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(half, ignore_errors=True)
            view.database.dispose()
    return exported


def must_be_free(folder: Path) -> None:
    """Usage unless `folder` does not exist or is empty."""
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise Usage(f"the folder is there and not empty: {folder}")


def _documents(session: Session, household_id: int) -> list[tuple[Document, Original]]:
    rows = session.execute(
        select(Document, Original)
        .join(Original, Original.sha256 == Document.sha256)
        .where(Document.household_id == household_id, Document.state == "filed")
        .options(joinedload(Document.arrival))
        .order_by(Document.type, Document.received_at, Document.id)
    )
    return [(document, original) for document, original in rows]


def _events(session: Session, household_id: int) -> list[dict[str, Any]]:
    filed = select(Document.id).where(
        Document.household_id == household_id, Document.state == "filed"
    )
    ids = list(session.scalars(filed))
    found: dict[int, Event] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        ticks = select(Holding.tick_seq).where(Holding.document_id.in_(part))
        unticks = select(Holding.untick_seq).where(Holding.document_id.in_(part))
        of_these = and_(Event.subject_kind == "document", Event.subject_id.in_(map(str, part)))
        ticked = or_(Event.seq.in_(ticks), Event.seq.in_(unticks))
        for event in session.scalars(select(Event).where(or_(of_these, ticked))):
            found[event.seq] = event
    return [
        {
            "seq": event.seq,
            "at": iso(event.at),
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "data": json.loads(event.data),
            "prev_hash": event.prev_hash,
            "hash": event.hash,
        }
        for _, event in sorted(found.items())
    ]


def _fill(
    half: Path, known: _Known, exported: Exported, settings: Settings, template: Template
) -> None:
    sandbox = Sandbox(
        workers=1, memory_bytes=settings.child_memory_bytes, seconds=settings.page_seconds
    )
    store, zone = LocalStore(settings.store, create=False), ZoneInfo(settings.timezone)
    taken = {name.casefold() for name in (CATALOGUE_JSON, CATALOGUE_CSV, EVENTS, README)}
    with sandbox:
        for document, original in known.documents:
            kind = template.by_code.get(document.type or "")
            name = kind.name if kind else document.type or ""
            date = document.received_at.astimezone(zone).date().isoformat()
            stem = safe_name(f"{exported.file_no} {name} {date}")
            target = half / free_name(f"{stem}{extension(document, original)}", taken)
            why = _bring(document, original, target, store, sandbox)
            if why:
                exported.lacking[f"document:{document.id}"] = why
            else:
                exported.entries.append(_entry(document, original, target, name, date))
    _describe(half, known, exported, zone)


def _bring(
    document: Document, original: Original, target: Path, store: ObjectStore, sandbox: Sandbox
) -> str:
    """Write a document's file; why it could not be written, else ""."""
    sha256 = original.sha256
    if is_part(document, original):
        fixity = store.verify(sha256)
        if not fixity.ok:
            return fixity.message
        try:
            with store.local_path(sha256) as path:
                cut = sandbox.run(
                    cut_pages, path, original.format, document.first_page, document.last_page
                )
        except (Rejected, Retryable) as error:
            return f"its pages could not be cut out: {error}"
        target.write_bytes(cut)
        return ""
    try:
        with store.open(sha256) as source, target.open("xb") as copy:
            found, _ = copy_and_hash(source, copy)
    except NotFound as error:
        return str(error)
    if found != sha256:
        target.unlink()
        return f"original {sha256} was altered"
    return ""


def is_part(document: Document, original: Original) -> bool:
    """Whether the document is only some of the pages of its original."""
    pages = original.pages or 1
    return (document.first_page, document.last_page) != (1, pages) and pages > 1


def cut_pages(path: Path, kind: str, first: int, last: int) -> bytes:
    """These pages (from 1, both included) as a file of the same kind; runs in a child process."""
    target = io.BytesIO()
    if kind == Format.PDF:
        import pikepdf

        with pikepdf.open(path) as source, pikepdf.new() as pdf:
            pdf.pages.extend(source.pages[first - 1 : last])
            pdf.save(target)
        return target.getvalue()
    if kind != Format.TIFF:
        raise Rejected("unsupported", f"no pages can be cut out of {kind}")
    from PIL import Image

    with Image.open(path) as image:
        frames = []
        for number in range(first - 1, last):
            image.seek(number)
            frames.append(image.copy())
    frames[0].save(target, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    return target.getvalue()


def _entry(document: Document, original: Original, target: Path, name: str, date: str) -> Entry:
    return Entry(
        document=document.id,
        file=target.name,
        sha256=hash_file(target),
        original=original.sha256,
        pages=(document.first_page, document.last_page),
        part=is_part(document, original),
        category=document.category or "",
        type=document.type or "",
        name=name,
        date=date,
        dropped_as=document.arrival.path,
    )


def _describe(half: Path, known: _Known, exported: Exported, zone: ZoneInfo) -> None:
    moment = now().astimezone(zone).isoformat(timespec="seconds")
    catalogue = known.catalogue.as_dict() | {
        "exported_at": moment,
        "files": [entry.as_dict() for entry in exported.entries],
        "lacking": exported.lacking,
    }
    text = json.dumps(catalogue, ensure_ascii=False, indent=1)
    (half / CATALOGUE_JSON).write_text(text + "\n", encoding="utf-8")
    with (half / CATALOGUE_CSV).open("w", encoding="utf-8-sig", newline="") as table:
        csv.writer(table).writerows(_rows(catalogue["items"], exported.entries))
    lines = (json.dumps(event, ensure_ascii=False) + "\n" for event in known.events)
    (half / EVENTS).write_text("".join(lines), encoding="utf-8")
    readme = _README.format(file_no=exported.file_no, moment=moment, version=version("yihu"))
    (half / README).write_text(readme, encoding="utf-8")


def _rows(items: Sequence[dict[str, Any]], entries: Sequence[Entry]) -> Iterator[list[str]]:
    yield ["类别 category", "类型 type", "名称 name", "应存 required", "状态 state",
           "纸质 paper", "电子 digital", "文件 file", "SHA-256"]  # fmt: skip
    for item in items:
        files = [entry for entry in entries if entry.document in item["documents"]]
        ticks = ["√" if item[name] else "" for name in ("paper", "digital")]
        head = [item["category"], item["type"], item["name"], "√" if item["required"] else ""]
        for file in [[entry.file, entry.sha256] for entry in files] or [["", ""]]:
            yield [*head, item["state"], *ticks, *file]


def _seal(half: Path, catalogue: Catalogue) -> None:
    """Make the folder a bag, read it back as any reader would, and bring it to the disk."""
    import bagit

    information = {
        "Source-Organization": catalogue.key.estate,
        "External-Identifier": catalogue.file_no,
        "External-Description": "业户档案 household file (Yihu 一户一档)",
        "Bag-Software-Agent": f"Yihu {version('yihu')}",
    }
    try:
        bagit.make_bag(str(half), information, checksums=["sha256"])
        bagit.Bag(str(half)).validate()
    except bagit.BagError as error:
        raise Invariant(f"the bag does not validate: {error}") from error
    for folder, _, files in os.walk(half):
        for name in files:
            with Path(folder, name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(folder))


def extension(document: Document, original: Original) -> str:
    """The extension by content; for what Yihu does not read, that of the name it was dropped by."""
    if original.format in READABLE:
        kind = Format(original.format)
        return f".{_EXTENSIONS.get(kind, kind.value)}"
    suffix = Path(document.arrival.path).suffix
    return suffix.lower() if _EXTENSION.fullmatch(suffix) else ".bin"


def safe_name(text: str) -> str:
    """The text as a file name that every system takes."""
    plain = unicodedata.normalize("NFC", _UNSAFE.sub("_", text))
    visible = "".join("_" if unicodedata.category(c)[0] == "C" else c for c in plain)
    return visible.strip(" .") or "_"


def free_name(name: str, taken: set[str]) -> str:
    """`name`, numbered where it is taken; takes it."""
    number = 1
    while (free := numbered(name, number)).casefold() in taken:
        number += 1
    taken.add(free.casefold())
    return free
