"""Names no program expects, and things that are no files: links, pipes, sockets, devices."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from bench.hostile_files.case import Case, Maker
from bench.hostile_files.drawing import encoded, scrap

_LOOK = ("review",)
_NOT_A_FILE = ("rejected:not_a_file",)


def names() -> Iterator[Case]:
    """Every name a harmless picture of its own."""
    odd = (
        "new\nline.png", "tab\tand\rreturn.png", "gnp.\u202egpj.png", "\u200fright\u200b.png",
        "-rf.png", "--home=x.png", "a;$(touch x)`id`.png", "%s%n%x.png", "{0}{path}.png",
        "quote'\"<>|?*.png", "back\\slash\\n.png", "trailing space .png", "trailing.", " .png",
        "CON.png", "caf\u00e9.png", "cafe\u0301.png", "\U0001f3e0\U0001f4c4.png", "\ufeffbom.png",
        "bell\x07\x1b[31mred.png", "a" * 251 + ".png", "户" * 83 + "x.png", "x" * 255,
        os.fsdecode(b"inv\xff\xfe\x80alid.png"), os.fsdecode("业户".encode("gb18030") + b".png"),
        "folder.pdf/inside.png", os.fsdecode(b"bad\xfffolder/inside.png"),
        "/".join(["deep"] * 40) + "/down.png", "_rejected/inside.png", "说明.说明.txt.png",
    )  # fmt: skip
    for name in odd:
        yield Case("name", name, encoded(scrap(f"name {name!r}"), "PNG"), _LOOK)
    for name in (".hidden.png", ".folder/inside.png", "~$lock.png", "half.png.part", "._fork.png",
                 "...png", "a.tmp"):  # fmt: skip
        content = encoded(scrap(f"name {name}"), "PNG")
        yield Case("name-waits", name, content, _LOOK, waits=True)


def specials() -> Iterator[Case]:
    """Links in and out, pipes, sockets, devices, hard links, folders named like files."""
    kind = "special"
    for name, target in (
        ("out.png", "/etc/hostname"), ("to-folder.pdf", "/etc"), ("nowhere.png", "/no/such/thing"),
        ("itself.png", "itself.png"), ("up.png", "../name"), ("stdin.png", "/dev/stdin"),
        ("memory.png", "/proc/self/mem"),
    ):  # fmt: skip
        yield Case(kind, name, _link(target), _NOT_A_FILE, special=True)
    yield Case(kind, "pipe.pdf", os.mkfifo, _NOT_A_FILE, special=True)
    yield Case(kind, "socket.jpg", _socket, _NOT_A_FILE, special=True)
    for name, device in (("null.pdf", (1, 3)), ("zero.jpg", (1, 5)), ("random.png", (1, 8))):
        yield Case(kind, name, _device(*device), _NOT_A_FILE, special=True)
    yield Case(kind, "empty-folder.pdf", Path.mkdir, (), special=True)
    hard = encoded(scrap("hard link"), "PNG")
    ends = ("review", "duplicate")
    yield Case("hard-link", "first.png", hard, ends)
    yield Case("hard-link", "second.png", _hard_link, ends, special=True)
    yield Case("same-bytes", "a.png", encoded(scrap("twice"), "PNG"), ends)
    yield Case("same-bytes", "b.png", encoded(scrap("twice"), "PNG"), ends)


def _link(target: str) -> Maker:
    return lambda place: place.symlink_to(target)


def _socket(place: Path) -> None:
    """Bound from inside its folder: the whole path may be too long for a socket's name."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(place.parent)
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.fchdir(here)
        os.close(here)


def _device(major: int, minor: int) -> Maker:
    def make(place: Path) -> None:
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(major, minor))

    return make


def _hard_link(place: Path) -> None:
    place.hardlink_to(place.with_name("first.png"))
