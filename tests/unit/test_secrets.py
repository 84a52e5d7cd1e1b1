"""Settings from files, as containers and service managers hand secrets over."""

from __future__ import annotations

from pathlib import Path

import pytest

from yihu.settings import load


def test_a_secret_file_is_read_and_the_environment_stands_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "yihu_store_secret_key").write_text("from a file\n")
    (tmp_path / "yihu_store_access_key").write_text("from a file")
    (tmp_path / "somebody_else_s").write_text("x")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("YIHU_STORE_ACCESS_KEY", "from the environment")
    settings = load(tmp_path)
    assert settings.store_secret_key.get_secret_value() == "from a file"
    assert settings.store_access_key.get_secret_value() == "from the environment"
    assert "from a file" not in repr(settings)
