"""A throw-away home driven through the command line, as a user drives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yihu.settings import Settings, load

Row = dict[str, Any]
STOP_SECONDS = 60


def until(found: Callable[[], Any], patience: float = 300.0) -> Any:
    """Wait until something is found and give it; TimeoutError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.3)
    raise TimeoutError("it did not come about")


class Home:
    """Runs `yihu` commands on one home folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("YIHU_")},
            **{f"YIHU_{name.upper()}": value for name, value in settings.items()},
        }

    def load(self) -> Settings:
        """The settings of this home."""
        return load(self.folder, **self._settings)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        command = [sys.executable, "-m", "cli.main", *arguments, "--home", str(self.folder)]
        return subprocess.Popen(command, env=self.environment, text=True, **options)

    def run(self, *arguments: str) -> tuple[int, list[Row]]:
        """Run a command to its end with `--json`: exit code and lines; messages pass through."""
        process = self.start(*arguments, "--json", stdout=subprocess.PIPE)
        output, _ = process.communicate()
        return process.returncode, [json.loads(line) for line in output.splitlines()]

    @contextmanager
    def running(self, workers: int = 2) -> Iterator[None]:
        """`yihu up` on this home until the block ends; RuntimeError unless it stops cleanly."""
        server = self.start("up", "--workers", str(workers))
        try:
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            if (code := server.wait(STOP_SECONDS)) != 0:
                raise RuntimeError(f"yihu up ended with code {code}")

    def everything(self, word: str = "") -> Row:
        """What the contract says of this home (`bench.told`)."""
        told = [sys.executable, "-m", "bench.told", str(self.folder), word]
        output = subprocess.run(
            told, env=self.environment, stdout=subprocess.PIPE, check=True
        ).stdout
        found: Row = json.loads(output)
        return found


def room(key: dict[str, str]) -> str:
    """A room in its short form."""
    return "-".join(key[k] for k in ("zone", "building", "unit", "room") if key[k] != "-")
