"""`yihu up`: everything on this machine until Ctrl-C."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from cli.output import common, line, say, settings_of


@click.command()
@common
@click.option("--workers", type=click.IntRange(0), default=0, help="Pages read at once (0: cores).")
@click.option("--port", type=int, default=None, help="Port of the screens (not built yet).")
def up(home: Path | None, as_json: bool, workers: int, port: int | None) -> None:
    """Run broker, watcher, workers and sweeper until Ctrl-C."""
    from worker.home import open_home
    from worker.supervisor import Supervisor
    from yihu.log import set_up

    settings = settings_of(home)
    set_up(logging.INFO)
    open_home(settings).dispose()
    if port is not None:
        say("the screens are not built yet; --port has no effect")
    if as_json:
        line({"home": str(settings.home), "inbox": str(settings.inbox), "state": "starting"})
    say(f"收件箱 inbox: {settings.inbox.resolve()}  (Ctrl-C 停止 stops)")
    Supervisor(settings, workers=workers).serve()
