"""What every object store promises, run against each implementation."""

from __future__ import annotations

import hashlib
import io
import threading
from pathlib import Path
from typing import Any

import pytest

from storage import Damaged, FixityResult, Stored
from yihu.errors import Invariant, NotFound, Retryable

PAGE = "一户一档 3-2-501".encode() * 1000
Bench = Any  # the fixture's value, see conftest.py


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(bench: Bench, data: bytes = PAGE) -> str:
    bench.store.put(io.BytesIO(data), sha(data))
    return sha(data)


def test_what_is_put_comes_back_byte_for_byte(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "装修申请表 扫描.pdf"
    source.write_bytes(PAGE)
    stored = bench.store.put(source, sha(PAGE))
    assert stored.size == len(PAGE)
    with bench.store.open(sha(PAGE)) as stream:
        assert stream.read() == PAGE
    assert source.read_bytes() == PAGE


def test_a_stream_is_kept_from_where_it_stands(bench: Bench) -> None:
    stream = io.BytesIO(b"skipped" + PAGE)
    stream.seek(7)
    bench.store.put(stream, sha(PAGE))
    assert bench.store.verify(sha(PAGE)).ok


def test_a_file_larger_than_any_buffer_is_kept_whole(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "large.tif"
    block = bytes(range(256)) * 4096
    digest = hashlib.sha256()
    with source.open("wb") as target:
        for number in range(24):
            target.write(block[number:])
            digest.update(block[number:])
    stored = bench.store.put(source, digest.hexdigest())
    assert stored.size == source.stat().st_size
    assert bench.store.verify(digest.hexdigest()).ok


def test_an_empty_original_is_an_original(bench: Bench) -> None:
    key = put(bench, b"")
    stat = bench.store.stat(key)
    assert stat is not None
    assert stat.size == 0
    assert bench.store.verify(key).ok


def test_putting_the_same_bytes_again_changes_nothing(bench: Bench) -> None:
    first = bench.store.put(io.BytesIO(PAGE), sha(PAGE))
    before = bench.store.stat(sha(PAGE))
    assert bench.store.put(io.BytesIO(PAGE), sha(PAGE)) == first
    assert bench.store.stat(sha(PAGE)) == before
    assert list(bench.store.keys()) == [sha(PAGE)]


def test_bytes_with_another_hash_than_promised_are_refused(bench: Bench) -> None:
    with pytest.raises(Retryable, match="changed while it was copied"):
        bench.store.put(io.BytesIO(PAGE + b"more"), sha(PAGE))
    assert bench.store.stat(sha(PAGE)) is None
    assert list(bench.store.keys()) == []
    assert bench.leftovers() == 0


def test_twenty_puts_of_the_same_bytes_at_once_store_one_object(bench: Bench) -> None:
    results: list[Stored] = []
    errors: list[Exception] = []
    start = threading.Barrier(20)

    def race() -> None:
        start.wait()
        try:
            results.append(bench.store.put(io.BytesIO(PAGE), sha(PAGE)))
        except Exception as error:  # noqa: BLE001 - a thread must hand its failure to the test
            errors.append(error)

    racers = [threading.Thread(target=race) for _ in range(20)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert errors == []
    assert len(results) == 20
    assert list(bench.store.keys()) == [sha(PAGE)]
    assert bench.leftovers() == 0


def test_what_is_not_there_is_said_so(bench: Bench) -> None:
    absent = sha(b"absent")
    assert bench.store.stat(absent) is None
    assert bench.store.verify(absent).result is FixityResult.MISSING
    with pytest.raises(NotFound):
        bench.store.open(absent)
    with pytest.raises(NotFound), bench.store.local_path(absent):
        pass


def test_a_flipped_bit_is_found(bench: Bench) -> None:
    key = put(bench)
    bench.damage(key)
    fixity = bench.store.verify(key)
    assert fixity.result is FixityResult.FAILED
    assert key in fixity.message


def test_good_bytes_never_silently_replace_a_damaged_object(bench: Bench) -> None:
    key = put(bench)
    bench.damage(key)
    with pytest.raises(Damaged, match="altered"):
        bench.store.put(io.BytesIO(PAGE), key)
    assert bench.store.verify(key).result is FixityResult.FAILED


def test_repair_puts_good_bytes_in_place_of_damaged_ones(bench: Bench) -> None:
    key = put(bench)
    bench.damage(key)
    bench.store.repair(io.BytesIO(PAGE), key)
    assert bench.store.verify(key).ok


def test_repair_with_wrong_bytes_leaves_things_as_they_were(bench: Bench) -> None:
    key = put(bench)
    bench.damage(key)
    with pytest.raises(Retryable):
        bench.store.repair(io.BytesIO(b"something else"), key)
    assert bench.store.verify(key).result is FixityResult.FAILED
    assert bench.leftovers() == 0


def test_repair_of_a_missing_object_puts_it_back(bench: Bench) -> None:
    key = put(bench)
    bench.remove(key)
    assert bench.store.verify(key).result is FixityResult.MISSING
    bench.store.repair(io.BytesIO(PAGE), key)
    assert bench.store.verify(key).ok


def test_a_store_that_cannot_be_reached_never_says_missing(bench: Bench) -> None:
    key = put(bench)
    bench.make_unreachable()
    assert bench.store.verify(key).result is FixityResult.COULD_NOT_CHECK
    with pytest.raises(Retryable):
        bench.store.stat(key)
    try:
        with bench.store.open(key) as stream:  # a local copy may still be there
            assert stream.read() == PAGE
    except Retryable:
        pass
    with pytest.raises(Retryable):
        bench.store.put(io.BytesIO(PAGE), key)
    with pytest.raises(Retryable):
        list(bench.store.keys())


def test_an_original_can_be_read_as_a_file(bench: Bench) -> None:
    key = put(bench)
    with bench.store.local_path(key) as path:
        assert path.read_bytes() == PAGE


def test_keys_come_in_order_and_can_be_resumed(bench: Bench) -> None:
    keys = sorted(put(bench, str(number).encode()) for number in range(40))
    assert list(bench.store.keys()) == keys
    assert list(bench.store.keys(after=keys[17])) == keys[18:]


def test_strangers_among_the_originals_are_named(bench: Bench) -> None:
    put(bench)
    assert list(bench.store.strangers()) == []
    bench.add_stranger()
    assert len(list(bench.store.strangers())) == 1
    assert list(bench.store.keys()) == [sha(PAGE)]


def test_a_derivative_can_be_replaced(bench: Bench, tmp_path: Path) -> None:
    name = f"pages/{sha(PAGE)}/1.jpg"
    bench.store.put_derivative(name, b"first")
    bench.store.put_derivative(name, io.BytesIO(b"second"))
    with bench.store.open_derivative(name) as stream:
        assert stream.read() == b"second"
    source = tmp_path / "third"
    source.write_bytes(b"third")
    bench.store.put_derivative(name, source)
    with bench.store.open_derivative(name) as stream:
        assert stream.read() == b"third"
    assert list(bench.store.keys()) == []
    assert bench.leftovers() == 0


def test_a_derivative_that_is_not_there_is_said_so(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.store.open_derivative("pages/none/1.jpg")


@pytest.mark.parametrize("name", ["", "../x", "a/../b", "/etc/passwd", "a//b", ".hidden", "页"])
def test_a_derivative_cannot_be_named_out_of_its_prefix(bench: Bench, name: str) -> None:
    with pytest.raises(Invariant):
        bench.store.put_derivative(name, b"")


@pytest.mark.parametrize("name", ["", "abc", "A" * 64, "../" + "a" * 61])
def test_what_is_no_hash_is_our_bug(bench: Bench, name: str) -> None:
    with pytest.raises(Invariant):
        bench.store.stat(name)


def test_a_record_can_be_replaced_and_is_found_by_its_folder(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.store.open_record("originals/ab/x.json")
    assert list(bench.store.records("originals")) == []
    bench.store.put_record("originals/ab/x.json", b"first")
    bench.store.put_record("originals/ab/x.json", b"second")
    bench.store.put_record("households/ab/y.json", b"other")
    with bench.store.open_record("originals/ab/x.json") as stream:
        assert stream.read() == b"second"
    assert list(bench.store.records("originals")) == ["originals/ab/x.json"]
    assert list(bench.store.keys()) == list(bench.store.strangers()) == []
