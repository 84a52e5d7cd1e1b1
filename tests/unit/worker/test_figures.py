"""Every process that runs on its own can be asked for its figures: that is its sign of life."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker import app, processes, scrape
from yihu.settings import Settings, load


@pytest.mark.parametrize("name", ["worker", "intake", "watcher", "beat"])
def test_every_process_serves_its_figures_where_a_port_is_set(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, served = load(tmp_path, metrics_port="9100"), list[tuple[Settings, str]]()
    monkeypatch.setattr(app, "from_environment", lambda: settings)
    monkeypatch.setattr(processes, "set_up", lambda *_: None)
    monkeypatch.setattr(scrape, "start", lambda *what: served.append(what))
    processes._begin(name)
    assert served == [(settings, name)]
