"""The small statistical model: character bigrams, hashed, one linear score per type.

It is trained on shipped samples (`bench/train_types.py`) and on custodians'
corrections, and kept as a versioned data file of quantised weights. It only
ever adds to what title and words say; on its own it files nothing.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from classifier.types.folding import fold
from classifier.types.kinds import Kind

BUCKETS = 4096
DATA = "types_model.gz"
OTHER = "other"
_DIGITS = str.maketrans("0123456789", "0000000000")
FloatArray = NDArray[np.float32]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class TypeModel:
    """Classes, weights (classes x buckets), biases, and the calibration of the final score.

    `titled` and `untitled` are points (raw probability, share right) for documents
    whose type the title names, and for those where only the words speak. `titles`
    are headlines learnt from people's decisions (folded) and the type they name,
    `discarded` the kinds of paper that people discarded.
    """

    version: str
    classes: tuple[str, ...]
    weights: FloatArray
    biases: FloatArray
    titled: Points = ()
    untitled: Points = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    discarded: tuple[Kind, ...] = ()

    def log_probabilities(self, text: str) -> dict[str, float]:
        """Natural log of each class's probability for a folded text."""
        found = buckets_of(text, self.weights.shape[1])
        scores = self.biases.copy()
        if found.size:
            scores += self.weights[:, found].sum(axis=1) / np.float32(np.sqrt(found.size))
        top = float(scores.max())
        log_sum = top + float(np.log(np.exp(scores - top).sum()))
        return {code: float(s) - log_sum for code, s in zip(self.classes, scores, strict=True)}

    def calibrated(self, raw: float, *, titled: bool) -> float:
        """The share of documents with this raw probability that were right (piecewise linear)."""
        points = self.titled if titled else self.untitled
        if not points:
            return raw
        xs, ys = zip(*points, strict=True)
        return float(np.interp(raw, xs, ys))

    def dump(self) -> bytes:
        """The model as a compressed artefact: a JSON head, then eight-bit weights."""
        scale = float(np.abs(self.weights).max()) / 127 or 1.0
        head = {
            "version": self.version,
            "classes": self.classes,
            "buckets": int(self.weights.shape[1]),
            "scale": scale,
            "biases": [round(float(b), 4) for b in self.biases],
            "titled": self.titled,
            "untitled": self.untitled,
            "titles": dict(self.titles),
            "discarded": [[sorted(kind.marks), kind.members] for kind in self.discarded],
        }
        small = np.round(self.weights / scale).astype(np.int8)
        blob = json.dumps(head, ensure_ascii=False).encode() + b"\n" + small.tobytes()
        return gzip.compress(blob, mtime=0)

    @staticmethod
    def parse(blob: bytes) -> TypeModel:
        """The model that `dump` wrote; ValueError when it is not of our making."""
        head_bytes, _, body = gzip.decompress(blob).partition(b"\n")
        head = json.loads(head_bytes)
        classes = tuple(head["classes"])
        weights = np.frombuffer(body, dtype=np.int8).reshape(len(classes), head["buckets"])
        return TypeModel(
            version=head["version"],
            classes=classes,
            weights=weights.astype(np.float32) * np.float32(head["scale"]),
            biases=np.array(head["biases"], dtype=np.float32),
            titled=tuple((float(x), float(y)) for x, y in head["titled"]),
            untitled=tuple((float(x), float(y)) for x, y in head["untitled"]),
            titles={str(title): str(code) for title, code in head.get("titles", {}).items()},
            discarded=tuple(
                Kind(frozenset(marks), tuple(members))
                for marks, members in head.get("discarded", ())
            ),
        )


def buckets_of(text: str, buckets: int = BUCKETS) -> NDArray[np.intp]:
    """The hashed character bigrams of a text, each once; digits look alike."""
    plain = fold(text).translate(_DIGITS)
    found = {zlib.crc32((one + two).encode()) % buckets for one, two in pairwise(plain)}
    return np.array(sorted(found), dtype=np.intp)


def features(text: str, buckets: int = BUCKETS) -> FloatArray:
    """The same as a vector of length one, for training."""
    vector = np.zeros(buckets, dtype=np.float32)
    found = buckets_of(text, buckets)
    if found.size:
        vector[found] = 1.0 / np.sqrt(found.size)
    return vector


@lru_cache(maxsize=1)
def shipped_model() -> TypeModel | None:
    """The model in the package, or None when the package was built without one."""
    path = resources.files("classifier.types").joinpath(DATA)
    return TypeModel.parse(path.read_bytes()) if path.is_file() else None
