"""The reason a refused file is given is the true one, whatever the child read before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile_files import Case, allowed, cases
from ingest.formats import sniff
from ingest.pages import Limits, inspect
from ingest.sandbox import Sandbox
from yihu.errors import Rejected

KINDS = {
    "pdf-encrypted", "pdf-page-tree", "pdf-xref", "pdf-page-box", "giant-image", "media",
    "other-format", "truncated", "truncated-head", "empty", "noise", "wrong-extension",
}  # fmt: skip
CASES = [case for case in cases(bomb_bytes=1 << 20) if case.kind in KINDS]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One child for all files: what one leaves behind must not colour the next."""
    with Sandbox(workers=1, memory_bytes=1200 << 20, seconds=120) as made:
        yield made


def end_of(path: Path, sandbox: Sandbox) -> tuple[str, str]:
    """State and reason as the journey's `inspect` would give them; "" where it goes on."""
    try:
        sandbox.run(inspect, path, Limits())
    except Rejected as error:
        if error.reason == "unsupported" and sandbox.run(sniff, path).media:
            return "review", "media_file"
        return "rejected", error.reason
    return "review", ""


@pytest.mark.parametrize("case", CASES, ids=[case.path for case in CASES])
def test_a_file_is_refused_for_a_true_reason(case: Case, sandbox: Sandbox, tmp_path: Path) -> None:
    path = case.make(tmp_path)
    assert path is not None
    state, reason = end_of(path, sandbox)
    if state == "review" and not reason:
        assert any(end.startswith("review") or end == "rejected:parser_limit" for end in case.ends)
    else:
        assert allowed(case.ends, state, [reason]), (state, reason)
