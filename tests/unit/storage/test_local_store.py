"""What only the local folder promises: its layout, its permissions, its disk's failures."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from storage import FixityResult, LocalStore
from yihu.errors import Retryable

PAGE = b"%PDF-1.7 a page" * 100
KEY = hashlib.sha256(PAGE).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def original(store: LocalStore) -> Path:
    return store.root / "sha256" / KEY[:2] / KEY[2:4] / KEY


def temporary(store: LocalStore) -> list[Path]:
    return list((store.root / "temporary").iterdir())


def test_an_original_is_a_read_only_file_of_its_own(store: LocalStore, tmp_path: Path) -> None:
    source = tmp_path / "scan.pdf"
    source.write_bytes(PAGE)
    assert store.put(source, KEY).key == f"sha256/{KEY[:2]}/{KEY[2:4]}/{KEY}"
    found = original(store).stat()
    assert stat.S_IMODE(found.st_mode) == 0o444
    assert found.st_nlink == 1
    assert found.st_ino != source.stat().st_ino


def test_a_folder_with_other_things_is_never_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    store = LocalStore(tmp_path)
    with pytest.raises(Retryable, match="no store"):
        store.put(io.BytesIO(PAGE), KEY)


def test_a_store_whose_making_was_cut_short_is_finished(tmp_path: Path) -> None:
    (tmp_path / "sha256").mkdir()
    store = LocalStore(tmp_path)
    store.put(io.BytesIO(PAGE), KEY)
    assert LocalStore(tmp_path, create=False).verify(KEY).ok


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.EIO, "reports an error"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "link", "open"])
def test_a_failing_disk_is_a_reason_to_wait_and_leaves_no_litter(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, step: str, code: int, words: str
) -> None:
    def fail(*args: object, **kwargs: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        broken.setattr(os, step, fail)
        with pytest.raises(Retryable, match=words):
            store.put(io.BytesIO(PAGE), KEY)
    assert temporary(store) == []
    assert store.put(io.BytesIO(PAGE), KEY).size == len(PAGE)


def test_a_file_system_without_hard_links_still_stores_once(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", fail)
    store.put(io.BytesIO(PAGE), KEY)
    store.put(io.BytesIO(PAGE), KEY)
    assert store.verify(KEY).ok
    assert temporary(store) == []


def test_a_disk_that_returns_other_bytes_than_written_is_noticed(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LocalStore._publish

    def corrupting(self: LocalStore, temporary: Path, target: Path) -> None:
        temporary.chmod(0o644)
        temporary.write_bytes(PAGE[:-1] + b"?")
        real(self, temporary, target)

    monkeypatch.setattr(LocalStore, "_publish", corrupting)
    with pytest.raises(Retryable, match="altered"):
        store.put(io.BytesIO(PAGE), KEY)


def test_a_missing_source_is_said_in_words(store: LocalStore, tmp_path: Path) -> None:
    with pytest.raises(Retryable, match="not there"):
        store.put(tmp_path / "gone.pdf", KEY)
    assert temporary(store) == []


def test_what_a_killed_put_left_is_swept_and_nothing_else(store: LocalStore) -> None:
    store.put(io.BytesIO(PAGE), KEY)
    (store.root / "temporary" / "4711-dead").write_bytes(b"half")
    assert store.sweep_temporary(older_than=3600) == 0
    assert store.sweep_temporary(older_than=0) == 1
    assert store.verify(KEY).ok


def test_a_symlink_in_place_of_an_original_is_not_followed(
    store: LocalStore, tmp_path: Path
) -> None:
    store.put(io.BytesIO(PAGE), KEY)
    (tmp_path / "elsewhere").write_bytes(PAGE)
    original(store).unlink()
    original(store).symlink_to(tmp_path / "elsewhere")
    assert store.verify(KEY).result is FixityResult.FAILED


def test_a_folder_in_place_of_an_original_fails(store: LocalStore) -> None:
    original(store).mkdir(parents=True)
    assert store.verify(KEY).result is FixityResult.FAILED


def test_a_pipe_in_place_of_an_original_fails_without_waiting(store: LocalStore) -> None:
    original(store).parent.mkdir(parents=True)
    os.mkfifo(original(store))
    assert store.verify(KEY).result is FixityResult.FAILED


def test_an_original_in_the_wrong_folder_is_a_stranger(store: LocalStore) -> None:
    store.put(io.BytesIO(PAGE), KEY)
    wrong = store.root / "sha256" / "00" / "00"
    wrong.mkdir(parents=True)
    (wrong / KEY).write_bytes(PAGE)
    assert list(store.keys()) == [KEY]
    assert list(store.strangers()) == [f"sha256/00/00/{KEY}"]


def test_repair_sets_the_damaged_object_aside(store: LocalStore) -> None:
    store.put(io.BytesIO(PAGE), KEY)
    original(store).chmod(0o644)
    original(store).write_bytes(b"damaged")
    store.repair(io.BytesIO(PAGE), KEY)
    (aside,) = (store.root / "damaged").iterdir()
    assert aside.read_bytes() == b"damaged"
    assert store.verify(KEY).ok
