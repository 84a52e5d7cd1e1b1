"""The verbs of the desk as a person gives them: through its forms, to a running journey."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from PIL import Image

from bench.front_office import PAPERS, Office, Paper, csrf, fill, notice, open_office, post
from catalog import ledger
from catalog.catalogue import household_catalogue

MORE = (
    *(
        Paper(
            f"批量{n}.jpg", "3-1-101", "reno.permit",
            (notice("3-1-101", "张伟", f"1381234{n:04d}"),), "review", ("policy",), sure=0.95,
        )
        for n in range(8)
    ),
    Paper(
        "三页.pdf", "", "movein.notice",
        tuple(("入住通知单", f"请按时办理 {n}") for n in range(3)),
        "review", ("household_missing",), sure=0.2,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = fill(tmp_path_factory.mktemp("office") / "home", (*PAPERS, *MORE))
    with open_office(made):
        yield made


def test_accepting_files_and_ticks_and_shows_the_next(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["批量0.jpg"]
    answer = post(client, f"/review/desk/{number}/accept")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/review/desk/")
    assert f"done={number}" in answer.headers["location"]
    office.settled(number, "filed")
    assert number in _ticked(office, "3-1-101", "reno.permit")


def _ticked(office: Office, room: str, code: str) -> tuple[int, ...]:
    with office.database.read() as session:
        found = household_catalogue(session, office.households[room])
    return next((item.documents for item in found.items if item.type == code), ())


def test_a_decision_can_be_undone_by_whoever_made_it(office: Office) -> None:
    client, number = office.client("clerk3"), office.ids["批量1.jpg"]
    post(client, f"/review/desk/{number}/accept")
    office.settled(number, "filed")
    other = post(office.client("custodian"), f"/review/desk/{number}/undo")
    assert "problem=" in other.headers["location"]
    assert post(client, f"/review/desk/{number}/undo").status_code == 303
    found = office.settled(number, "review")
    assert found.reasons == ["policy"]
    assert number not in _ticked(office, "3-1-101", "reno.permit")
    again = post(client, f"/review/desk/{number}/undo")
    assert "problem=" in again.headers["location"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("3栋2单元501室", "reno.permit"),
        ("３－２－５０１", "装修许可证"),
        ("3-2-501", "Renovation permit"),
    ],
)
def test_household_and_type_are_taken_as_written(office: Office, written: str, code: str) -> None:
    client, number = office.client("custodian"), office.ids["没有房号.jpg"]
    answer = post(client, f"/review/desk/{number}/assign", household=written, type=code)
    assert "problem" not in answer.headers["location"]
    found = office.settled(number, "filed")
    assert found.household_id == office.households["3-2-501"]
    assert found.type == "reno.permit"
    post(client, f"/review/desk/{number}/undo")
    office.settled(number, "review")


def test_what_cannot_be_understood_is_told_and_nothing_happens(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["没有房号.jpg"]
    for form in (
        {"household": "99-9-999", "type": "reno.permit"},
        {"household": "3-2-501", "type": "没有这种"},
        {"household": "", "type": "reno.permit"},
        {"household": "3-2-501", "type": "admin.view_register"},
    ):
        answer = post(client, f"/review/desk/{number}/assign", **form)
        assert "problem=" in answer.headers["location"], form
    assert office.document(number).state == "review"


def test_two_custodians_never_settle_one_document_twice(office: Office) -> None:
    number = office.ids["批量2.jpg"]
    one, other = office.client("custodian"), office.client("cs_head")
    assert one.get(f"/review/desk/{number}").status_code == 200
    shown = other.get(f"/review/desk/{number}").text
    assert "custodian 正在处理" in shown
    refused = post(other, f"/review/desk/{number}/accept")
    assert "problem=" in refused.headers["location"]
    assert other.get("/review/desk").headers["location"] != f"/review/desk/{number}"
    assert post(one, f"/review/desk/{number}/accept").status_code == 303
    office.settled(number, "filed")
    late = post(other, f"/review/desk/{number}/accept")
    assert "problem=" in late.headers["location"]
    with office.database.read() as session:
        events = ledger.events_of(session, f"document:{number}")
    assert [event.action for event in events].count("decided") == 1


def test_discarding_and_bringing_back(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["批量3.jpg"]
    post(client, f"/review/desk/{number}/discard", why="rescan")
    assert office.settled(number, "rejected").reasons == ["rescan"]
    page = client.get("/inbox?state=rejected").text
    assert "请重新扫描后投放" in page
    assert post(client, f"/inbox/{number}/restore").status_code == 303
    office.settled(number, "review")
    post(client, f"/review/desk/{number}/discard")
    post(client, f"/review/desk/{number}/undo")
    assert office.settled(number, "review").reasons == ["reclassified"]


def test_a_split_and_a_joining_are_taken_back_from_wherever_it_is_asked(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["三页.pdf"]

    def done(at: int, verb: str, **form: int) -> None:
        answer = post(client, f"/review/desk/{at}/{verb}", **form)
        assert (answer.status_code, "problem=" in answer.headers["location"]) == (303, False), verb

    def stands(at: int) -> tuple[str, int, int]:
        found = _rest(office, at)
        return found.state, found.first_page, found.last_page

    assert "problem=" in post(client, f"/review/desk/{number}/split", page=1).headers["location"]
    done(number, "split", page=2)
    part = _sibling(office, number)
    assert (stands(number), stands(part)) == (("review", 1, 1), ("review", 2, 3))
    done(number, "undo")
    assert (stands(number), stands(part)[0]) == (("review", 1, 3), "duplicate")
    done(number, "split", page=2)
    assert (stands(number), stands(part)) == (("review", 1, 1), ("review", 2, 3))
    for asked in (part, number):  # the desk asks for what was joined, the page of the whole for it
        done(part, "merge")
        assert (stands(number), stands(part)[0]) == (("review", 1, 3), "duplicate")
        assert office.document(part).duplicate_of == number
        page = client.get(f"/documents/{number}").text
        assert f'action="/review/desk/{number}/undo"' in page
        done(asked, "undo")
        assert (stands(number), stands(part)) == (("review", 1, 1), ("review", 2, 3))
        assert "problem=" in post(client, f"/review/desk/{part}/undo").headers["location"]


def test_a_split_is_taken_back_though_the_machine_filed_its_parts(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["多页.pdf"]
    post(client, f"/review/desk/{number}/split", page=3)
    part = _sibling(office, number, 3)
    assert (_rest(office, number).state, _rest(office, part).state) == ("filed", "filed")
    assert {number, part} <= set(_ticked(office, "3-1-102", "reno.application"))
    post(client, f"/review/desk/{number}/undo")
    whole = office.settled(number, "review")
    assert (whole.first_page, whole.last_page) == (1, 3)
    assert office.settled(part, "duplicate").duplicate_of == number
    assert not {number, part} & set(_ticked(office, "3-1-102", "reno.application"))


def _rest(office: Office, number: int):  # type: ignore[no-untyped-def]
    import time

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = office.document(number)
        if not found.stage:
            return found
        time.sleep(0.1)
    raise TimeoutError(number)


def _sibling(office: Office, number: int, first: int = 2) -> int:
    from sqlalchemy import select

    from catalog.models import Document

    with office.database.read() as session:
        mine = session.get_one(Document, number)
        return session.scalars(
            select(Document.id).where(
                Document.arrival_id == mine.arrival_id, Document.first_page == first
            )
        ).one()


def test_a_document_of_blank_pages_goes_to_the_trash_and_the_next_one_comes(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["批量4.jpg"]
    answer = post(client, f"/review/desk/{number}/blank", page=1)
    assert f"done={number}" in answer.headers["location"]
    assert f"/review/desk/{number}" not in answer.headers["location"]
    assert office.settled(number, "rejected").reasons == ["blank_document"]
    post(client, f"/review/desk/{number}/undo")
    assert not (office.settled(number, "review").split or {})["blank_pages"]
    client.headers["accept"] = "application/json"
    told = client.post(
        f"/review/desk/{number}/blank", data={"page": 1}, headers={"x-csrf-token": csrf(client)}
    ).json()
    assert told["done"] == number
    assert told["next"] not in (None, number)
    several = office.ids["多页.pdf"]
    stays = client.post(
        f"/review/desk/{several}/blank", data={"page": 2}, headers={"x-csrf-token": csrf(client)}
    ).json()
    assert stays == {"stay": True}


def test_like_documents_are_accepted_together_and_taken_back_together(office: Office) -> None:
    client = office.client("custodian")
    numbers = [office.ids[f"批量{n}.jpg"] for n in (5, 6)]
    other, whole = office.ids["没有房号.jpg"], office.ids["待定三.jpg"]
    row = client.get("/review").text.partition(f'value="{numbers[0]}"')[2].partition("</tr>")[0]
    like = unescape(re.findall(r'class="like" href="([^"]+)"', row)[0])
    page = client.get(like).text
    ticked = {int(n) for n in re.findall(r'name="document" value="(\d+)"[^>]*\bchecked', page)}
    assert set(numbers) <= ticked
    assert not ticked & {other, whole}
    refused = post(client, "/review/bulk", document=[*numbers, whole]).headers["location"]
    said = client.get(refused).text
    assert "不止一种" in said
    assert "装修许可证" in said
    assert all(office.document(number).state == "review" for number in (*numbers, whole))
    answer = post(client, "/review/bulk", document=[*numbers, 2**40]).headers["location"]
    assert "done=2%2F3" in answer
    for number in numbers:
        office.settled(number, "filed")
    form = client.get(answer).text.partition('action="/review/undo')[2].partition("</form>")[0]
    offered = [int(number) for number in re.findall(r'name="document" value="(\d+)"', form)]
    assert offered == numbers
    back = post(client, "/review/undo", document=offered).headers["location"]
    assert "back=2%2F2" in back
    assert "已撤销：2/2" in client.get(back).text
    for number in numbers:
        assert office.settled(number, "review").reasons == ["policy"]
    assert "/review/undo" not in client.get(answer).text  # nothing is left to take back


def test_the_last_decision_of_the_queue_can_be_taken_back(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["待定三.jpg"]
    only = "reason=policy&building=3&type=reno.commitment"
    answer = post(client, f"/review/desk/{number}/accept?{only}").headers["location"]
    assert answer.startswith("/review?")
    office.settled(number, "filed")
    page = client.get(answer).text
    assert f'action="/review/desk/{number}/undo?' in page
    assert "queue.js" in page
    assert f"/review/desk/{number}/undo" not in office.client("cs_head").get(answer).text
    post(client, f"/review/desk/{number}/undo")
    office.settled(number, "review")


def test_a_page_turned_by_a_person_is_turned_for_everybody(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["待定三.jpg"]
    other = office.client("cs_head")

    def size() -> tuple[int, int]:
        picture = other.get(f"/documents/{number}/pages/1.jpg?side=240")
        return Image.open(io.BytesIO(picture.content)).size

    upright = size()
    before = _boxes(other.get(f"/documents/{number}").text)
    answer = post(client, f"/documents/{number}/turn", page=1, back=f"/review/desk/{number}")
    assert answer.headers["location"].startswith(f"/review/desk/{number}?at=1")
    assert size() == upright[::-1]
    left, top, wide, high = before[0]
    turned = _boxes(other.get(f"/documents/{number}").text)
    assert turned[0] == pytest.approx((1 - top - high, left, high, wide), abs=0.001)
    for form in ({"page": 2}, {"page": 1, "by": 45}):
        assert "problem=" in post(client, f"/documents/{number}/turn", **form).headers["location"]
    with office.database.read() as session:
        event = ledger.newest_of(session, f"document:{number}", ["page_turned"])
    assert event is not None
    assert json.loads(event.data) == {"page": 1, "turn": 90}
    post(client, f"/documents/{number}/turn", page=1, by=270)
    assert size() == upright
    assert "turns" not in (office.document(number).split or {})
    assert "data-turn" not in office.client("auditor").get(f"/documents/{number}").text


def _boxes(page: str) -> list[tuple[float, ...]]:
    found = re.findall(
        r'<rect class="box [^>]*x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"', page
    )
    return [tuple(float(value) for value in box) for box in found]


def test_the_key_fields_are_shown_with_their_places(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["待定三.jpg"]
    for path in (f"/review/desk/{number}", f"/documents/{number}"):
        page = client.get(path).text
        fields = page.partition('<dl class="facts fields">')[2].partition("</dl>")[0]
        assert "<dt>业主</dt>" in fields
        (mark,) = re.findall(r"lit=(f\d+)[^>]*>王芳<", fields)
        assert f'class="box field" data-n="{mark}"' in page
        assert f'class="box field lit" data-n="{mark}"' in client.get(f"{path}?lit={mark}").text
    assert client.get("/language?to=en&next=/").status_code == 303
    assert "<dt>Owner</dt>" in client.get(f"/documents/{number}").text


def test_a_filed_document_moves_only_with_the_right_and_a_reason(office: Office) -> None:
    number = office.ids["电话13812345678.jpg"]
    form = {"household": "3-1-102", "type": "", "reason": "归错户"}
    assert post(office.client("clerk3"), f"/documents/{number}/refile", **form).status_code == 403
    clerk = post(office.client("clerk3"), f"/review/desk/{number}/assign", household="3-1-102")
    assert "problem=" in clerk.headers["location"]
    custodian = office.client("custodian")
    assert (
        "problem="
        in post(custodian, f"/documents/{number}/refile", **form | {"reason": ""}).headers[
            "location"
        ]
    )
    assert post(custodian, f"/documents/{number}/refile", **form).status_code == 303
    assert office.settled(number, "filed").household_id == office.households["3-1-102"]
    assert post(custodian, f"/documents/{number}/take-out", reason="不是他的").status_code == 303
    office.settled(number, "review")
    assert number not in _ticked(office, "3-1-102", "reno.application")


def test_the_queue_is_filtered(office: Office) -> None:
    client = office.client("custodian")
    assert "待定五.jpg" in client.get("/review?reason=household_unsupported").text
    assert "待定五.jpg" not in client.get("/review?building=3").text
    assert "待定五.jpg" in client.get("/review?building=5").text
    assert "全部处理完了" in client.get("/review?older_days=30").text
    assert client.get("/review?older_days=x&batch=-1").status_code == 200


def test_without_javascript_a_page_can_be_turned_and_a_decision_made(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["待定五.jpg"]
    page = client.get(f"/review/desk/{number}").text
    assert f'action="/review/desk/{number}/accept"' in page
    assert "陈静" in page


def test_paper_is_ticked_by_who_saw_it_and_withdrawn_with_a_reason(office: Office) -> None:
    home = office.households["5-1-101"]
    clerk, custodian = office.client("clerk5"), office.client("custodian")
    form = {"type": "reno.application", "location": "Z9-77"}
    assert post(clerk, f"/households/{home}/paper/confirm", **form).status_code == 303
    page = clerk.get(f"/households/{home}").text
    assert "Z9-77" in page
    assert "clerk5" in page
    path = f"/households/{home}/paper/withdraw"
    assert post(clerk, path, type="reno.application", reason="x y").status_code == 403
    assert "problem=" in post(custodian, path, type="reno.application").headers["location"]
    assert post(custodian, path, type="reno.application", reason="不在卷内").status_code == 303
    assert "Z9-77" not in custodian.get(f"/households/{home}").text
