"""Documents that no form kit describes: card copies, ledgers, catalogue sheets, junk."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.corpus import people
from bench.corpus.addresses import write
from bench.corpus.cards import id_pair, id_sheet, licence
from bench.corpus.cases import Outcome
from bench.corpus.filling import fill
from bench.corpus.junk import junk_page
from bench.corpus.layout import lay_out
from bench.corpus.marks import Page
from bench.corpus.people import Person
from bench.corpus.register import Household, households_of
from bench.corpus.samples import Sample, fields_of
from bench.corpus.scene import Scene
from bench.corpus.styles import styles_of
from bench.corpus.words import Words


@dataclass(frozen=True, slots=True)
class Desk:
    """What a maker of papers works with."""

    words: Words
    register: Sequence[Household]
    rng: random.Random

    @property
    def hand(self) -> str:
        """The face of the pack's handwriting."""
        return styles_of(self.words.pack)[0].hand

    def home(self, *, company: bool | None = None) -> Household:
        """A household, if asked one owned (or not owned) by a company."""
        fitting = [h for h in self.register if company is None or h.owners[0].company == company]
        return self.rng.choice(fitting)

    def day(self) -> str:
        """A date as noted by hand."""
        return f"{self.rng.randint(2016, 2024)}.{self.rng.randint(1, 12)}.{self.rng.randint(1, 28)}"


def _card_fields(who: Person, room: str = "") -> dict[str, str]:
    fields = {"owner": who.name, "id_no": who.id_no}
    return fields | ({"room_written": room} if room else {})


def _owner_id(desk: Desk) -> Sample:
    """An owner's ID card; the register decides, a note with the room makes it stronger."""
    rng, home = desk.rng, desk.home(company=False)
    who = rng.choice(home.owners)
    noted = rng.random() < 0.55
    _, room = write(home, "plain", rng)
    use = "办理收楼" if desk.words.pack == "train" else "办理入伙手续"
    note = [f"仅供{home.key.estate}{use}使用", *([room] if noted else []), desk.day()]
    page = id_pair(who, note if noted or rng.random() < 0.6 else [], rng, desk.hand)
    several = len(households_of(desk.register, who)) > 1
    outcome = (
        Outcome("file", "")
        if noted or not several
        else Outcome("review", "two-households", household=False)
    )
    return Sample(
        "movein.id_owner",
        outcome,
        [page],
        home,
        who.name,
        _card_fields(who, room if noted else ""),
        "card",
    )


def _both_owners_id(desk: Desk) -> Sample:
    """The cards of a couple on one sheet."""
    rng = desk.rng
    home = rng.choice([h for h in desk.register if len(h.owners) > 1 and not h.owners[0].company])
    _, room = write(home, "plain", rng)
    page = id_sheet(home.owners, [f"{room} 业主身份证", desk.day()], rng, desk.hand)
    return Sample(
        "movein.id_owner",
        Outcome("file", "couple"),
        [page],
        home,
        home.owner_names,
        _card_fields(home.owners[0], room),
        "card",
    )


def _stranger_id(desk: Desk) -> Sample:
    """A card of somebody who is no owner, without a note: nobody can tell whose it is."""
    who = people.person(desk.rng)
    page = id_pair(who, [], desk.rng, desk.hand)
    return Sample(
        None,
        Outcome("review", "id-of-a-stranger", household=False, typed=False),
        [page],
        None,
        "",
        _card_fields(who),
        "card",
    )


def _noted_id(desk: Desk, code: str, note: str, count: int) -> Sample:
    rng, home = desk.rng, desk.home()
    crew = [people.person(rng) for _ in range(count)]
    _, room = write(home, "plain", rng)
    line = note.format(
        room=room, firm=people.company(rng, builder=True).name, owner=home.owners[0].name
    )
    page = (
        id_sheet(crew, [line, desk.day()], rng, desk.hand)
        if count > 1
        else id_pair(crew[0], [line, desk.day()], rng, desk.hand)
    )
    fields = {"room_written": room, "id_no": crew[0].id_no}
    return Sample(code, Outcome("review", "id-not-of-the-owner"), [page], home, "", fields, "card")


def _worker_id(desk: Desk) -> Sample:
    note = (
        "施工队：{firm} 工种：水电 {room}"
        if desk.words.pack == "train"
        else "{room}装修工人 {firm}"
    )
    return _noted_id(desk, "reno.worker_id", note, desk.rng.randint(2, 6))


