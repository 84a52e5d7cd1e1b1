"""What a strip of text says: the PP-OCR recogniser, read greedily (CTC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.engines.models import Network, locate

if TYPE_CHECKING:
    from ingest.pages import Pixels

HEIGHT = 48
_WIDEST = 3200
_LEAST_WIDTH = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """A strip as read: its characters, the probability of each, and where each stands.

    `chances` are 0..1, `places` pixels from the left end of the strip.
    """

    text: str
    chances: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """The mean probability of the characters; 0 for none."""
        return sum(self.chances) / len(self.chances) if self.chances else 0.0


class Recogniser:
    """Reads strips of height 48, one at a time.

    Batches were measured: never faster on one core, and they cost memory.
    """

    def __init__(self, model: tuple[str, str], characters: tuple[str, str]) -> None:
        self._network = Network(model)
        listed = locate(characters).read_text(encoding="utf-8").split("\n")
        self._characters = ["", *(line.rstrip("\r") for line in listed if line), " "]

    def __call__(self, strips: list[Pixels]) -> list[Reading]:
        """One reading a strip, in the given order."""
        return [self._read(strip[:, :_WIDEST]) for strip in strips]

    def _read(self, strip: Pixels) -> Reading:
        values = strip.astype(np.float32) * (2 / 255) - 1
        width = max(_LEAST_WIDTH, strip.shape[1])
        batch = np.zeros((1, 3, HEIGHT, width), dtype=np.float32)
        batch[0, :, :, : strip.shape[1]] = values.transpose(2, 0, 1)
        chances = self._network(batch)[0]
        best = chances.argmax(axis=1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        steps = np.flatnonzero(kept)
        text = "".join(self._characters[code] for code in best[steps])
        sure = chances[steps, best[steps]]
        places = (steps + 0.5) * (width / len(best))
        return Reading(text, tuple(map(float, sure)), tuple(map(float, places)))
