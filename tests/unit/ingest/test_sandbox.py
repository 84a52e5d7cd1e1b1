"""Children hold to their limits, are replaced when they die, and never outlive their parent."""

from __future__ import annotations

import hashlib
import math
import operator
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ingest.sandbox import BEHIND, Sandbox, Starved
from yihu.errors import Rejected, Retryable

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One child with little memory and time."""
    with Sandbox(workers=1, memory_bytes=400 * MEGABYTE, seconds=3, idle_seconds=60) as made:
        yield made


def refusal(sandbox: Sandbox, call: Callable[[], object], attempts: int = 5) -> str:
    """Why the call is refused; a machine so busy that it gave no time is asked again."""
    for _ in range(attempts):
        try:
            sandbox.run(call)
        except Rejected as refused:
            return refused.reason
        except Retryable:
            continue
    return ""


def alive(pid: int) -> bool:
    """True while the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, seconds: float = 10) -> bool:
    """True when the process ends within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_child_answers_and_stays_warm(sandbox: Sandbox) -> None:
    assert sandbox.run(math.sqrt, 16.0) == 4
    assert sandbox.run(os.getpid) == sandbox.run(os.getpid) != os.getpid()


def test_a_child_keeps_little_of_what_a_large_page_took() -> None:
    resident = "int(open('/proc/self/statm').read().split()[1]) * 4096"
    with Sandbox(workers=1, memory_bytes=400 * MEGABYTE, seconds=60) as sandbox:
        before = sandbox.run(eval, resident)
        sandbox.run(eval, "len([bytes([n]) * (20 << 20) for n in range(14)])")
        assert sandbox.run(eval, resident) < before + 200 * MEGABYTE


def test_what_the_function_raises_comes_back(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="math domain"):
        sandbox.run(math.sqrt, -1.0)


def test_too_much_memory_is_the_files_fault(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as refused:
        sandbox.run(bytearray, 900 * MEGABYTE)
    assert refused.value.reason == "parser_limit"
    assert sandbox.run(math.sqrt, 9.0) == 3


def test_a_crash_is_the_files_fault_and_the_next_page_is_read(sandbox: Sandbox) -> None:
    for crash, code in ((os.kill, signal.SIGSEGV), (os.kill, signal.SIGABRT)):
        with pytest.raises(Rejected) as refused:
            sandbox.run(crash, sandbox.run(os.getpid), code)
        assert refused.value.reason == "parser_limit"
        assert sandbox.run(math.sqrt, 9.0) == 3


def test_too_much_processor_time_is_the_files_fault() -> None:
    endless = partial(hashlib.pbkdf2_hmac, "sha256", b"a", b"b", 10**9)
    with Sandbox(workers=1, memory_bytes=400 * MEGABYTE, seconds=3) as sandbox:
        assert refusal(sandbox, endless) == "parser_limit"


def test_no_answer_without_work_is_not_the_files_fault(sandbox: Sandbox) -> None:
    with pytest.raises(Retryable):
        sandbox.run(time.sleep, 60)
    assert sandbox.run(math.sqrt, 9.0) == 3


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system does not tell")
def test_a_machine_too_busy_for_a_call_is_not_the_files_fault(sandbox: Sandbox) -> None:
    core = min(os.sched_getaffinity(0))
    child = sandbox.run(os.getpid)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(6)]
    try:
        for process in (child, *(other.pid for other in others)):
            os.sched_setaffinity(process, {core})
        with pytest.raises(Starved):
            sandbox.run(hashlib.pbkdf2_hmac, "sha256", b"a", b"b", 10**9)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert sandbox.run(math.sqrt, 9.0) == 3


def test_a_child_killed_from_outside_costs_one_more_try(sandbox: Sandbox) -> None:
    pid = sandbox.run(os.getpid)
    os.kill(pid, signal.SIGKILL)
    assert sandbox.run(math.sqrt, 9.0) == 3


def test_a_child_killed_in_the_middle_is_tried_again_once(sandbox: Sandbox) -> None:
    pid = sandbox.run(os.getpid)
    threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
    begun = time.monotonic()
    sandbox.run(time.sleep, 1.0)
    assert time.monotonic() - begun > 1.4


def test_a_call_behind_gives_way_and_leaves_its_child_as_urgent_as_before(
    sandbox: Sandbox,
) -> None:
    def priority() -> int:
        return sandbox.run(os.getpriority, os.PRIO_PROCESS, 0)

    before, pid = priority(), sandbox.run(os.getpid)
    behind = sandbox.run_behind(3, os.getpriority, os.PRIO_PROCESS, 0)
    assert behind == min(19, before + BEHIND)
    assert priority() == before
    assert sandbox.run_behind(3, os.getpid) == pid


def test_a_call_behind_keeps_its_limits(sandbox: Sandbox) -> None:
    assert refusal_behind(sandbox, partial(bytearray, 500 * MEGABYTE)) == "parser_limit"
    with pytest.raises(ValueError):
        sandbox.run_behind(3, math.sqrt, -1.0)
    assert sandbox.run_behind(3, math.sqrt, 9.0) == 3


def refusal_behind(sandbox: Sandbox, call: Callable[[], object]) -> str:
    """Why the call behind all others is refused."""
    with pytest.raises(Rejected) as refused:
        sandbox.run_behind(3, call)
    return refused.value.reason


def test_more_callers_than_children_wait_their_turn() -> None:
    with Sandbox(workers=2, memory_bytes=400 * MEGABYTE, seconds=3) as sandbox:
        found: list[float] = []
        callers = [
            threading.Thread(target=lambda n=n: found.append(sandbox.run(operator.mul, n, 2)))
            for n in range(12)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        assert sorted(found) == [n * 2 for n in range(12)]


def test_idle_children_end_and_come_back() -> None:
    with Sandbox(workers=1, memory_bytes=400 * MEGABYTE, seconds=3, idle_seconds=0.3) as sandbox:
        pid = sandbox.run(os.getpid)
        assert gone(pid)
        assert not sandbox.running
        assert sandbox.run(os.getpid) != pid


def test_warming_starts_children_before_they_are_needed() -> None:
    with Sandbox(workers=2, memory_bytes=400 * MEGABYTE, seconds=3) as sandbox:
        sandbox.warm()
        end = time.monotonic() + 10
        while not sandbox.running and time.monotonic() < end:
            time.sleep(0.02)
        assert sandbox.running


def test_closing_ends_calls_and_children() -> None:
    sandbox = Sandbox(workers=1, memory_bytes=400 * MEGABYTE, seconds=30)
    pid = sandbox.run(os.getpid)
    ended: list[BaseException] = []

    def call() -> None:
        try:
            sandbox.run(time.sleep, 20)
        except Retryable as error:
            ended.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    time.sleep(0.3)
    sandbox.close()
    caller.join(10)
    assert ended
    assert gone(pid)
    with pytest.raises(Retryable):
        sandbox.run(os.getpid)


def test_children_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, time\n"
        "from ingest.sandbox import Sandbox\n"
        "s = Sandbox(workers=2, memory_bytes=400 << 20, seconds=30)\n"
        "print(s.run(os.getpid), flush=True)\n"
        "s.run(time.sleep, 25)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert gone(child)
