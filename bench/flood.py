"""`yihu bench flood`: thousands of files at once, into the folder or through a real Samba share.

Small papers with a text layer, each unique, so that the line and not the
reading is what is tried. Every file must end once, its original be in the
store; memory is told in tenths of the way, and must not grow with what waits.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench import faults_scans
from bench.home import Home
from bench.hostile_together import serving
from bench.machine import describe
from bench.processes import MEGABYTE, memory, tree
from bench.samba import samba
from bench.servers import server_profile
from catalog import documents
from catalog.database import Database
from catalog.models import Arrival, Document
from worker.home import open_home

PATIENCE_SECONDS = 7200.0
EVERY_SECONDS = 1.0
TENTHS = 10
A_FOLDER = 500


def run(files: int, *, through_samba: bool, servers: bool) -> dict[str, Any]:
    """The benchmark; raises `NotInstalled` where servers are wanted and are not here."""
    work = Path(tempfile.mkdtemp(prefix="yihu-flood-"))
    try:
        with ExitStack() as stack:
            profile = stack.enter_context(server_profile(work / "servers")) if servers else None
            settings = profile.settings("flood") if profile else {}
            home = Home(work / "home", searchable="false", **settings)
            scans = faults_scans.make(work / "scans")
            hashes = _write(scans, work / "drop", files)
            home.run("register", "import", str(scans.register))
            figures = _flooded(home, work, through_samba)
            code, _ = home.run("verify")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    ends = figures.pop("ends")
    known = figures.pop("hashes")
    return {
        "machine": describe(),
        "profile": "server" if servers else "embedded",
        "through": "samba" if through_samba else "folder",
        "files": files,
        "lost": len(hashes - known),
        "more_than_once": ends.pop("more than once"),
        "ends": dict(ends),
        "verify": code,
        **figures,
    }


def clean(figures: dict[str, Any]) -> bool:
    """True when every file ended once, nothing waits, and `verify` found nothing."""
    moving = {"received", "reading"} & figures["ends"].keys()
    return not (figures["lost"] or figures["more_than_once"] or figures["verify"] or moving)


def _write(scans: faults_scans.Scans, folder: Path, files: int) -> set[str]:
    """Unique files in folders of `A_FOLDER`; gives their hashes."""
    kinds = [kind for kind in scans.quick if kind.startswith("digital")]
    hashes = set()
    for number in range(files):
        kind = kinds[number % len(kinds)]
        data = scans.unique(kind, f"flood {number}")
        place = folder / f"{number // A_FOLDER:03}" / f"{number:05}{scans.templates[kind].suffix}"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        hashes.add(hashlib.sha256(data).hexdigest())
    return hashes


def _flooded(home: Home, work: Path, through_samba: bool) -> dict[str, Any]:
    """Drop all while `yihu up` runs, and wait for all; gives the figures, the system stopped."""
    files = sum(1 for path in (work / "drop").rglob("*") if path.is_file())
    settings = home.load()
    database = open_home(settings)
    with serving(home) as server, ExitStack() as stack:
        share = stack.enter_context(samba(work / "smb", settings.inbox)) if through_samba else None
        began = time.monotonic()
        if share is None:
            shutil.copytree(work / "drop", settings.inbox / "flood")
        else:
            share.put_folder(work / "drop")
        dropped = time.monotonic() - began
        memories = _until_settled(database, files, server.pid)
        seconds = time.monotonic() - began
    with database.read() as session:
        ends = Counter(session.scalars(select(Document.state)).all())
        arrivals = func.count(Document.arrival_id.distinct())
        twice = select(Document.sha256).group_by(Document.sha256).having(arrivals > 1)
        ends["more than once"] = len(session.execute(twice).all())
        hashes = set(session.scalars(select(Arrival.sha256)))
    database.dispose()
    return {
        "ends": ends,
        "hashes": hashes,
        "seconds_to_drop": round(dropped, 1),
        "seconds": round(seconds, 1),
        "files_a_minute": round(60 * files / seconds),
        "mib_by_tenth_settled": memories,
    }


def _until_settled(database: Database, files: int, root: int) -> list[int]:
    """Wait until so many files are settled; the most memory held in each tenth of the way."""
    most = [0] * TENTHS
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with database.read() as session:
            settled = documents.settled_files(session)
        tenth = min(TENTHS - 1, settled * TENTHS // files)
        most[tenth] = max(most[tenth], sum(map(memory, tree(root))) // MEGABYTE)
        if settled >= files:
            return most
        time.sleep(EVERY_SECONDS)
    raise TimeoutError(f"{settled} of {files} files settled")
