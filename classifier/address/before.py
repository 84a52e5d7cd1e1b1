"""What stands directly before the building words: zone, estate, or the name of another estate.

Domain 3.1: X小区一期 may be part of the name or a zone; the register decides.
An address of another estate must never match ours, however equal the rest is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifier.address.noise import BLANK
from classifier.address.profile import Profile, zone_key
from classifier.names_glyphs import look_alike
from classifier.normalise import plain

_REACH = 32
_GAP = r"[\s\-,，·]*$"
_PERIOD = r"第?\s*(?:[0-9]{1,2}|[IVXl]{1,4}|[一二三四五六七八九十]{1,3})\s*期"
_SIDE = r"[东南西北中]{1,2}\s*[区苑院园]"
_LETTER = r"(?<![A-Za-z])[A-Za-z]\s*区|(?<!\d)\d{1,2}\s*区|[一二三四五六七八九十]\s*区"
_GENERIC = re.compile(rf"(?:{_PERIOD}|{_LETTER}|{_SIDE}){_GAP}")
_TAIL = re.compile(r"([\u4e00-\u9fff·]+)(?:\s*[(（][\u4e00-\u9fff]+[)）])?[\s\-]*$")
_ADMIN = re.compile(
    r".*(?:省|自治区|市|[^小园社片东南西北中]区|县|镇|街道|乡"
    r"|[路街道巷][0-9一二三四五六七八九十百]+号|(?:大道|街|巷|路)(?=.))"
)
_CITY = re.compile(
    r"(?:中国)?(?:北京|上海|天津|重庆|深圳|广州|东莞|佛山|惠州|珠海|中山|杭州|宁波|南京|苏州|无锡|武汉|长沙|成都|西安"
    r"|厦门|福州|青岛|济南|郑州|合肥|南昌|昆明|贵阳|南宁|海口|沈阳|大连|长春|哈尔滨|石家庄|太原|温州|常州|徐州)"
    r"[\u4e00-\u9fff]{0,4}"
)
# names of estates end so; the single characters need a name before them
_SUFFIX = re.compile(
    r"[\u4e00-\u9fff]{1,10}(?:小区|花园|花苑|家园|家苑|名苑|名城|名都|名邸|名居|名门|雅苑|雅居|新城|新村|新苑|新居|公寓|"
    r"豪庭|豪苑|华庭|华府|华苑|国际|广场|大厦|中心|山庄|庄园|公馆|世家|半岛|御园|御府|御景|豪园|丽苑|丽园|嘉园|嘉苑|"
    r"佳园|佳苑|景园|景苑|锦园|锦苑|水岸|湾畔|天地|学府|书苑|壹号|一号|宿舍|大院|社区|住宅区|别院|都会|时代|首府|"
    r"花城|香榭|绿洲|蓝湾|蓝庭|金域|和园|逸园|逸居|小镇|城邦|尚城|尚品|观邸|悦府|悦城|云庭|天境|星城|春天)"
    r"|[\u4e00-\u9fff]{2,8}(?:园|苑|城|庭|府|湾|村|郡|都|墅|坊|寓|邸|岸|里|阁|轩|台|居)"
)
_NO_NAME = re.compile(
    r".*(?:邻居|家里|屋里|这里|那里|阳台|露台|前台|后台|平台|总台|迁居|定居|移居|居住|公园|花坛|城里|村里|"
    r"[本我贵该此你您全各]\s*(?:们)?\s*(?:小区|大厦|广场|花园|社区|公寓|院|园区)|服务中心|管理中心|服务台|"
    r"政府|市场|客服中心|接待中心|业务中心|小区)"
)
_GENERIC_ESTATE = re.compile(
    r"(?:.*[本我贵该此你您于在的至到往坐座落为是系])?(?:小区|住宅小区|社区|园区|住宅区)"
)
_INTRODUCES = re.compile(
    r".*(?:位于|[座坐]落|地址|住址|房号|房屋|业主|住户|户主|本人|物业|住|系|为|是|在|于|的|至|致|到|往|从|向|和|与|及|"
    r"我们|你|您|租户|单位|单元|楼上|楼下|隔壁|对面|对门|邻居|原|现|购买|认购|所购|购|承租|租|家|我|关于|申请|服务|"
    r"地点|位置|名称|产权|有|给|对|将|把|经|因|由|所|该|本|请|即|名下|拥有|入住|居住|证明|兹|室|房|号|户|省|市|区|县|镇|街道|乡|"
    r"村|社区|路|街|道|巷|办|派|送|收|仅供|供|联|方|人|员|间|期|处|部|址|内|套)"
)
# in the value of a label hardly anything but a place stands before the building
_INTRODUCES_VALUE = re.compile(
    r".*(?:位于|[座坐]落于?|地址|业主|住户|产权|小区|本人|[省市区县镇乡村于在])"
)
_RENAMING = set("新金大小老旧上下中华东南西北")
_AFTER_NAME = r"(?:\s*(?:住宅)?小区|\s*住宅区|\s*社区)?"


@dataclass(frozen=True, slots=True)
class Setting:
    """What was found before an address, and where it begins.

    `zone` is the register's name, "" when none is written, "?" when something
    like a zone stands there that cannot be told, or the unknown zone as
    written with `known` false. `other` is the name of another estate; `odd` says
    that words stand there which neither introduce an address nor name ours.
    """

    start: int
    estate: str = ""
    zone: str = ""
    known: bool = True
    other: str = ""
    odd: bool = False


def setting(text: str, start: int, profile: Profile, *, field: bool) -> Setting:
    """Zone and estate before position `start` of a masked text."""
    low = max(0, start - _REACH)
    for stop in (BLANK, "\n", "\t"):
        low = max(low, text.rfind(stop, low, start) + 1)
    before = text[low:start]
    zone, known, rest = _zone(before, profile)
    estate, other, rest = _estate(rest, profile, field=field)
    if zone == "?" and estate:
        zone = _zone_after_estate(before, profile)
    tail = _TAIL.search(rest) if not estate and not other else None
    odd = tail is not None and len(tail[1]) > 1 and not _INTRODUCES.fullmatch(tail[1])
    return Setting(low + len(rest), estate, zone, known, other, odd)


def _zone(before: str, profile: Profile) -> tuple[str, bool, str]:
    for key, name in sorted(profile.zones.items(), key=lambda item: -len(item[1])):
        if key.endswith("期"):
            continue
        letters = r"\s*".join(map(re.escape, plain(name)))
        match = re.search(rf"{letters}{_GAP}", before, re.IGNORECASE)
        if match:
            head = before[: match.start()].rstrip(" -")
            return ("?" if _glued(head, name, profile) else name), True, head
    match = _GENERIC.search(before)
    if not match:
        return "", True, before
    written = re.sub(r"[\s\-,，·]", "", match[0])
    head = before[: match.start()].rstrip(" -")
    if (own := profile.zones.get(zone_key(written))) is not None:
        return ("?" if _glued(head, written, profile) else own), True, head
    if _glued(head, written, profile):
        return "", True, before  # 河西区, 城东区: part of a longer name
    return written, False, head


def _zone_after_estate(before: str, profile: Profile) -> str:
    for name in profile.zones.values():
        if re.search(rf"{re.escape(name)}{_GAP}", before):
            return name
    return "?"


def _glued(head: str, zone: str, profile: Profile) -> bool:
    """True when the zone word may be the end of a longer name (西区 of 河西区, 金紫荆苑)."""
    if not head or not "\u4e00" <= head[-1] <= "\u9fff":
        return False
    if zone.endswith("期") or _own_estate_ends(head, profile):
        return False
    return not _INTRODUCES.fullmatch(head[-6:])


def _own_estate_ends(head: str, profile: Profile) -> bool:
    return any(head.endswith(plain(name)) for name in profile.estates) or head.endswith("小区")


def _estate(before: str, profile: Profile, *, field: bool) -> tuple[str, str, str]:
    for name in profile.estates:
        letters = r"\s*".join(map(re.escape, plain(name)))
        match = re.search(rf"{letters}{_AFTER_NAME}{_GAP}", before, re.IGNORECASE)
        if match:
            head = before[: match.start()]
            return _own(name, head, field=field)
    tail_match = _TAIL.search(before)
    if not tail_match:
        return "", "", before
    tail = tail_match[1]
    for name in profile.estates:
        if _misread(tail, plain(name)):
            return name, "", before[: tail_match.end(1) - len(name)]
    place = _ADMIN.sub("", tail)
    return "", _other(place, field=field), before


def _own(name: str, head: str, *, field: bool) -> tuple[str, str, str]:
    """Our estate's name, unless words before it make it another's (新阳光花园)."""
    match = _TAIL.search(head)
    if head and head[-1] in _RENAMING:
        return "", head[-1] + name, head[:-1]
    if match is None or not field:
        return name, "", head
    place = _ADMIN.sub("", match[1])
    if not place or _INTRODUCES_VALUE.fullmatch(place) or _CITY.fullmatch(place):
        return name, "", head
    return "", place + name, head[: match.start(1)]


def _misread(tail: str, name: str) -> bool:
    """The estate's own name with one character misread as one that looks alike."""
    end = tail[-len(name) :]
    if len(name) < 3 or len(end) != len(name):
        return False
    wrong = [(a, b) for a, b in zip(end, name, strict=True) if a != b]
    return len(wrong) == 1 and look_alike(*wrong[0]) and "家" not in wrong[0]


def _other(place: str, *, field: bool) -> str:
    if len(place) < 2 or _GENERIC_ESTATE.fullmatch(place):
        return ""
    if _SUFFIX.fullmatch(place[-10:]) and not _NO_NAME.fullmatch(place):
        return place[-10:]
    if field and not _INTRODUCES_VALUE.fullmatch(place):
        return place
    return ""
