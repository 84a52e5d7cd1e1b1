"""What every command shares: `--home`, `--json`, and printing lines or tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from yihu.settings import Settings, load

PLAIN_WIDTH = 160  # columns of a table that goes to a file or a pipe
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table for people: its heading and how to show a line in it."""

    heading: str
    show: Callable[[dict[str, Any]], str]


def common(function: F) -> F:
    """Give a command `--home DIR` and `--json`."""
    home = click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        help="The home folder (default: $YIHU_HOME or ./yihu-home).",
    )
    as_json = click.option(
        "--json", "as_json", is_flag=True, help="JSON Lines on standard output, nothing else there."
    )
    return home(as_json(function))


def settings_of(home: Path | None) -> Settings:
    """The settings for the home given, or the one of the environment."""
    return load(home)


def line(data: dict[str, Any]) -> None:
    """Print one JSON line."""
    click.echo(json.dumps(data, ensure_ascii=False, default=str))


def say(message: str) -> None:
    """A message for a person, on standard error."""
    click.echo(message, err=True)


def show(
    rows: Iterable[dict[str, Any]], columns: Sequence[Column], *, as_json: bool, title: str = ""
) -> int:
    """Print rows as JSON lines, or as one table for people; gives how many there were."""
    count = 0
    if as_json:
        for row in rows:
            line(row)
            count += 1
        return count
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column.heading, overflow="fold")
    for row in rows:
        table.add_row(*(column.show(row) for column in columns))
        count += 1
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    console.print(table)
    return count


def room(data: dict[str, str] | None) -> str:
    """A household's address as people write it: 3-2-501."""
    if not data:
        return ""
    return "-".join(data[k] for k in ("zone", "building", "unit", "room") if data[k] != "-")
