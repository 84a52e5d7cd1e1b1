"""A process that runs on its own, as in a container, is asked on a port of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx

from bench.home import Home, until
from bench.servers import free_port
from worker.scrape import CONTENT_TYPE


def test_a_watcher_on_its_own_answers_on_its_port(home: Home) -> None:
    home.run("init")
    port = free_port()
    environment = {**os.environ, "YIHU_HOME": str(home.folder), "YIHU_METRICS_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "worker.processes", "watcher"], env=environment
    )
    try:
        base = f"http://127.0.0.1:{port}"
        until(lambda: _get(f"{base}/healthz"), 60)
        (home.folder / "inbox" / "broken.pdf").write_bytes(b"%PDF-1.4\njunk\n%%EOF\n")
        failures = 'yihu_broker_send_failures_total{message="yihu.advance"} 1.0'
        until(lambda: failures in _get(f"{base}/metrics"), 60)
        assert httpx.get(f"{base}/metrics").headers["content-type"] == CONTENT_TYPE
        assert httpx.get(f"{base}/anything").status_code == 404
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _get(address: str) -> str:
    try:
        return httpx.get(address, timeout=5).text
    except httpx.TransportError:
        return ""
