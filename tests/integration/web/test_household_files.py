"""Papers brought for a household, and a newer one in place of an older: the ordinary journey."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bench.front_office import Paper, csrf, notice, post, put
from bench.office_here import OfficeHere
from catalog import ledger, ticks
from catalog.models import Household, Original
from cli.main import yihu
from worker.home import open_store
from yihu.clock import now

HERE = ("3-1-101", "张伟", "13812345678", "110101199003074514")
THERE = ("3-1-102", "李娜", "13987654321")


def _bring(
    here: OfficeHere, client: httpx.Client, room: str, file: str, data: bytes, kind: str = ""
) -> httpx.Response:
    return client.post(
        f"/households/{here.households[room]}/documents",
        data={"csrf": csrf(client), "type": kind},
        files=[("files", (file, data, "image/jpeg"))],
        headers={"accept": "application/json"},
    )


def test_what_fits_the_household_it_was_brought_for_is_filed_there(here: OfficeHere) -> None:
    client = here.client("custodian")
    page = client.get(f"/households/{here.households['3-1-101']}?add=reno.application").text
    assert 'value="reno.application" selected' in page
    answer = _bring(
        here, client, "3-1-101", "扫描0001.jpg", here.scan(notice(*HERE), "fits"), "装修申请表"
    )
    (number,) = answer.json()["documents"]
    assert here.document(number).arrival.path == "3-1-101/装修申请书/扫描0001.jpg"
    found = here.settled(number, "filed")
    assert (found.household_id, found.type) == (here.households["3-1-101"], "reno.application")
    with here.database.read() as session:
        events = ledger.events_of(session, f"document:{number}", limit=20)
        told = next(json.loads(e.data) for e in events if e.action == "received")
    assert told["household"] == here.households["3-1-101"]
    assert told["type"] == "reno.application"


@pytest.mark.parametrize(
    ("file", "mark", "room", "kind"),
    [
        ("扫描.jpg", "other room", "3-1-101", ""),
        ("3-1-102.jpg", "named for the other room", "3-1-101", ""),
        ("表.jpg", "other type", "3-1-102", "reno.permit"),
    ],
)
def test_what_speaks_for_another_household_or_type_waits_for_a_person(
    here: OfficeHere, file: str, mark: str, room: str, kind: str
) -> None:
    """The papers are of 3-1-102, an application; a person said otherwise."""
    data = here.scan(notice(*THERE), mark)
    answer = _bring(here, here.client("clerk3"), room, file, data, kind)
    (number,) = answer.json()["documents"]
    found = here.settled(number, "review")
    assert "stated_differs" in found.reasons
    with here.database.read() as session:
        assert ticks.live_holding(session, number) is None


def test_what_says_nothing_is_suggested_as_it_was_brought(here: OfficeHere) -> None:
    answer = _bring(
        here, here.client("custodian"), "3-2-501", "照片.jpg", here.scan(("....",), "mute"),
        "reno.permit",
    )  # fmt: skip
    (number,) = answer.json()["documents"]
    found = here.settled(number, "review")
    assert (found.household_id, found.type) == (here.households["3-2-501"], "reno.permit")


def test_who_may_not_bring_or_not_see_the_household_brings_nothing(here: OfficeHere) -> None:
    for name, status in (
        ("auditor", 403), ("manager", 403), ("cs_staff", 403), ("staff", 403),
        ("scanner", 404), ("clerk5", 404),
    ):  # fmt: skip
        client = here.client(name)
        answer = _bring(here, client, "3-1-101", "x.jpg", here.scan(("x",), name))
        assert answer.status_code == status, name
        if name in ("auditor", "manager"):
            page = client.get(f"/households/{here.households['3-1-101']}").text
            assert 'id="bring"' not in page
    client = here.client("custodian")
    assert _bring(here, client, "3-1-101", "x.jpg", b"x", "没有这种").status_code == 303
    with here.database.write() as session:
        session.get_one(Household, here.households["10-1-301"]).closed_at = now()
    answer = client.post(
        f"/households/{here.households['10-1-301']}/documents",
        data={"csrf": csrf(client)},
        files=[("files", ("x.jpg", b"x", "image/jpeg"))],
    )
    assert "problem=" in answer.headers["location"]


def test_scans_may_be_large_but_only_of_whoever_is_signed_in(here: OfficeHere) -> None:
    home, large = here.households["3-2-501"], b"x" * (1024 * 1024 + 1)
    answer = _bring(here, here.client("custodian"), "3-2-501", "大.bin", large)
    assert answer.status_code == 200
    file = {"files": ("x.jpg", large, "image/jpeg")}
    for path in (f"/households/{home}/documents", f"/api/v1/households/{home}/documents"):
        assert here.client().post(path, files=file).status_code == 401


# --- a newer one in place of an older ---------------------------------------------------------


def _two(here: OfficeHere, mark: str) -> tuple[int, int]:
    """An older and a newer document of one item."""
    store = open_store(here.settings, here.database)
    lines = (notice("5-1-101", "陈静", "13655556666"),)
    papers = (Paper(f"{mark}{n}.jpg", "5-1-101", "lease.contract", lines) for n in (1, 2))
    older, newer = (put(here, store, paper) for paper in papers)
    return older, newer


def test_a_newer_document_takes_the_place_of_an_older_one(here: OfficeHere) -> None:
    older, newer = _two(here, "租约甲")
    client = here.client("custodian")
    page = client.get(f"/documents/{older}").text
    assert f'<option value="{newer}">' in page
    assert "problem=" in post(client, f"/documents/{older}/replace", by=newer).headers["location"]
    answer = post(client, f"/documents/{older}/replace", by=newer, reason="续签了新合同")
    assert answer.headers["location"] == f"/documents/{newer}"
    found = here.document(older)
    assert (found.state, found.reasons) == ("rejected", ["replaced"])
    with here.database.read() as session:
        assert ticks.live_holding(session, older) is None
        assert ticks.live_holding(session, newer) is not None
        told = next(
            json.loads(e.data)
            for e in ledger.events_of(session, f"document:{older}", limit=5)
            if e.action == "replaced"
        )
        original = session.scalar(select(Original).where(Original.sha256 == found.sha256))
    assert told["by"] == newer
    assert "续签" not in json.dumps(told, ensure_ascii=False)
    assert original is not None
    assert original.stored_at is not None
    assert here.services.store.stat(original.sha256) is not None
    assert f"/inbox/{older}/restore" in client.get("/inbox?state=rejected").text


def test_replacing_can_be_undone_and_restored(here: OfficeHere) -> None:
    older, newer = _two(here, "租约乙")
    client = here.client("custodian")
    post(client, f"/documents/{older}/replace", by=newer, reason="换新")
    post(client, f"/review/desk/{older}/undo")
    here.settled(older, "filed", 120)
    with here.database.read() as session:
        assert ticks.live_holding(session, older) is not None
    post(client, f"/documents/{older}/replace", by=newer, reason="换新")
    post(client, f"/inbox/{older}/restore")
    assert here.document(older).state == "review"


def test_only_the_same_item_of_the_same_household_replaces(here: OfficeHere) -> None:
    older, newer = _two(here, "租约丙")
    client = here.client("custodian")
    others = ("五栋.jpg", "电话13812345678.jpg", "待定三.jpg")
    for other in (older, *(here.ids[file] for file in others)):
        told = post(client, f"/documents/{older}/replace", by=other, reason="换新")
        assert "problem=" in told.headers["location"]
    assert post(client, f"/documents/{older}/replace", by=10**6, reason="换新").status_code == 404
    for name, status in (("auditor", 403), ("clerk3", 404), ("manager", 403), ("clerk5", 404)):
        answer = post(here.client(name), f"/documents/{older}/replace", by=newer, reason="换新")
        assert answer.status_code in (status, 403), name
    assert here.document(older).state == "filed"


# --- the same by command ------------------------------------------------------------------------


def _yihu(here: OfficeHere, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[dict[str, Any]]:
    """What a command prints, with the journey walked in this process."""

    def settle(left: Callable[[], int], *_: object, **__: object) -> bool:
        while left():
            here.turn()
        return True

    monkeypatch.setattr("worker.supervisor.served", lambda *_: nullcontext())
    monkeypatch.setattr("cli.ingest.wait_settled", settle)
    monkeypatch.setattr("cli.review.wait_settled", settle)
    home = str(here.settings.home)
    done = CliRunner().invoke(yihu, [*words, "--home", home, "--json"], standalone_mode=False)
    if done.exception:
        raise done.exception
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_command_brings_papers_for_a_household_and_replaces(
    here: OfficeHere, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paper = tmp_path / "命令.jpg"
    paper.write_bytes(here.scan(notice(*THERE), "by command"))
    said = ("--household", "3栋1单元101", "--type", "reno.application")
    (line,) = _yihu(here, monkeypatch, "ingest", str(paper), *said)
    assert line["state"] == "review"
    assert "stated_differs" in line["reasons"]
    assert line["file"] == "3-1-101/装修申请书/命令.jpg"
    with pytest.raises(click.UsageError):
        _yihu(here, monkeypatch, "ingest", str(paper), "--type", "reno.application")
    older, newer = _two(here, "租约丁")
    words = ("review", "replace", str(older), "--by", str(newer), "--reason", "续签")
    (line,) = _yihu(here, monkeypatch, *words)
    assert (line["state"], line["reasons"]) == ("rejected", ["replaced"])
