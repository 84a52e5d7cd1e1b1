"""Giving refused files back: unchanged, with a note, never over something else."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.inbox import Claim, Refused, reject
from yihu.errors import Invariant, NotFound, Retryable

Home = Any  # the fixture's value, see conftest.py
PAGE = b"%PDF-1.7 encrypted"
ZH, EN = "文件已加密，请去除密码后重新投放", "The file is encrypted; remove the password"


def give_back(home: Home, claim: Claim) -> Path:
    when = datetime(2025, 11, 24, 8, 0, tzinfo=UTC)
    return reject(claim, home.rejected, "encrypted", ZH, EN, when=when)


def test_a_refused_file_comes_back_unchanged_with_a_note_in_both_languages(home: Home) -> None:
    claim = home.claim("3-2-501/装修/申请表.pdf", PAGE)
    place = give_back(home, claim)
    assert place == home.rejected / "3-2-501/装修/申请表.pdf"
    assert place.read_bytes() == PAGE
    note = (place.parent / "申请表.pdf.说明.txt").read_bytes().decode("utf-8-sig")
    for word in (ZH, EN, "encrypted", claim.sha256, "3-2-501/装修/申请表.pdf", "2025-11-24 08:00"):
        assert word in note
    assert list(home.claimed.iterdir()) == []


def test_names_that_are_taken_get_a_number(home: Home) -> None:
    places = [give_back(home, home.claim("a.pdf", PAGE + bytes([n]))) for n in range(3)]
    assert [place.name for place in places] == ["a.pdf", "a (2).pdf", "a (3).pdf"]
    assert [place.read_bytes()[-1] for place in places] == [0, 1, 2]
    assert (home.rejected / "a (3).pdf.说明.txt").exists()


def test_doing_it_twice_gives_the_same_place(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    assert give_back(home, claim) == give_back(home, claim)
    assert len(list(home.rejected.iterdir())) == 2


def test_a_crash_after_the_note_is_made_good(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = home.claim("a.pdf", PAGE)

    def crash(name: str) -> None:
        if name == "inbox.reject.before_rename":
            raise RuntimeError(name)

    with monkeypatch.context() as crashing:
        crashing.setattr("yihu.faults.point", crash)
        with pytest.raises(RuntimeError):
            give_back(home, claim)
    assert give_back(home, claim) == home.rejected / "a.pdf"
    assert len(list(home.rejected.iterdir())) == 2


def test_what_was_given_back_and_recorded_is_never_removed_by_doing_it_again(home: Home) -> None:
    claim = home.claim("sub/a.pdf", PAGE)
    place = give_back(home, claim)
    assert give_back(home, replace(claim, place=place)) == place
    assert place.read_bytes() == PAGE


def test_a_place_that_is_not_the_claims_is_never_moved(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    for place in (home.root, home.drop("other.pdf", PAGE)):
        with pytest.raises(Invariant):
            give_back(home, replace(claim, place=place))
    assert (home.inbox / "other.pdf").exists()


def test_staffs_own_file_at_our_place_is_never_taken_for_ours(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = home.claim("a.pdf", PAGE)

    def crash(name: str) -> None:
        if name == "inbox.reject.before_rename":
            raise RuntimeError(name)

    with monkeypatch.context() as crashing:
        crashing.setattr("yihu.faults.point", crash)
        with pytest.raises(RuntimeError):
            give_back(home, claim)
    (home.rejected / "a.pdf").write_bytes(PAGE[::-1])
    assert give_back(home, claim) == home.rejected / "a (2).pdf"
    assert (home.rejected / "a.pdf").read_bytes() == PAGE[::-1]
    assert (home.rejected / "a (2).pdf").read_bytes() == PAGE


def test_a_file_that_is_nowhere_is_said_to_be_gone(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    claim.place.unlink()
    with pytest.raises(NotFound):
        give_back(home, claim)
    assert list(home.rejected.iterdir()) == []


def test_a_file_staff_took_out_again_stays_theirs(home: Home) -> None:
    claim = home.claim("a.pdf", PAGE)
    give_back(home, claim).unlink()
    with pytest.raises(NotFound):
        give_back(home, claim)


@pytest.mark.parametrize(
    "name",
    [b"a" * 255, ("长" * 85).encode(), b"a\xff\nb.pdf", b"." + b"e" * 254, b"x" * 250 + b".pdf"],
)
def test_odd_and_longest_names_come_back_with_their_note(home: Home, name: bytes) -> None:
    first = give_back(home, home.claim(name, PAGE))
    second = give_back(home, home.claim(name, PAGE + b"2"))
    assert os.fsencode(first.name) == name
    assert second != first
    assert second.read_bytes() == PAGE + b"2"
    notes = [path for path in home.rejected.iterdir() if path.name.endswith(".说明.txt")]
    assert len(notes) == 2


def test_a_link_comes_back_as_the_link_it_was(home: Home) -> None:
    outside = home.root / "outside"
    outside.write_bytes(b"outside")
    (home.inbox / "link").symlink_to(outside)
    with pytest.raises(Refused) as refused:
        home.take(home.inbox / "link")
    place = reject(refused.value.claim, home.rejected, "not_a_file", "不是普通文件", "Not a file")
    assert place.readlink() == outside
    assert outside.read_bytes() == b"outside"


def test_a_pipe_comes_back_as_a_pipe(home: Home) -> None:
    os.mkfifo(home.inbox / "pipe")
    with pytest.raises(Refused) as refused:
        home.take(home.inbox / "pipe")
    place = give_back(home, refused.value.claim)
    assert stat.S_ISFIFO(place.lstat().st_mode)


def test_a_linked_folder_below_rejected_is_not_followed(home: Home) -> None:
    outside = home.root / "outside"
    outside.mkdir()
    home.rejected.mkdir()
    (home.rejected / "sub").symlink_to(outside)
    place = give_back(home, home.claim("sub/a.pdf", PAGE))
    assert place == home.rejected / "a.pdf"
    assert list(outside.iterdir()) == []


def test_a_file_in_place_of_the_rejected_folder_is_a_reason_to_wait(home: Home) -> None:
    home.rejected.write_text("in the way")
    claim = home.claim("a.pdf", PAGE)
    with pytest.raises(Retryable):
        give_back(home, claim)
    assert claim.place.read_bytes() == PAGE


def test_new_folders_can_be_used_by_whoever_can_use_the_inbox(home: Home) -> None:
    home.inbox.chmod(0o2775)
    home.rejected.mkdir()
    home.rejected.chmod(0o2775)
    place = give_back(home, home.claim("sub/a.pdf", PAGE))
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o2775


def test_a_note_of_another_claim_is_never_taken_for_ours(home: Home) -> None:
    home.rejected.mkdir()
    (home.rejected / "a.pdf.说明.txt").write_text("somebody's own notes")
    place = give_back(home, home.claim("a.pdf", PAGE))
    assert place.name == "a (2).pdf"
    assert (home.rejected / "a.pdf.说明.txt").read_text() == "somebody's own notes"


def test_a_claim_put_together_from_the_database_can_be_rejected(home: Home) -> None:
    claim = home.claim(b"a\xff.pdf", PAGE)
    again = replace(claim, kind="file")
    assert give_back(home, again).read_bytes() == PAGE
