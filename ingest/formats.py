"""What kind of file this is, told from its bytes, and whether it is whole.

Never looks at the extension, and reads only heads, tails and length fields:
the inbox watcher asks for every file, in a process that loads no decoder.
A whole file may still be broken inside; `ingest.pages` finds that out.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

HEAD = 4096


class Format(StrEnum):
    """A file format by content; the first nine can be read as pages."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    BMP = "bmp"
    WEBP = "webp"
    HEIC = "heic"
    GIF = "gif"
    JPEG2000 = "jpeg2000"

    VIDEO = "video"
    AUDIO = "audio"
    OFFICE = "office"  # docx, xlsx, pptx, odt and the older OLE files
    OFD = "ofd"
    ZIP = "zip"
    ARCHIVE = "archive"  # rar, 7z, gzip, tar
    EMAIL = "email"
    HTML = "html"
    TEXT = "text"
    PROGRAM = "program"
    EMPTY = "empty"
    UNKNOWN = "unknown"

    @property
    def readable(self) -> bool:
        """True where pages can be read from it."""
        return self in READABLE

    @property
    def media(self) -> bool:
        """True for video and sound: kept, and filed by a person."""
        return self in {Format.VIDEO, Format.AUDIO}


READABLE = frozenset(
    {
        Format.PDF,
        Format.JPEG,
        Format.PNG,
        Format.TIFF,
        Format.BMP,
        Format.WEBP,
        Format.HEIC,
        Format.GIF,
        Format.JPEG2000,
    }
)

_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
    (b"II*\x00", Format.TIFF),
    (b"MM\x00*", Format.TIFF),
    (b"II+\x00", Format.TIFF),
    (b"MM\x00+", Format.TIFF),
    (b"GIF87a", Format.GIF),
    (b"GIF89a", Format.GIF),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", Format.JPEG2000),
    (b"\xff\x4f\xff\x51", Format.JPEG2000),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.OFFICE),
    (b"\x1a\x45\xdf\xa3", Format.VIDEO),  # Matroska, WebM
    (b"FLV\x01", Format.VIDEO),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format.VIDEO),  # ASF, WMV
    (b"\x00\x00\x01\xba", Format.VIDEO),  # MPEG programme stream
    (b"\x00\x00\x01\xb3", Format.VIDEO),  # MPEG video by itself
    (b"ID3", Format.AUDIO),
    (b"OggS", Format.AUDIO),
    (b"fLaC", Format.AUDIO),
    (b"#!AMR", Format.AUDIO),
    (b"Rar!\x1a\x07", Format.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Format.ARCHIVE),
    (b"\x1f\x8b\x08", Format.ARCHIVE),
    (b"MZ", Format.PROGRAM),
    (b"\x7fELF", Format.PROGRAM),
    (b"#!/", Format.PROGRAM),
)
_RIFF = {b"WEBP": Format.WEBP, b"AVI ": Format.VIDEO, b"WAVE": Format.AUDIO}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"pnot"}  # before there was "ftyp"
_MPEG_SOUND = {0xFB, 0xFA, 0xF3, 0xF2, 0xF1, 0xF9}  # MP3 without a tag, AAC
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"F4A "}
_MAIL_FIELDS = (b"from ", b"received:", b"return-path:", b"mime-version:", b"delivered-to:")


def sniff(path: Path) -> Format:
    """The format of the file, from its first bytes; raises OSError when it cannot be opened."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(HEAD), path)


def sniff_bytes(head: bytes, path: Path | None = None) -> Format:
    """The format of a file that begins with `head` (4096 bytes, or all of it).

    `path` lets a zip be looked into for what it holds.
    """
    if not head:
        return Format.EMPTY
    known = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if b"%PDF-" in head[:1024] and known not in READABLE:  # a photo may speak of PDF
        return Format.PDF
    if known is not None:
        return known
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], Format.UNKNOWN)
    if head[4:8] == b"ftyp" and len(head) >= 12:
        return _by_brand(head[8:12])
    if head[4:8] in _OLD_QUICKTIME or _transport_stream(head):
        return Format.VIDEO
    if len(head) > 3 and head[0] == 0xFF and head[1] in _MPEG_SOUND and head[2] & 0xF0 != 0xF0:
        return Format.AUDIO
    if head[:4] in {b"PK\x03\x04", b"PK\x05\x06"}:
        return _zip_kind(head, path)
    if head[:2] == b"BM" and head[14:15] in {b"\x0c", b"\x28", b"\x34", b"\x38", b"\x6c", b"\x7c"}:
        return Format.BMP
    if head[257:262] == b"ustar":
        return Format.ARCHIVE
    return _texts(head)


def _transport_stream(head: bytes) -> bool:
    """True for the packets of camera recordings (.ts, .mts): a sync byte at every start."""
    for start, length in ((0, 188), (4, 192)):
        marks = head[start : start + 5 * length : length]
        if len(marks) == 5 and marks == b"\x47" * 5:
            return True
    return False


def _by_brand(brand: bytes) -> Format:
    if brand in _HEIF_BRANDS:
        return Format.HEIC
    if brand in {b"avif", b"avis"}:
        return Format.UNKNOWN
    return Format.AUDIO if brand in _AUDIO_BRANDS else Format.VIDEO


def _zip_kind(head: bytes, path: Path | None) -> Format:
    tail = _tail(path, 65536) if path is not None else b""
    seen = head + tail
    if b"OFD.xml" in seen:
        return Format.OFD
    office = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"opendocument")
    return Format.OFFICE if any(name in seen for name in office) else Format.ZIP


def _tail(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(0, end - size))
        return file.read(size)


def _texts(head: bytes) -> Format:
    low = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if low.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return Format.HTML
    if low.startswith(_MAIL_FIELDS):
        return Format.EMAIL
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Format.UNKNOWN
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Format.TEXT
    for encoding in ("utf-8", "gb18030"):
        try:
            text = head[:-3].decode(encoding) if len(head) == HEAD else head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:
                continue
            text = head[: error.start].decode(encoding)
        strange = sum(1 for char in text if ord(char) < 32 and char not in "\t\r\n\f\x1b")
        if text and strange == 0:
            return Format.TEXT
    return Format.UNKNOWN


def is_stub(path: Path) -> bool:
    """True when the whole file is the first bytes of a readable format and nothing more."""
    with path.open("rb") as file:
        head = file.read(16)
    starts = [b"%PDF-", *(magic for magic, kind in _MAGIC if kind in READABLE)]
    return len(head) > 1 and any(len(head) < len(m) and m.startswith(head) for m in starts)


def complete(path: Path, kind: Format) -> bool:
    """True when the file ends where its format says; raises OSError when it cannot be read.

    A format without an end of its own is taken as whole. An empty file, or one
    that so far holds only zeros (space reserved, nothing written), is not.
    """
    from ingest.formats_whole import CHECKS

    size = path.stat().st_size
    check = CHECKS.get(kind)
    if kind is Format.EMPTY or size == 0:
        return False
    with path.open("rb") as file:
        if check is not None:
            return check(file, size)
        return bool(file.read(HEAD).strip(b"\x00"))
