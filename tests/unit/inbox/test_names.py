"""Names: what waits to be renamed, how odd bytes are shown, how long a name may be."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.inbox.names import NAME_BYTES, actual, numbered, shown, why_ignored


@pytest.mark.parametrize(
    "name",
    [
        "scan.pdf.part",
        "scan.PARTIAL",
        "x.crdownload",
        "x.tmp",
        "x.filepart",
        ".x.pdf.swp",
        "~$申请表.docx",
        "Thumbs.db",
        "3-2-501/desktop.ini",
        ".DS_Store",
        "._scan.pdf",
        ".hidden/scan.pdf",
        "a/.sync/b/scan.pdf",
    ],
)
def test_hidden_and_temporary_names_wait_to_be_renamed(name: str) -> None:
    assert why_ignored(name)


@pytest.mark.parametrize(
    "name",
    ["scan.pdf", "3-2-501/装修/申请表 (1).pdf", "-rf", "part", "a.part/scan.pdf", "tmp", "x.parts"],
)
def test_other_names_are_taken(name: str) -> None:
    assert why_ignored(name) == ""


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("3栋 501.pdf".encode(), "3栋 501.pdf"),
        (b"scan\xff\xfe.pdf", "scan\\xff\\xfe.pdf"),
        ("装修".encode("gbk") + b".pdf", "װ\\xd0\\xde.pdf"),
        (b"a\nb\tc.pdf", "a\\nb\\tc.pdf"),
        ("a\u202efdp.exe".encode(), "a\\u202efdp.exe"),
        (b"a\\n.pdf", "a\\\\n.pdf"),
        ("a\u0085b".encode(), "a\\u0085b"),
        (b"a\x7fb", "a\\u007fb"),
    ],
)
def test_odd_bytes_are_shown_readably(raw: bytes, text: str) -> None:
    assert shown(os.fsdecode(raw)) == text
    text.encode()


@given(st.binary(min_size=1, max_size=60))
def test_the_shown_form_turns_back_into_the_same_bytes(raw: bytes) -> None:
    text = shown(os.fsdecode(raw))
    assert os.fsencode(actual(text)) == raw
    text.encode()
    assert "\n" not in text


@given(
    st.text(min_size=1, max_size=300), st.integers(1, 10_000), st.sampled_from(["", ".说明.txt"])
)
def test_a_numbered_name_fits_and_keeps_its_ending(name: str, number: int, suffix: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    result = numbered(name, number, suffix)
    assert len(os.fsencode(result)) <= NAME_BYTES
    assert result.endswith(suffix)


def test_numbers_stand_before_the_extension() -> None:
    assert numbered("申请表.pdf", 1) == "申请表.pdf"
    assert numbered("申请表.pdf", 2) == "申请表 (2).pdf"
    assert numbered("申请表.pdf", 1, ".说明.txt") == "申请表.pdf.说明.txt"
    long = "长" * 83 + ".pdf"
    assert numbered(long, 2) == "长" * 82 + " (2).pdf"
