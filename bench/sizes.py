"""Refuse files and functions that outgrew their room (guide: 700 lines, 60 lines)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES = 700
FUNCTION_LINES = 60


def too_large(path: Path) -> list[str]:
    """What in this file is too large, one message each."""
    text = path.read_text(encoding="utf-8")
    found = []
    if (lines := text.count("\n")) > FILE_LINES:
        found.append(f"{path}: {lines} lines, at most {FILE_LINES}")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno
            if length > FUNCTION_LINES:
                found.append(f"{path}:{node.lineno} {node.name}: {length} lines")
    return found


def main() -> None:
    """Check every Python file under version control."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    found = [message for name in names if name for message in too_large(Path(name))]
    sys.stderr.write("".join(f"{message}\n" for message in found))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
