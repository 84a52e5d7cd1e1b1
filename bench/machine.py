"""What machine a figure was measured on; printed with every benchmark."""

from __future__ import annotations

import os
import platform
from datetime import date
from pathlib import Path


def describe() -> str:
    """Cores, processor, its vector units, Python, and the date."""
    model, flags = "unknown processor", set[str]()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            model = value.strip()
        if key.strip() == "flags":
            flags.update(value.split())
    units = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f in flags]
    return (
        f"{os.cpu_count()} cores, {model} ({', '.join(units) or 'no vector units'}), "
        f"Python {platform.python_version()}, {date.today().isoformat()}"  # noqa: DTZ011
    )
