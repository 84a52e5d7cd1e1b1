"""Every decision says what spoke for and against it, and where; personal values are masked."""

from __future__ import annotations

import re
from pathlib import Path

import pypdfium2
import pytest

from bench.office import Office, permit
from classifier import Hints, split
from classifier.separator import on_page
from ingest.codes import read_codes
from worker.masking import masked
from yihu.page import PageText


def test_a_filed_paper_says_what_spoke_for_it_and_where(office: Office) -> None:
    document = office.bring(permit(1))
    code, rows = office.home.run("documents", "--why", str(document.id))
    assert code == 0
    spoke = {(row["subject"], row["code"]): row for row in rows if row["side"] == "for"}
    for key in (("type", "title"), ("type", "phrase"), ("household", "room"),
                ("household", "owner"), ("household", "phone")):  # fmt: skip
        row = spoke[key]
        assert row["page"] == 1, row
        assert len(row["box"]) == 4, row
        assert row["zh"] != row["en"] != ""
    assert {row["side"] for row in rows} >= {"for", "decision"}


def test_a_paper_in_review_says_what_spoke_against_it(office: Office) -> None:
    document = office.bring(permit(1).replace("张伟国", "欧阳春晓").replace("13800001001", ""))
    _, rows = office.home.run("documents", "--why", str(document.id))
    against = [row for row in rows if row["side"] == "against"]
    assert {"owner", "household_conflict"} <= {row["code"] for row in against}
    owner = next(row for row in against if row["code"] == "owner")
    assert owner["page"] == 1
    assert owner["box"]
    conflict = next(row for row in against if row["code"] == "household_conflict")
    assert (conflict["page"], conflict["box"]) == (1, owner["box"])


def test_every_row_is_chinese_in_chinese_and_english_in_english(office: Office) -> None:
    document = office.bring(permit(1).replace("张伟国", "欧阳春晓").replace("13800001001", ""))
    _, rows = office.home.run("documents", "--why", str(document.id))
    decided = [row for row in rows if row["side"] == "decision"]
    assert len(decided) == 3
    han = re.compile("[\u4e00-\u9fff]")
    for row in decided:
        assert han.search(row["zh"])
        assert not han.search(row["en"])
        assert row["zh"] != row["en"]
    sure = next(row for row in decided if "类型" in row["zh"])
    assert "sure of the type; filing needs" in sure["en"]


def test_a_persons_decision_is_named_as_one(office: Office) -> None:
    document = office.bring("# 装修许可证\n房号：3栋1单元501室\n许可证号：A1")
    office.desk.assign(document.id, office.household(5), "reno.permit")
    office.walk(document.id)
    _, rows = office.home.run("documents", "--why", str(document.id))
    assert any("person:ann" in row["zh"] for row in rows if row["side"] == "decision")
    assert office.home.run("documents", "--why", "99")[0] == 1


def test_fields_are_shown_masked_with_their_places(office: Office) -> None:
    document = office.bring(permit(1))
    _, rows = office.home.run("fields", str(document.id))
    found = {row["name"]: row for row in reversed(rows)}  # the document's own date is the first
    assert found["owner"]["value"] == "张**"
    assert found["phone"]["value"] == "138****1001"
    assert found["permit_no"]["value"] == "ZX2024-001"
    assert found["contractor"]["value"] == "广州市名匠装饰有限公司"
    assert found["date"]["value"] == "2024-03-01"
    assert all(row["page"] == 1 and len(row["box"]) == 4 for row in rows)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("owner", "欧阳春晓", "欧***"),
        ("owner", "广州市名匠装饰有限公司", "广州市名匠装饰有限公司"),
        ("id_no", "110101199003071234", "1101**********1234"),
        ("phone", "13812345678", "138****5678"),
        ("phone", "8812", "8***"),
        ("permit_no", "ZX-1", "ZX-1"),
    ],
)
def test_masking_leaves_enough_to_recognise(name: str, value: str, shown: str) -> None:
    assert masked(name, value) == shown


def test_printed_sheets_are_read_back_and_obeyed(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "分隔页.pdf"
    code, (said,) = office.home.run(
        "sheets", str(out), "--household", "3-1-101", "--household", "3栋1单元201室",
        "--type", "reno.permit", "--pages", "2",
    )  # fmt: skip
    assert (code, said["sheets"]) == (0, 2)
    pdf = pypdfium2.PdfDocument(out)
    assert len(pdf) == 2
    for number, room in ((0, "101"), (1, "201")):
        picture = pdf[number].render(scale=200 / 72, grayscale=True).to_numpy().squeeze()
        high, wide = picture.shape[:2]
        page = PageText(1, (), wide, high, codes=read_codes(picture))
        found = on_page(page)
        assert found is not None
        sheet, payload = found
        assert sheet.household is not None
        assert (sheet.household.room, sheet.type, sheet.pages) == (room, "reno.permit", 2)
        (part,) = split([page], office.services.template)
        assert part.separator
        assert Hints(sheet=payload).sheet == payload
    pdf.close()
    assert office.home.run("sheets", str(out), "--household", "3-1-101", "--type", "nix")[0] == 2
    assert office.home.run("sheets", str(out), "--household", "9-9-999")[0] == 1
