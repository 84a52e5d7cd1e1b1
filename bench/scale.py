"""`yihu bench scale`: the catalogue's own functions on many households, on both databases.

Each reading is what a screen or command asks for, through the product's
functions with a viewer's rights, in a session of its own; filing is the
journey's last stage with the document's text, committed. Measured warm.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bench.large_home import Size, fill, household_of, key_of_number, owner_of, text_of
from bench.machine import describe
from bench.processes import cpu_seconds, tree
from bench.servers import NotInstalled, Postgres, postgres
from catalog import catalogue, completeness, desk, documents, finding, overview, search
from catalog.access import Area, Viewer
from catalog.database import Database
from catalog.desk import Filter
from worker import filing
from worker.home import open_home
from worker.services import Services
from yihu.settings import load

DATABASES = ("sqlite", "postgresql")
BARS = {"postgresql": 50.0, "sqlite": 100.0}
"""A reading's p95 in ms."""
FILING_BAR = 20.0
WARM_ROUNDS = 3
Ask = Callable[[Session, int], object]
Say = Callable[[str], None]
Busy = Callable[[], float]
"""Processor seconds of a database server so far."""
_WIDE = 50

BEFORE = {
    "one household's catalogue": ("0.05", "0.26-4"),
    "completeness by building": ("2100-4000", "101-417"),
    "a page of gaps": ("0.04-0.12", "0.33-0.56"),
    "search, 2 characters, common": ("7/15", "256/321 (counting all)"),
    "search, a name": ("0.1/0.1", "0.9/1.0"),
    "search, 4 characters": ("0.5/4.4", "1.3/2.8"),
    "filing one document": ("4.4", "-"),
}
"""p50 or p50/p95 in ms of bare SQL tried before the product was written (measured.md 3.3, 3.4)."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long one thing took, in ms; `cpu` is the median of this process's own work.

    `server` is the mean of what the processes of PostgreSQL used for a call. On a
    busy machine the two are what would be left of it.
    """

    p50: float
    p95: float
    cpu: float
    server: float = 0.0

    @staticmethod
    def of(calls: Iterable[Callable[[], object]], served: Busy) -> Took:
        """The figures of some calls, the first few left out."""
        took, worked, before = [], [], served()
        for call in calls:
            began, busy = time.perf_counter(), time.process_time()
            call()
            took.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - busy))
        ordered = sorted(took[WARM_ROUNDS:])
        return Took(
            round(statistics.median(ordered), 2),
            round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 2),
            round(statistics.median(worked[WARM_ROUNDS:]), 2),
            round(1000 * (served() - before) / len(took), 2),
        )


@dataclass
class Result:
    """The figures of one database, or why there are none."""

    dialect: str
    build_seconds: float = 0.0
    mebibytes: float = 0.0
    skipped: str = ""
    took: dict[str, Took] = field(default_factory=dict)

    def missed(self) -> list[str]:
        """What took longer than its bar."""
        return [name for name, took in self.took.items() if took.p95 >= bar(name, self.dialect)]


def bar(name: str, dialect: str) -> float:
    """How long it may take, in ms."""
    return FILING_BAR if name.startswith("filing") else BARS[dialect]


def run(
    households: int, number: int, rounds: int, say: Say, only: Sequence[str] = DATABASES
) -> dict[str, Any]:
    """Build the catalogue in each database and measure; the folders are removed after."""
    size = Size(households, number, fresh=rounds + WARM_ROUNDS)
    results = []
    for dialect in only:
        place = _sqlite if dialect == "sqlite" else _postgres
        with tempfile.TemporaryDirectory(prefix="yihu-scale-") as folder:
            try:
                with place(Path(folder)) as (url, served):
                    results.append(_measured(Path(folder), url, served, size, rounds, say))
            except NotInstalled as missing:
                results.append(Result(dialect, skipped=f"skipped, {missing}"))
    return {
        "machine": describe(),
        "load": round(os.getloadavg()[0], 1),
        "households": households,
        "documents": number,
        "rounds": rounds,
        "disk_sync_ms": _sync_ms(),
        "databases": results,
    }


@contextmanager
def _sqlite(_folder: Path) -> Iterator[tuple[str, Busy]]:
    yield "", float


