"""People and companies made up for the samples: names and numbers with valid check digits."""

# ruff: noqa: E501 - tables of data, one entry a line
from __future__ import annotations

import random
from dataclasses import dataclass

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "尉迟", "皇甫", "慕容", "东方", "令狐", "公孙")
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国志文斌辉力永健世广义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子晨轩宇浩然思雨欣怡嘉琪梓涵佳俊雪梅婷慧颖秀珍云莲真环爱香月莺媛瑞凡素菊倩春"
_MINORITY = (
    "买买提·吐尔逊", "阿卜杜拉·艾合买提", "古丽娜尔·买买提", "阿依古丽·肉孜",
    "巴特尔·苏和", "迪丽拜尔·阿不都", "扎西·多吉", "卓玛·央金", "艾山·卡德尔",
)  # fmt: skip
_AREAS = ("110105", "310104", "320102", "330106", "440106", "440301", "440304", "420106", "510107", "430102", "350203", "610113")  # fmt: skip
_CITIES = ("深圳市", "广州市", "上海市", "杭州市", "南京市", "东莞市", "佛山市", "武汉市")
_TRADE = ("实业", "贸易", "科技", "投资", "文化传播", "电子商务", "餐饮管理", "进出口")
_BUILD = ("装饰工程", "建筑装饰", "装饰设计工程", "装修工程")
_BRAND = ("鸿运", "恒达", "嘉信", "正源", "金茂", "华美", "博雅", "天成", "信诺", "万和", "东易", "佳园", "美居", "名匠")  # fmt: skip
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PROVINCES = "粤粤粤粤沪浙苏鄂湘闽"
_PLATE = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a company when `company` is true (then `id_no` is its credit code)."""

    name: str
    phone: str
    id_no: str
    sex: str = "男"
    company: bool = False
    representative: str = ""

    @property
    def birth(self) -> str:
        """Eight digits of the date of birth, from the ID number."""
        return self.id_no[6:14]


def person_name(rng: random.Random) -> str:
    """A plausible name: mostly two or three characters, some compound, a few with dots."""
    roll = rng.random()
    if roll < 0.03:
        return rng.choice(_MINORITY)
    surname = rng.choice(_COMPOUND) if roll < 0.08 else rng.choice(_SURNAMES)
    given = rng.choice(_GIVEN)
    if rng.random() < 0.62:
        given += rng.choice(_GIVEN)
    return surname + given


def mobile(rng: random.Random) -> str:
    """Eleven digits of a mobile number."""
    return (
        "1"
        + rng.choice(("38", "39", "35", "36", "37", "50", "58", "86", "88", "77", "99"))
        + (f"{rng.randrange(10**8):08d}")
    )


def id_number(rng: random.Random, sex: str = "男") -> str:
    """An 18-digit ID number with a valid check digit (GB 11643, domain 3.3)."""
    day = f"{rng.randint(1950, 1998)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    serial = rng.randrange(0, 499) * 2 + (1 if sex == "男" else 0)
    body = f"{rng.choice(_AREAS)}{day}{serial:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(rng: random.Random) -> str:
    """A unified social credit code with a valid check character (GB 32100, domain 3.3)."""
    body = "91" + rng.choice(_AREAS) + "".join(rng.choice("0123456789") for _ in range(8))
    body += rng.choice(_USCC)
    total = sum(_USCC.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return body + _USCC[(31 - total % 31) % 31]


def plate(rng: random.Random) -> str:
    """A car's number plate, one in five of the new-energy kind."""
    serial = "".join(rng.choice(_PLATE) for _ in range(5))
    green = "D" if rng.random() < 0.2 else ""
    return f"{rng.choice(_PROVINCES)}{rng.choice('ABCDEF')}{green}{serial}"


def person(rng: random.Random) -> Person:
    """A person with a mobile and an ID number."""
    sex = rng.choice("男女")
    return Person(person_name(rng), mobile(rng), id_number(rng, sex), sex)


def company(rng: random.Random, *, builder: bool = False) -> Person:
    """A company; `builder` gives one whose business is fitting out flats."""
    trade = rng.choice(_BUILD if builder else _TRADE)
    name = f"{rng.choice(_CITIES)}{rng.choice(_BRAND)}{trade}有限公司"
    return Person(
        name, mobile(rng), credit_code(rng), "", company=True, representative=person_name(rng)
    )
