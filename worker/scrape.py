"""A process that can be asked how it is: `/metrics` and `/healthz` on a port of its own.

Off unless `YIHU_METRICS_PORT` is set. Under `yihu up` every process counts into
one folder (`yihu.measures`) and the screens' `/metrics` shows them all; the
port is for a process that runs on its own, in a container: that it answers there
is its sign of life to whoever watches several machines.
"""

from __future__ import annotations

import logging
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from yihu import measures
from yihu.log import told
from yihu.settings import Settings

log = logging.getLogger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def start(settings: Settings, process: str) -> None:
    """Count, where anybody may ask, and serve the port where one is set."""
    if os.environ.get(measures.SHARED) or settings.metrics_port:
        measures.start(process)
    if settings.metrics_port:
        try:
            server = ThreadingHTTPServer((settings.metrics_host, settings.metrics_port), _Answers)
        except OSError as error:
            # Under `yihu up` another of our processes has it and shows all the same figures.
            log.warning("port %s is not to be had: %s", settings.metrics_port, told(error))
            return
        threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()


class _Answers(BaseHTTPRequestHandler):
    """`/metrics`, `/healthz`, nothing else."""

    timeout = 10
    server_version, sys_version = "yihu", ""

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._tell(200, CONTENT_TYPE, measures.exposition())
        elif path == "/healthz":
            self._tell(200, "text/plain", b"ok\n")
        else:
            self._tell(404, "text/plain", b"not found\n")

    def _tell(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's
        """Say nothing: who asks how often is no event."""
