"""A throw-away home driven through the command line, as a user drives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class Home:
    """Runs `yihu` commands on one home folder."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("YIHU_")},
            **{f"YIHU_{name.upper()}": value for name, value in settings.items()},
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        command = [sys.executable, "-m", "cli.main", *arguments, "--home", str(self.folder)]
        return subprocess.Popen(command, env=self.environment, text=True, **options)

    def run(self, *arguments: str) -> tuple[int, list[Row]]:
        """Run a command to its end with `--json`: exit code and lines; messages pass through."""
        process = self.start(*arguments, "--json", stdout=subprocess.PIPE)
        output, _ = process.communicate()
        return process.returncode, [json.loads(line) for line in output.splitlines()]
