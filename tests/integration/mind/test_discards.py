"""What people discard teaches the machine to ask: never to file, never to discard."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bench.office import OWNERS, Office, permit
from catalog import discards as kept
from catalog import ledger, minds
from catalog.models import Document
from catalog.template import load_template
from worker import discards, housekeeping, learning
from worker.undoing import Desk
from yihu.clock import now
from yihu.errors import Usage

LIKE = "like_discarded"


def letter(number: int, *lines: str) -> str:
    """A letter to a household under a title that files by itself."""
    return "\n".join(
        (
            "# 温馨提示",
            f"尊敬的3栋1单元{number}01室业主{OWNERS[number - 1]}：",
            f"联系电话：1380000100{number}",
            *lines,
        )
    )


def advert(number: int, turn: int) -> str:
    return letter(
        number,
        f"您家净水器滤芯即将到期，康泉净水本周特惠，全屋滤芯套装仅售{190 + turn}元",
        "扫码下单送水质检测一次，老客户介绍新客户再减五十元",
        f"免费上门安装，售后热线 400-820-{turn:04d}，康泉净水社区服务站",
    )


def notice(number: int, turn: int) -> str:
    return letter(
        number,
        f"因二次供水水箱清洗，本楼栋将于5月{turn % 28 + 1}日停水，敬请提前储水",
        "恢复供水后请先打开水龙头放水片刻，给您带来不便敬请谅解",
        "阳光花园物业服务中心",
    )


def movein(number: int, turn: int, last: str = "请携带身份证原件及购房合同前来办理收楼手续") -> str:
    return f"""# 收楼通知书
    房号：3栋1单元{number}01室 | 业主姓名：{OWNERS[number - 1]}
    联系电话：1380000100{number} | 通知日期：2024年5月{turn % 28 + 1}日
    您购买的房屋已具备交付条件，请于接到通知之日起十日内办理入住手续
    办理地点：阳光花园物业服务中心一楼大厅 | 办理时间：上午九点至下午五点
    逾期未办理的，视为已经交付，有关费用自交付之日起计收
    {last}"""


def moved_in(office: Office, count: int = 40) -> None:
    """The file room as it is: forms the machine filed by itself, a third of them held back."""
    for turn in range(count):
        assert office.bring(movein(turn % 8 + 1, turn), f"m{turn}.pdf").state == "filed"


def discarded(office: Office, count: int, why: str = "discarded") -> list[int]:
    """So many adverts, each discarded by a person."""
    found = []
    for turn in range(count):
        document = office.bring(advert(turn % 8 + 1, turn), f"a{turn}.pdf")
        office.desk.discard(document.id, why=why)
        found.append(document.id)
    return found


def judged(office: Office) -> int:
    office.services.mind.forget()
    return office.services.mind.current().version


def test_an_advert_that_names_a_household_is_filed_until_several_are_discarded(
    office: Office,
) -> None:
    moved_in(office)
    first = office.bring(advert(8, 50), "first.pdf")
    assert first.state == "filed"
    with pytest.raises(Usage, match="0 discards"):
        discards.train(office.services, "person:ann")
    office.desk.discard(first.id, "an advertisement")
    discarded(office, 4)
    code, rows = office.home.run("model", "train")
    assert (code, len(rows)) == (0, 1), "no labels: only discards taught"
    (said,) = rows
    assert (said["used"], said["discards"], said["kinds"], said["lost"]) == (True, 5, 1, 0)
    assert (said["bold_before"], said["bold_after"]) == (5, 0)
    assert judged(office) == 1
    after = office.bring(advert(7, 77), "next.pdf")
    assert (after.state, after.reasons, after.type) == ("review", [LIKE], "corr.notice")
    assert "与以前丢弃的文件相似" in after.message
    assert "Like papers that were discarded before" in after.message
    why = office.home.run("documents", "--why", str(after.id))[1]
    assert any(row["code"] == "discarded" and row["page"] == 1 and row["box"] for row in why)
    assert office.bring(notice(3, 3), "water.pdf").state == "filed"
    versions = office.home.run("model", "list")[1]
    assert [row["in_use"] for row in versions] == [False, True]
    assert versions[1]["figures"]["kinds"] == 1
    with office.services.database.read() as session:
        assert list(ledger.verify_chain(session)) == []


def test_a_discard_taken_back_is_unlearnt_at_once(office: Office) -> None:
    moved_in(office)
    numbers = discarded(office, 6)
    assert discards.train(office.services, "person:ann").used
    assert office.bring(advert(7, 77), "next.pdf").reasons == [LIKE]
    undone, restored = numbers[:2], numbers[2:4]
    for number in undone:
        Desk(office.services, "person:ann").undo(number)
    for number in restored:
        office.desk.restore(number)
    office.services.mind.forget()
    assert office.services.mind.current().version == 1
    assert office.bring(advert(6, 78), "other.pdf").state == "filed"
    for number in (*undone, *restored):
        office.walk(number)  # what was filed is filed again by the undo
        office.desk.discard(number)
    office.services.mind.forget()
    assert office.bring(advert(5, 79), "again.pdf").reasons == [LIKE]


def test_there_is_a_way_back(office: Office) -> None:
    moved_in(office)
    discarded(office, 5)
    office.home.run("model", "train")
    assert office.home.run("model", "use", "0")[0] == 0
    assert judged(office) == 0
    assert office.bring(advert(7, 77), "next.pdf").state == "filed"


@pytest.mark.parametrize("why", ["rescan", "blank_document"])
def test_a_discard_that_speaks_of_the_scan_teaches_nothing(office: Office, why: str) -> None:
    moved_in(office)
    discarded(office, 8, why)
    with pytest.raises(Usage, match="0 discards"):
        discards.train(office.services, "person:ann")


@pytest.mark.parametrize(
    ("reasons", "code", "tells"),
    [
        ([], "corr.notice", True),
        (["type_unsure"], "admin.summary", True),
        (["not_household_paper"], None, True),
        (["not_household_paper", "other_estate"], None, True),
        (["type_unsure", "household_unknown_room"], "corr.notice", True),
        (["office_paper"], "admin.catalog", True),
        ([LIKE, "household_missing"], "corr.notice", True),
        (["household_missing"], "reno.permit", False),
        (["other_estate"], "movein.notice", False),
        (["former_owner", "household_conflict"], "reno.permit", False),
        (["blank_form"], "reno.permit", False),
        (["low_quality"], "corr.notice", False),
        (["type_unsure", "page_cut_off"], "corr.notice", False),
        (["split_unsure"], "corr.notice", False),
        (["not_household_paper", "page_unread"], None, False),
        (["type_whose"], "movein.id_owner", False),
        ([], "movein.id_owner", False),
    ],
)
def test_only_what_speaks_of_the_kind_teaches(
    reasons: list[str], code: str | None, tells: bool
) -> None:
    one = kept.Discarded(1, "0" * 64, (1, 1), None, code, {"reasons": reasons}, {}, now())
    assert discards.tells_a_kind(one, load_template()) is tells


def test_a_second_scan_of_what_is_filed_teaches_nothing(office: Office) -> None:
    for turn in range(40):
        assert office.bring(permit(turn % 8 + 1, f"-{turn}"), f"{turn}.pdf").state == "filed"
    for turn in range(8):
        second = office.bring(movein(turn + 1, 1), f"first-{turn}.pdf")
        assert second.state == "filed"
        office.desk.discard(office.bring(movein(turn + 1, 2), f"second-{turn}.pdf").id)
    with pytest.raises(Usage, match="0 discards"):
        discards.train(office.services, "person:ann")
    assert office.bring(movein(3, 3), "third.pdf").state == "filed"


def test_adverts_do_not_hold_up_forms_in_the_same_frame(office: Office) -> None:
    """Learnt from five adverts with room and owner: what shares their frame alone goes on."""
    moved_in(office)
    discarded(office, 5)
    assert discards.train(office.services, "person:ann").used
    office.services.mind.forget()
    for turn in range(16):
        number = turn % 8 + 1
        assert office.bring(notice(number, turn), f"n{turn}.pdf").state == "filed"
        assert office.bring(movein(number, turn + 50), f"later{turn}.pdf").state == "filed"
    assert office.bring(advert(7, 77), "advert.pdf").state == "review"


def test_adverts_worded_like_a_form_teach_nothing_where_such_forms_are_filed(
    office: Office,
) -> None:
    """The move-in form with one line of advertising in it: what is filed decides."""
    for turn in range(40):
        office.bring(movein(turn % 4 + 1, turn), f"m{turn}.pdf")
    for turn in range(8):
        paper = movein(turn % 4 + 5, turn, "康泉净水祝您乔迁之喜，凭本单到店领取净水器一台")
        office.desk.discard(office.bring(paper, f"like{turn}.pdf").id)
    done = discards.train(office.services, "person:ann")
    assert (done.discards, done.kinds, done.used) == (8, 0, False)
    office.services.mind.forget()
    for turn in range(16):
        assert office.bring(movein(turn % 8 + 1, turn + 50), f"n{turn}.pdf").state == "filed"


def test_what_a_person_files_all_the_same_is_no_longer_suggested(office: Office) -> None:
    moved_in(office)
    discarded(office, 5)
    discards.train(office.services, "person:ann")
    office.services.mind.forget()
    document = office.bring(advert(7, 77), "wanted.pdf")
    assert document.reasons == [LIKE]
    office.desk.accept(document.id)
    assert office.walk(document.id).state == "filed"
    housekeeping.run(office.services)
    assert judged(office) == 2
    assert office.bring(advert(6, 78), "next.pdf").state == "filed"
    with office.services.database.read() as session:
        (_, forgot) = minds.models(session)
        assert (forgot.figures["forgot"], forgot.figures["kinds"]) == (1, 0)
    assert not discards.train(office.services, "person:ann").used, "nor is it learnt again"


def test_housekeeping_learns_from_five_and_only_from_new_ones(office: Office) -> None:
    moved_in(office)
    discarded(office, 4)
    housekeeping.run(office.services)
    assert judged(office) == 0
    paper = office.bring(advert(8, 60), "fifth.pdf")
    office.desk.discard(paper.id)
    housekeeping.run(office.services)
    assert judged(office) == 1
    for turn in range(61, 68):
        known = office.bring(advert(turn % 8 + 1, turn), f"{turn}.pdf")
        assert known.reasons == [LIKE]
        office.desk.discard(known.id)
    housekeeping.run(office.services)
    with office.services.database.read() as session:
        assert len(minds.models(session)) == 1


def test_a_model_of_labels_keeps_what_discards_taught(office: Office) -> None:
    moved_in(office)
    discarded(office, 5)
    discards.train(office.services, "person:ann")
    for turn in range(40):
        number = turn % 8 + 1
        document = office.bring(permit(number, f"-{turn}"), f"{turn}.pdf")
        office.desk.assign(document.id, office.household(number), "reno.permit")
        office.walk(document.id)
    done = learning.train(office.services, "person:ann")
    assert done.version == 2
    office.home.run("model", "use", "2")
    assert judged(office) == 2
    assert office.bring(advert(7, 77), "next.pdf").reasons == [LIKE]


def test_nothing_personal_of_the_discarded_stands_in_a_model(office: Office) -> None:
    moved_in(office)
    discarded(office, 5)
    discards.train(office.services, "person:ann")
    model = office.services.mind.current().model
    assert model is not None
    (kind,) = model.discarded
    head = json.dumps([sorted(kind.marks), kind.members])
    assert not any(owner in head for owner in OWNERS)
    assert all(isinstance(mark, int) for mark in kind.marks)


def test_the_undo_window_and_the_trash_are_as_they_were(office: Office) -> None:
    """What is like discarded papers is discarded by a person alone, and comes back by undo."""
    moved_in(office)
    discarded(office, 5)
    discards.train(office.services, "person:ann")
    office.services.mind.forget()
    found = office.bring(advert(7, 77), "next.pdf")
    housekeeping.run(office.services)
    assert office.document(found.id).state == "review"
    office.desk.discard(found.id)
    Desk(office.services, "person:ann").undo(found.id, within=timedelta(minutes=10))
    back = office.document(found.id)
    assert (back.state, back.reasons) == ("review", [LIKE])
    with office.services.database.read() as session:
        assert session.get_one(Document, found.id).sha256 == found.sha256
