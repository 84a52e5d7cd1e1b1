"""Taking files: one winner, true hash, odd names, things that are no files."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from ingest.inbox import Claim, Refused, actual, copy_in, find, shown, take
from ingest.inbox import claim as claim_module
from ingest.inbox.claim import moment_of, new_token
from ingest.inbox.moves import hash_of_open
from yihu.errors import Invariant, NotFound, Retryable, Usage

PAGE = b"%PDF-1.7 page %%EOF"
Home = Any  # the fixture's value, see conftest.py


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_taken_file_has_left_the_inbox_with_its_path_and_hash(home: Home) -> None:
    path = home.drop("3-2-501/装修/申请表 1.pdf", PAGE)
    claim = home.take(path)
    assert claim == Claim(
        token=claim.token,
        path="3-2-501/装修/申请表 1.pdf",
        place=home.claimed / claim.token / "3-2-501/装修/申请表 1.pdf",
        sha256=sha(PAGE),
        size=len(PAGE),
        kind="file",
    )
    assert claim.place.read_bytes() == PAGE
    assert home.left_in_inbox() == []


def test_folders_staff_made_stay_when_they_are_empty(home: Home) -> None:
    home.claim("3-2-501/装修/a.pdf")
    assert (home.inbox / "3-2-501" / "装修").is_dir()


def test_tokens_are_unique_and_sort_by_time() -> None:
    tokens = [new_token() for _ in range(2000)]
    assert len(set(tokens)) == 2000
    assert [moment_of(token) for token in tokens] == sorted(map(moment_of, tokens))
    assert all(len(token) <= 40 for token in tokens)


def test_a_file_that_is_gone_is_nobodys(home: Home) -> None:
    assert home.take(home.inbox / "gone.pdf") is None
    assert home.take(home.inbox / "no" / "folder" / "gone.pdf") is None
    assert list(home.claimed.glob("2*")) == []


def test_a_folder_is_not_taken(home: Home) -> None:
    (home.inbox / "scan.pdf").mkdir()
    assert home.take(home.inbox / "scan.pdf") is None
    assert (home.inbox / "scan.pdf").is_dir()


def test_of_many_takers_exactly_one_wins(home: Home) -> None:
    for round_number in range(20):
        path = home.drop(f"{round_number}.pdf", PAGE)
        start = threading.Barrier(8)
        claims: list[Claim | None] = []

        def race(path: Path, start: threading.Barrier, claims: list[Claim | None]) -> None:
            start.wait()
            claims.append(home.take(path))

        racers = [threading.Thread(target=race, args=(path, start, claims)) for _ in range(8)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert len(claims) == 8
        assert sum(claim is not None for claim in claims) == 1
    assert len(list(home.claimed.iterdir())) == 20


@pytest.mark.parametrize(
    "name",
    [
        b"scan\xff\xfe.pdf",
        "装修".encode("gbk") + b".jpg",
        b"two\nlines.pdf",
        "\u202efdp.exe".encode(),
        b"-rf",
        b"--help.pdf",
        b" leading and trailing ",
        b"a" * 255,
        ("长" * 85).encode(),
        b"back\\slash.pdf",
        b"\x01\x02.pdf",
        b"%00$(id)`id`;'\".pdf",
    ],
)
def test_odd_names_keep_their_bytes(home: Home, name: bytes) -> None:
    claim = home.claim(b"sub/" + name, PAGE)
    assert os.fsencode(claim.place.name) == name
    assert os.fsencode(actual(claim.path)) == b"sub/" + name
    claim.path.encode()
    assert claim.place.read_bytes() == PAGE


def test_an_open_writer_gets_its_file_back(home: Home) -> None:
    path = home.drop("slow.pdf", PAGE)
    with path.open("ab") as writer:
        assert home.take(path) is None
        assert home.left_in_inbox() == ["slow.pdf"]
        writer.write(b"more")
    claim = home.take(path)
    assert claim is not None
    assert claim.sha256 == sha(PAGE + b"more")


def test_a_file_given_back_never_replaces_a_newer_one(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.drop("slow.pdf", PAGE)
    real = claim_module._examined

    def and_meanwhile(*args: Any, **kwargs: Any) -> Claim | None:
        path.write_bytes(b"newer")
        return real(*args, **kwargs)

    monkeypatch.setattr(claim_module, "_examined", and_meanwhile)
    with path.open("ab"):
        assert home.take(path) is None
    assert path.read_bytes() == b"newer"
    assert (home.inbox / "slow (2).pdf").read_bytes() == PAGE


def test_a_file_rewritten_while_it_is_hashed_is_given_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.drop("scan.pdf", PAGE)
    link = home.root / "other name"
    os.link(path, link)
    real = hash_of_open

    def and_meanwhile(descriptor: int) -> tuple[str, int]:
        result = real(descriptor)
        link.write_bytes(b"other bytes")
        return result

    with monkeypatch.context() as changing:
        changing.setattr(claim_module, "hash_of_open", and_meanwhile)
        assert home.take(path) is None
    assert home.left_in_inbox() == ["scan.pdf"]
    claim = home.take(path)
    assert claim is not None
    assert claim.sha256 == sha(b"other bytes")


def test_hard_links_are_taken_one_by_one(home: Home) -> None:
    first = home.drop("a.pdf", PAGE)
    os.link(first, home.inbox / "b.pdf")
    one, two = home.take(first), home.take(home.inbox / "b.pdf")
    assert one is not None
    assert two is not None
    assert one.sha256 == two.sha256 == sha(PAGE)
    assert one.token != two.token


def test_an_empty_file_is_refused_and_kept(home: Home) -> None:
    with pytest.raises(Refused) as refused:
        home.take(home.drop("empty.pdf", b""))
    assert refused.value.reason == "empty_file"
    assert refused.value.claim.on_disk


def test_a_file_over_the_limit_is_refused_unread(home: Home) -> None:
    path = home.drop("huge.tif", b"")
    os.truncate(path, 10**12)
    with pytest.raises(Refused) as refused:
        take(path, home.inbox, home.claimed, max_bytes=10**9)
    assert refused.value.reason == "too_large"
    assert refused.value.claim.size == 10**12
    assert refused.value.claim.sha256 == ""


def test_a_refusal_survives_the_way_between_processes(home: Home) -> None:
    with pytest.raises(Refused) as refused:
        home.take(home.drop("empty.pdf", b""))
    copy = pickle.loads(pickle.dumps(refused.value))
    assert (copy.reason, copy.claim, str(copy)) == (
        refused.value.reason,
        refused.value.claim,
        str(refused.value),
    )


def test_a_link_is_refused_itself_and_never_its_target(home: Home) -> None:
    outside = home.root / "secret"
    outside.write_bytes(b"secret")
    link = home.inbox / "link.pdf"
    link.symlink_to(outside)
    with pytest.raises(Refused) as refused:
        home.take(link)
    claim = refused.value.claim
    assert (claim.reason, claim.kind, claim.sha256) == ("not_a_file", "symlink", "")
    assert claim.place.readlink() == outside
    assert outside.read_bytes() == b"secret"


def test_a_linked_folder_never_leads_out_of_the_inbox(home: Home) -> None:
    outside = home.root / "outside"
    outside.mkdir()
    (outside / "a.pdf").write_bytes(PAGE)
    (home.inbox / "linked").symlink_to(outside)
    assert home.take(home.inbox / "linked" / "a.pdf") is None
    assert (outside / "a.pdf").read_bytes() == PAGE
    with pytest.raises(Refused):
        home.take(home.inbox / "linked")
    assert (outside / "a.pdf").read_bytes() == PAGE


def test_pipes_and_sockets_are_refused_without_waiting(home: Home) -> None:
    os.mkfifo(home.inbox / "pipe.pdf")
    with pytest.raises(Refused) as refused:
        home.take(home.inbox / "pipe.pdf")
    assert (refused.value.reason, refused.value.claim.kind) == ("not_a_file", "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(home.inbox / "s"))
        with pytest.raises(Refused) as refused:
            home.take(home.inbox / "s")
    assert refused.value.claim.kind == "socket"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes device files")
def test_a_device_is_refused_unread(home: Home) -> None:
    os.mknod(home.inbox / "zero.pdf", 0o20666, os.makedev(1, 5))
    with pytest.raises(Refused) as refused:
        home.take(home.inbox / "zero.pdf")
    assert (refused.value.reason, refused.value.claim.kind) == ("not_a_file", "device")


@pytest.mark.parametrize("path", ["_rejected/a.pdf", "../a.pdf", ".yihu-taking/a.pdf", "."])
def test_what_is_not_below_the_inbox_is_our_bug(home: Home, path: str) -> None:
    with pytest.raises(Invariant):
        home.take(home.inbox / path)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("step", ["rename", "fsync", "read"])
def test_a_failing_disk_leaves_the_file_where_staff_put_it(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    path = home.drop("sub/a.pdf", PAGE)
    failing = True

    def fail(*args: Any, **kwargs: Any) -> Any:
        nonlocal failing
        if failing:
            failing = False
            raise OSError(code, os.strerror(code))
        return real(*args, **kwargs)

    real = getattr(os, step)
    with monkeypatch.context() as broken:
        broken.setattr(os, step, fail)
        with pytest.raises(Retryable):
            home.take(path)
    assert home.left_in_inbox() == ["sub/a.pdf"]
    claim = home.take(path)
    assert claim is not None
    assert claim.sha256 == sha(PAGE)


def test_a_claim_is_found_again_by_its_token(home: Home) -> None:
    claim = home.claim(b"sub/a\xff.pdf", PAGE)
    found = find(home.claimed, claim.token)
    assert found is not None
    assert (found.path, found.place, found.size) == (claim.path, claim.place, claim.size)
    assert find(home.claimed, new_token()) is None
    assert find(home.claimed, "no token") is None


# --- copying in -------------------------------------------------------------------------------


def test_copying_in_leaves_the_source_alone(home: Home) -> None:
    source = home.root / "desk" / os.fsdecode(b"a\xff.pdf")
    source.parent.mkdir()
    source.write_bytes(PAGE)
    before = source.stat()
    claim = copy_in(source, home.claimed, f"3-2-501/{source.name}")
    assert claim.place.read_bytes() == PAGE
    assert claim.sha256 == sha(PAGE)
    assert claim.path == f"3-2-501/{shown(source.name)}"
    after = source.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (
        before.st_ino,
        before.st_mtime_ns,
        1,
    )
    assert claim.place.stat().st_ino != before.st_ino


def test_what_is_no_file_is_not_copied_in(home: Home) -> None:
    link = home.root / "link"
    link.symlink_to("/etc/passwd")
    os.mkfifo(home.root / "pipe")
    for source in (link, home.root / "pipe"):
        with pytest.raises(Refused) as refused:
            copy_in(source, home.claimed, source.name)
        assert refused.value.reason == "not_a_file"
        assert not refused.value.claim.on_disk


def test_an_empty_file_is_copied_in_and_refused(home: Home) -> None:
    (home.root / "empty").touch()
    with pytest.raises(Refused) as refused:
        copy_in(home.root / "empty", home.claimed, "empty")
    assert refused.value.reason == "empty_file"
    assert refused.value.claim.on_disk


def test_a_folder_or_nothing_is_not_copied_in(home: Home) -> None:
    with pytest.raises(Usage):
        copy_in(home.root, home.claimed, "x")
    with pytest.raises(NotFound):
        copy_in(home.root / "gone", home.claimed, "x")
    with pytest.raises(Invariant):
        copy_in(home.root / "gone", home.claimed, "../x")


def test_a_source_that_keeps_changing_is_said_to_change(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = home.root / "growing"
    source.write_bytes(PAGE)

    def grow(name: str) -> None:
        if name == "inbox.copy.before_fsync":
            with source.open("ab") as stream:
                stream.write(b"more")

    monkeypatch.setattr("yihu.faults.point", grow)
    with pytest.raises(Retryable, match="changed while"):
        copy_in(source, home.claimed, "growing")
    assert [path for path in home.claimed.rglob("*") if path.is_file()] == []


def test_a_full_disk_leaves_no_half_copy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    source = home.root / "a.pdf"
    source.write_bytes(PAGE)

    def full(name: str) -> None:
        if name == "inbox.copy.before_fsync":
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("yihu.faults.point", full)
    with pytest.raises(Retryable, match="disk is full"):
        copy_in(source, home.claimed, "a.pdf")
    assert [path for path in home.claimed.rglob("*") if path.is_file()] == []
