"""What `bench ingest` makes of its measurements: counted both ways, halves, no peer."""

from __future__ import annotations

from typing import Any

from bench.ingest import Figures, bars, halves, ratios
from bench.ingest_table import table

OURS = Figures(
    pages=60, wall=60, cpu=30, wall_copies=80, cpu_copies=48, halves=(0.6, 0.5),
    peaks={"multiprocessing": 400, "all": 1500},
)  # fmt: skip
PEER = Figures(pages=60, wall=600, cpu=900, wall_copies=600, cpu_copies=900)


def figures(peer: Figures | None) -> dict[str, Any]:
    times = ratios(OURS, peer)
    return {
        "machine": "a machine", "profile": "embedded", "yihu": OURS.as_dict(),
        "ocrmypdf": peer.as_dict() if peer else None, "times_the_peer": times,
        "bars": [{"bar": b, "measured": m, "met": met} for b, m, met in bars(OURS, times)],
        "idle_stack_mib": 200, "drop_to_tick_seconds": {"median": 1, "worst": 2, "each": [1, 2]},
    }  # fmt: skip


def test_a_drop_is_counted_until_its_ticks_and_until_its_copies() -> None:
    said = figures(PEER)
    assert said["times_the_peer"] == {"until_ticked": 10.0, "with_copies": 7.5}
    assert said["yihu"]["until_ticked"]["cpu_seconds_per_page"] == 0.5
    assert said["yihu"]["with_copies"]["cpu_seconds_per_page"] == 0.8
    shown = table(said)
    assert "met   times the peer, until ticked >= 8: 10" in shown
    assert "MISSED  times the peer, copies included >= 8: 7.5" in shown


def test_without_the_peer_nothing_is_compared() -> None:
    said = figures(None)
    assert said["times_the_peer"] is None
    assert ratios(OURS, Figures()) is None
    assert "not installed" in table(said)
    assert not any("peer" in row["bar"] for row in said["bars"])


def test_the_halves_tell_whether_pages_grow_dearer() -> None:
    assert halves([(0, 0.0), (10, 5.0), (20, 10.0)]) == (0.5, 0.5)
    assert halves([(10, 5.0), (20, 25.0)]) == (0.5, 2.0)
    assert halves([]) is None
    assert halves([(20, 10.0)]) is None
    dear = Figures(pages=20, cpu_copies=1, halves=(0.5, 2.0))
    assert not {bar: met for bar, _, met in bars(dear, None)}["second half no dearer a page"]
