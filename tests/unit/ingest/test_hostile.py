"""Files made to exhaust a reader end at the sandbox's limits, and the next file is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.pages import Limits, inspect
from ingest.reading import page_png
from ingest.sandbox import Sandbox
from tests.unit.ingest.making import drawing, encoded, one_page_pdf, raw_pdf, stream, written
from yihu.errors import Rejected, Retryable

LIMITS = Limits()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A child with a small budget, so that the bombs end soon."""
    with Sandbox(workers=1, memory_bytes=550 << 20, seconds=6) as made:
        yield made


def flate_bomb() -> bytes:
    """A page whose content unpacks to 240 MB."""
    return one_page_pdf(b"q Q " * 60_000_000)


def form_bomb() -> bytes:
    """A page of forms nested eight deep, twelve times each."""
    depth, many = 8, 12
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %b >>"
        % b"/Resources << /XObject << /F 5 0 R >> >>",
        stream(b"/F Do"),
    ]
    for level in range(depth):
        last = level == depth - 1
        inner = b"" if last else b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + level)
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + inner
        objects.append(stream(b"0 0 9 9 re f " if last else b"/F Do " * many, head))
    return raw_pdf(objects)


def refusal(sandbox: Sandbox, path: Path, attempts: int = 5) -> str:
    """Why page 1 is refused; a machine so busy that it gave no time is asked again."""
    for _ in range(attempts):
        try:
            sandbox.run(page_png, str(path), 1, 800)
        except Rejected as refused:
            return refused.reason
        except Retryable:
            continue
    return ""


@pytest.mark.parametrize("bomb", [flate_bomb, form_bomb])
def test_a_bomb_ends_at_the_limits_and_the_next_page_is_read(
    bomb: object, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = written(tmp_path, "bomb.pdf", bomb())  # type: ignore[operator]
    assert len(sandbox.run(inspect, path, LIMITS).pages) == 1
    assert refusal(sandbox, path) == "parser_limit"
    good = written(tmp_path, "good.png", encoded(drawing(), "PNG"))
    assert sandbox.run(page_png, str(good), 1, 200).startswith(b"\x89PNG")
