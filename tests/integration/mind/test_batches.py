"""Papers of one scan: what a cover sheet decides, and what the paper before only suggests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.office import OWNERS, Office, permit
from catalog.models import Document
from classifier import Sheet
from yihu.household import RoomKey

HOME = RoomKey("阳光花园", "-", "3", "1", "101")
SILENT = "# 装修承诺书\n本人承诺遵守装修管理规定，不拆改承重结构\n承诺人签名：\n日期：2024年3月1日"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all of these: no paper of one test is another's."""
    made = Office.open(tmp_path_factory.mktemp("office") / "home")
    yield made
    made.services.close()


def _suggested(document: Document) -> tuple[str, int | None]:
    return document.state, document.household_id


def test_a_paper_without_a_room_is_suggested_the_household_before_it_and_waits(
    office: Office,
) -> None:
    known, silent, between, after = office.scan(permit(1), SILENT, SILENT, permit(1, " 二"))
    assert _suggested(known) == _suggested(after) == ("filed", office.household(1))
    for one in (silent, between):  # even between two papers of the household
        assert _suggested(one) == ("review", office.household(1))
        assert "household_unsupported" in one.reasons
        evidence = {item["code"] for item in (one.judgement or {})["evidence"]}
        assert "batch" in evidence


def test_a_paper_that_names_another_inherits_nothing_and_ends_the_inheritance(
    office: Office,
) -> None:
    papers = office.scan(permit(1), permit(2), SILENT)
    assert _suggested(papers[1]) == ("filed", office.household(2))
    assert _suggested(papers[2]) == ("review", office.household(2))


def test_from_a_paper_that_was_unsure_itself_nothing_is_inherited(office: Office) -> None:
    room_alone = "# 装修许可证\n房号：3栋1单元201室\n准予施工"
    papers = office.scan(permit(1), room_alone, SILENT)
    assert papers[1].state == "review"
    assert _suggested(papers[2]) == ("review", None)


def test_a_name_of_the_household_before_it_is_no_room(office: Office) -> None:
    named = SILENT.replace("签名：", f"签名：{OWNERS[0]}")
    assert _suggested(office.scan(permit(1), named)[1]) == ("review", office.household(1))
    other = SILENT.replace("签名：", f"签名：{OWNERS[4]}")
    assert office.scan(permit(1), other, name="另一批")[1].state == "review"


def test_a_cover_files_what_says_nothing_and_asks_where_a_page_says_otherwise(
    office: Office,
) -> None:
    cover = Sheet(household=HOME, pages=3)
    silent, known, other, behind = office.scan(cover, SILENT, permit(1), permit(2), SILENT)
    assert _suggested(silent) == _suggested(known) == ("filed", office.household(1))
    assert other.state == "review"
    assert "household_conflict" in other.reasons
    assert behind.state == "review"
    assert (behind.split or {})["sheet"] == ""


def test_papers_of_a_cover_that_promised_more_pages_wait(office: Office) -> None:
    papers = office.scan(Sheet(household=HOME, pages=4), permit(1), SILENT)
    assert [(p.state, p.reasons) for p in papers] == [("review", ["page_missing"])] * 2


def test_a_sheet_that_names_only_the_type_leaves_the_household_to_the_page(
    office: Office,
) -> None:
    sheet = Sheet(type="reno.permit", batch="三月装修")
    (known,) = office.scan(sheet, permit(3))
    assert (known.state, known.type) == ("filed", "reno.permit")
    (wrong,) = office.scan(Sheet(type="reno.application"), permit(4))
    assert wrong.state == "review"
