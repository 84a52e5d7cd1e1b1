"""The spool keeps taken files for a while; recovery finds what a crash left."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.inbox import (
    Refused,
    find,
    moment_of,
    recover,
    reject,
    sweep_spool,
    sweep_staging,
    to_spool,
)
from ingest.inbox.claim import new_token
from yihu.errors import NotFound, Retryable

Home = Any  # the fixture's value, see conftest.py
PAGE = b"%PDF-1.7 page"


def test_a_spooled_file_lies_under_its_day_and_token(home: Home) -> None:
    claim = home.claim("3-2-501/a.pdf", PAGE)
    place = to_spool(claim, home.spool)
    day = moment_of(claim.token).strftime("%Y-%m-%d")
    assert place == home.spool / day / claim.token / "3-2-501" / "a.pdf"
    assert place.read_bytes() == PAGE
    assert list(home.claimed.iterdir()) == []
    found = find(home.spool, claim.token)
    assert found is not None
    assert found.place == place


def test_spooling_twice_gives_the_same_place(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    assert to_spool(claim, home.spool) == to_spool(claim, home.spool)


def test_what_was_given_back_to_staff_stays_with_them(home: Home) -> None:
    claim = home.claim("sub/a.pdf", PAGE)
    place = reject(claim, home.rejected, "broken", "坏", "broken")
    assert to_spool(replace(claim, place=place), home.spool) == place
    assert place.read_bytes() == PAGE


def test_spooling_what_is_gone_says_so(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    claim.place.unlink()
    with pytest.raises(NotFound):
        to_spool(claim, home.spool)


def test_the_spool_is_swept_only_where_it_may_be(home: Home) -> None:
    kept, gone = home.claim("kept.pdf", PAGE), home.claim("gone.pdf", PAGE)
    for claim in (kept, gone):
        to_spool(claim, home.spool)
    assert sweep_spool(home.spool, 3600, lambda token: True) == 0
    assert sweep_spool(home.spool, 0, lambda token: token == gone.token) == 1
    assert find(home.spool, gone.token) is None
    assert find(home.spool, kept.token) is not None
    assert sweep_spool(home.spool, 0, lambda token: True) == 1
    assert list(home.spool.iterdir()) == []


def test_claims_without_a_record_are_found_with_their_path_and_hash(home: Home) -> None:
    claims = [home.claim(name, PAGE + name) for name in (b"a/b/1.pdf", b"2\xff.pdf", b"\n3")]
    assert list(recover(home.claimed)) == claims
    known = claims[1].token
    found = list(recover(home.claimed, known=lambda token: token == known))
    assert found == [claims[0], claims[2]]
    assert list(recover(home.claimed, older_than=3600)) == []


def test_refused_things_without_a_record_are_found_with_their_reason(home: Home) -> None:
    (home.inbox / "link").symlink_to("/etc/passwd")
    for path in (home.inbox / "link", home.drop("empty", b"")):
        with pytest.raises(Refused):
            home.take(path)
    assert [claim.reason for claim in recover(home.claimed)] == ["not_a_file", "empty_file"]


def test_empty_remains_are_cleared_away_when_they_are_old(home: Home) -> None:
    fresh, old = home.claimed / new_token() / "sub", home.claimed / new_token() / "sub"
    for folder in (fresh, old):
        folder.mkdir(parents=True)
    os.utime(old.parent, (0, 0))
    assert list(recover(home.claimed)) == []
    assert fresh.exists()
    assert not old.parent.exists()


def test_half_made_copies_are_no_claims_and_are_swept(home: Home) -> None:
    half = home.claimed / ".staging" / new_token() / "a.pdf"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert list(recover(home.claimed)) == []
    assert sweep_staging(home.claimed, 3600) == 0
    assert sweep_staging(home.claimed, 0) == 1
    assert not half.exists()


def test_one_claim_that_cannot_be_read_hides_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = home.claim("bad.pdf", PAGE), home.claim("good.pdf", PAGE)
    real = os.open

    def failing(path: Any, *args: Any, **kwargs: Any) -> int:
        if path == bad.place:
            raise OSError(5, "input/output error")
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", failing)
    assert list(recover(home.claimed)) == [good]


# --- inbox on another file system -------------------------------------------------------------


@pytest.fixture
def far(home: Home) -> Iterator[Home]:
    """A home whose claimed files lie on another file system than its inbox."""
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == home.root.stat().st_dev:
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        home.claimed.symlink_to(folder)
        yield home


def test_a_file_is_brought_over_whole(far: Home) -> None:
    claim = far.claim("3-2-501/a.pdf", PAGE)
    assert claim.sha256 == hashlib.sha256(PAGE).hexdigest()
    assert claim.place.read_bytes() == PAGE
    assert claim.place.stat().st_dev != far.inbox.stat().st_dev
    assert far.left_in_inbox() == []
    assert list(recover(far.claimed, far.inbox)) == [claim]


def test_a_refused_file_goes_back_over(far: Home) -> None:
    claim = far.claim("sub/a.pdf", PAGE)
    place = reject(claim, far.rejected, "broken", "坏", "broken")
    assert place.read_bytes() == PAGE
    assert not claim.on_disk
    assert reject(claim, far.rejected, "broken", "坏", "broken") == place
    assert far.left_in_inbox() == ["_rejected/sub/a.pdf", "_rejected/sub/a.pdf.说明.txt"]


def test_a_link_on_another_file_system_comes_back_too(far: Home) -> None:
    (far.inbox / "link").symlink_to("/etc/passwd")
    with pytest.raises(Refused) as refused:
        far.take(far.inbox / "link")
    place = reject(refused.value.claim, far.rejected, "not_a_file", "否", "no")
    assert place.readlink() == Path("/etc/passwd")


@pytest.mark.parametrize(
    "point",
    [
        "inbox.claim.after_rename",
        "inbox.copy.before_rename",
        "inbox.copy.after_rename",
        "inbox.claim.before_unlink",
    ],
)
def test_a_crash_between_two_file_systems_loses_nothing(
    far: Home, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    path = far.drop("sub/a.pdf", PAGE)

    def crash(name: str) -> None:
        if name == point:
            raise RuntimeError(name)

    with monkeypatch.context() as crashing:
        crashing.setattr("yihu.faults.point", crash)
        with pytest.raises(RuntimeError):
            far.take(path)
    found = list(recover(far.claimed, far.inbox))
    again = [far.take(path)] if path.exists() else []
    claims = [claim for claim in found + again if claim is not None]
    assert [claim.sha256 for claim in claims] == [hashlib.sha256(PAGE).hexdigest()]
    assert far.left_in_inbox() == []


def test_spooling_to_another_file_system_is_refused_in_words(far: Home) -> None:
    claim = far.claim("a.pdf", PAGE)
    with pytest.raises(Retryable):
        to_spool(claim, far.spool)
    assert claim.on_disk
