"""`yihu up`: everything on this machine until Ctrl-C."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import click

from cli.output import common, line, say, settings_of
from worker.duty import Part
from yihu.errors import Usage
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
@click.option(
    "--only",
    type=click.Choice([part.value for part in Part if part is not Part.ALL]),
    help="One part of it, where the work is spread over machines: docs/deploy.md.",
)
def up(
    home: Path | None,
    as_json: bool,
    workers: int,
    port: int | None,
    no_web: bool,
    only: str | None,
) -> None:
    """Run broker, watcher, workers, sweeper and screens until Ctrl-C."""
    from web.serve import command
    from worker.home import open_home_patiently
    from worker.supervisor import Screens, Supervisor
    from yihu.log import set_up

    settings = settings_of(home)
    part = Part(only or Part.ALL)
    if only and not settings.broker_url.get_secret_value():
        raise Usage("--only needs YIHU_BROKER_URL: the parts meet at a broker of their own")
    set_up(logging.INFO, settings.log_format, "supervisor")
    open_home_patiently(settings).dispose()
    with_web = part is Part.WEB or (part is Part.ALL and not no_web)
    listener = _listen(settings, port) if with_web else None
    url = _announce(settings, listener) if listener else ""
    if as_json:
        told = {"home": str(settings.home), "inbox": str(settings.inbox), "state": "starting"}
        line(told | ({"url": url} if url else {}))
    if part in (Part.ALL, Part.INBOX):
        say(f"收件箱 inbox: {settings.inbox.resolve()}  (Ctrl-C 停止 stops)")
    screens = Screens(command(listener), listener.fileno()) if listener else None
    Supervisor(settings, workers=workers, screens=screens, part=part).serve()


def _listen(settings: Settings, port: int | None) -> socket.socket:
    """The socket of the screens: on the port asked for, else on the next free one."""
    from web.serve import listen

    wanted = settings.web_port if port is None else port
    return listen(settings.web_host, wanted, exactly=port is not None)


def _announce(settings: Settings, listener: socket.socket) -> str:
    """Print the address of the screens, and give it.

    While there is no account, a one-time link for the first administrator is printed too.
    """
    from web.serve import address

    url = address(settings, listener.getsockname()[1])
    say(f"界面 screens: {url}")
    if secret := _setup_secret(settings):
        say(f"首次使用，建立管理员 first run, make the administrator: {url}/setup/{secret}")
    return url


def _setup_secret(settings: Settings) -> str:
    from catalog.accounts import people, signed_in
    from worker.home import open_home

    database = open_home(settings)
    try:
        with database.write() as session:
            return "" if people.anybody(session) else signed_in.add_link(session, "setup")
    finally:
        database.dispose()
