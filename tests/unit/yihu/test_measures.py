"""Processes count, together where a folder is shared, and nothing at all where nobody asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from yihu import measures

COUNT = """
import sys
from yihu import measures
measures.start(sys.argv[1])
measures.STEPS.took(0.2, "keep", "done")
measures.SETTLED.add("filed", "none")
if len(sys.argv) > 2:
    print(measures.exposition().decode())
"""


def run(*arguments: str, shared: Path | None = None, code: str = COUNT) -> str:
    environment = {**os.environ, **({measures.SHARED: str(shared)} if shared else {})}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_processes_that_share_a_folder_show_the_figures_of_all(tmp_path: Path) -> None:
    measures.prepare(tmp_path)
    run("worker", shared=tmp_path)
    run("worker", shared=tmp_path)  # started anew, it goes on where it ended
    text = run("web", "ask", shared=tmp_path)
    assert 'yihu_stage_seconds_count{outcome="done",stage="keep"} 3.0' in text
    assert 'yihu_documents_settled_total{reason="none",state="filed"} 3.0' in text
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"{kind}_{who}.db" for kind in ("counter", "histogram") for who in ("worker", "web")
    }
    measures.prepare(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_process_on_its_own_shows_its_own(tmp_path: Path) -> None:
    text = run("worker", "ask")
    assert 'yihu_documents_settled_total{reason="none",state="filed"} 1.0' in text
    assert "process_resident_memory_bytes" in text


def test_where_nobody_asks_the_library_is_not_even_loaded() -> None:
    code = (
        "import sys; import storage, ingest.sandbox, catalog.database, worker.messages\n"
        "from yihu import measures; measures.SETTLED.add('filed', 'none')\n"
        "print('prometheus_client' in sys.modules)"
    )
    assert run(code=code).strip() == "False"


def test_no_label_could_name_a_person_or_a_document() -> None:
    labels = {label for measure in measures.ALL for label in measure.labels}
    assert labels == {
        "stage", "outcome", "state", "reason", "engine", "operation", "message", "kind", "cause",
    }  # fmt: skip


MISHAPS = """
import contextlib, os, signal
from catalog.database import Database
from ingest.sandbox import Sandbox
from worker.app import make_app
from worker.messages import Messages
from yihu import measures
from yihu.errors import Rejected, Retryable
from yihu.settings import load

measures.start("worker")
with Sandbox(workers=1, memory_bytes=600 << 20, seconds=20) as sandbox:
    for call in ((bytearray, 1 << 40), (os._exit, 3), (signal.raise_signal, signal.SIGKILL)):
        with contextlib.suppress(Rejected, Retryable):
            sandbox.run(*call)
with contextlib.suppress(Retryable), Database("postgresql+psycopg://x@127.0.0.1:1/x").read() as s:
    s.connection()
Messages(make_app(load(broker_url="redis://127.0.0.1:1/0"))).advance(7, "read")
print(measures.exposition().decode())
"""


def test_mishaps_are_counted_by_what_they_were() -> None:
    text = run(code=MISHAPS)
    for sample in (
        'yihu_children_lost_total{cause="memory"} 1.0',
        'yihu_children_lost_total{cause="crashed"} 1.0',
        'yihu_children_lost_total{cause="outside"} 2.0',  # it is tried once more
        'yihu_database_retries_total{kind="away"} 1.0',
        'yihu_broker_send_failures_total{message="yihu.advance"} 1.0',
    ):
        assert sample in text