@contextmanager
def _postgres(_folder: Path) -> Iterator[tuple[str, Busy]]:
    own = Path(tempfile.mkdtemp(prefix="yihu-pg-"))
    try:
        with postgres(own) as server:
            yield server.create("scale"), partial(_used_by, server)
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _used_by(server: Postgres) -> float:
    assert server.process is not None
    return sum(map(cpu_seconds, tree(server.process.pid)))


def _measured(folder: Path, url: str, served: Busy, size: Size, rounds: int, say: Say) -> Result:
    settings = load(folder / "home", **({"database_url": url} if url else {}))
    database = open_home(settings)
    began = time.monotonic()
    fill(database, size)
    result = Result(database.dialect, round(time.monotonic() - began, 1))
    say(f"{database.dialect}: built in {result.build_seconds:.0f} s, now measured")
    result.mebibytes = _mebibytes(database, settings.home)
    for name, ask in _readings(size).items():
        took = result.took[name] = _read(database, ask, rounds, served)
        say(
            f"{database.dialect}: {name}: {took.p50} / {took.p95} ms,"
            f" own work {took.cpu} ms, server {took.server} ms"
        )
    services = Services.open(settings)
    try:
        result.took["filing one document"] = _file(services, size, rounds, served)
    finally:
        services.close()
        database.dispose()
    return result


def _mebibytes(database: Database, home: Path) -> float:
    if database.dialect == "sqlite":
        return round(sum(path.stat().st_size for path in home.glob("*.db*")) / 2**20, 1)
    with database.read() as session:
        size = session.connection().exec_driver_sql(
            "SELECT pg_database_size(current_database())"
        ).scalar_one()  # fmt: skip
        return round(int(size) / 2**20, 1)


# --- reading ------------------------------------------------------------------------------------


