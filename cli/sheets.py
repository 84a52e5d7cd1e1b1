"""`yihu sheets`: separator and cover sheets with our QR codes, as a PDF ready to print."""

from __future__ import annotations

from pathlib import Path

import click

from cli.output import common, line, say, settings_of


@click.command()
@common
@click.argument("out", metavar="OUT.pdf", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--household",
    "rooms",
    multiple=True,
    required=True,
    help="A room in any written form; several times for several sheets.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    help="A document type, e.g. reno.permit; several times: a sheet for each.",
)
@click.option(
    "--pages",
    type=click.IntRange(0, 999),
    default=0,
    help="Pages behind the sheet that it speaks for; 0: the one document that follows.",
)
@click.option("--batch", default="", help="Name of the batch, printed and coded.")
@click.option("--copies", type=click.IntRange(1, 99), default=1, help="Each sheet so many times.")
def sheets(
    home: Path | None,
    as_json: bool,
    out: Path,
    rooms: tuple[str, ...],
    types: tuple[str, ...],
    pages: int,
    batch: str,
    copies: int,
) -> None:
    """Print a sheet to lay before the papers of a household (and a type) when scanning."""
    from classifier import Sheet
    from worker.rooms import find_household
    from worker.sheets import print_sheets
    from worker.views import View

    view = View.open(settings_of(home))
    for code in types:
        kind = view.template.by_code.get(code)
        if kind is None or kind.category in ("admin", "unknown"):
            raise click.UsageError(f"{code} is no document type of a household's file")
    wanted = [
        Sheet("S", find_household(room, view.register()).key, code, batch, pages)
        for room in rooms
        for code in (types or ("",))
        for _ in range(copies)
    ]
    count, plain = print_sheets(out, wanted, view.template)
    if plain:
        say(f"没有中文字体，无法打印中文 / no Chinese font found: {plain}")
    if as_json:
        line({"file": str(out), "sheets": count})
    else:
        click.echo(f"{out}: {count} 张分隔页 sheets")
