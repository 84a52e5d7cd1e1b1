"""`yihu ingest`: bring files, walk them through the journey, say what became of each."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.documents import DOCUMENT_COLUMNS
from cli.output import common, say, settings_of, show
from yihu.errors import Exit

if TYPE_CHECKING:
    from catalog.brought import Brought
    from yihu.settings import Settings

POLL_SECONDS = 0.1


@click.command()
@common
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(0), default=0, help="Pages read at once (0: cores).")
@click.option("--timeout", type=float, default=None, help="Stop waiting after so many seconds.")
@click.option("--household", "room", default=None, help="Whose papers they are, in any form.")
@click.option("--type", "type_code", default="", help="With --household: what they are.")
def ingest(
    home: Path | None,
    as_json: bool,
    paths: tuple[Path, ...],
    workers: int,
    timeout: float | None,
    room: str | None,
    type_code: str,
) -> int:
    """Copy files (folders recursively) in, wait until each is settled, one line per document.

    What is read decides; where it speaks for another household or type than was
    said, the document waits for review.
    """
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
    said, under, by = _said(settings, room, type_code)
    with served(settings, workers):
        bringer = Bringer(settings, database)
        for path, relative in walk(paths):
            bringer.bring(path, under + relative, by, said)
        settled = wait_settled(bringer.left, len(bringer.tokens), timeout)
    with database.read() as session:
        lines = list(document_lines(session, documents.of_arrivals(session, bringer.tokens)))
    show(lines, DOCUMENT_COLUMNS, as_json=as_json)
    if not settled:
        say("超时，仍有文件在处理 / timed out; some files are still on their way")
        return Exit.COULD_NOT
    bad = any(line["state"] in ("rejected", "failed") for line in lines)
    return Exit.REJECTED if bad else Exit.DONE


def _said(settings: Settings, room: str | None, type_code: str) -> tuple[Brought | None, str, str]:
    """What is said of the files, the folders that say it too, and who says it."""
    if room is None:
        if type_code:
            raise click.UsageError("--type goes with --household")
        return None, "", ""
    from catalog.brought import Brought
    from worker.bringing import hinting_folder
    from worker.rooms import find_household
    from worker.views import View

    view = View.open(settings)
    if type_code and type_code not in view.template.by_code:
        raise click.UsageError(f"no such document type: {type_code}")
    register = view.register()
    said = Brought(find_household(room, register).id, type_code)
    return said, hinting_folder(said, register, view.template), f"person:{getpass.getuser()}"


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
