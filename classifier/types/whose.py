"""ID cards and licences: the page is the same, whose it is decides the type (2.7 rows 9, 10).

The owner is known from the register; workers, tenants and agents from a note on
the page, from the register's tenants, or from names the caller knows; names in
papers of the same scan only suggest it. When nothing says whose it is, the
answer is "type_whose" and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from classifier.types.folding import fold
from classifier.types.signals import Signals
from classifier.values import Match
from yihu.household import HouseholdRecord

_CARD_WORDS = ("公民身份号码", "居民身份证", "签发机关", "有效期限", "民族", "性别", "出生", "住址")
_CARD_SURE = ("公民身份号码", "居民身份证", "签发机关")
_LICENCE_SURE = ("统一社会信用代码", "营业执照")
_LICENCE_WORDS = ("经营范围", "登记机关", "法定代表人", "注册资本", "成立日期", "住所", "经营场所",
                  "经营者", "营业期限", "组成形式")  # fmt: skip
_NUMBER = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15})(?!\d)")
_NAME = re.compile(r"姓\s*名\s*[:：]?\s*([一-龥]{2,6}(?:·[一-龥]{1,8})*)")
_COMPANY = re.compile(
    r"(?:名\s*称|企业名称|公司名称)\s*[:：]?\s*([一-龥()（）A-Za-z·]{2,40}?"
    r"(?:公司|厂|店|中心|商行|经营部|工作室|事务所|合伙企业\(有限合伙\)|合伙企业))"
)
_ANY_COMPANY = re.compile(r"[一-龥()（）]{2,30}?(?:有限公司|有限责任公司|商行|经营部|工作室)")
_NOTE = {
    "reno.worker_id": re.compile(
        r"施工队|施工人员|工种|装修工人|水电工|泥瓦?工|木工|油漆工|瓦工|焊工|装修人员|工人"
    ),
    "movein.id_agent": re.compile(r"受托人|代办人|被委托人|代理人|经办人身份证|受委托"),
    "lease.tenant_id": re.compile(r"租户|承租人|租客|租赁使用|租住|租赁备案|租赁登记|承租"),
    "change.new_owner_id": re.compile(r"新业主|过户使用|更名使用|办理过户|办理更名"),
}  # fmt: skip
_OWNER_NOTE = re.compile(r"业主|收楼|入住|入伙|收房|交房|产权人|交楼|接房")
_FIT_OUT = re.compile(r"装饰|装修|装潢")

SUGGESTED = 0.7
SURE_WORDS = {"person": _CARD_SURE, "company": _LICENCE_SURE}
PERSON = ("movein.id_owner", "reno.worker_id", "lease.tenant_id", "movein.id_agent",
          "change.new_owner_id")  # fmt: skip
COMPANY = ("movein.license", "reno.contractor_license", "lease.biz_license", "unit.license")


@dataclass(frozen=True, slots=True)
class People:
    """Names known beside the owners: from worker registers, powers of attorney, leases."""

    workers: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    contractors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Whose:
    """The type an identical page gets, how sure, and by what; `code` "" when nothing says.

    `seen` are the folded words on the page that say so.
    """

    kind: str
    code: str = ""
    sure: float = 0.0
    why_zh: str = ""
    why_en: str = ""
    seen: tuple[str, ...] = ()


def kind_of_page(signals: Signals) -> str:
    """ "person" for a page of ID cards, "company" for a licence, "" for anything else."""
    best = signals.title.best
    kinds = signals.template.by_code
    if best and best.score > 0.6 and not kinds[best.code].whose:
        return ""
    if signals.count(*_CARD_SURE) and signals.count(*_CARD_WORDS) >= 3:
        return "person"
    if signals.count(*_LICENCE_SURE) and signals.count(*_LICENCE_WORDS) >= 2:
        return "company"
    return ""


def decide(
    kind: str,
    signals: Signals,
    match: Match | None,
    people: People | None,
    nearby: Callable[[], People] | None = None,
) -> Whose:
    """Whose page it is, from the household, the people known, and notes on the page.

    Where nothing says, names in other papers of the same scan (`nearby`, asked
    only then) suggest an answer that is never sure enough to file.
    """
    household = match.best.household if match and match.best else None
    found = _person if kind == "person" else _company
    answer = found(signals, household, people or People())
    if not answer.code and nearby:
        answer = _suggested(found(signals, household, nearby()))
    names = (*_NAME.findall(signals.raw), *(word for word in _noted(signals).values()))
    return answer if answer.seen else replace(answer, seen=tuple(map(fold, names)))


def _suggested(answer: Whose) -> Whose:
    if not answer.code:
        return answer
    zh, en = f"同批资料：{answer.why_zh}", f"papers of the same scan: {answer.why_en}"
    return replace(answer, sure=min(answer.sure, SUGGESTED), why_zh=zh, why_en=en)


def _person(signals: Signals, household: HouseholdRecord | None, people: People) -> Whose:
    names = {name for name in _NAME.findall(signals.raw) if name not in ("性别", "民族")}
    numbers = {number.upper() for number in _NUMBER.findall(re.sub(r"[ \t]", "", signals.raw))}
    noted = _noted(signals)
    if household:
        owned = _of_owner(names, numbers, household)
        if owned == "all" and not noted:
            return Whose(
                "person", "movein.id_owner", 0.985, "是本户业主的证件", "the owner's own ID"
            )
        if owned == "some" or (owned == "all" and noted):
            return Whose(
                "person", "movein.id_owner", 0.5, "业主证件与批注不一致", "owner or another?"
            )
        former = set(household.former_owners) & names
        if former:
            return Whose("person", "movein.id_owner", 0.4, "是原业主的证件", "a former owner's ID")
    for code, group, zh, en in (
        ("lease.tenant_id", people.tenants | set(household.tenants if household else ()),
         "是登记的租户", "a tenant on record"),
        ("reno.worker_id", people.workers, "在施工人员名单上", "on the worker register"),
        ("movein.id_agent", people.agents, "是受托人", "named as agent"),
    ):  # fmt: skip
        if names and names <= set(group):
            return Whose("person", code, 0.98, zh, en)
    if len(noted) == 1 and not _OWNER_NOTE.search(signals.text.replace("新业主", "")):
        code, word = next(iter(noted.items()))
        return Whose("person", code, 0.975, f"批注：{word}", f"note on the page: {word}")
    if len(noted) == 1:
        code, word = next(iter(noted.items()))
        sure = 0.975 if code in ("movein.id_agent", "reno.worker_id") else 0.6
        return Whose("person", code, sure, f"批注：{word}", f"note on the page: {word}")
    return Whose("person", "", 0.0, "不知是谁的证件", "nobody known owns this ID")


def _noted(signals: Signals) -> dict[str, str]:
    found = {}
    for code, pattern in _NOTE.items():
        match = pattern.search(signals.text)
        if match:
            found[code] = match.group()
    return found


def _of_owner(names: set[str], numbers: set[str], household: HouseholdRecord) -> str:
    """ "all" when everybody on the page owns the household, "some", or "" for nobody."""
    known_numbers = {number.upper() for number in household.id_nos}
    owners = set(household.owners)
    by_name = {name for name in names if _is_owner(name, owners)}
    by_number = numbers & known_numbers
    if not by_name and not by_number:
        return ""
    strangers = names - by_name
    if strangers and len(by_number) < len(names):
        return "some"
    if by_name and not by_number and numbers and known_numbers:
        return "some"
    return "all"


def _is_owner(name: str, owners: set[str]) -> bool:
    """The name, or the name with a label run into it by the reader."""
    return any(name == owner or name.startswith(owner) for owner in owners)


def _company(signals: Signals, household: HouseholdRecord | None, people: People) -> Whose:
    flat = re.sub(r"\s", "", signals.raw).replace("（", "(").replace("）", ")")
    named = _COMPANY.search(flat) or _ANY_COMPANY.search(flat)
    name = (named.group(1) if named and named.lastindex else named.group() if named else "").strip()
    owners = {_plain(owner) for owner in household.owners} if household else set()
    tenants = people.tenants | set(household.tenants if household else ())
    if name and any(_plain(name) == owner or owner in _plain(name) for owner in owners if owner):
        return Whose("company", "movein.license", 0.985, "是业主单位的执照", "the owner company's")
    if name and any(_plain(name) == _plain(tenant) for tenant in tenants):
        return Whose("company", "lease.biz_license", 0.97, "是租户的执照", "the tenant's licence")
    if name and any(_plain(name) == _plain(other) for other in people.contractors):
        return Whose(
            "company", "reno.contractor_license", 0.98, "是施工单位的执照", "the contractor's"
        )
    titled = signals.title.best
    if titled and titled.title not in ("营业执照", "营业执照复印件", "企业法人营业执照"):
        code = titled.code if titled.code in COMPANY else ""
        if code:
            return Whose("company", code, 0.975, f"标题：{titled.text}", f"title: {titled.text}")
    scope = flat[flat.find("经营范围") :] if "经营范围" in flat else flat
    note = bool(re.search(r"施工单位|装修公司|装修施工|装修使用|办理装修", flat))
    if _FIT_OUT.search(name) and (_FIT_OUT.search(scope) or note):
        return Whose(
            "company", "reno.contractor_license", 0.975, "装饰装修单位的执照", "a fit-out firm's"
        )
    if re.search(r"租户|承租|商住", flat):
        return Whose("company", "lease.biz_license", 0.975, "批注为租户", "noted as the tenant's")
    return Whose("company", "", 0.0, "不知是哪家单位的执照", "nobody known owns this licence")


def _plain(name: str) -> str:
    return re.sub(r"[\s()（）]", "", name)
