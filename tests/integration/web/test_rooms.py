"""What the rooms show: search page after page, one batch, the printed catalogue, small pictures."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import quote

import pytest
from PIL import Image

from bench.front_office import Paper, post, put
from bench.office_here import OfficeHere
from catalog import documents, search
from catalog.models import Document
from worker.home import open_store
from yihu.clock import now

WORD = "滤网检修"
BATCH = 62  # more than a page of the inbox and of search


@pytest.fixture(scope="module")
def batch(here: OfficeHere) -> list[int]:
    """One scan cut into many documents of building 3 that wait for review."""
    with here.database.write() as session:
        first = session.get_one(Document, here.ids["多页.pdf"])
        arrival, made = first.arrival_id, []
        for number in range(10, 10 + BATCH):
            part = documents.add_sibling(session, first, number, number)
            part.state, part.stage, part.due_at = "review", "", None
            part.household_id = here.households["3-1-101"]
            part.type, part.category = "reno.permit", "reno"
            search.index_document(session, part.id, f"{WORD} {number}")
            made.append(part.id)
    return [arrival, *made]


def _hits(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<a href="/documents/(\d+)\?q=', page)]


# --- search -------------------------------------------------------------------------------------


def test_a_hit_on_page_five_opens_there_and_keeps_its_mark(here: OfficeHere) -> None:
    pages = (*((f"第{n}页", "无关") for n in range(1, 5)), ("第5页", "玻璃胶样品清单"))
    store = open_store(here.settings, here.database)
    number = put(here, store, Paper("五页.pdf", "3-1-101", "reno.permit", pages))
    client = here.client("custodian")
    assert _hits(client.get("/search?q=玻璃胶样品").text) == [number]
    page = client.get(f"/documents/{number}?q=玻璃胶样品").text
    assert f"/documents/{number}/pages/5.jpg" in page
    assert page.count('<rect class="hit"') == 1
    assert f'href="?at=4&amp;q={quote("玻璃胶样品")}"' in page
    other = client.get(f"/documents/{number}?q=玻璃胶样品&at=4").text
    assert f"/documents/{number}/pages/4.jpg?v" in other
    assert '<rect class="hit"' not in other
    assert f"/documents/{number}/pages/1.jpg?v" in client.get(f"/documents/{number}").text


def test_hits_go_on_page_after_page_and_end(here: OfficeHere, batch: list[int]) -> None:
    client = here.client("clerk3")
    first = client.get(f"/search?q={WORD}&building=3")
    (more,) = re.findall(r'href="(/search\?[^"]*before=\d+)"', first.text)
    assert "building=3" in more
    assert "50+" in first.text
    rest = client.get(more.replace("&amp;", "&")).text
    assert _hits(first.text) + _hits(rest) == batch[:0:-1]
    assert "before=" not in rest
    assert _hits(here.client("clerk5").get(f"/search?q={WORD}").text) == []


@pytest.mark.usefixtures("batch")
def test_hits_are_kept_by_type_building_state_and_day(here: OfficeHere) -> None:
    client = here.client("custodian")
    today = now().astimezone().date()
    day, tomorrow = str(today), str(today + timedelta(days=2))
    before = str(today - timedelta(days=2))
    for query, found in (
        ("type=reno.permit", True), ("type=lease.register", False), ("type=no.such", True),
        ("building=3", True), ("building=5", False), ("state=review", True),
        ("state=filed", False), (f"since={before}&until={tomorrow}", True),
        (f"since={tomorrow}", False), (f"until={before}", False), ("since=nonsense", True),
        (f"until={day[:-1]}x", True),
    ):  # fmt: skip
        page = client.get(f"/search?q={WORD}&{query}").text
        assert bool(_hits(page)) is found, query
        for part in query.split("&"):
            name, _, value = part.partition("=")
            kept = f'name="{name}"' in page and value in page
            assert kept or value in ("no.such", "nonsense"), part
    api = here.client("custodian", accept="application/json")
    rows = api.get(f"/api/v1/search?q={WORD}&building=3&limit=2").json()
    rest = api.get(f"/api/v1/search?q={WORD}&limit=200&before={rows[-1]['document']}").json()
    assert len(rows) + len(rest) == BATCH
    assert api.get(f"/api/v1/search?q={WORD}&until={before}").json() == []


def test_only_one_s_own_buildings_stand_in_the_choice(here: OfficeHere) -> None:
    page = here.client("clerk3").get("/search").text
    (choice,) = re.findall(r'<select name="building">.*?</select>', page, re.DOTALL)
    assert re.findall(r'value="([^"]+)"', choice) == ["3"]


def test_the_tail_of_a_phone_finds_its_household(here: OfficeHere) -> None:
    client = here.client("custodian")
    for tail in ("5678", "12345678", "13812345678"):
        page = client.get(f"/search?q={tail}").text
        assert f'<a href="/households/{here.households["3-1-101"]}"><strong>3-1-101' in page
        found = client.get(f"/households/find?q={tail}", headers={"accept": "application/json"})
        assert [one["room"] for one in found.json()] == ["3-1-101"], tail
    for name, tail in (("clerk5", "5678"), ("auditor", "5678"), ("custodian", "3333")):
        assert here.client(name).get(f"/households/find?q={tail}").json() == [], name


# --- one batch ------------------------------------------------------------------------------------


def test_older_rows_of_a_batch_are_of_that_batch(here: OfficeHere, batch: list[int]) -> None:
    arrival, *parts = batch
    client = here.client("custodian")
    first = client.get(f"/inbox?batch={arrival}&state=review").text
    (older,) = re.findall(r'href="(/inbox\?before=[^"]*)"', first)
    assert f"batch={arrival}" in older
    rest = client.get(older.replace("&amp;", "&")).text
    shown = [
        int(n) for page in (first, rest) for n in re.findall(r'href="/review/desk/(\d+)"', page)
    ]
    assert shown == [*parts[::-1], here.ids["多页.pdf"]]


def test_review_keeps_to_one_batch(here: OfficeHere, batch: list[int]) -> None:
    arrival, *parts = batch
    client = here.client("custodian")
    page = client.get(f"/review?batch={arrival}").text
    shown = [int(n) for n in re.findall(r'<a href="/review/desk/(\d+)\?batch=', page)]
    assert shown == [here.ids["多页.pdf"], *parts][:50]
    assert "待定三.jpg" not in page
    assert f"after={shown[-1]}&amp;batch={arrival}" in page
    desk = client.get(f"/review/desk?batch={arrival}").headers["location"]
    assert desk == f"/review/desk/{shown[0]}?batch={arrival}"
    assert f"{BATCH + 1}" in client.get(desk).text
    assert "没有" in client.get("/review?batch=999999").text


# --- the printed catalogue ------------------------------------------------------------------------


class _Printed(HTMLParser):
    """The text of a page as it is printed: what carries `no-print` is left out."""

    _VOID: ClassVar = {"input", "img", "br", "link", "meta", "hr", "rect"}

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        left_out = bool({"no-print", "top"} & set((dict(attrs).get("class") or "").split()))
        if tag not in self._VOID:
            self._open.append(left_out or (bool(self._open) and self._open[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open or not self._open[-1]:
            self.text.append(data.strip())


def test_the_printed_catalogue_holds_every_line_both_ticks_and_the_day(here: OfficeHere) -> None:
    client = here.client("custodian")
    home = here.households["3-1-101"]
    post(client, f"/households/{home}/paper/confirm", type="reno.application", location="K1-A03-2")
    source = client.get(f"/households/{home}").text
    printed = _Printed()
    printed.feed(source)
    text = " ".join(word for word in printed.text if word)
    catalogue = here.client("custodian", accept="application/json")
    items = catalogue.get(f"/api/v1/households/{home}").json()
    for word in ("3-1-101", "张伟", items["file_no"], "目录截至", "打印人：custodian", "K1-A03-2"):
        assert word in text, word
    assert str(now().year) in text
    for item in items["items"]:
        assert item["name"] in text
    assert text.count("□") + text.count("✓") == 2 * len(items["items"])
    assert text.count("✓") == sum(item["paper"] + item["digital"] for item in items["items"])
    assert text.count("✓") >= 2
    for word in ("送入", "见到原件，勾上", "13812345678"):
        assert word not in text, word
    sheet = re.findall(r'href="(/static/style\.css[^"]*)"', source)[0]
    style = client.get(sheet).text.partition("@media print")[2]
    assert re.search(r"\.no-print[^{]*\{ display: none !important", style)
    assert ".print-only { display: block" in style


# --- small pictures -------------------------------------------------------------------------------


def test_a_household_s_small_pictures_are_for_who_may_open_the_document(here: OfficeHere) -> None:
    number, home = here.ids["电话13812345678.jpg"], here.households["3-1-101"]
    address = f"/documents/{number}/pages/1.jpg?side=240"
    client = here.client("custodian")
    assert f'src="{address}"' in client.get(f"/households/{home}").text
    picture = client.get(address)
    assert picture.headers["content-type"] == "image/jpeg"
    assert max(Image.open(io.BytesIO(picture.content)).size) == 240
    for name, status in (("clerk5", 404), ("auditor", 403), ("leader", 403), ("sysadmin", 403)):
        other = here.client(name)
        assert other.get(address).status_code == status, name
        assert address not in other.get(f"/households/{home}").text, name
    assert here.client().get(address).status_code == 303
