"""What is no scan at all: office files, mail, archives, video, text, noise, wrong extensions."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Iterator

from bench.hostile_files.case import Case
from bench.hostile_files.drawing import encoded, picture, scrap
from bench.hostile_files.pdf_writing import simple

_NO = ("rejected:unsupported",)
_MEDIA = ("review:media_file",)
_LOOK = ("review",)


def documents() -> Iterator[Case]:
    """Office files, mail, archives, web pages, programs."""
    kind = "other-format"
    xml = b"<?xml version='1.0'?><Types/>"
    zips = {
        "letter.docx": {"[Content_Types].xml": xml, "word/document.xml": xml},
        "table.xlsx": {"[Content_Types].xml": xml, "xl/workbook.xml": xml},
        "slides.pptx": {"[Content_Types].xml": xml, "ppt/presentation.xml": xml},
        "text.odt": {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": xml},
        "invoice.ofd": {"OFD.xml": b"<ofd:OFD/>", "Doc_0/Document.xml": xml},
        "scans.zip": {"a.jpg": picture("jpg", "in zip")},
        "bomb.zip": {"zeros": bytes(50 << 20)},
        "escape.zip": {"../../../etc/passwd": b"x"},
    }
    for name, members in zips.items():
        yield Case(kind, name, _zipped(members), _NO)
    rng = random.Random(5)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    for name, data in {
        "old.doc": ole + rng.randbytes(4000),
        "old.xls": ole + rng.randbytes(5000),
        "encrypted.docx": ole + "EncryptedPackage".encode("utf-16-le") + rng.randbytes(3000),
        "mail.eml": b"Received: from a\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nhello\r\n",
        "mail.msg": ole + rng.randbytes(6000),
        "page.html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/>"
        b"</svg>",
        "entities.svg": b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaaaaaa'>"
        b"<!ENTITY b '&a;&a;&a;&a;'>]><svg>&b;</svg>",
        "notes.txt": "业主来访登记 3-2-501".encode(),
        "notes-gbk.txt": "业主来访登记 3-2-502".encode("gb18030"),
        "notes-utf16.txt": "业主来访登记 3-2-503".encode("utf-16"),
        "list.csv": b"room,owner\n3-2-501,x\n",
        "archive.rar": b"Rar!\x1a\x07\x01\x00" + rng.randbytes(500),
        "archive.7z": b"7z\xbc\xaf\x27\x1c" + rng.randbytes(500),
        "archive.gz": b"\x1f\x8b\x08\x00" + rng.randbytes(500),
        "program.exe": b"MZ" + rng.randbytes(900),
        "program.bin": b"\x7fELF" + rng.randbytes(900),
        "script.sh": b"#!/bin/sh\nrm -rf /\n",
        "layers.psd": b"8BPS\x00\x01" + rng.randbytes(900),
        "picture.avif": b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00" + rng.randbytes(900),
        "fonts.ttf": b"\x00\x01\x00\x00" + rng.randbytes(900),
        "base.db": b"SQLite format 3\x00" + rng.randbytes(900),
    }.items():
        yield Case(kind, name, data, _NO)


def media() -> Iterator[Case]:
    """Video and sound: kept, and filed by a person."""
    rng = random.Random(6)
    box = struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 512, b"mp41")
    body = struct.pack(">I4s", 2008, b"mdat") + rng.randbytes(2000)
    for name, data in {
        "stairwell.mp4": box + body + struct.pack(">I4s", 16, b"moov") + bytes(8),
        "cut-off.mp4": box + body[:900],
        "phone.mov": box.replace(b"isom", b"qt  ") + body,
        "old-phone.mov": struct.pack(">I4s", 8, b"wide") + body,
        "old-phone.3gp": box.replace(b"isom", b"3gp4") + body,
        "camera.avi": b"RIFF" + struct.pack("<I", 2004) + b"AVI " + rng.randbytes(2000),
        "clip.mkv": b"\x1a\x45\xdf\xa3" + rng.randbytes(2000),
        "clip.wmv": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + rng.randbytes(2000),
        "clip.mpg": b"\x00\x00\x01\xba" + rng.randbytes(2000),
        "camera.ts": (b"\x47" + rng.randbytes(187)) * 30,
        "camera.mts": (rng.randbytes(4) + b"\x47" + rng.randbytes(187)) * 30,
        "call.wav": b"RIFF" + struct.pack("<I", 2004) + b"WAVE" + rng.randbytes(2000),
        "call.mp3": b"ID3\x04\x00\x00" + rng.randbytes(2000),
        "plain.mp3": (b"\xff\xfb\x90\x64" + rng.randbytes(413)) * 20,
        "call.m4a": box.replace(b"isom", b"M4A ") + body,
        "call.amr": b"#!AMR\n" + rng.randbytes(2000),
        "video-named.jpg": box.replace(b"isom", b"mp42") + body,
    }.items():
        yield Case("media", name, data, _MEDIA)


def noise() -> Iterator[Case]:
    """Bytes that mean nothing."""
    for size in (1, 16, 100, 4096, 100_000, 3_000_000):
        data = b"\x01" + random.Random(size).randbytes(size)
        yield Case("noise", f"random-{size}.bin", data, _NO)
    yield Case("noise", "random.pdf", b"\x02" + random.Random(1).randbytes(5000), _NO)
    yield Case("noise", "random.jpg", b"\x02" + random.Random(2).randbytes(5000), _NO)
    yield Case("noise", "ones.dat", b"\xff" * 5000, _NO)
    blank = ("rejected:unsupported", "rejected:truncated", "rejected:broken")
    yield Case("noise", "zeros.pdf", bytes(5000), blank)
    yield Case("noise", "zeros-10-mb.jpg", bytes(10 << 20), blank)
    for name in ("nothing.pdf", "nothing.jpg", "nothing"):
        yield Case("empty", name, b"", ("rejected:empty_file",))


def wrong_extensions() -> Iterator[Case]:
    """A name that says one thing and content that is another."""
    kind = "wrong-extension"
    yield Case(kind, "pdf.jpg", simple(150), _LOOK)
    yield Case(kind, "jpeg.pdf", encoded(scrap("x1"), "JPEG"), _LOOK)
    yield Case(kind, "png.docx", encoded(scrap("x2"), "PNG"), _LOOK)
    yield Case(kind, "tiff.exe", encoded(scrap("x3"), "TIFF"), _LOOK)
    yield Case(kind, "no-extension", encoded(scrap("x4"), "WEBP"), _LOOK)
    yield Case(kind, "text.pdf", b"this is only text, whatever the name says\n", _NO)
    yield Case(kind, "word.pdf", _zipped({"[Content_Types].xml": b"x", "word/a.xml": b"y"}), _NO)
    yield Case(kind, "program.png", b"MZ" + random.Random(9).randbytes(999), _NO)


def _zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
