"""`make demo`: the main job on sample scans, as an office would see it.

Makes sample scans and their register, starts `yihu up` on a fresh home, drops
the scans into its inbox, waits, and prints a household's catalogue, the review
list, and where to look next.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.corpus import generate
from bench.home import Home, Row
from catalog import documents
from catalog.database import Database
from worker.home import open_home
from yihu.settings import load

FOLDER, SAMPLES = Path("demo-home"), Path("demo-samples")
FILES, SEED = 24, 7
PATIENCE_SECONDS = 600
console = Console()


def main() -> int:
    """Run the demo; exit code 0 when every sample reached an end state."""
    for folder in (FOLDER, SAMPLES):
        shutil.rmtree(folder, ignore_errors=True)
    console.rule("一户一档 Yihu")
    with bar() as progress:
        task = progress.add_task("生成样本 making sample scans", total=FILES)
        corpus = generate(
            SAMPLES,
            seed=SEED,
            count=FILES,
            pack="demo",
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    home = Home(FOLDER)
    _, rows = home.run("register", "import", str(corpus.register))
    added = sum(row["result"] == "added" for row in rows)
    console.print(f"业户名册 register: {added} households")
    settled = drop_and_wait(home, corpus.inbox, corpus.files)
    _, lines = home.run("documents")
    show(home, lines)
    return 0 if settled else 1


def bar() -> Progress:
    """A progress bar with a count and the time gone by."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )


def drop_and_wait(home: Home, samples: Path, files: int) -> bool:
    """Start Yihu, drop the samples into the inbox, wait until all are settled, stop it."""
    settings = load(FOLDER)
    database = open_home(settings)
    server = home.start("up", stderr=subprocess.DEVNULL)
    try:
        shutil.copytree(samples, settings.inbox, dirs_exist_ok=True)
        return wait(database, files, server)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def wait(database: Database, files: int, server: subprocess.Popen[str]) -> bool:
    """Follow the documents until as many files as were dropped have settled."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with bar() as progress:
        task = progress.add_task("读取归档 reading and filing", total=files)
        while time.monotonic() < deadline and server.poll() is None:
            with database.read() as session:
                done = documents.settled_files(session)
            progress.update(task, completed=done)
            if done >= files:
                return True
            time.sleep(0.3)
    console.print("[bold]未完成 not finished[/bold]")
    return False


def show(home: Home, lines: list[Row]) -> None:
    """What became of the samples, one catalogue with ticks, the review list, what next."""
    states = Counter(line["state"] for line in lines)
    console.print("结果 result:", ", ".join(f"{state} {n}" for state, n in states.most_common()))
    rooms = Counter(
        "-".join(v for k, v in line["household"].items() if v != "-")
        for line in lines
        if line["state"] == "filed"
    )
    if rooms:
        console.rule("一户的目录 one household's catalogue")
        sys.stdout.flush()
        home.start("household", rooms.most_common(1)[0][0]).wait()
    console.rule("待复核 review list")
    sys.stdout.flush()
    home.start("review", "list").wait()
    console.rule("接下来 next")
    console.print(
        f"收件箱 inbox: {FOLDER}/inbox   样本 samples: {SAMPLES}/inbox   "
        f"真值 truth: {SAMPLES}/truth.jsonl\n"
        f"yihu up --home {FOLDER}                 运行 run it, drop scans into the inbox\n"
        f"yihu review accept ID --home {FOLDER}   采纳 accept a suggestion\n"
        f"yihu completeness --by building --home {FOLDER}\n"
        f"yihu gaps --home {FOLDER}               缺件清单 what is missing\n"
        f"yihu verify --home {FOLDER}             核验 index, store and ledger agree",
        markup=False,
    )


if __name__ == "__main__":
    sys.exit(main())
