"""Typefaces: where they are, which characters they have, and how wide a text runs."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from bench.corpus.sfnt import character_map

PACKAGES = (
    "fonts-noto-cjk fonts-wqy-zenhei fonts-wqy-microhei fonts-arphic-ukai "
    "fonts-arphic-uming fonts-arphic-gkai00mp fonts-arphic-gbsn00lp"
)
_FILES: dict[str, tuple[str, int]] = {
    "noto-serif": ("NotoSerifCJK-Regular.ttc", 2),
    "noto-serif-bold": ("NotoSerifCJK-Bold.ttc", 2),
    "noto-sans": ("NotoSansCJK-Regular.ttc", 2),
    "noto-sans-bold": ("NotoSansCJK-Bold.ttc", 2),
    "zenhei": ("wqy-zenhei.ttc", 0),
    "microhei": ("wqy-microhei.ttc", 0),
    "ukai": ("ukai.ttc", 0),
    "uming": ("uming.ttc", 0),
    "gkai": ("gkai00mp.ttf", 0),
    "gbsn": ("gbsn00lp.ttf", 0),
}
_FALLBACK = ("noto-serif", "noto-sans", "ukai", "uming", "zenhei")
EMBEDDABLE = ("gbsn", "gkai", "uming", "ukai", "zenhei", "microhei")


class FontsMissing(RuntimeError):
    """The fonts that the samples are set in are not installed."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"fonts not found: {', '.join(names)}. Install the Debian packages {PACKAGES}"
        )


@lru_cache(maxsize=1)
def _installed() -> dict[str, Path]:
    try:
        listed = subprocess.run(
            ["fc-list", ":", "file"], capture_output=True, text=True, check=True
        ).stdout
        paths = [Path(line.strip().rstrip(":").strip()) for line in listed.splitlines()]
    except (OSError, subprocess.CalledProcessError):
        paths = list(Path("/usr/share/fonts").rglob("*.tt?"))
    return {path.name: path for path in paths}


def require_fonts() -> None:
    """Raise `FontsMissing`, naming the packages, unless every face is there."""
    missing = [name for name, _ in _FILES.values() if name not in _installed()]
    if missing:
        raise FontsMissing(missing)


def face_file(face: str) -> tuple[Path, int]:
    """The file of a face and its index in a collection."""
    name, index = _FILES[face]
    try:
        return _installed()[name], index
    except KeyError:
        raise FontsMissing([name]) from None


@lru_cache(maxsize=1024)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels."""
    path, index = face_file(face)
    return ImageFont.truetype(str(path), size, index=index, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16)
def glyphs(face: str) -> dict[int, int]:
    """Glyph numbers by code point."""
    path, index = face_file(face)
    return character_map(path, index)


def has(face: str, char: str) -> bool:
    """Whether a face has its own glyph for a character."""
    return glyphs(face).get(ord(char), 0) != 0


@lru_cache(maxsize=8192)
def face_for(face: str, char: str) -> str:
    """The face itself, or the first other one that has the character."""
    if char == " " or has(face, char):
        return face
    return next((other for other in _FALLBACK if has(other, char)), face)


def pieces(face: str, text: str) -> list[tuple[str, str]]:
    """The text cut where the face must change, as (face, text)."""
    out: list[tuple[str, str]] = []
    for char in text:
        use = face_for(face, char)
        if out and out[-1][0] == use:
            out[-1] = (use, out[-1][1] + char)
        else:
            out.append((use, char))
    return out


@lru_cache(maxsize=16384)
def _advance(face: str, char: str) -> float:
    return float(font(face_for(face, char), 100).getlength(char)) / 100


def width(face: str, text: str) -> float:
    """How wide a text runs, in ems."""
    return sum(_advance(face, char) for char in text)
