"""What is like discarded papers: discarding it stands first, filing it stays possible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.front_office import PAPERS, Paper, fill, notice, post
from bench.office_here import OfficeHere, open_here
from catalog import minds
from classifier import shipped_model
from classifier.types.kinds import Kind

LIKE = Paper(
    "像丢弃的.jpg", "3-2-501", "reno.commitment", (notice("3-2-501", "王芳", "13700001111"),),
    "review", ("like_discarded",), sure=0.99,
)  # fmt: skip
FIGURES = {
    "cases": 25, "right_before": 20, "right_after": 25, "bold_before": 5, "bold_after": 0,
    "discards": 5, "kinds": 1, "part": "discards",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeHere]:
    made = fill(tmp_path_factory.mktemp("office") / "home", (*PAPERS, LIKE))
    with open_here(made) as here:
        yield here


def verbs(page: str) -> list[str]:
    return re.findall(r'data-verb="([a-z-]+)"', page)


def test_discarding_stands_first_and_enter_does_not_file(office: OfficeHere) -> None:
    client, like = office.client("custodian"), office.ids[LIKE.file]
    page = client.get(f"/review/desk/{like}").text
    assert verbs(page)[0] == "discard"
    assert verbs(page).count("discard") == 1
    assert "accept" not in verbs(page)
    assert "file-anyway" in verbs(page)
    assert "与以前丢弃的文件相似" in page
    other = client.get(f"/review/desk/{office.ids['待定三.jpg']}").text
    assert verbs(other)[0] == "accept"
    assert verbs(other)[-1] == "discard"


def test_it_is_not_among_those_filed_together(office: OfficeHere) -> None:
    page = office.client("custodian").get("/review").text
    like, other = office.ids[LIKE.file], office.ids["待定三.jpg"]
    boxes = {
        int(number): rest
        for number, rest in re.findall(r'name="document" value="(\d+)"([^>]*)>', page)
    }
    assert "disabled" in boxes[like]
    assert "disabled" not in boxes[other]


def test_the_learning_page_says_how_many_discards_taught(office: OfficeHere) -> None:
    shipped = shipped_model()
    assert shipped is not None
    taught = replace(shipped, discarded=(Kind(frozenset(range(50)), (1, 2, 3, 4, 5)),))
    with office.database.write() as session:
        minds.add(session, taught.dump(), labels=0, better=True, figures=FIGURES, actor="machine")
        forgot = {"forgot": 1, "kinds": 0, "part": "discards"}
        minds.add(session, shipped.dump(), labels=0, better=True, figures=forgot, actor="machine")
    head = office.client("cs_head")
    page = head.get("/settings/learning").text
    assert "20 → 25" in page
    assert re.search(r'data-label="丢弃数">5<', page)
    assert re.search(r'data-label="不归档的种类">1<', page)
    assert "份丢弃可学" not in page
    post(office.client("custodian"), f"/review/desk/{office.ids[LIKE.file]}/discard")
    assert "另有 1 份丢弃可学" in head.get("/settings/learning").text
