"""`yihu up`: everything on this machine until Ctrl-C."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from yihu.settings import Settings


@click.command()
@common
@click.option("--workers", type=click.IntRange(0), default=0, help="Pages read at once (0: cores).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=None,
    help="Port of the screens (0: any free one). Default: YIHU_WEB_PORT, or the next free one.",
)
@click.option("--no-web", is_flag=True, help="Without the screens.")
def up(home: Path | None, as_json: bool, workers: int, port: int | None, no_web: bool) -> None:
    """Run broker, watcher, workers, sweeper and screens until Ctrl-C."""
    from worker.home import open_home
    from worker.supervisor import Supervisor
    from yihu.log import set_up

    settings = settings_of(home)
    set_up(logging.INFO, settings.log_format, "supervisor")
    open_home(settings).dispose()
    screens, url = ((), "") if no_web else _screens(settings, port)
    if as_json:
        told = {"home": str(settings.home), "inbox": str(settings.inbox), "state": "starting"}
        line(told | ({"url": url} if url else {}))
    say(f"收件箱 inbox: {settings.inbox.resolve()}  (Ctrl-C 停止 stops)")
    Supervisor(settings, workers=workers, screens=screens).serve()


def _screens(settings: Settings, port: int | None) -> tuple[tuple[str, ...], str]:
    """The command of the web process and the address of the screens, which is printed.

    While there is no account, a one-time link for the first administrator is printed too.
    """
    from web.serve import address, command, free_port

    wanted = settings.web_port if port is None else port
    chosen = free_port(settings.web_host, wanted, exactly=port is not None)
    url = address(settings, chosen)
    say(f"界面 screens: {url}")
    if secret := _setup_secret(settings):
        say(f"首次使用，建立管理员 first run, make the administrator: {url}/setup/{secret}")
    return command(chosen), url


def _setup_secret(settings: Settings) -> str:
    from catalog.accounts import people, signed_in
    from worker.home import open_home

    database = open_home(settings)
    try:
        with database.write() as session:
            return "" if people.anybody(session) else signed_in.add_link(session, "setup")
    finally:
        database.dispose()