def _tenant_id(desk: Desk) -> Sample:
    return _noted_id(
        desk,
        "lease.tenant_id",
        "{room} 租户身份证" if desk.words.pack == "train" else "承租人证件 {room}",
        1,
    )


def _agent_id(desk: Desk) -> Sample:
    return _noted_id(
        desk,
        "movein.id_agent",
        "受托人 代办收楼 {room}" if desk.words.pack == "train" else "{room}代理人身份证",
        1,
    )


def _owner_licence(desk: Desk) -> Sample:
    rng, home = desk.rng, desk.home(company=True)
    who = home.owners[0]
    _, room = write(home, "plain", rng)
    page = licence(
        who,
        "国内贸易；货物进出口；企业管理咨询。",
        "深圳市南山区科技路18号",
        [f"业主 {room}", desk.day()],
        rng,
        desk.hand,
    )
    return Sample(
        "movein.license",
        Outcome("file", "company-owner"),
        [page],
        home,
        who.name,
        _card_fields(who, room),
        "card",
    )


def _builder_licence(desk: Desk) -> Sample:
    rng, home = desk.rng, desk.home()
    who = people.company(rng, builder=True)
    _, room = write(home, "plain", rng)
    page = licence(
        who,
        "室内外装饰装修工程；建筑材料销售。",
        "深圳市宝安区建设路128号",
        [f"{room} 装修公司"],
        rng,
        desk.hand,
    )
    fields = {"room_written": room, "id_no": who.id_no}
    return Sample(
        "reno.contractor_license", Outcome("review", "room-alone"), [page], home, "", fields, "card"
    )


def _office_paper(desk: Desk, code: str) -> Sample:
    """A ledger or list of the office: many households or none, never a household's own."""
    home = desk.home()
    scene = Scene(home, home.owners[0], desk.words, desk.rng, desk.register)
    kit = desk.words.kits[code]
    form = fill(kit, scene)
    style = desk.rng.choice([s for s in styles_of(desk.words.pack) if s.paper == "a4"])
    pages = lay_out(form, style, desk.rng, typed=desk.rng.random() < 0.5)
    single = kit.review == "catalogue-sheet"
    fields = fields_of(scene)
    return Sample(
        code,
        Outcome("review", kit.review, household=single),
        pages,
        home,
        fields.get("owner", ""),
        fields,
        style.name,
    )


def _junk(desk: Desk) -> Sample:
    page, kind = junk_page(desk.rng, desk.words.pack)
    return Sample(
        None, Outcome("review", kind, household=False, typed=False), [page], None, layout="junk"
    )


def _blank_sheet(_: Desk) -> Sample:
    page = Page(blank=True, kind="blank")
    return Sample(
        None,
        Outcome("review", "blank-page", household=False, typed=False),
        [page],
        None,
        layout="blank",
    )


def office_codes(words: Words) -> list[str]:
    """The kits that are office papers, never household content."""
    return [code for code, kit in words.kits.items() if kit.review]


_MAKERS: tuple[tuple[Callable[[Desk], Sample], int], ...] = (
    (_owner_id, 30), (_both_owners_id, 6), (_stranger_id, 6), (_worker_id, 8), (_tenant_id, 5),
    (_agent_id, 5), (_owner_licence, 4), (_builder_licence, 5), (_junk, 14), (_blank_sheet, 2),
)  # fmt: skip


def card_or_junk(desk: Desk) -> Sample:
    """One of the papers without a form, by how often they come."""
    makers = [maker for maker, _ in _MAKERS]
    return desk.rng.choices(makers, [weight for _, weight in _MAKERS])[0](desk)


def owner_card(desk: Desk) -> Sample:
    """An ID card of an owner."""
    return _owner_id(desk)


def office_paper(desk: Desk) -> Sample:
    """A ledger, a summary or a catalogue sheet."""
    return _office_paper(desk, desk.rng.choice(office_codes(desk.words)))


def every_paper(desk: Desk) -> list[Sample]:
    """One of each kind, for tests and for looking at them."""
    return [maker(desk) for maker, _ in _MAKERS] + [
        _office_paper(desk, code) for code in office_codes(desk.words)
    ]
