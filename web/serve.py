"""The web process: `python -m web.serve DESCRIPTOR`, started and stopped by the supervisor.

The supervisor opens the port once and hands it down, so it stays ours while the
process is started anew, and whoever calls meanwhile waits instead of failing.
"""

from __future__ import annotations

import logging
import socket
import sys

from yihu.errors import Usage
from yihu.settings import Settings

NEXT_PORTS = 20
BACKLOG = 128


def command(listener: socket.socket) -> tuple[str, ...]:
    """The command line of the web process, which inherits this listening socket."""
    return (sys.executable, "-m", "web.serve", str(listener.fileno()))


def listen(host: str, wanted: int, *, exactly: bool) -> socket.socket:
    """A listening socket on the port wanted, else (unless `exactly`) one of the next that are free.

    Raises `Usage` when there is none.
    """
    candidates = [wanted] if exactly or not wanted else range(wanted, wanted + NEXT_PORTS)
    for port in candidates:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            continue
        return listener
    raise Usage(f"端口 {wanted} 被占用 / port {wanted} is taken; choose another with --port")


def address(settings: Settings, port: int) -> str:
    """What a person types to reach the screens."""
    if settings.web_url:
        return settings.web_url.rstrip("/")
    host = "127.0.0.1" if settings.web_host in ("0.0.0.0", "::", "") else settings.web_host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def main() -> None:
    """Serve the home of the environment until SIGTERM."""
    import uvicorn

    from web.app import make_web
    from worker import pulse
    from worker.app import from_environment
    from yihu import measures
    from yihu.log import set_up

    settings = from_environment()
    set_up(logging.WARNING, settings.log_format, "web")
    measures.start("web")
    listener = socket.socket(fileno=int(sys.argv[1]))
    app = make_web(settings, listener.getsockname()[1])
    pulse.start(pulse.pulse_file(settings.run, "web"))
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,  # its messages go where ours go
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.web_url),
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        limit_concurrency=200,
    )
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
