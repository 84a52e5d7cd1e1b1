"""Pages that are copies of certificates: ID cards, business licences, several to a sheet."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bench.corpus import faces
from bench.corpus.marks import A4, PT, Area, Colour, Glyphs, Page, Rule, Seal
from bench.corpus.people import Person

_CARD = (85.6, 54.0)
_GROUND: Colour = (226, 234, 238)
_EMBLEM: Colour = (176, 60, 60)
_AUTHORITIES = (
    "深圳市公安局福田分局",
    "广州市公安局天河分局",
    "杭州市公安局西湖分局",
    "上海市公安局黄浦分局",
)
_HOMES = (
    "广东省深圳市福田区景田路{a}号{b}栋{c}0{d}",
    "湖北省武汉市江岸区解放大道{a}号",
    "四川省成都市青羊区人民中路{a}号{b}栋{c}单元{d}号",
    "浙江省杭州市西湖区文三路{a}号{c}室",
)


class CardSheet:
    """A sheet with card copies and a note written by hand."""

    def __init__(self, rng: random.Random, hand: str) -> None:
        self.rng = rng
        self.hand = hand
        self.page = Page(*A4, kind="card")

    def put(
        self,
        x: float,
        y: float,
        text: str,
        points: float,
        *,
        face: str = "noto-sans",
        hand: bool = False,
    ) -> None:
        """Place text, printed or written."""
        face = self.hand if hand else face
        size = points * PT
        colour: Colour = (24, 34, 92) if hand else (34, 34, 36)
        self.page.marks.append(
            Glyphs(x, y, text, face, size, hand, colour, faces.width(face, text) * size)
        )

    def front(self, x: float, y: float, who: Person) -> None:
        """The side with the portrait: name, sex, birth, address, number."""
        rng, wide = self.rng, _CARD
        self.page.marks.append(Area(x, y, x + wide[0], y + wide[1], fill=_GROUND, weight=0.3))
        birth = who.birth
        self.put(x + 5, y + 6, f"姓名　{who.name}", 9)
        self.put(
            x + 5, y + 13, f"性别　{who.sex}　民族　{'汉' if '·' not in who.name else '维吾尔'}", 8
        )
        self.put(x + 5, y + 20, f"出生　{birth[:4]}年{int(birth[4:6])}月{int(birth[6:])}日", 8)
        home = rng.choice(_HOMES).format(
            a=rng.randint(1, 300), b=rng.randint(1, 20), c=rng.randint(1, 18), d=rng.randint(1, 8)
        )
        self.put(x + 5, y + 27, f"住址　{home[:11]}", 8)
        self.put(x + 14, y + 32, home[11:], 8)
        self.put(x + 5, y + 44, f"公民身份号码　{who.id_no}", 10)
        self.page.marks.append(Area(x + 58, y + 7, x + 81, y + 37, kind="photo"))

    def back(self, x: float, y: float) -> None:
        """The side with the emblem: authority and validity."""
        rng = self.rng
        self.page.marks.append(Area(x, y, x + _CARD[0], y + _CARD[1], fill=_GROUND, weight=0.3))
        self.page.marks.append(Area(x + 6, y + 7, x + 20, y + 21, fill=_EMBLEM))
        self.put(x + 26, y + 8, "中华人民共和国", 13, face="noto-serif-bold")
        self.put(x + 26, y + 17, "居 民 身 份 证", 15, face="noto-serif-bold")
        self.put(x + 16, y + 36, f"签发机关　{rng.choice(_AUTHORITIES)}", 8)
        year, month = rng.randint(2008, 2019), rng.randint(1, 12)
        self.put(x + 16, y + 43, f"有效期限　{year}.{month:02d}.16-{year + 20}.{month:02d}.16", 8)


def id_pair(who: Person, note: Sequence[str], rng: random.Random, hand: str) -> Page:
    """Both sides of one card on a sheet, with a note below or beside."""
    sheet = CardSheet(rng, hand)
    x, y = rng.uniform(45, 75), rng.uniform(28, 50)
    sheet.front(x, y, who)
    sheet.back(x + rng.uniform(-3, 3), y + 54 + rng.uniform(10, 26))
    place = y + 54 * 2 + rng.uniform(40, 60)
    for line in note:
        sheet.put(rng.uniform(28, 44), place, line, rng.uniform(15, 19), hand=True)
        place += 11
    if note and rng.random() < 0.4:
        sheet.page.marks.append(
            Seal(150, place, "round", "阳光物业服务有限公司|复印件核验", 36, rng.uniform(-12, 12))
        )
    return sheet.page


def id_sheet(people: Sequence[Person], note: Sequence[str], rng: random.Random, hand: str) -> Page:
    """Several cards, faces only or in pairs, as copied for a crew of workers."""
    sheet = CardSheet(rng, hand)
    for place, who in enumerate(people[:6]):
        column, row = place % 2, place // 2
        sheet.front(14 + column * 96, 24 + row * 66, who)
    top = 24 + -(-len(people[:6]) // 2) * 66 + 6
    for line in note:
        sheet.put(20, top, line, 16, hand=True)
        top += 11
    return sheet.page


def licence(
    who: Person, business: str, address: str, note: Sequence[str], rng: random.Random, hand: str
) -> Page:
    """A business licence in landscape."""
    sheet = CardSheet(rng, hand)
    sheet.page = page = Page(A4[1], A4[0], kind="card")
    page.marks += [
        Area(10, 10, 287, 200, weight=1.2, colour=(150, 110, 60)),
        Area(13, 13, 284, 197, weight=0.4, colour=(150, 110, 60)),
    ]
    page.marks.append(Area(140, 18, 156, 34, fill=_EMBLEM))
    sheet.put(110, 40, "营 业 执 照", 38, face="noto-serif-bold")
    sheet.put(24, 60, f"统一社会信用代码　{who.id_no}", 12, face="noto-serif")
    rows = (
        ("名　　称", who.name),
        ("类　　型", "有限责任公司"),
        ("法定代表人", who.representative),
        ("经营范围", business),
    )
    for place, (label, value) in enumerate(rows):
        sheet.put(24, 78 + 15 * place, f"{label}　　{value}", 13, face="noto-serif")
    right = (
        ("注册资本", f"{rng.choice(('壹佰', '伍佰', '壹仟', '贰佰'))}万元整"),
        (
            "成立日期",
            f"{rng.randint(2001, 2018)}年{rng.randint(1, 12):02d}月{rng.randint(1, 28):02d}日",
        ),
        ("住　　所", address),
    )
    for place, (label, value) in enumerate(right):
        sheet.put(160, 78 + 15 * place, f"{label}　　{value}", 12, face="noto-serif")
    sheet.put(200, 160, "登记机关", 14, face="noto-serif")
    page.marks += [
        Seal(228, 166, "round", "市场监督管理局", 42, rng.uniform(-8, 8)),
        Rule(24, 192, 270, 192, 0.2),
    ]
    for place, line in enumerate(note):
        sheet.put(26, 150 + 12 * place, line, 17, hand=True)
    return page
