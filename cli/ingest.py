"""`yihu ingest`: bring files, walk them through the journey, say what became of each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from cli.documents import DOCUMENT_COLUMNS
from cli.output import common, say, settings_of, show
from yihu.errors import Exit

POLL_SECONDS = 0.1


@click.command()
@common
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(0), default=0, help="Pages read at once (0: cores).")
@click.option("--timeout", type=float, default=None, help="Stop waiting after so many seconds.")
def ingest(
    home: Path | None, as_json: bool, paths: tuple[Path, ...], workers: int, timeout: float | None
) -> int:
    """Copy files (folders recursively) in, wait until each is settled, one line per document."""
    from catalog import documents
    from catalog.listing import document_lines
    from worker.bringing import Bringer
    from worker.home import open_home
    from worker.supervisor import served

    for path in paths:
        if not os.path.lexists(path):
            raise click.UsageError(f"no such file: {path}")
    settings = settings_of(home)
    database = open_home(settings)
    with served(settings, workers):
        bringer = Bringer(settings, database)
        for path, relative in walk(paths):
            bringer.bring(path, relative)
        settled = wait_settled(bringer.left, len(bringer.tokens), timeout)
    with database.read() as session:
        lines = list(document_lines(session, documents.of_arrivals(session, bringer.tokens)))
    show(lines, DOCUMENT_COLUMNS, as_json=as_json)
    if not settled:
        say("超时，仍有文件在处理 / timed out; some files are still on their way")
        return Exit.COULD_NOT
    bad = any(line["state"] in ("rejected", "failed") for line in lines)
    return Exit.REJECTED if bad else Exit.DONE


def walk(paths: tuple[Path, ...]) -> Iterator[tuple[Path, str]]:
    """Every file to bring with its path below the folder given; links are not followed."""
    for path in paths:
        if path.is_dir():
            for folder, names, files in os.walk(path):
                names.sort()
                links = [name for name in names if (Path(folder) / name).is_symlink()]
                for name in sorted([*files, *links]):
                    file = Path(folder) / name
                    yield file, os.fsdecode(os.path.relpath(file, path))
        else:
            yield path, path.name


def wait_settled(left: Callable[[], int], total: int, timeout: float | None) -> bool:
    """Wait with a progress bar until nothing is left; False when the time ran out first."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    deadline = None if timeout is None else time.monotonic() + timeout
    bar = Progress(
        TextColumn("处理中 working"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    pause = POLL_SECONDS
    with bar:
        task = bar.add_task("", total=total)
        while remaining := left():
            bar.update(task, completed=max(0, total - remaining))
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(pause)
            pause = min(0.5, pause * 1.2)
    return True
