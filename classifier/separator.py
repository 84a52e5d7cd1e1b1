"""The payload of our own separator sheets: what a sheet promises about the pages behind it.

A payload is `YH1:` + fields + a check character. Codes of other systems
(couriers, banks, ID copies) never carry the prefix and a fitting check, so they
are never obeyed. What a sheet promises ends with its own pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from yihu.household import RoomKey
from yihu.page import Code, PageText

PREFIX = "YH1:"
_CHECKS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A separator ("S") or a label on content, such as a folder list ("L"), and its promises.

    `pages` is the number of pages behind the sheet that it speaks for; 0 means
    the one document that follows.
    """

    kind: str = "S"
    household: RoomKey | None = None
    type: str = ""
    batch: str = ""
    pages: int = 0

    @property
    def separates(self) -> bool:
        """Whether the page that carries it is a sheet of its own, not content."""
        return self.kind == "S"


def encode(sheet: Sheet) -> str:
    """The text to print as a QR code."""
    fields = [f"K={sheet.kind}"]
    if sheet.household:
        key = sheet.household
        levels = (key.estate, key.zone, key.building, key.unit, key.room)
        fields.append("H=" + "/".join(quote(level, safe="") for level in levels))
    if sheet.type:
        fields.append(f"T={quote(sheet.type, safe='.')}")
    if sheet.batch:
        fields.append(f"B={quote(sheet.batch, safe='-')}")
    if sheet.pages:
        fields.append(f"N={sheet.pages}")
    body = ";".join(fields)
    return f"{PREFIX}{body}!{_check(body)}"


def decode(text: str) -> Sheet | None:
    """The sheet behind a payload, or None for anything that is not ours or is damaged."""
    if not text.startswith(PREFIX):
        return None
    body, mark, check = text[len(PREFIX) :].rpartition("!")
    if not mark or check != _check(body):
        return None
    fields = dict(part.split("=", 1) for part in body.split(";") if "=" in part)
    count = fields.get("N", "0")
    if fields.get("K") not in ("S", "L") or not count.isdecimal():
        return None
    household = _household(fields["H"]) if "H" in fields else None
    if "H" in fields and household is None:
        return None
    return Sheet(
        kind=fields["K"],
        household=household,
        type=unquote(fields.get("T", "")),
        batch=unquote(fields.get("B", "")),
        pages=int(count),
    )


def _household(text: str) -> RoomKey | None:
    levels = [unquote(level) for level in text.split("/")]
    return RoomKey(*levels) if len(levels) == _LEVELS else None


def find(codes: Iterable[Code]) -> tuple[Sheet, str] | None:
    """The first code that is ours, with its payload."""
    for code in codes:
        sheet = decode(code.text)
        if sheet:
            return sheet, code.text
    return None


def on_page(page: PageText) -> tuple[Sheet, str] | None:
    """Our sheet on a page, with its payload."""
    return find(page.codes)


def _check(body: str) -> str:
    """One character over the body's bytes, position weighted, modulo a prime."""
    total = 0
    for byte in body.encode():
        total = (total * 2 + byte + 1) % 37
    return _CHECKS[total]
