"""`yihu bench understand --real DIR`: real scans that belong to no household must reach a person.

Any folder of pictures and PDF files. They are copied beside the register of a
generated estate and go through the whole journey; every one must end in review,
and none with a household that the system thinks likelier than not.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.columns import Verdict, columns, verdicts
from bench.corpus import generate
from bench.home import Home, Row, room
from bench.machine import describe
from catalog import documents
from worker.home import open_home
from yihu.errors import Usage

LIKELY = 0.5
_SCANS = frozenset({
    ".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".heif", ".gif",
})  # fmt: skip
_WIDEST = 44


@dataclass(frozen=True, slots=True)
class Found:
    """One document line, and how probable its likeliest household was by itself."""

    line: Row
    household: float

    @property
    def sure(self) -> bool:
        """Whether a household was named that is likelier than not."""
        return self.household >= LIKELY

    def as_dict(self) -> Row:
        """The document as JSON: what became of it and how sure of a household the system was."""
        names = ("file", "pages", "state", "type", "household", "probability", "reasons")
        return {name: self.line[name] for name in names} | {
            "household_probability": round(self.household, 4)
        }


@dataclass(frozen=True, slots=True)
class Strangers:
    """What became of all of them."""

    found: tuple[Found, ...]

    @property
    def clean(self) -> bool:
        """Whether every bar is met."""
        return all(met for _, _, met in self.bars())

    def bars(self) -> list[Verdict]:
        """All in review (a second copy is a duplicate of one that is), no confident household."""
        elsewhere = [x for x in self.found if x.line["state"] not in ("review", "duplicate")]
        sure = sum(one.sure for one in self.found)
        return [
            ("filed = 0", str(sum(one.line["state"] == "filed" for one in self.found)),
             all(one.line["state"] != "filed" for one in self.found)),
            ("not in review = 0", f"{len(elsewhere)} of {len(self.found)}", not elsewhere),
            (f"household more probable than {LIKELY:.0%} = 0", str(sure), not sure),
        ]  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Everything as one JSON line."""
        return {
            "machine": describe(),
            "bars": [
                {"bar": bar, "measured": measured, "met": met} for bar, measured, met in self.bars()
            ],
            "documents": [one.as_dict() for one in self.found],
        }

    def report(self) -> str:
        """A row for each document, and the bars."""
        rows = [["file", "pages", "state", "type", "household", "its probability", "why"]]
        for one in self.found:
            said = one.line
            home = room(said["household"]) if said["household"] else "-"
            first, last = said["pages"]
            rows.append([
                said["file"][-_WIDEST:], f"{first}-{last}", said["state"], said["type"] or "-",
                home, f"{one.household:.1%}", " ".join(said["reasons"]),
            ])  # fmt: skip
        return "\n".join([f"machine: {describe()}", *columns(rows), "", *verdicts(self.bars())])


def run(folder: Path, seed: int, pack: str, keep: Path | None = None) -> Strangers:
    """Take every scan of a folder through the journey; raises `Usage` where there is none."""
    work = keep or Path(tempfile.mkdtemp(prefix="yihu-bench-"))
    scans = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in _SCANS
    )
    if not scans:
        raise Usage(f"{folder}: 没有图片或 PDF / no picture or PDF in it")
    try:
        for scan in scans:
            copy = work / "scans" / scan.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(scan, copy)
        estate = generate(work / "set", seed=seed, count=1, pack=pack)  # type: ignore[arg-type]
        home = Home(work / "home")
        home.run("register", "import", str(estate.register))
        _, lines = home.run("ingest", str(work / "scans"))
        return Strangers(tuple(Found(line, _household(home, line)) for line in lines))
    finally:
        if keep is None:
            shutil.rmtree(work, ignore_errors=True)


def _household(home: Home, line: Row) -> float:
    with open_home(home.load()).read() as session:
        (document,) = documents.by_id(session, [line["document"]])
        homes = (document.judgement or {}).get("households") or []
        return float(homes[0]["probability"]) if homes else 0.0
