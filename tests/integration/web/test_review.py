"""The verbs of the desk as a person gives them: through its forms, to a running journey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.front_office import PAPERS, Office, Paper, fill, notice, open_office, post
from catalog import ledger
from catalog.catalogue import household_catalogue

MORE = tuple(
    Paper(
        f"批量{n}.jpg", "3-1-101", "reno.permit", (notice("3-1-101", "张伟", f"1381234{n:04d}"),),
        "review", ("policy",), sure=0.95,
    )
    for n in range(8)
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


def test_splitting_joining_and_taking_both_back(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["多页.pdf"]
    assert (
        post(client, f"/review/desk/{number}/split", page=1).headers["location"].count("problem=")
    )
    answer = post(client, f"/review/desk/{number}/split", page=2)
    assert answer.status_code == 303
    first = _rest(office, number)
    assert (first.first_page, first.last_page) == (1, 1)
    part = _sibling(office, number)
    rest = _rest(office, part)
    assert (rest.first_page, rest.last_page) == (2, 3)
    if first.state == rest.state == "review":
        joined = post(client, f"/review/desk/{part}/merge")
        assert joined.status_code == 303
        assert office.settled(part, "duplicate").duplicate_of == number
        whole = _rest(office, number)
        assert (whole.first_page, whole.last_page) == (1, 3)


def _rest(office: Office, number: int):  # type: ignore[no-untyped-def]
    import time

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = office.document(number)
        if not found.stage:
            return found
        time.sleep(0.1)
    raise TimeoutError(number)


def _sibling(office: Office, number: int) -> int:
    from sqlalchemy import select

    from catalog.models import Document

    with office.database.read() as session:
        mine = session.get_one(Document, number)
        return session.scalars(
            select(Document.id).where(
                Document.arrival_id == mine.arrival_id, Document.first_page == 2
            )
        ).one()


def test_a_document_of_blank_pages_goes_to_the_trash(office: Office) -> None:
    client, number = office.client("custodian"), office.ids["批量4.jpg"]
    post(client, f"/review/desk/{number}/blank", page=1)
    assert office.settled(number, "rejected").reasons == ["blank_document"]


def test_like_documents_are_accepted_together(office: Office) -> None:
    client = office.client("custodian")
    numbers = [office.ids[f"批量{n}.jpg"] for n in (5, 6)]
    left = office.ids["没有房号.jpg"]
    answer = post(client, "/review/bulk", document=[*numbers, left])
    assert "done=2%2F3" in answer.headers["location"]
    for number in numbers:
        office.settled(number, "filed")
    assert office.document(left).state == "review"


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
