"""Names of files: which wait to be renamed, how odd bytes are shown, how long they may be.

On disk a name keeps its bytes (`os.fsencode`, surrogateescape). In the
database and on screens stands the *shown* form, which is plain Unicode and can
be turned back without loss: undecodable bytes as `\\xff`, control and
direction marks as `\\n`, `\\u202e`, and a backslash as `\\\\`.
"""

from __future__ import annotations

import fnmatch
import os
import re
import unicodedata
from pathlib import Path

NAME_BYTES = 255
"""Longest name most file systems take, in bytes."""

_TEMPORARY = (
    "~$*",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.tmp",
    "*.filepart",
    "*.swp",
    "thumbs.db",
    "desktop.ini",
)
_TEMPORARY_NAME = re.compile("|".join(fnmatch.translate(pattern) for pattern in _TEMPORARY))

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_LONG = {escaped[1]: char for char, escaped in _SHORT.items()}
_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([nrt\\]))")
_MARKS = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def why_ignored(relative: str) -> str:
    """Why this path below the inbox is left alone until it is renamed; "" when it is not.

    "hidden" for a name or a folder on the way with a leading dot (`.DS_Store`
    and `._*` among them), "temporary" for names programs use while they write.
    """
    if any(part.startswith(".") for part in relative.split("/")):
        return "hidden"
    name = relative.rpartition("/")[2].lower()
    return "temporary" if _TEMPORARY_NAME.match(name) else ""


def shown(path: Path | str) -> str:
    """The path as plain Unicode for people and the database; `actual` turns it back."""
    text = os.fspath(path)
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_shown(char) for char in text)


def nameless(path: str) -> str:
    """What a log says instead of a dropped file's name, which may be an owner's.

    `find inbox -inum NUMBER` tells those who may look there which one it is.
    """
    try:
        return f"inode {os.lstat(path).st_ino}"
    except OSError:
        return "a file that is gone"


def actual(text: str) -> str:
    """The path on disk that `shown` made `text` of."""
    return _ESCAPE.sub(_actual, text)


def numbered(name: str, number: int, suffix: str = "") -> str:
    """`name` with " (number)" before its extension and `suffix` after it, within 255 bytes.

    Number 1 adds nothing. What is too long is cut before the extension, never
    inside a character.
    """
    mark = f" ({number})" if number > 1 else ""
    stem, extension = Path(name).stem, Path(name).suffix
    tail = f"{extension}{suffix}"
    if len(os.fsencode(tail)) > NAME_BYTES // 2:
        stem, tail = name, suffix
    room = NAME_BYTES - len(os.fsencode(mark + tail))
    return f"{_cut(stem, room)}{mark}{tail}"


def _cut(text: str, room: int) -> str:
    encoded = os.fsencode(text)
    if len(encoded) <= room:
        return text
    while len(os.fsencode(text)) > room:
        text = text[:-1]
    return text


def _shown(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(char) in _MARKS:
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char


def _actual(match: re.Match[str]) -> str:
    byte, short, long, letter = match.groups()
    if byte:
        return chr(0xDC00 + int(byte, 16))
    if letter:
        return _LONG[letter]
    return chr(int(short or long, 16))
