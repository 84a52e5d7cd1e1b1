"""Turns the wording of a kit and the facts of a scene into a filled form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bench.corpus.content import (
    Block,
    Entry,
    Fields,
    Form,
    Opinion,
    Paragraph,
    Run,
    Sign,
    Table,
    Text,
    Ticks,
)
from bench.corpus.scene import Scene
from bench.corpus.words import Kit

_SLOT = re.compile(r"<([^<>]+)>")


def text_of(source: str, scene: Scene) -> Text:
    """Fill the blanks: <slot>, <one|of|these>; a leading ~ means written by hand."""
    hand = source.startswith("~")
    source = source.removeprefix("~")
    if hand and scene.blank:
        return ()
    runs: list[Run] = []
    end = 0
    for found in _SLOT.finditer(source):
        runs.append(Run(source[end : found.start()], hand))
        inner = found.group(1)
        if "|" in inner:
            chosen = scene.rng.choice(inner.split("|"))
            runs.append(Run("＿＿＿＿") if scene.blank else Run(chosen, hand=True))
        else:
            value = scene.value(inner)
            runs += (
                [Run(run.text, hand=True) for run in value] if hand else value or (Run("＿＿＿＿"),)
            )
        end = found.end()
    runs.append(Run(source[end:], hand))
    return tuple(run for run in runs if run.text)


def entry_of(source: str, scene: Scene) -> list[Entry]:
    """An entry from "slot", "label=slot", "label=text with <slots>"; "!" asks for a full row."""
    wide = source.endswith("!")
    label, equals, rest = source.removesuffix("!").partition("=")
    if not equals:
        slot = label
        label = scene.rng.choice(scene.words.labels[slot])
        rest = slot
    if re.fullmatch(r"[a-z_0-9]+", rest):
        rest = f"<{rest}>"
    if rest == "<room>" and (pairs := scene.room_cells()):
        return [Entry(name, (Run(value, hand=True),)) for name, value in pairs]
    value: Text = ()
    if re.fullmatch(r"<[^<>|]+>", rest):
        value = scene.value(rest[1:-1])
    elif rest:
        value = text_of(rest, scene)
    return [Entry(label, value, wide)]


def _fields(source: Sequence[str], scene: Scene) -> Fields:
    return Fields(tuple(entry for item in source for entry in entry_of(item, scene)))


def _ticks(source: str, scene: Scene) -> Ticks:
    label, _, options = source.partition("：")
    several = options.endswith("*")
    names = tuple(options.removesuffix("*").split("|"))
    want = scene.rng.randint(1, len(names)) if several else 1
    chosen = () if scene.blank else tuple(sorted(scene.rng.sample(range(len(names)), want)))
    return Ticks(label, names, chosen)


def _table(data: Mapping[str, Any], scene: Scene) -> Table:
    heads, widths = [], []
    for column in str(data["table"]).split():
        name, _, share = column.partition(":")
        heads.append(name)
        widths.append(float(share or 1))
    rows = list(data["rows"])
    if "pick" in data:
        order = sorted(scene.rng.sample(range(len(rows)), min(int(data["pick"]), len(rows))))
        rows = [rows[place] for place in order]
    rows = rows * int(data.get("times", 1)) + list(data.get("total", ()))
    filled = []
    for number, row in enumerate(rows, 1):
        cells = [str(cell).replace("#", str(number)) for cell in row]
        cells += [""] * (len(heads) - len(cells))
        filled.append(tuple(text_of(cell, scene) for cell in cells[: len(heads)]))
    return Table(tuple(heads), tuple(widths), tuple(filled))


def _checks(data: Mapping[str, Any], scene: Scene) -> Table:
    """A checklist: each item gets its tick in one of the columns, sometimes a remark."""
    marks = str(data.get("marks", "合格|不合格")).split("|")
    rows = []
    for item in data["checks"]:
        good = scene.rng.random() < 0.88
        place = 0 if good else len(marks) - 1
        cells: list[Text] = [(Run(str(item)),)]
        blank = scene.blank
        cells += [
            (Run("√", hand=True),) if at == place and not blank else () for at in range(len(marks))
        ]
        remark = (
            ()
            if good or blank
            else (Run(scene.rng.choice(list(data.get("faults", ["见备注"]))), hand=True),)
        )
        rows.append((*cells, remark))
    heads = (str(data.get("head", "项目")), *marks, "备注")
    return Table(heads, (3.0, *(1.1 for _ in marks), 3.2), tuple(rows))


def _seals(names: Sequence[str], scene: Scene) -> tuple[str, ...]:
    out = []
    for name in names:
        slot, _, below = name.partition("|")
        if slot == "finger":
            out.append("指印")
        else:
            out.append(
                "".join(run.text for run in scene.value(slot)) + (f"|{below}" if below else "")
            )
    return tuple(out)


def _block(data: Mapping[str, Any], scene: Scene) -> Block:
    if "fields" in data:
        return _fields(data["fields"], scene)
    if "text" in data:
        source = data["text"]
        chosen = source if isinstance(source, str) else scene.rng.choice(source)
        return Paragraph(
            text_of(chosen, scene), int(data.get("indent", 2)), bool(data.get("centred", False))
        )
    if "table" in data:
        return _table(data, scene)
    if "checks" in data:
        return _checks(data, scene)
    if "ticks" in data:
        return _ticks(data["ticks"], scene)
    if "opinion" in data:
        label, *texts = data["opinion"]
        blank = scene.blank
        words: Text = () if blank else (Run(scene.rng.choice(texts), hand=True),)
        signature = (
            (Run("签名：　　　　"),)
            if blank
            else (Run("签名："), *scene.value("any_name"), Run("　"), *scene.value("date"))
        )
        return Opinion(label, words, signature)
    entries = [entry for item in data["sign"] for entry in entry_of(item, scene)]
    seals = () if scene.blank else _seals(data.get("seals", ()), scene)
    return Sign(tuple(entries), seals)


def title_of(kit: Kit, scene: Scene) -> str:
    """One of the kit's titles, sometimes with the estate's name before it."""
    if not kit.titles:
        return ""
    title = scene.rng.choice(kit.titles)
    return scene.home.key.estate + title if scene.rng.random() < 0.12 else title


def _contact(scene: Scene) -> str:
    if scene.rng.random() > 0.35:
        return ""
    return f"地址：{scene.string('office_address')}　服务热线：{scene.string('hotline')}"


def fill(kit: Kit, scene: Scene) -> Form:
    """The form of this kit, filled with the facts of this scene."""
    rng = scene.rng
    number = None
    if kit.number:
        number = Entry(kit.number, () if scene.blank else scene.value("number"))
    company = "".join(run.text for run in scene.value(kit.company)) if kit.company else ""
    title = scene.fixed.get("title", title_of(kit, scene))
    scene.used["title"] = (Run(title),)
    return Form(
        title=title,
        blocks=tuple(_block(data, scene) for data in kit.body),
        company=company if rng.random() < 0.75 else "",
        contact=_contact(scene) if kit.company == "office" else "",
        number=number,
        code=rng.choice(kit.codes) if kit.codes and rng.random() < 0.6 else "",
        foot=rng.choice(kit.foot) if kit.foot and rng.random() < 0.7 else "",
        counter=rng.choice(
            ("第{page}页 共{pages}页", "第 {page} 页 / 共 {pages} 页", "- {page} -", "", "")
        ),
        landscape=kit.landscape,
    )
