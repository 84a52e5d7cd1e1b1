"""The path below the inbox for a name that a browser sent: never outside, never hidden."""

from __future__ import annotations

import re
import unicodedata

LONGEST_PART, DEEPEST = 80, 4
_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]')


def safe_relative(name: str) -> str:
    """The name as a relative path: the last few parts, each plain, none hidden or empty."""
    parts = [_plain(part) for part in name.replace("\\", "/").split("/")]
    kept = [part for part in parts if part][-DEEPEST:]
    return "/".join(kept) or "upload"


def _plain(part: str) -> str:
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", part)).strip().strip(".")
    if len(text) <= LONGEST_PART:
        return text
    stem, dot, end = text.rpartition(".")
    if not dot or len(end) > 8:
        return text[:LONGEST_PART]
    return f"{stem[: LONGEST_PART - len(end) - 1]}.{end}"
