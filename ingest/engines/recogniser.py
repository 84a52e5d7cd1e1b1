"""What a strip of text says: the PP-OCR recogniser, read greedily (CTC).

Strips are put together with others of nearly their width, because padding is
work for nothing and larger batches are slower on a processor (measured.md 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.engines.models import Floats, Network, locate

if TYPE_CHECKING:
    from ingest.pages import Pixels

HEIGHT = 48
_WIDEST = 3200
_STEP = 32
_LEAST_WIDTH = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """A strip's text; `mean` and `weakest` are the probabilities of its characters."""

    text: str
    mean: float
    weakest: float


class Recogniser:
    """Reads strips of height 48; `batch` strips at once at most."""

    def __init__(
        self, model: tuple[str, str], characters: tuple[str, str], *, batch: int = 8
    ) -> None:
        self._network = Network(model)
        listed = locate(characters).read_text(encoding="utf-8").split("\n")
        self._characters = ["", *(line.rstrip("\r") for line in listed if line), " "]
        self._batch = batch

    def __call__(self, strips: list[Pixels]) -> list[Reading]:
        """One reading a strip, in the given order."""
        readings: list[Reading] = [Reading("", 0.0, 0.0)] * len(strips)
        for group in self._groups([strip.shape[1] for strip in strips]):
            width = _padded(max(strips[index].shape[1] for index in group))
            batch = np.zeros((len(group), 3, HEIGHT, width), dtype=np.float32)
            for row, index in enumerate(group):
                _fill(batch[row], strips[index], width)
            for index, chances in zip(group, self._network(batch), strict=True):
                readings[index] = self._decode(chances)
        return readings

    def _groups(self, widths: list[int]) -> list[list[int]]:
        """Indices in batches of at most a quarter of padding."""
        groups: list[list[int]] = []
        for index in sorted(range(len(widths)), key=lambda i: widths[i]):
            group = groups[-1] if groups else []
            if group and len(group) < self._batch and widths[index] <= 1.25 * widths[group[0]]:
                group.append(index)
            else:
                groups.append([index])
        return groups

    def _decode(self, chances: Floats) -> Reading:
        best = chances.argmax(axis=1)
        kept = best != 0
        kept[1:] &= best[1:] != best[:-1]
        places = np.flatnonzero(kept)
        if not len(places):
            return Reading("", 0.0, 0.0)
        sure = chances[places, best[places]]
        text = "".join(self._characters[code] for code in best[places])
        return Reading(text, float(sure.mean()), float(sure.min()))


def _padded(width: int) -> int:
    return min(_WIDEST, max(_LEAST_WIDTH, -(-width // _STEP) * _STEP))


def _fill(slot: Floats, strip: Pixels, width: int) -> None:
    """Writes the strip, scaled to -1..1, into its place; the rest stays zero."""
    strip = strip[:, :width]
    values = strip.astype(np.float32) * (2 / 255) - 1
    if values.ndim == 2:
        slot[:, :, : values.shape[1]] = values
    else:
        slot[:, :, : values.shape[1]] = values.transpose(2, 0, 1)
