"""The table of `yihu bench ingest`: ours beside the peer, and the bars."""

from __future__ import annotations

from typing import Any

from bench.columns import columns, verdicts

_TOLD = (
    ("pages", ("pages",)),
    ("pages a minute, until all ticked", ("until_ticked", "pages_per_minute")),
    ("pages a minute, copies included", ("with_copies", "pages_per_minute")),
    ("CPU s a page, until all ticked", ("until_ticked", "cpu_seconds_per_page")),
    ("CPU s a page, copies included", ("with_copies", "cpu_seconds_per_page")),
    ("share of true characters found", ("characters_found",)),
)


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    ours, peer = figures["yihu"], figures["ocrmypdf"]
    times, drop = figures["times_the_peer"], figures["drop_to_tick_seconds"]
    rows = [["", "yihu", "ocrmypdf -l chi_sim"]]
    for words, path in _TOLD:
        rows.append([words, _at(ours, path), _at(peer, path) if peer else "not installed"])
    halves = ours["cpu_seconds_per_page_halves"]
    notes = [
        f"drop to tick of one page: {drop['median']} s, at worst {drop['worst']} s",
        f"idle stack: {figures['idle_stack_mib']} MiB; peaks in MiB: {_pairs(ours['peak_mib'])}",
    ]
    if halves:
        notes.append(
            f"CPU s a page: {halves[0]} in the first half of the pages, {halves[1]} in the second"
        )
    if servers := ours["servers_cpu_ms_per_page"]:
        notes.append(f"servers, CPU ms a page: {_pairs(servers)}")
    notes.append(
        f"times the peer: {times['until_ticked']} until all ticked,"
        f" {times['with_copies']} with the copies"
        if times
        else "times the peer: not compared, ocrmypdf is not here or read nothing"
    )
    bars = [(one["bar"], one["measured"], one["met"]) for one in figures["bars"]]
    return "\n".join(
        [
            f"machine: {figures['machine']}; profile {figures['profile']}",
            *columns(rows),
            *notes,
            "",
            *verdicts(bars),
        ]
    )


def _at(figures: dict[str, Any], path: tuple[str, ...]) -> str:
    value: Any = figures
    for step in path:
        value = value[step]
    return str(value)


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
