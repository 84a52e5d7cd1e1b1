"""`yihu bench NAME` and `yihu samples`: the benchmarks, and the sample scans they run on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cli.output import line, say

SERVER = "server"
on_profile = click.option(
    "--profile",
    type=click.Choice(["embedded", SERVER]),
    default="embedded",
    help="server: PostgreSQL, an S3 store and a broker of their own.",
)


def _print(figures: dict[str, Any], as_json: bool) -> None:
    from rich import print_json

    if as_json:
        line(figures)
    else:
        print_json(data=figures)


@contextmanager
def _needing_servers() -> Iterator[None]:
    """Say in words which server is not on this machine."""
    from bench.servers import NotInstalled
    from yihu.errors import YihuError

    try:
        yield
    except NotInstalled as missing:
        raise YihuError(str(missing)) from missing


@click.group()
def bench() -> None:
    """The benchmarks; each prints the machine it ran on."""


@bench.command()
@click.option("--files", type=click.IntRange(1), default=300)
@click.option("--seed", type=int, default=20261124)
@click.option("--pack", type=click.Choice(["train", "eval"]), default="eval")
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Work in this folder.")
@click.option(
    "--real",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help="Real scans of nobody's household instead: all must end in review.",
)
@click.option("--json", "as_json", is_flag=True)
def understand(
    files: int, seed: int, pack: str, keep: Path | None, real: Path | None, as_json: bool
) -> None:
    """How right the filing is, on a fresh generated set; exit code 1 when anything is misfiled."""
    from bench import strangers
    from bench import understand as benchmark
    from yihu.errors import Exit

    if real is not None:
        found = strangers.run(real, seed, pack, keep)
        harmless, figures, said = found.clean, found.as_dict(), found.report()
    else:
        result, _ = benchmark.run(files, seed, pack, keep)
        harmless, figures, said = result.harmless, result.as_dict(), benchmark.report(result)
    if as_json:
        line(figures)
    else:
        click.echo(said)
    if not harmless:
        raise SystemExit(Exit.FINDINGS)


@bench.command()
@click.option("--files", type=click.IntRange(1), default=6, help="Pages in each condition.")
@click.option("--seed", type=int, default=20261126)
@click.option("--pack", type=click.Choice(["train", "eval"]), default="eval")
@click.option("--only", multiple=True, metavar="CONDITION", help="Only these conditions.")
@click.option("--peer/--no-peer", default=True, help="Tesseract beside it.")
@click.option("--json", "as_json", is_flag=True)
def read(
    files: int, seed: int, pack: str, only: tuple[str, ...], peer: bool, as_json: bool
) -> None:
    """How right reading is in each condition of paper and scan, beside Tesseract."""
    from bench import read as benchmark
    from bench.corpus.conditions import CONDITIONS
    from bench.read_table import table
    from yihu.errors import Exit

    names = [condition.name for condition in CONDITIONS]
    if wrong := [name for name in only if name not in names]:
        raise click.UsageError(f"no such condition: {', '.join(wrong)}; known: {', '.join(names)}")
    readers = benchmark.READERS if peer else benchmark.READERS[:1]
    result = benchmark.run(files, seed, pack, readers=readers, only=only, say=say)
    if as_json:
        line(result.as_dict())
    else:
        click.echo(table(result))
    if not all(met for _, _, met in result.bars()):
        raise SystemExit(Exit.FINDINGS)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), default=40, help="Files.")
@click.option("--seed", type=int, default=1)
@click.option("--pack", type=click.Choice(["train", "eval", "demo"]), default="demo")
def samples(folder: Path, count: int, seed: int, pack: str) -> None:
    """Make sample scans, their register and their truth in FOLDER."""
    from bench.corpus import generate

    corpus = generate(folder, seed=seed, count=count, pack=pack)  # type: ignore[arg-type]
    say(f"{corpus.files} files, {corpus.documents} documents: {corpus.inbox}")


@bench.command()
@click.option("--files", type=click.IntRange(4), default=80)
@click.option("--seed", type=int, default=20261125)
@click.option("--rounds", type=click.IntRange(1), default=5, help="Single pages dropped.")
@on_profile
@click.option("--json", "as_json", is_flag=True)
def ingest(files: int, seed: int, rounds: int, profile: str, as_json: bool) -> None:
    """Speed and memory end to end, beside ocrmypdf -l chi_sim on the same files."""
    from bench import ingest as benchmark
    from bench.ingest_table import table

    with _needing_servers():
        figures = benchmark.run(files, seed, rounds, servers=profile == SERVER)
    if as_json:
        line(figures)
    else:
        click.echo(table(figures))


@bench.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--good", type=click.IntRange(1), default=40, help="Good scans dropped among them.")
@click.option("--json", "as_json", is_flag=True)
def hostile(folder: Path, good: int, as_json: bool) -> None:
    """What becomes of the hostile files in FOLDER (our own set, when it is empty)."""
    from bench import hostile as benchmark

    figures = benchmark.run(folder, good)
    _print(figures, as_json)


@bench.command()
@click.option("--files", type=click.IntRange(100), default=10_000)
@click.option("--through", type=click.Choice(["folder", "samba"]), default="folder")
@on_profile
@click.option("--json", "as_json", is_flag=True)
def flood(files: int, through: str, profile: str, as_json: bool) -> None:
    """What becomes of thousands of files dropped at once, and whether memory stays flat."""
    from bench import flood as benchmark
    from yihu.errors import Exit

    with _needing_servers():
        figures = benchmark.run(files, through_samba=through == "samba", servers=profile == SERVER)
    _print(figures, as_json)
    if not benchmark.clean(figures):
        raise SystemExit(Exit.FINDINGS)


@bench.command()
@click.option("--rounds", type=click.IntRange(0), default=100)
@click.option("--seed", type=int, default=20261124)
@click.option(
    "--walks/--no-walks", default=True, help="Also kill the journey at every point (embedded only)."
)
@on_profile
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Work in this folder.")
@click.option("--json", "as_json", is_flag=True)
def faults(
    rounds: int, seed: int, walks: bool, profile: str, keep: Path | None, as_json: bool
) -> None:
    """What is lost when processes, broker, database and disk fail at random."""
    from bench import faults as benchmark
    from yihu.errors import Exit

    servers = profile == SERVER
    with _needing_servers():
        tally = benchmark.run(rounds, seed, say, walks=walks, keep=keep, servers=servers)
    _print(tally.as_dict(), as_json)
    if not tally.clean:
        raise SystemExit(Exit.FINDINGS)


@bench.command()
@click.option("--households", type=click.IntRange(60_000), default=100_000)
@click.option("--documents", type=click.IntRange(20_000), default=300_000)
@click.option("--rounds", type=click.IntRange(3), default=20)
@click.option("--keep", type=click.Path(path_type=Path), default=None, help="Work in this folder.")
@click.option("--json", "as_json", is_flag=True)
def web(households: int, documents: int, rounds: int, keep: Path | None, as_json: bool) -> None:
    """How long the main pages take on a home of many households and documents."""
    from bench import web as benchmark

    figures = benchmark.run(households, documents, rounds, keep)
    _print(figures, as_json)


@bench.command()
@click.option("--files", type=click.IntRange(2), default=40)
@click.option("--seed", type=int, default=20261127)
@click.option("--most", type=click.IntRange(1), default=2, help="From one worker host to so many.")
@click.option("--json", "as_json", is_flag=True)
def workers(files: int, seed: int, most: int, as_json: bool) -> None:
    """How the pace grows with worker hosts on the server profile, and what coordination costs."""
    from bench import workers as benchmark

    with _needing_servers():
        result = benchmark.run(files, seed, most)
    _print(result, as_json)


@bench.command()
@click.option("--households", type=click.IntRange(400), default=100_000)
@click.option("--documents", type=click.IntRange(1000), default=1_000_000)
@click.option("--rounds", type=click.IntRange(5), default=40)
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One of the two.")
@click.option("--json", "as_json", is_flag=True)
def scale(households: int, documents: int, rounds: int, only: str | None, as_json: bool) -> None:
    """How long the catalogue's own functions take on both databases at an office's full size."""
    from bench import scale as benchmark
    from yihu.errors import Exit

    databases = (only,) if only else benchmark.DATABASES
    figures = benchmark.run(households, documents, rounds, say, databases)
    if as_json:
        line(benchmark.as_dict(figures))
    else:
        click.echo(benchmark.report(figures))
    if any(result.missed() for result in figures["databases"]):
        raise SystemExit(Exit.FINDINGS)
