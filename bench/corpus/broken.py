"""Files that no scanner made well: truncated, locked, empty, or something else by another name."""

from __future__ import annotations

import io
import random
from typing import Any

import pikepdf
from PIL import Image

from bench.corpus.files import image_pdf


def broken_file(rng: random.Random, page: Image.Image) -> tuple[str, bytes, str]:
    """A file name ending, its bytes, and what is wrong with it."""
    kind = rng.choice(("truncated", "locked", "empty", "disguised", "cut-jpeg"))
    if kind == "empty":
        return "jpg", b"", kind
    if kind == "disguised":
        return (
            "pdf",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(rng.randrange(256) for _ in range(3000)),
            kind,
        )
    if kind == "cut-jpeg":
        out = io.BytesIO()
        page.save(out, "JPEG")
        return "jpg", out.getvalue()[:700], kind
    whole = image_pdf([page], 150, 70)
    return (
        ("pdf", _locked(whole), kind)
        if kind == "locked"
        else ("pdf", whole[: len(whole) // 2], kind)
    )


def _locked(whole: bytes) -> bytes:
    """Behind a password; the weak cipher has no random start, so the bytes repeat."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        lock = pikepdf.Encryption(user="8210", owner="yihu", R=3, aes=False, metadata=False)
        pdf.save(out, static_id=True, encryption=lock)
    return out.getvalue()


def truth_of_broken(name: str, why: str) -> dict[str, Any]:
    """The truth line of a file that must be rejected."""
    return {
        "file": name, "pages": [1, 1], "type": None, "category": None,
        "household": None, "owner": None,
        "expect": "rejected", "why": why, "fields": {}, "lines": [[]],
        "conditions": {"format": name.rpartition(".")[2], "born_digital": False, "documents": 0},
    }  # fmt: skip
