"""What falls into an inbox by mistake: menus, newsletters, invoices, adverts, photographs."""

from __future__ import annotations

import random

from bench.corpus.content import Entry, Fields, Form, Paragraph, Run, Table, printed
from bench.corpus.layout import lay_out
from bench.corpus.marks import A4, Page
from bench.corpus.styles import styles_of

_MENU = (
    "宫保鸡丁",
    "鱼香肉丝",
    "清蒸鲈鱼",
    "麻婆豆腐",
    "蒜蓉菜心",
    "酸辣汤",
    "扬州炒饭",
    "白切鸡",
    "梅菜扣肉",
)
_NEWS = (
    "本月天气转凉，请各位居民注意防寒保暖。社区图书室新到图书三百余册，欢迎借阅。",
    "上周六举办的亲子运动会圆满结束，共有六十多组家庭参加，现场笑声不断。",
    "健康讲座：秋季养生与慢病管理，时间本周五下午三点，地点社区活动室。",
    "二手交换角：婴儿车、钢琴、书桌，有意者请在公告栏留言。",
)
_ADS = (
    "搬家公司 随叫随到 价格优惠",
    "专业开锁换锁 二十四小时服务",
    "名师一对一 小学初中数学英语",
    "装修找我们 免费量房 设计出图 装修申请代办",
)


def _menu(rng: random.Random) -> Form:
    rows = tuple(
        (printed(dish), printed(f"{rng.randint(12, 88)}元")) for dish in rng.sample(_MENU, 7)
    )
    return Form(
        rng.choice(("湘味小厨 外卖菜单", "老广茶餐厅 点菜单")),
        (
            Table(("菜名", "价格"), (3, 1), rows),
            Paragraph(printed(f"订餐电话：0755-8{rng.randrange(10**7):07d}　满50元起送")),
        ),
    )


def _newsletter(rng: random.Random) -> Form:
    texts = tuple(Paragraph(printed(text)) for text in rng.sample(_NEWS, 3))
    return Form(
        f"社区生活简报　第{rng.randint(1, 60)}期",
        (*texts, Paragraph(printed("主办：街道社区工作站"), 0)),
    )


def _invoice(rng: random.Random) -> Form:
    goods = rng.choice(("打印纸", "墨盒", "办公用品一批", "饮用水"))
    rows = (
        (printed(goods), printed(str(rng.randint(1, 20))), printed(f"{rng.randint(30, 900)}.00")),
    )
    entries = (
        Entry("购买方", printed("某某物业服务有限公司")),
        Entry("发票号码", printed(f"{rng.randrange(10**8):08d}")),
    )
    return Form(
        "增值税普通发票", (Fields(entries), Table(("货物名称", "数量", "金额"), (3, 1, 2), rows))
    )


def _advert(rng: random.Random) -> Form:
    lines = rng.sample(_ADS, 2)
    return Form(
        lines[0],
        (
            Paragraph(printed(lines[1]), centred=True, indent=0),
            Paragraph(
                printed(f"联系电话 1{rng.choice('3578')}{rng.randrange(10**9):09d}"),
                centred=True,
                indent=0,
            ),
        ),
    )


def _scrap(rng: random.Random) -> Form:
    words = rng.choice(
        ("下午三点开会，带上钥匙", "记得给王师傅打电话", "买：灯泡 胶带 垃圾袋", "15 + 28 = 43")
    )
    return Form("", (Paragraph((Run(words, hand=True),)),))


_KINDS = {
    "menu": _menu,
    "newsletter": _newsletter,
    "invoice": _invoice,
    "advert": _advert,
    "scrap": _scrap,
}


def junk_page(rng: random.Random, pack: str) -> tuple[Page, str]:
    """A page that is nobody's document, and what it is."""
    kind = rng.choice((*_KINDS, "photo"))
    if kind == "photo":
        return Page(*A4, kind="photo"), "junk-photo"
    style = rng.choice([style for style in styles_of(pack) if style.paper == "a4"])
    return lay_out(_KINDS[kind](rng), style, rng)[0], f"junk-{kind}"
