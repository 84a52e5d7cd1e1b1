"""`yihu bench web`: how long the main pages take on a home of many households and documents."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.front_office import PASSWORD, Office, csrf, open_office
from bench.large_home import build
from catalog.access import Area
from catalog.accounts import people
from worker.home import open_home

PAGES = {
    "inbox": "/inbox",
    "inbox, followed live": "/inbox/rows",
    "review queue": "/review",
    "review desk": "/review/desk",
    "households": "/households",
    "one building": "/households?estate=阳光花园&zone=-&building=250",
    "one household": "/households/49900",
    "household by initials": "/households/find?q=wf",
    "household by room": "/households/find?q=250-2-301",
    "search, two characters": "/search?q=装修",
    "completeness map": "/audit",
    "gaps": "/audit/gaps",
    "gaps of one building": "/audit/gaps?estate=阳光花园&zone=-&building=250",
}


def run(households: int, documents: int, rounds: int, keep: Path | None = None) -> dict[str, Any]:
    """Build the home, ask for each page `rounds` times as a custodian and as a clerk."""
    with tempfile.TemporaryDirectory(prefix="yihu-web-") as folder:
        home = (keep or Path(folder)) / "home"
        settings = build(home, households, documents)
        office = Office(settings, open_home(settings))
        with office.database.write() as session:
            for name, areas in (("custodian", ()), ("clerk", (Area(building="250"),))):
                people.add(session, name, [name], areas, password=PASSWORD, actor="bench")
        with open_office(office):
            figures = {name: _pages(office.client(name), rounds) for name in ("custodian", "clerk")}
            following = _next(office.client("custodian"), rounds)
            memory = _memory(office)
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "households": households,
        "documents": documents,
        "pages_ms": figures,
        "next_document_ms": following,
        "web_process_mib": memory,
    }


def _pages(client: httpx.Client, rounds: int) -> dict[str, dict[str, float]]:
    return {name: _asked(client, path, rounds) for name, path in PAGES.items()}


def _asked(client: httpx.Client, path: str, rounds: int) -> dict[str, float]:
    client.get(path, follow_redirects=True)  # what is made at first use is not measured
    took, size = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        answer = client.get(path, follow_redirects=True)
        took.append(1000 * (time.perf_counter() - began))
        size = len(answer.content)
    return _summary(took) | {"kib": round(size / 1024, 1)}


def _summary(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))], 1),
    }


def _next(client: httpx.Client, rounds: int) -> dict[str, float]:
    """From the key to the next document's data: the decision is sent, its answer names the next.

    The next page itself is fetched before, so it is not waited for.
    """
    token = csrf(client)
    number = int(
        client.get("/review/desk").headers["location"].rpartition("/")[2].partition("?")[0]
    )
    took = []
    for _ in range(rounds):
        client.get(f"/review/desk/{number}?part=1&peek=1")
        began = time.perf_counter()
        answer = client.post(
            f"/review/desk/{number}/discard",
            data={"csrf": token},
            headers={"accept": "application/json"},
        )
        took.append(1000 * (time.perf_counter() - began))
        number = answer.json()["next"]
    return _summary(took)


def _memory(office: Office) -> int:
    """MiB of the web process that are its own share."""
    home = str(office.settings.home.resolve()).encode()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            named = b"web.serve" in (process / "cmdline").read_bytes()
            if named and home in (process / "environ").read_bytes():
                rollup = (process / "smaps_rollup").read_text()
                line = next(row for row in rollup.splitlines() if row.startswith("Pss:"))
                return int(line.split()[1]) // 1024
        except OSError:
            continue
    return 0
