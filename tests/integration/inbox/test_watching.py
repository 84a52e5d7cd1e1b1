"""The watcher against writers as they are: slow, stalled, killed, renaming, many at once."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from yihu.errors import Retryable

PDF = b"%PDF-1.7 " + b"page " * 2000 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 5000 + b"\xff\xd9"
Watch = Any  # the fixtures' value, see conftest.py

WRITER = """
import sys, time
path, data, pieces, pause, then = sys.argv[1:]
data = bytes.fromhex(data)
with open(path, "wb", buffering=0) as stream:
    step = -(-len(data) // int(pieces))
    for at in range(0, len(data), step):
        stream.write(data[at : at + step])
        print("wrote", flush=True)
        time.sleep(float(pause))
    if then == "stall":
        time.sleep(600)
"""


def writer(
    path: Path, data: bytes, pieces: int, pause: float, then: str = "end"
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(path), data.hex(), str(pieces), str(pause), then]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_files_that_lay_there_before_start_are_taken(watch: Watch) -> None:
    for name in ("a.pdf", "3-2-501/装修/b.pdf", "deep/er/and/deeper/c.pdf"):
        watch.drop(name)
    watch.start()
    watch.wait_for_claims("a.pdf", "3-2-501/装修/b.pdf", "deep/er/and/deeper/c.pdf")
    assert watch.left() == []


def test_files_that_arrived_while_the_watch_was_down_are_taken(watch: Watch) -> None:
    watch.start()
    watch.drop("first.pdf")
    watch.wait_for_claims("first.pdf")
    watch.end()
    watch.drop("new folder/second.pdf")
    watch.start()
    watch.wait_for_claims("first.pdf", "new folder/second.pdf")


def test_a_relative_inbox_is_handed_over_as_it_was_given(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(watch.root)
    watch.root = Path("../") / watch.root.name
    watch.drop("sub/a.pdf")
    watch.start()
    watch.wait_for_claims("sub/a.pdf")


def test_a_dropped_file_is_taken_whole(watching: Watch) -> None:
    watching.drop("3栋 2单元/申请表 1.pdf", PDF)
    watching.wait_for_claims("3栋 2单元/申请表 1.pdf")
    assert watching.content("3栋 2单元/申请表 1.pdf") == hashlib.sha256(PDF).hexdigest()
    assert watching.hints > 0


def test_a_slow_writer_is_waited_for(watching: Watch) -> None:
    process = writer(watching.inbox / "slow.bin", PDF[1:], pieces=6, pause=0.4)
    try:
        watching.wait_for_claims("slow.bin")
    finally:
        end(process)
    assert watching.content("slow.bin") == hashlib.sha256(PDF[1:]).hexdigest()


def test_a_stalled_writer_keeps_its_file_and_a_killed_ones_is_taken_when_complete(
    watching: Watch,
) -> None:
    process = writer(watching.inbox / "whole.pdf", PDF, pieces=1, pause=0, then="stall")
    try:
        watching.wait_for_state("whole.pdf", "writing")
        watching.rests()
        assert watching.claims == []
    finally:
        end(process)
    watching.wait_for_claims("whole.pdf")


@pytest.mark.parametrize("data", [PDF, JPEG], ids=["pdf", "jpeg"])
def test_a_killed_writers_half_file_is_shown_and_left_and_taken_once_it_is_whole(
    watching: Watch, data: bytes
) -> None:
    path = watching.inbox / "half"
    process = writer(path, data[:-100], pieces=1, pause=0, then="stall")
    assert process.stdout is not None
    process.stdout.readline()
    end(process)
    watching.wait_for_state("half", "incomplete")
    assert watching.claims == []
    assert path.read_bytes() == data[:-100]
    with path.open("ab") as stream:
        stream.write(data[-100:])
    watching.wait_for_claims("half")
    assert watching.content("half") == hashlib.sha256(data).hexdigest()


def test_a_half_file_nobody_goes_on_with_is_taken_as_it_is(watching: Watch) -> None:
    watching.drop("half.pdf", PDF[:-100])
    watching.wait_for_claims("half.pdf")
    assert watching.content("half.pdf") == hashlib.sha256(PDF[:-100]).hexdigest()


def test_a_file_renamed_in_is_taken(watching: Watch) -> None:
    outside = watching.root / "outside.pdf"
    outside.write_bytes(PDF)
    os.utime(outside, (1_500_000_000, 1_500_000_000))
    outside.rename(watching.inbox / "in.pdf")
    watching.wait_for_claims("in.pdf")


def test_a_copy_that_keeps_its_old_time_is_taken_whole(watching: Watch) -> None:
    outside = watching.root / "outside.pdf"
    outside.write_bytes(PDF)
    os.utime(outside, (1_500_000_000, 1_500_000_000))
    shutil.copy2(outside, watching.inbox / "copy.pdf")
    watching.wait_for_claims("copy.pdf")
    assert watching.content("copy.pdf") == hashlib.sha256(PDF).hexdigest()


def test_a_folder_moved_in_with_its_files_is_taken(watching: Watch) -> None:
    outside = watching.root / "3-2-501"
    (outside / "装修").mkdir(parents=True)
    (outside / "a.pdf").write_bytes(PDF)
    (outside / "装修" / "b.pdf").write_bytes(PDF + b"\n")
    outside.rename(watching.inbox / "3-2-501")
    watching.wait_for_claims("3-2-501/a.pdf", "3-2-501/装修/b.pdf")


def test_a_temporary_name_is_left_alone_and_listed_until_it_is_renamed(watching: Watch) -> None:
    part = watching.drop("scan.pdf.part", PDF)
    hidden = watching.drop(".hidden/x.pdf", PDF)
    watching.watcher.wake()
    watching.wait_for(lambda: len(watching.snapshot().ignored) == 2)
    watching.rests()
    assert watching.claims == []
    assert {(item.path, item.state) for item in watching.snapshot().ignored} == {
        ("scan.pdf.part", "temporary"),
        (".hidden/x.pdf", "hidden"),
    }
    part.rename(watching.inbox / "scan.pdf")
    hidden.rename(watching.inbox / "x.pdf")
    watching.wait_for_claims("scan.pdf", "x.pdf")
    watching.watcher.wake()
    watching.wait_for(lambda: watching.snapshot().ignored == ())


def test_deep_trees_made_at_once_are_taken_whole(watching: Watch) -> None:
    names = [f"z{n}/b{n % 3}/u/r{n}/scan.pdf" for n in range(100)]
    for name in names:
        watching.drop(name)
    watching.wait_for_claims(*names)
    assert watching.left() == []


def test_an_empty_file_waits_and_is_then_refused(watching: Watch) -> None:
    late = watching.drop("late.pdf", b"")
    late.write_bytes(PDF)
    watching.drop("empty.pdf", b"")
    watching.wait_for(lambda: watching.refused == [("empty.pdf", "empty_file")])
    watching.wait_for_claims("late.pdf")


def test_things_that_are_no_files_come_back_and_stall_nothing(watching: Watch) -> None:
    outside = watching.root / "outside"
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(PDF)
    os.mkfifo(watching.inbox / "pipe.pdf")
    (watching.inbox / "to file.pdf").symlink_to(outside / "secret.pdf")
    (watching.inbox / "to folder").symlink_to(outside)
    (watching.inbox / "to itself").symlink_to("to itself")
    (watching.inbox / "folder.pdf").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(watching.inbox / "s"))
        watching.drop("good.pdf")
        refused = {"pipe.pdf", "to file.pdf", "to folder", "to itself", "s"}
        watching.wait_for(lambda: {name for name, _ in watching.refused} == refused)
    assert {reason for _, reason in watching.refused} == {"not_a_file"}
    watching.wait_for_claims("good.pdf")
    assert (outside / "secret.pdf").read_bytes() == PDF
    assert all(name.startswith("_rejected/") for name in watching.left())
    assert (watching.inbox / "folder.pdf").is_dir()


def test_odd_names_are_taken(watching: Watch) -> None:
    names = [b"\xff\xfe.pdf", b"a\nb.pdf", b"-x.pdf", ("长" * 83 + ".pdf").encode(), b"a\\b.pdf"]
    for name in names:
        (watching.inbox / os.fsdecode(name)).write_bytes(PDF[:-7] + name + b"\n%%EOF\n")
    watching.wait_for(lambda: len(watching.claims) == len(names))
    assert {os.fsencode(claim.place.name) for claim in watching.claims} == set(names)


def test_hard_links_are_each_taken(watching: Watch) -> None:
    path = watching.drop("a.pdf", PDF)
    os.link(path, watching.inbox / "b.pdf")
    watching.wait_for_claims("a.pdf", "b.pdf")


def test_what_lies_in_rejected_is_left_alone_until_it_is_dropped_again(watching: Watch) -> None:
    back = watching.drop("_rejected/sub/a.pdf", PDF)
    watching.rests()
    assert watching.claims == []
    back.rename(watching.inbox / "a.pdf")
    watching.wait_for_claims("a.pdf")


def test_files_that_vanish_before_they_are_taken_are_forgotten(watching: Watch) -> None:
    for number in range(50):
        watching.drop(f"{number}.pdf").unlink()
    shutil.rmtree(watching.drop("tree/a/b.pdf").parent.parent)
    watching.drop("last.pdf")
    watching.wait_for(lambda: "last.pdf" in {claim.path for claim in watching.claims})
    watching.wait_for(lambda: watching.snapshot().waiting == ())


def test_a_file_rewritten_as_it_is_taken_is_taken_later_and_whole(watching: Watch) -> None:
    rewritten: list[Path] = []

    def rewrite(path: Path) -> None:
        if not rewritten:
            rewritten.append(path)
            path.write_bytes(PDF + b"\n")

    watching.before_take = rewrite
    watching.drop("a.pdf", PDF)
    watching.wait_for_claims("a.pdf")
    assert watching.content("a.pdf") == hashlib.sha256(PDF + b"\n").hexdigest()


def test_a_file_removed_as_it_is_taken_harms_nothing(watching: Watch) -> None:
    watching.before_take = lambda path: path.unlink() if path.name == "gone.pdf" else None
    watching.drop("gone.pdf")
    watching.drop("good.pdf")
    watching.wait_for_claims("good.pdf")
    assert watching.refused == []


def test_a_callback_that_fails_is_tried_again_and_said_in_words(watching: Watch) -> None:
    failures = [Retryable("the disk is full"), ValueError("a bug")]

    def fail(path: Path) -> None:
        if failures and path.name == "a.pdf":
            raise failures.pop(0)

    watching.before_take = fail
    watching.drop("a.pdf")
    watching.wait_for(lambda: any("disk is full" in text for text in watching.snapshot().problems))
    watching.wait_for_claims("a.pdf")
    watching.wait_for(lambda: watching.snapshot().problems == ())


def test_a_format_check_that_fails_never_holds_a_file_for_ever(watch: Watch) -> None:
    def broken(path: Path) -> bool:
        raise ValueError("a bug in the check")

    watch.start(complete=broken)
    watch.drop("a.pdf")
    watch.wait_for_claims("a.pdf")


def test_the_inbox_may_be_removed_and_made_again(watching: Watch) -> None:
    watching.drop("before.pdf")
    watching.wait_for_claims("before.pdf")
    shutil.rmtree(watching.inbox)
    watching.wait_for(lambda: watching.snapshot().problems != ())
    watching.inbox.mkdir()
    watching.drop("after/again.pdf")
    watching.wait_for_claims("before.pdf", "after/again.pdf")
    watching.drop("and again.pdf")
    watching.wait_for_claims("before.pdf", "after/again.pdf", "and again.pdf")


def test_another_folder_put_in_place_of_the_inbox_is_watched(watching: Watch) -> None:
    watching.inbox.rename(watching.root / "old inbox")
    new = watching.root / "new inbox"
    new.mkdir()
    (new / "waiting.pdf").write_bytes(PDF)
    new.rename(watching.inbox)
    watching.wait_for_claims("waiting.pdf")
    watching.drop("later.pdf")
    watching.wait_for_claims("waiting.pdf", "later.pdf")


def test_two_watchers_on_one_inbox_take_every_file_once(watch: Watch) -> None:
    watch.start()
    watch.start()
    names = [f"{number}.pdf" for number in range(300)]
    for name in names:
        watch.drop(name)
    watch.wait_for_claims(*names)
    watch.rests()
    assert len(watch.claims) == 300


def test_a_burst_of_thousands_is_taken_oldest_first(watch: Watch) -> None:
    names = [f"d{number % 7}/{number:05}.pdf" for number in range(1500)]
    for name in names:
        watch.drop(name)
    watch.start()
    watch.wait_for_claims(*names)
    order = [int(claim.path[-9:-4]) for claim in watch.claims]
    # Files of one clock tick (4 ms) may change places; none is left behind.
    assert max(abs(place - number) for place, number in enumerate(order)) < 300
    assert watch.left() == []


def test_a_page_dropped_beside_thousands_is_taken_before_most_of_them(watch: Watch) -> None:
    names = [f"mass/{number:05}.pdf" for number in range(2000)]
    for name in [*names, "letter.pdf"]:
        watch.drop(name)
    watch.start()
    watch.wait_for_claims(*names, "letter.pdf")
    assert [claim.path for claim in watch.claims].index("letter.pdf") < 200


def test_a_file_that_could_not_be_looked_at_for_a_while_is_taken_afterwards(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.lstat
    failed: list[str] = []

    def lstat(path: str, *rest: Any, **named: Any) -> os.stat_result:
        if str(path).endswith("hiccup.pdf") and not failed:
            failed.append(path)
            raise OSError(errno.EIO, "Input/output error", path)
        return real(path, *rest, **named)

    watch.drop("hiccup.pdf")
    monkeypatch.setattr(os, "lstat", lstat)
    watch.start(polling=True, poll_seconds=0.2)
    watch.wait_for_claims("hiccup.pdf")
    assert failed


def test_more_files_than_the_ledger_holds_are_all_taken(watch: Watch) -> None:
    names = [f"{number}.pdf" for number in range(200)]
    for name in names:
        watch.drop(name)
    watch.start(most_entries=20, poll_seconds=0.1)
    watch.wait_for_claims(*names)


def test_stop_ends_the_watch_and_its_threads(watch: Watch) -> None:
    before = set(threading.enumerate())
    watch.start()
    watch.drop("a.pdf")
    watch.wait_for_claims("a.pdf")
    watch.end()
    watch.wait_for(lambda: set(threading.enumerate()) <= before)


def test_when_the_kernel_gives_no_events_the_inbox_is_polled(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("ingest.inbox.watch.Events", refuse)
    watch.start(poll_seconds=0.2)
    watch.drop("sub/a.pdf")
    watch.wait_for_claims("sub/a.pdf")
    assert watch.snapshot().mode == "polling (no events)"


STOPPABLE = """
import sys, threading
from pathlib import Path
from ingest.inbox import InboxWatcher, Rule, take
root = Path(sys.argv[1])
print("up", flush=True)
InboxWatcher(
    root / "inbox", lambda path: take(path, root / "inbox", root / "claimed"),
    rule=Rule(settle_seconds=0.2), rescan_seconds=3600,
).run(threading.Event())
"""


def test_files_whose_events_were_lost_are_taken(watch: Watch) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPABLE, watch.root], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        watch.drop("first.pdf")
        watch.wait_for(lambda: watch.left() == [])
        process.send_signal(signal.SIGSTOP)
        # More than the kernel's queue of 16,384 holds, before the files that matter.
        for number in range(6000):
            watch.drop(f".{number}", b"x").unlink()
        for number in range(300):
            watch.drop(f"{number}.pdf", b"x")
        process.send_signal(signal.SIGCONT)
        watch.wait_for(lambda: watch.left() == [])
    finally:
        end(process)
    assert len(list((watch.root / "claimed").iterdir())) == 301
