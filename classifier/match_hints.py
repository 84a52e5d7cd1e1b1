"""What is known besides the page: our own sheets and codes, the folder, the batch.

A sheet of ours is a promise, a folder or a file name a hint, the batch an
inheritance; none of them outweighs what the page itself says (design 1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from classifier import separator
from classifier.address import parse
from classifier.values import Hints, Register
from yihu.household import HouseholdRecord
from yihu.page import PageText

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,5}$")
_SPLIT = re.compile(r"[\\/]")
_WORD = re.compile(r"[\s_()（）【】\[\]+，,、]+")


@dataclass(frozen=True, slots=True)
class HintRooms:
    """The households that hints point to; `promised` comes from a sheet or code of ours."""

    promised: HouseholdRecord | None = None
    folder: HouseholdRecord | None = None
    batch: HouseholdRecord | None = None
    several: bool = False

    @property
    def any(self) -> bool:
        """True when a folder or the batch points somewhere."""
        return self.folder is not None or self.batch is not None

    def agree(self, household: HouseholdRecord) -> bool:
        """True when a hint points to this household and none to another."""
        hinted = [h for h in (self.folder, self.batch) if h is not None]
        return bool(hinted) and all(h.id == household.id for h in hinted)

    def contradict(self, household: HouseholdRecord) -> bool:
        """True when the folder names another household; the batch may have changed."""
        return self.folder is not None and self.folder.id != household.id


def hint_rooms(pages: Sequence[PageText], hints: Hints, register: Register) -> HintRooms:
    """Read the hints against the register."""
    folder = _folder(hints.path, register)
    return HintRooms(_promised(pages, hints, register), folder, hints.batch_household)


def _promised(
    pages: Sequence[PageText], hints: Hints, register: Register
) -> HouseholdRecord | None:
    payloads = [hints.sheet, *(code.text for page in pages for code in page.codes)]
    for payload in payloads:
        sheet = separator.decode(payload) if payload else None
        if sheet is not None and sheet.household is not None:
            found = register.get(sheet.household)
            if found is not None:
                return found
        elif payload and len(payload) >= 8 and len(held := register.by_file_no(payload)) == 1:
            return held[0]
    return None


def _folder(path: str, register: Register) -> HouseholdRecord | None:
    """The one household that the folders and the file's name point to, the nearest first."""
    for part in reversed(_SPLIT.split(path)):
        words = _SUFFIX.sub("", part)
        found = {
            reading.household.id: reading.household
            for text in (words, *_WORD.split(words))
            for reading in (parse(text, register) if text else [])
            if reading.household is not None and not reading.repaired and not reading.doubt
        }
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            return None
    return None
