"""Separator sheets: what may stand on them, and that our own reader obeys what was printed."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pypdfium2
import pytest

from catalog.template import load_template
from classifier import Sheet, decode_sheet
from ingest.codes import read_codes
from worker import sheets
from yihu.errors import Usage
from yihu.household import RoomKey

TEMPLATE = load_template()
HOME = RoomKey("阳光花园", "-", "3", "2", "501")


def test_household_and_type_may_be_left_out() -> None:
    def of(homes: list[RoomKey], types: list[str], batch: str = "") -> list[Sheet]:
        return sheets.sheets_for(TEMPLATE, homes, types, batch=batch)

    assert of([], ["reno.permit"]) == [Sheet(type="reno.permit")]
    assert of([], [], " 五月收楼 ") == [Sheet(batch="五月收楼")]
    assert of([], []) == [Sheet()]
    both = of([HOME], ["reno.permit", "reno.application"])
    assert [(s.household, s.type) for s in both] == [
        (HOME, "reno.permit"),
        (HOME, "reno.application"),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {"types": ["admin.catalog"]},
        {"types": ["nix"]},
        {"batch": "长" * (sheets.LONGEST_BATCH + 1)},
        {"batch": "两\n行"},
        {"copies": sheets.MOST_SHEETS + 1},
    ],
)
def test_what_no_sheet_may_say_is_refused(wish: dict[str, object]) -> None:
    given: dict[str, object] = {"types": [], "batch": "", "copies": 1} | wish
    with pytest.raises(Usage):
        sheets.sheets_for(TEMPLATE, [], **given)  # type: ignore[arg-type]


def test_what_is_printed_is_read_back() -> None:
    wanted = [Sheet(batch="五月收楼", pages=12), Sheet(type="movein.service_agreement"), Sheet()]
    data = sheets.sheets_pdf([*wanted, wanted[0]], TEMPLATE)
    pdf = pypdfium2.PdfDocument(io.BytesIO(data))
    assert len(pdf) == 4
    for number, sheet in enumerate([*wanted, wanted[0]]):
        picture = np.asarray(pdf[number].render(scale=1, grayscale=True).to_numpy().squeeze())
        (code,) = read_codes(picture)
        assert decode_sheet(code.text) == sheet
    pdf.close()


@pytest.mark.parametrize("degrees", [7, 45, 90, 180, 270])
def test_a_sheet_is_read_whichever_way_it_lies(degrees: int) -> None:
    sheet = Sheet(batch="五月收楼", pages=12)
    pdf = pypdfium2.PdfDocument(io.BytesIO(sheets.sheets_pdf([sheet], TEMPLATE)))
    picture = np.asarray(pdf[0].render(scale=2, grayscale=True).to_numpy().squeeze())
    pdf.close()
    high, wide = picture.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1)
    turn[:, 2] += (high / 2, high / 2)  # room for every corner
    size = (wide + high, 2 * high)
    lying = np.asarray(cv2.warpAffine(picture, turn, size, borderValue=(255,)), dtype=np.uint8)
    (code,) = read_codes(lying)
    assert decode_sheet(code.text) == sheet
