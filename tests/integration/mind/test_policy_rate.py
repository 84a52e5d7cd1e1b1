"""The tolerated rate as people choose it: in versions, with a reason, with a way back."""

from __future__ import annotations

import json

import pytest

from bench.office import Office, permit
from catalog import ledger, policies
from classifier.thresholds import Seen
from worker import learning
from worker.mind_cache import MindCache
from yihu.errors import Usage

PROVEN = [Seen(0.99, 0.999, held=False, filed=True, right=True)] * 900 + [
    Seen(0.86, 0.999, held=False, right=True)
] * 900


def test_the_command_sets_it_shows_versions_and_goes_back(office: Office) -> None:
    code, lines = office.home.run("policy", "set", "0.01", "--why", "旺季人手不足")
    assert (code, lines[-1]["rate"]) == (0, 0.01)
    assert office.home.run("policy")[1][-1]["rate"] == 0.01
    assert office.home.run("policy", "back", "0", "--why", "旺季结束")[0] == 0
    assert office.home.run("policy")[1][-1]["rate"] == 0.001
    assert office.home.run("policy", "back", "1", "--why", "又到旺季")[1][-1]["rate"] == 0.01
    _, rows = office.home.run("policy", "history")
    assert [(row["version"], row["rate"], row["why"]) for row in rows] == [
        (3, 0.01, "又到旺季"),
        (2, None, "旺季结束"),
        (1, 0.01, "旺季人手不足"),
    ]
    assert office.home.run("policy", "back", "9", "--why", "不存在")[0] != 0


def test_rates_out_of_bounds_and_changes_without_a_reason_are_refused(office: Office) -> None:
    for rate in ("0", "0.06", "-1"):
        assert office.home.run("policy", "set", rate, "--why", "试试")[0] == 2
    assert office.home.run("policy", "set", "0.01")[0] == 2
    with pytest.raises(Usage):
        learning.set_rate(office.services, 0.01, " ", "person:ann")
    assert office.home.run("policy", "history")[1] == []


def test_the_threshold_follows_at_once_and_housekeeping_keeps_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "seen", lambda _: PROVEN)
    other = MindCache(office.services.database, office.services.mind.shipped)  # another worker
    assert not learning.apply_threshold(office.services, ledger.MACHINE)
    assert learning.set_rate(office.services, 0.01, "够准了", "person:ann") == 0.86
    assert other.current().policy.type_threshold == 0.86
    assert not learning.apply_threshold(office.services, ledger.MACHINE)
    learning.set_rate(office.services, None, "改回", "person:ann")
    assert office.services.mind.current().policy.type_threshold == 0.9


def test_who_saw_an_older_version_does_not_overwrite_a_newer(office: Office) -> None:
    learning.set_rate(office.services, 0.01, "先到", "person:ann", 0)
    with pytest.raises(Usage):
        learning.set_rate(office.services, 0.02, "后到", "person:bob", 0)
    assert learning.rate_in_force(office.services) == 0.01


def test_the_ledger_tells_who_and_seals_why(office: Office) -> None:
    learning.set_rate(office.services, 0.02, "王先生同意", "person:ann")
    with office.services.database.read() as session:
        (event,) = ledger.events_of(session, policies.SUBJECT)
        assert list(ledger.verify_chain(session)) == []
    told = json.loads(event.data)
    assert (event.actor, event.action, told["rate"]) == ("person:ann", "rate_set", 0.02)
    assert "王先生" not in event.data


def test_no_rate_files_what_always_goes_to_a_person(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "seen", lambda _: PROVEN)
    learning.set_rate(office.services, learning.MOST_TOLERATED, "最宽", "person:ann")
    assert office.bring(permit(1)).state == "filed"
    nobody = office.bring("# 装修许可证\n房号：3栋1单元501室\n许可证号：A1")
    office_paper = office.bring("# 档案借阅登记表\n序号 | 姓名 | 借阅日期\n房号：3栋1单元101室")
    stranger = office.bring(permit(2).replace("李建华", "欧阳长风"))
    assert {one.state for one in (nobody, office_paper, stranger)} == {"review"}
