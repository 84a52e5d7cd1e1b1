"""What the screens are made of: one open home, its pictures, its verbs; light until used.

The web process keeps no reading engine: pictures are drawn in a child that
ends when it has been idle, and kept as derivatives in the store.
"""

from __future__ import annotations

import io
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from catalog.access import Covers, Viewer, spans
from catalog.brought import Brought
from catalog.database import Database
from catalog.template.loader import load_template
from ingest.pages import Limits
from ingest.sandbox import Sandbox
from ingest.upload_names import safe_relative
from storage import ObjectStore
from worker.app import make_app
from worker.bringing import Bringer, hinting_folder
from worker.finder import Finder
from worker.home import limits_of, open_home, open_store
from worker.messages import Messages
from worker.mind_cache import MindCache
from worker.register_cache import RegisterCache
from worker.undoing import Desk
from yihu.errors import NotFound
from yihu.page import Box, Line, PageText
from yihu.settings import Settings
from yihu.template import Template

THUMBNAIL, SCREEN, FINE = 240, 1500, 2600
SIDES = (THUMBNAIL, SCREEN, FINE)
_MARGIN = 0.18  # of a line's height, around a covered number


@dataclass
class Front:
    """One home as the screens need it; safe to use from several threads."""

    settings: Settings
    database: Database
    template: Template
    messages: Messages
    store: ObjectStore
    sandbox: Sandbox
    register: RegisterCache
    finder: Finder
    limits: Limits

    @staticmethod
    def open(settings: Settings) -> Front:
        """Open the home, creating it where it is missing."""
        database = open_home(settings)
        register = RegisterCache(database)
        return Front(
            settings=settings,
            database=database,
            template=load_template(),
            messages=Messages(make_app(settings)),
            store=open_store(settings, database),
            sandbox=Sandbox(
                workers=1,
                memory_bytes=settings.child_memory_bytes,
                seconds=settings.page_seconds,
                idle_seconds=settings.idle_seconds,
            ),
            register=register,
            finder=Finder(register),
            limits=limits_of(settings),
        )

    def close(self) -> None:
        """End the picture child and close the database."""
        self.sandbox.close()
        self.database.dispose()

    @cached_property
    def mind(self) -> MindCache:
        """What judges at the moment; opened when a page first asks for it."""
        from classifier import Policy

        return MindCache(self.database, Policy(file_on_room_alone=self.settings.file_on_room_alone))

    def desk(self, viewer: Viewer, leave: Callable[[Session], object] | None = None) -> Desk:
        """The verbs of review for this person; `leave` is asked in each decision's transaction."""
        return Desk(self, viewer.actor, leave)

    # --- pictures ---------------------------------------------------------------------------

    def picture(self, sha256: str, number: int, side: int, rotation: int) -> bytes:
        """The whole page, upright, as a JPEG at most `side` pixels long; kept once drawn."""
        from ingest.reading import page_jpeg

        if side not in SIDES:
            raise NotFound(f"no picture of {side} pixels")
        name = f"pages/{sha256[:2]}/{sha256}/{number}-{rotation}-{side}.jpg"
        try:
            with self.store.open_derivative(name) as file:
                return file.read()
        except NotFound:
            pass
        with self.store.local_path(sha256) as path:
            drawn = self.sandbox.run(page_jpeg, str(path), number, side, rotation, self.limits)
        self.store.put_derivative(name, drawn)
        return drawn

    # --- bringing ---------------------------------------------------------------------------

    def upload_folder(self) -> Path:
        """A fresh folder for one upload, out of everybody's sight."""
        folder = self.settings.run / "uploads" / secrets.token_hex(8)
        folder.mkdir(mode=0o700, parents=True)
        return folder

    def bring(
        self,
        files: Sequence[tuple[Path, str]],
        viewer: Viewer,
        said: Brought | None = None,
    ) -> list[int]:
        """Take uploaded files in; gives their documents' ids. The uploads themselves stay.

        With `said` they come as if dropped into a folder of that household and type.
        """
        bringer = Bringer(self.settings, self.database, self.messages)
        kept = [(path, safe_relative(name)) for path, name in files]
        if said is not None:
            under = hinting_folder(said, self.register.current(), self.template)
            kept = [(path, under + name.rpartition("/")[2]) for path, name in kept]
        return [bringer.bring(path, name, viewer.actor, said) for path, name in kept]

    def bind(self, photos: Sequence[Path], target: Path) -> None:
        """Bind photos into one PDF."""
        from ingest.photos import bind

        self.sandbox.run(bind, [str(path) for path in photos], str(target), self.limits)

    def sweep_uploads(self) -> None:
        """Remove what interrupted uploads left; run at the start."""
        shutil.rmtree(self.settings.run / "uploads", ignore_errors=True)


_UNSURE = frozenset(
    {"faint", "blurred", "dark", "photo", "unread", "cut_off", "turn_unsure", "illegible"}
)
_SURE_ENOUGH = 0.8


def coverable(page: PageText | None) -> bool:
    """Whether a page was read well enough to trust that all its numbers are known.

    One that was not is shown only to whoever may see them anyway, or after a
    reason.
    """
    if page is None or not page.lines or page.flags & _UNSURE:
        return False  # a page without text may be one too faint to read
    if "born-digital" in page.flags:
        return False  # a picture on it may show what its text does not say
    return page.sureness >= _SURE_ENOUGH


def _uneven(line: Line) -> bool:
    """Whether letters of different widths, or a doubtful reading, make places in it inexact."""
    return line.confidence < _SURE_ENOUGH or any(c.isascii() and c.isalpha() for c in line.text)


def covered_boxes(page: PageText, covers: Covers) -> list[Box]:
    """Where numbers this viewer may not read stand on a page."""
    boxes: list[Box] = []
    for line in page.lines:
        left, top, right, bottom = line.box
        wide, margin = right - left, (bottom - top) * _MARGIN
        found = spans(line.text, covers)
        if found and _uneven(line):
            found = [(0.0, 1.0)]  # where in the line a number stands cannot be told well enough
        for start, end in found:
            boxes.append(
                (
                    left + wide * start - margin,
                    top - margin,
                    left + wide * end + margin,
                    bottom + margin,
                )
            )
    return boxes


_DRAWING = threading.BoundedSemaphore(2)


def cover(jpeg: bytes, boxes: Sequence[Box]) -> bytes:
    """The picture with these shares of it blacked out; the numbers are gone, not hidden."""
    if not boxes:
        return jpeg
    from PIL import Image, ImageDraw

    with _DRAWING, Image.open(io.BytesIO(jpeg)) as image:
        picture = image.convert("RGB")
        draw = ImageDraw.Draw(picture)
        for left, top, right, bottom in boxes:
            draw.rectangle(
                (
                    max(0.0, left) * picture.width,
                    max(0.0, top) * picture.height,
                    min(1.0, right) * picture.width,
                    min(1.0, bottom) * picture.height,
                ),
                fill=(52, 58, 66),
            )
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=82)
        return out.getvalue()
