"""Numbers are covered wherever they could show, and uncovered only with a reason that is kept."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from sqlalchemy import select, update

from bench.front_office import HEIGHT, WIDTH, Office, post
from catalog.models import Event, Unmasking
from yihu.clock import now

PHONE, ID = "13812345678", "110101199003074514"
FILE = f"电话{PHONE}.jpg"
PAGES = (
    "/inbox",
    "/api/v1/documents",
    "/search?q=张伟",
    "/api/v1/search?q=张伟",
    "/search?q=联系电话",
    "/documents/{id}",
    "/documents/{id}/text",
    "/households/{home}",
)


def _addresses(office: Office) -> list[str]:
    number, home = office.ids[FILE], office.households["3-1-101"]
    return [page.format(id=number, home=home) for page in PAGES]


@pytest.mark.parametrize("name", ["clerk3", "custodian", "cs_head"])
def test_id_numbers_never_show_without_the_right(office: Office, name: str) -> None:
    client = office.client(name)
    for address in _addresses(office):
        answer = client.get(address)
        assert answer.status_code == 200
        assert ID not in answer.text, address


def test_nothing_shows_to_an_auditor(office: Office) -> None:
    client = office.client("auditor")
    for address in _addresses(office):
        text = client.get(address).text
        assert PHONE not in text, address
        assert ID not in text, address
    assert "138****5678" in client.get("/inbox").text  # the file's name, covered
    assert client.get(f"/documents/{office.ids[FILE]}/pages/1.jpg").status_code == 403


def test_a_manager_sees_them_and_every_look_is_known(office: Office) -> None:
    client = office.client("manager")
    number = office.ids[FILE]
    assert ID in client.get(f"/documents/{number}/text").text
    assert PHONE in client.get(f"/households/{office.households['3-1-101']}").text
    with office.database.read() as session:
        looks = session.scalars(
            select(Event).where(Event.actor == "person:manager", Event.action == "looked")
        ).all()
    told = [(event.subject, json.loads(event.data)) for event in looks]
    assert any(s == f"document:{number}" and d["clear"] == ["phones", "id_nos"] for s, d in told)


def test_important_households_show_no_mobile_below_the_manager(office: Office) -> None:
    number, home = office.ids["重要.jpg"], office.households["5-1-102"]
    for name in ("clerk5", "custodian", "cs_head", "estate_head"):
        client = office.client(name)
        for address in (f"/households/{home}", f"/documents/{number}/text"):
            assert "13522223333" not in client.get(address).text
        assert client.get("/households/find?q=3333").json() == []
    assert "13522223333" in office.client("manager").get(f"/households/{home}").text


def test_key_fields_are_covered_as_the_text_is(office: Office) -> None:
    number = office.ids[FILE]
    for name, phone, id_no in (
        ("custodian", PHONE, "*" * 16 + ID[-2:]),
        ("manager", PHONE, ID),
    ):
        fields = office.client(name).get(f"/documents/{number}").text
        fields = fields.partition('<dl class="facts fields">')[2].partition("</dl>")[0]
        assert f">{phone}<" in fields
        assert f">{id_no}<" in fields
    assert "facts fields" not in office.client("auditor").get(f"/documents/{number}").text
    vip = office.client("clerk5").get(f"/documents/{office.ids['重要.jpg']}").text
    assert ">135****3333<" in vip


def test_a_turned_page_is_covered_where_the_number_stands_now(office: Office) -> None:
    number, client = office.ids[FILE], office.client("custodian")

    def dark() -> tuple[tuple[int, int], tuple[int, int, int, int] | None]:
        picture = client.get(f"/documents/{number}/pages/1.jpg")
        image = Image.open(io.BytesIO(picture.content)).convert("RGB")
        cover = image.point(lambda value: 255 if 40 < value < 75 else 0).convert("1")
        wide, high = image.size
        row = cover.resize((wide // 8, high // 8), Image.Resampling.BOX).getbbox()
        return image.size, row

    (wide, high), box = dark()
    assert box is not None
    post(client, f"/documents/{number}/turn", page=1)
    try:
        size, turned = dark()
        assert size == (high, wide)
        left, top, right, bottom = box
        assert turned == pytest.approx((high // 8 - bottom, left, high // 8 - top, right), abs=2)
    finally:
        post(client, f"/documents/{number}/turn", page=1, by=270)


def test_searching_for_a_number_tells_no_more_than_reading(office: Office) -> None:
    for name, text, found in (
        ("custodian", ID, False),
        ("custodian", ID[:12], False),
        ("custodian", PHONE, True),
        ("manager", ID, True),
        ("auditor", PHONE, False),
        ("estate_head", "13522223333", False),
    ):
        answer = office.client(name).get("/search", params={"q": text})
        assert answer.status_code == 200
        assert (f"/documents/{office.ids[FILE]}?q=" in answer.text) is found, (name, text)
        assert f"/documents/{office.ids['重要.jpg']}?q=" not in answer.text


def test_no_piece_of_a_covered_number_is_found(office: Office) -> None:
    for name, number in (("custodian", ID), ("estate_head", "13522223333")):
        client = office.client(name)
        file = FILE if number == ID else "重要.jpg"
        words = {number[at : at + size] for size in (4, 5) for at in range(3, 7)}
        for word in sorted(words):
            if word in "13812345678":
                continue  # the phone, which they may read, holds it too
            for query in (word, f"身份证号 {word}", f"联系电话 {word}"):
                answer = client.get("/api/v1/search", params={"q": query}).json()
                assert office.ids[file] not in {hit["document"] for hit in answer}, query


def test_who_may_not_see_a_phone_gets_no_digit_of_its_cell(office: Office) -> None:
    (row,) = office.client("supervisor").get("/api/v1/households?q=3-1-101").json()
    assert (row["owner"], row["phone"]) == ("张伟", "")
    (important,) = office.client("clerk5").get("/api/v1/households?q=5-1-102").json()
    assert important["phone"] == ""
    page = office.client("clerk5").get(f"/households/{office.households['5-1-102']}").text
    assert "3333" not in page


def test_the_numbers_are_gone_from_the_picture_itself(office: Office) -> None:
    number = office.ids[FILE]
    address = f"/documents/{number}/pages/1.jpg"
    whole = _picture(office, "manager", address)
    covered = _picture(office, "custodian", address)
    id_line = _band(whole, row=4), _band(covered, row=4)
    phone_line = _band(whole, row=3), _band(covered, row=3)
    assert _dark(id_line[1]) > 2 * _dark(id_line[0])  # a block instead of strokes
    assert abs(_dark(phone_line[0]) - _dark(phone_line[1])) < 0.01
    small = _picture(office, "custodian", address + "?side=240")
    assert _dark(_band(small, row=4)) > 0.05


def _picture(office: Office, name: str, address: str) -> Image.Image:
    answer = office.client(name).get(address)
    assert answer.headers["content-type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content)).convert("L")


def _band(image: Image.Image, row: int) -> Image.Image:
    top = (60 + row * 60) / HEIGHT * image.height
    return image.crop(
        (
            int(60 / WIDTH * image.width),
            int(top),
            image.width,
            int(top + 30 / HEIGHT * image.height),
        )
    )


def _dark(image: Image.Image) -> float:
    pixels = image.histogram()
    return sum(pixels[:128]) / sum(pixels)


def test_a_reason_uncovers_for_a_while_and_is_kept(office: Office) -> None:
    client, number = office.client("custodian"), office.ids[FILE]
    address = f"/documents/{number}/text"
    refused = post(client, f"/documents/{number}/unmask", reason=" ")
    assert "problem=" in refused.headers["location"]
    assert ID not in client.get(address).text
    assert post(client, f"/documents/{number}/unmask", reason="业主到场核对").status_code == 303
    assert ID in client.get(address).text
    assert ID not in office.client("cs_head").get(address).text  # for nobody else
    with office.database.write() as session:
        (kept,) = session.scalars(select(Unmasking).where(Unmasking.document_id == number))
        assert kept.reason == "业主到场核对"
        event = session.scalars(select(Event).where(Event.action == "unmasked")).one()
        assert "业主" not in event.data
        session.execute(update(Unmasking).values(until=now()))
    assert ID not in client.get(address).text


def test_an_auditor_opens_a_page_with_a_reason(office: Office) -> None:
    client, number = office.client("auditor"), office.ids["五栋.jpg"]
    address = f"/documents/{number}/pages/1.jpg"
    assert client.get(address).status_code == 403
    assert post(client, f"/documents/{number}/unmask", reason="抽样第 3 号").status_code == 303
    assert client.get(address).status_code == 200
    assert client.get(f"/documents/{office.ids['重要.jpg']}/pages/1.jpg").status_code == 403


def test_a_page_nobody_could_read_is_shown_only_after_a_reason(office: Office) -> None:
    from catalog.models import Page

    number = office.ids["没有房号.jpg"]
    sha256 = office.document(number).sha256
    with office.database.write() as session:
        session.execute(update(Page).where(Page.sha256 == sha256).values(reading_id=None))
    client = office.client("custodian")
    assert client.get(f"/documents/{number}/pages/1.jpg").status_code == 403
    post(client, f"/documents/{number}/unmask", reason="复核需要")
    assert client.get(f"/documents/{number}/pages/1.jpg").status_code == 200


def test_an_original_is_given_only_to_whom_nothing_is_covered(office: Office) -> None:
    number = office.ids[FILE]
    address = f"/documents/{number}/original"
    for name in ("clerk3", "custodian", "manager", "auditor"):
        assert office.client(name).get(address).status_code == 403
    head = office.client("estate_head")
    assert head.get(address).status_code == 403
    post(head, f"/documents/{number}/unmask", reason="法院调取")
    answer = head.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content[:2] == b"\xff\xd8"
    with office.database.read() as session:
        event = session.scalars(select(Event).where(Event.action == "downloaded")).one()
    assert event.subject == f"document:{number}"


def test_numbers_are_in_no_log(office: Office) -> None:
    for log in (office.settings.home / "logs").iterdir():
        text = log.read_text(errors="replace")
        for secret in (PHONE, ID, "张伟", "13655556666"):
            assert secret not in text