def _readings(size: Size) -> dict[str, Ask]:
    """What is asked for: by name, with the number of the round."""
    office = Viewer(1, "office", ("custodian",))
    middle = key_of_number(size.households // 2 + 1)
    clerk = Viewer(2, "clerk", ("custodian",), (Area(building=middle.building),))
    place = (middle.estate, middle.zone, middle.building)
    words = {
        "2 characters, common": lambda _: "装修",
        "2 characters and a number": lambda turn: f"{_some(size, turn)} 业主",
        "a name": lambda turn: owner_of(_anybody(size, turn)),
        "3 characters": lambda _: "承重墙",
        "4 characters": lambda _: "装修押金",
        "Han and digits": lambda turn: _address(_anybody(size, turn)),
    }
    return {
        "one household's catalogue": lambda session, turn: catalogue.household_catalogue(
            session, _anybody(size, turn)
        ),
        "completeness by building": lambda session, _: completeness.roll_ups(session, "building"),
        "completeness screen": lambda session, _: _audit(session, office),
        "a page of gaps": lambda session, turn: _gaps(session, office, _anybody(size, turn)),
        "a page of gaps, one building": lambda session, _: overview.gaps(
            session, clerk, place=place, lacking="any", limit=201
        ),
        "review queue": lambda session, _: _review(session, office),
        "review queue, one building's clerk": lambda session, _: _review(session, clerk),
        "inbox": lambda session, _: _inbox(session, office),
        "inbox, one building's clerk": lambda session, _: _inbox(session, clerk),
        **{f"search, {name}": partial(_search, office, word) for name, word in words.items()},
        "search, one building's clerk": partial(_search, clerk, words["a name"]),
        "search, 2 characters, common, one building's clerk": partial(
            _search, clerk, words["2 characters, common"]
        ),
    }


def _anybody(size: Size, turn: int) -> int:
    return random.Random(turn).randrange(size.households) + 1


def _some(size: Size, turn: int) -> str:
    return f"{random.Random(turn).randrange(size.documents) + 1:07d}"


def _address(household: int) -> str:
    key = key_of_number(household)
    return f"{key.building}栋{key.unit}单元{key.room}室"


def _audit(session: Session, viewer: Viewer) -> None:
    """What the completeness screen asks."""
    overview.completeness_map(session, viewer)
    overview.health(session)
    desk.count(session, viewer)
    overview.states(session, viewer)


def _gaps(session: Session, viewer: Viewer, after: int) -> None:
    """What the screen of gaps asks, somewhere in the middle."""
    overview.gaps(session, viewer, lacking="any", after=(after, ""), limit=201)
    overview.buildings(session, viewer)


def _inbox(session: Session, viewer: Viewer) -> None:
    """What the screen of the inbox asks; who dropped is asked once a minute."""
    overview.arrived(session, viewer, limit=61)
    overview.states(session, viewer)


def _review(session: Session, viewer: Viewer) -> None:
    """What the screen of the queue asks."""
    found = desk.queue(session, viewer, Filter(), limit=51)
    desk.count(session, viewer, Filter())
    desk.count(session, viewer)
    desk.choices(session, viewer)
    desk.holders(session, [document.id for document in found])


def _search(viewer: Viewer, word: Callable[[int], str], session: Session, turn: int) -> None:
    finding.find_documents(session, viewer, word(turn))


def _read(database: Database, ask: Ask, rounds: int, served: Busy) -> Took:
    def calls() -> Iterator[Callable[[], object]]:
        for turn in range(rounds + WARM_ROUNDS):
            with database.read() as session:
                yield partial(ask, session, turn)

    return Took.of(calls(), served)


# --- filing -------------------------------------------------------------------------------------


def _file(services: Services, size: Size, rounds: int, served: Busy) -> Took:
    def calls() -> Iterator[Callable[[], object]]:
        for number in range(size.documents + 1, size.documents + rounds + WARM_ROUNDS + 1):
            with services.database.write() as session:
                lease = services.settings.lease_seconds
                documents.claim(session, number, services.worker, lease)
            yield partial(_file_one, services, number, text_of(number, size))

    took = Took.of(calls(), served)
    with services.database.read() as session:
        household = household_of(size.documents + 1, size)
        held = catalogue.household_catalogue(session, household)
        assert any(size.documents + 1 in item.documents for item in held.items), "nothing was filed"
    return took


def _file_one(services: Services, number: int, text: str) -> None:
    """The stage `file`, and the text that the stage before it writes, in one transaction."""
    with services.database.write() as session:
        held = documents.hold(session, number, services.worker, "file")
        assert held is not None
        outcome = filing.file(held, services)
        search.index_document(session, number, text)
        held.state, held.stage = outcome.state, outcome.stage
        held.lease_until = held.due_at = None
        assert outcome.write is not None
        outcome.write(session, held)


def _sync_ms() -> float:
    """How long this disk takes to keep 4 KiB, which every filing waits for."""
    with tempfile.NamedTemporaryFile(prefix="yihu-sync-") as file:
        took = []
        for _ in range(20):
            began = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return round(statistics.median(took), 2)


# --- the report ---------------------------------------------------------------------------------


def as_dict(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures as JSON."""
    return figures | {
        "databases": {
            result.dialect: {"skipped": result.skipped}
            if result.skipped
            else {
                "build_seconds": result.build_seconds,
                "mebibytes": result.mebibytes,
                "missed": result.missed(),
                "ms": {
                    name: asdict(took) | {"bar": bar(name, result.dialect)}
                    for name, took in result.took.items()
                },
            }
            for result in figures["databases"]
        }
    }


def report(figures: dict[str, Any]) -> str:
    """Both databases side by side, with the bars and what bare SQL took before."""
    lines = [
        f"{figures['machine']}; load {figures['load']}, disk sync {figures['disk_sync_ms']} ms",
        f"{figures['households']:,} households x 25 items, {figures['documents']:,} documents",
        f"{figures['rounds']} rounds, ms p50 / p95 < bar (own work + server's), ! over the bar",
    ]
    found: list[Result] = figures["databases"]
    for result in found:
        built = f"built in {result.build_seconds:.0f} s, {result.mebibytes:,.0f} MiB"
        lines.append(f"{result.dialect}: {result.skipped or built}")
    names = dict.fromkeys(name for result in found for name in result.took)
    head = " | ".join(f"{result.dialect:>{_WIDE}}" for result in found)
    lines += ["", f"{'':36} | {head} | bare SQL before: sqlite; postgresql"]
    for name in names:
        cells = " | ".join(_cell(result, name) for result in found)
        lines.append(f"{name:36} | {cells} | {'; '.join(BEFORE.get(name, ('-',)))}")
    return "\n".join(lines)


def _cell(result: Result, name: str) -> str:
    took = result.took.get(name)
    if took is None:
        return f"{'skipped':>{_WIDE}}"
    limit = bar(name, result.dialect)
    mark = "!" if took.p95 >= limit else " "
    return (
        f"{took.p50:7.1f} /{took.p95:7.1f}{mark}<{limit:4.0f} ({took.cpu:6.1f} +{took.server:6.1f})"
    )
