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
    help="A room in any written form; several times for several sheets. Left out: the pages say.",
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
    help="Pages behind the sheet that it speaks for, without blank backs; 0: the next document.",
)
@click.option("--batch", default="", help="A name for the batch; the inbox shows it.")
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
    """Print a sheet to lay before papers when scanning: whose they are, what they are, or neither.

    With --type the N pages behind the sheet are one document; what looks like
    another one among them goes to review. Without --type they are cut as usual,
    and the sheet speaks for each document within them: lay one before a mixed
    folder and give its pages. --pages 0 speaks for the next document only, never
    for more, because nothing says where a folder ends. Fewer pages than promised
    send every document of the sheet to review. A new sheet ends the one before.
    """
    from worker.rooms import find_household
    from worker.sheets import missing_font, print_sheets, sheets_for
    from worker.views import View

    view = View.open(settings_of(home))
    homes = [find_household(room, view.register()).key for room in rooms]
    wanted = sheets_for(view.template, homes, types, pages=pages, batch=batch, copies=copies)
    print_sheets(out, wanted, view.template)
    if package := missing_font():
        say(f"没有中文字体，无法打印中文 / no Chinese font found: {package}")
    if as_json:
        line({"file": str(out), "sheets": len(wanted)})
    else:
        click.echo(f"{out}: {len(wanted)} 张分隔页 sheets")
