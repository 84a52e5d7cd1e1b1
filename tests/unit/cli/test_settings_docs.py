"""What is generated from the settings is what lies in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.home import settings_example, settings_table
from yihu.errors import Usage
from yihu.settings import load

ROOT = Path(__file__).parents[3]


def test_the_example_environment_is_generated_from_the_settings() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == settings_example()


def test_the_table_of_settings_is_generated_from_the_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_table()


def test_an_unknown_setting_refuses_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIHU_COLOUR", "red")
    with pytest.raises(Usage, match="YIHU_COLOUR"):
        load()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIHU_BROKER_URL", "redis://:hunter2@127.0.0.1:1/0")
    assert "hunter2" not in repr(load())
