"""Identical papers get their type from whose they are: cards, licences, contracts, receipts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classifier import Hints, Judgement, People, Policy, RegisterIndex, Sheet, judge
from classifier.separator import encode
from yihu.household import HouseholdRecord, RoomKey
from yihu.page import PageText
from yihu.template import Template

Paper = Callable[..., PageText]
HOME = HouseholdRecord(
    1,
    RoomKey("阳光花园", "-", "3", "2", "501"),
    owners=("张伟国",),
    phones=("13800138000",),
    former_owners=("刘德胜",),
    tenants=("周文斌",),
)
REGISTER = RegisterIndex((HOME,))
PLACE = "房屋坐落：阳光花园3栋2单元501室 | 联系电话：13800138000"
SALE = "#{2}房屋买卖合同\n出卖人：{0} | 买受人：{1}\n" + PLACE + "\n总价款：2000000元"
LEASE = "#房屋租赁合同\n出租方：{0} | 承租方：{1}\n" + PLACE + "\n租赁期限一年 | 租金：3000元/月"
SLIP = (
    "#入伙交款单\n房号：3栋2单元501室 | 联系电话：13800138000\n交款人：{0} | 日期：2023年5月1日\n"
    "物业服务费 500.00 | 装修垃圾清运费 300.00\n水费周转金 200.00 | 合计：1000.00"
)
CARD = "姓名 {0}\n性别 男 民族 汉\n出生 1990年3月7日\n公民身份号码 44030119900307002X"
LICENCE = (
    "#营业执照\n统一社会信用代码 914403001922038216\n名称 {0}\n经营范围 日用百货\n登记机关 工商局"
)
DEVELOPER = "阳光房地产开发有限公司"
NEW, USED = "", "存量"


@pytest.fixture
def said(paper: Paper, template: Template) -> Callable[..., Judgement]:
    """The judgement on a page, with what is known besides."""

    def of(text: str, sheet: str = "", nearby: People | None = None) -> Judgement:
        return judge(
            [paper(text)],
            Hints(sheet=sheet),
            REGISTER,
            template,
            Policy(),
            nearby=(lambda: nearby) if nearby else None,
        )

    return of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (SALE.format(DEVELOPER, "张伟国", NEW), ("filed", "movein.contract_stub")),
        (SALE.format("刘德胜", "张伟国", USED), ("filed", "change.sale_contract")),
        (SALE.format("阳光置业有限公司", "张伟国", USED), ("review", "change.sale_contract")),
        (SALE.format("何晓梅", "张伟国", NEW), ("review", "movein.contract_stub")),
        (SALE.format("刘德胜", "张伟国", NEW), ("review", "movein.contract_stub")),
        (SALE.format(DEVELOPER, "欧阳春晓", NEW), ("review", "movein.contract_stub")),
        (SALE.format("何晓梅", "欧阳春晓", USED), ("review", "change.sale_contract")),
        (LEASE.format("张伟国", "何晓梅"), ("filed", "lease.contract")),
        (LEASE.format("何晓梅", "周文斌"), ("filed", "lease.contract")),
        (LEASE.format("何晓梅", "欧阳春晓"), ("review", "lease.contract")),
        (LEASE.format("何晓梅", "张伟国"), ("review", "lease.contract")),
        (SLIP.format("张伟国"), ("filed", "movein.payment_slip")),
        (SLIP.format("周文斌"), ("review", "movein.payment_slip")),
        (SLIP.format("美居装饰工程有限公司"), ("review", "movein.payment_slip")),
    ],
)
def test_who_sells_lets_or_pays_decides_what_the_paper_is(
    said: Callable[..., Judgement], text: str, wanted: tuple[str, str]
) -> None:
    found = said(text)
    best = found.classification.best
    assert (found.state, best.code if best else "") == wanted, found.reasons
    if wanted[0] == "review":
        assert set(found.reasons) & {"type_whose", "household_conflict", "former_owner"}


def test_a_strange_party_is_named_with_its_place(said: Callable[..., Judgement]) -> None:
    found = said(LEASE.format("何晓梅", "欧阳春晓"))
    assert "type_whose" in found.reasons
    (evidence,) = [item for item in found.classification.evidence if item.code == "party"]
    assert "何晓梅" in evidence.zh
    assert "何晓梅" in evidence.en
    assert evidence.weight < 0
    assert (evidence.page, bool(evidence.box)) == (1, True)


@pytest.mark.parametrize(
    ("text", "beside", "code"),
    [
        (CARD.format("马二强"), People(workers=frozenset({"马二强"})), "reno.worker_id"),
        (CARD.format("林志远"), People(agents=frozenset({"林志远"})), "movein.id_agent"),
        (CARD.format("何晓梅"), People(tenants=frozenset({"何晓梅"})), "lease.tenant_id"),
        (
            LICENCE.format("深圳市信诺工程有限公司"),
            People(contractors=frozenset({"深圳市信诺工程有限公司"})),
            "reno.contractor_license",
        ),
    ],
)
def test_names_in_the_same_scan_suggest_and_never_file(
    said: Callable[..., Judgement], text: str, beside: People, code: str
) -> None:
    sheet = encode(Sheet(household=HOME.key))
    alone = said(text, sheet)
    found = said(text, sheet, beside)
    for one in (alone, found):
        assert one.state == "review"
        assert "type_whose" in one.reasons
    best = found.classification.best
    assert best is not None
    assert best.code == code
    assert best.probability <= 0.7
    assert any("同批资料" in item.zh for item in found.classification.evidence)
    strange = said(text, sheet, People(workers=frozenset({"别的人"})))
    assert strange.classification.guesses == alone.classification.guesses


def test_a_card_that_a_sheet_announced_as_something_else_goes_to_a_person(
    said: Callable[..., Judgement],
) -> None:
    owner = CARD.format("张伟国")
    assert said(owner, encode(Sheet(household=HOME.key, type="movein.id_owner"))).state == "filed"
    for announced in ("reno.permit", "reno.worker_id"):
        found = said(owner, encode(Sheet(household=HOME.key, type=announced)))
        assert (found.state, "type_whose" in found.reasons) == ("review", True)
