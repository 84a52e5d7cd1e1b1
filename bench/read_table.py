"""The tables of `yihu bench read`: by condition, by field, and the bars."""

from __future__ import annotations

from bench.columns import columns, verdicts
from bench.machine import describe
from bench.read import READERS, Result, Tally
from bench.read_fields import NAMES

_BY_CONDITION = ("title", "room", "owner")
_ALL = "all"
_LEGEND = (
    "key fields, all conditions: printed; read = stands in the text, kept = value right,"
    " other = values kept under that name that are none of those printed,"
    " place = of those kept, on the spot where that is known; * = written by a pen"
)


def table(result: Result) -> str:
    """The figures for people."""
    notes = result.whole(READERS[0]).notes
    return "\n".join(
        [
            f"machine: {describe()}",
            f"pack {result.pack}, seed {result.seed}; columns: {', then '.join(result.tallies)}",
            *columns(_conditions(result)),
            "",
            _LEGEND,
            *columns(_fields(result)),
            "",
            "key fields kept right, by condition (printed ones)",
            *columns(_kept(result)),
            "",
            *verdicts(result.bars()),
            *(f"not right: {note}" for note in notes),
        ]
    )


def _tallies(result: Result, reader: str) -> dict[str, Tally]:
    return {**result.tallies[reader], _ALL: result.whole(reader)}


def _conditions(result: Result) -> list[list[str]]:
    heads = ["condition", "pages", "chars"]
    rows: dict[str, list[str]] = {}
    for reader in result.tallies:
        heads += ["CER", "printed", *_BY_CONDITION, "CPU s", "MiB"]
        for name, tally in _tallies(result, reader).items():
            row = rows.setdefault(name, [name, str(tally.pages), str(tally.errors.total)])
            row += [f"{tally.errors.rate:.2%}", f"{tally.errors.printed_rate:.2%}"]
            row += [tally.share(key) for key in _BY_CONDITION]
            row += [f"{tally.cpu / max(tally.pages - tally.unread, 1):.2f}", f"{tally.peak:.0f}"]
    return [heads, *rows.values()]


def _fields(result: Result) -> list[list[str]]:
    heads = ["field", "printed"]
    rows: dict[str, list[str]] = {}
    for reader in result.tallies:
        heads += ["read", "kept", "other", "place"]
        tally = result.whole(reader)
        for name in [each for key in NAMES for each in (key, f"{key}_hand") if tally.asked[each]]:
            shown = name.removesuffix("_hand") + "*" * name.endswith("_hand")
            row = rows.setdefault(name, [shown, str(tally.asked[name])])
            row += [f"{count[name] / tally.asked[name]:.1%}" for count in (tally.found, tally.kept)]
            row.append(str(tally.other[name]) if name in tally.other else "-")
            known = tally.with_place[name]
            row.append(f"{tally.placed[name]}/{known}" if known else "-")
    return [heads, *rows.values()]


def _kept(result: Result) -> list[list[str]]:
    whole = result.whole(READERS[0])
    names = [name for name in NAMES if whole.asked[name]]
    rows = [["condition", "reader", *names]]
    for condition in next(iter(result.tallies.values())):
        for reader, tallies in result.tallies.items():
            rows.append([condition, reader, *(tallies[condition].share(key) for key in names)])
    return rows
