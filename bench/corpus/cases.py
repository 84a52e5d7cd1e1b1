"""What makes a sample easy or hard: each case bends the facts and says what must follow."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.corpus import people
from bench.corpus.addresses import partial, without_unit, write
from bench.corpus.content import plain
from bench.corpus.register import Household
from bench.corpus.scene import Scene
from bench.corpus.words import Words
from yihu.household import ABSENT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a careful custodian does with the page, and why it is hard."""

    expect: str
    why: str
    household: bool = True
    typed: bool = True


Bend = Callable[[Scene], Outcome]

FILE = Outcome("file", "")


def _room_alone(scene: Scene) -> Outcome:
    scene.fixed |= dict.fromkeys(("owner", "owners", "phone", "id_no", "file_no"), "")
    return Outcome("review", "room-alone")


def _stranger(scene: Scene, name: str | None = None) -> None:
    other = people.person(scene.rng)
    name = name or other.name
    scene.fixed |= {
        "owner": name,
        "owners": name,
        "phone": other.phone,
        "id_no": other.id_no,
        "file_no": "",
    }


def _owner_mismatch(scene: Scene) -> Outcome:
    _stranger(scene)
    return Outcome("review", "owner-mismatch", household=False)


def _same_surname(scene: Scene) -> Outcome:
    name = scene.home.owners[0].name
    other = people.person_name(scene.rng)
    while other[1:] == name[1:]:
        other = people.person_name(scene.rng)
    _stranger(scene, name[0] + other[1:])
    return Outcome("review", "same-surname", household=False)


def _neighbours_owner(scene: Scene) -> Outcome:
    """The room of one household with the owner of another."""
    others = [home for home in scene.register if home.owner_names != scene.home.owner_names]
    near = [home for home in others if home.key.building == scene.home.key.building] or others
    owner = scene.rng.choice(near).owners[0]
    scene.fixed |= {
        "owner": owner.name,
        "owners": owner.name,
        "phone": owner.phone,
        "id_no": owner.id_no,
        "file_no": "",
    }
    return Outcome("review", "neighbours-owner", household=False)


def _near_miss(scene: Scene) -> Outcome:
    """One digit of the room is wrong: it names another household, the owner is right."""
    home = scene.home
    near = [other for other in scene.register if _one_off(home, other)]
    if not near:
        return _neighbours_owner(scene)
    room, _ = write(scene.rng.choice(near), "plain", scene.rng)
    scene.fixed |= {"room": plain(room), "phone": "", "id_no": "", "file_no": ""}
    return Outcome("review", "near-miss", household=False)


def _one_off(one: Household, two: Household) -> bool:
    """Whether two addresses differ in one character (3-2-501, 3-2-601), the owners not shared."""
    first, second = str(one.key), str(two.key)
    shared = {owner.name for owner in one.owners} & {owner.name for owner in two.owners}
    if len(first) != len(second) or shared:
        return False
    return sum(a != b for a, b in zip(first, second, strict=True)) == 1


def _former_owner(scene: Scene) -> Outcome:
    _stranger(scene, scene.home.former[0])
    return Outcome("review", "former-owner", household=False)


def _unknown_room(scene: Scene) -> Outcome:
    rng = scene.rng
    building = rng.choice((9, 11, 15, 16))
    scene.fixed |= {
        "room": f"{building}栋{rng.randint(1, 3)}单元{rng.randint(1, 6)}0{rng.randint(1, 2)}室"
    }
    if scene.rng.random() < 0.6:
        _stranger(scene)
    else:
        scene.fixed |= {"phone": "", "id_no": "", "file_no": ""}
    return Outcome("review", "unknown-room", household=False)


def _no_address(scene: Scene) -> Outcome:
    scene.fixed |= {"room": "", "phone": "", "id_no": "", "file_no": ""}
    return Outcome("review", "no-address", household=False)


def _cut_off(scene: Scene) -> Outcome:
    scene.fixed |= {"room": partial(scene.home, scene.rng), "phone": "", "id_no": "", "file_no": ""}
    return Outcome("review", "cut-off", household=False)


def _no_unit(scene: Scene) -> Outcome:
    scene.fixed |= {
        "room": without_unit(scene.home),
        "phone": "",
        "id_no": "",
        "file_no": "",
        "owner": "",
        "owners": "",
    }
    return Outcome("review", "unit-missing", household=False)


def _other_estate(scene: Scene) -> Outcome:
    estate = scene.rng.choice(("翠湖花园", "阳光新城", "锦绣家园", "滨江一号"))
    _stranger(scene)
    key = scene.home.key
    unit = "" if key.unit == ABSENT else f"{key.unit}单元"
    scene.fixed |= {"room": f"{estate}{key.building}栋{unit}{key.room}室", "estate": estate}
    return Outcome("review", "other-estate", household=False)


def _salutation(scene: Scene) -> Outcome:
    name = scene.home.owners[0].name[0] + scene.rng.choice(("先生", "女士", "某", "生"))
    scene.fixed |= {"owner": name, "owners": name, "phone": "", "id_no": "", "file_no": ""}
    return Outcome("review", "salutation")


def _blank_form(scene: Scene) -> Outcome:
    scene.blank = True
    return Outcome("review", "blank-form", household=False, typed=False)


def _untitled(scene: Scene) -> Outcome:
    scene.fixed |= {"title": ""}
    return Outcome("review", "untitled")


REVIEW: tuple[tuple[str, int, Bend], ...] = (
    ("room-alone", 12, _room_alone),
    ("owner-mismatch", 8, _owner_mismatch),
    ("same-surname", 6, _same_surname),
    ("neighbours-owner", 8, _neighbours_owner),
    ("near-miss", 8, _near_miss),
    ("former-owner", 8, _former_owner),
    ("unknown-room", 8, _unknown_room),
    ("no-address", 8, _no_address),
    ("cut-off", 6, _cut_off),
    ("unit-missing", 5, _no_unit),
    ("other-estate", 6, _other_estate),
    ("salutation", 5, _salutation),
    ("blank-form", 6, _blank_form),
    ("untitled", 6, _untitled),
)


def _suits(case: str, home: Household) -> bool:
    if case == "former-owner":
        return bool(home.former)
    if case in ("unit-missing", "cut-off"):
        return home.key.unit.isdigit() and home.key.room.isdigit()
    if case in ("same-surname", "salutation"):
        return not home.owners[0].company
    if case == "other-estate":
        return home.key.building.isdigit() and home.key.room.isdigit()
    return True


def home_for(case: str, register: Sequence[Household], rng: random.Random) -> Household:
    """A household that the case can be played on."""
    return rng.choice([home for home in register if _suits(case, home)])


def scene_for(
    case: str,
    words: Words,
    register: Sequence[Household],
    rng: random.Random,
    home: Household | None = None,
) -> tuple[Scene, Outcome]:
    """The facts of a document, and what must become of it; case "" is a fileable one."""
    if home is None or not _suits(case, home):
        home = home_for(case, register, rng)
    scene = Scene(home, rng.choice(home.owners), words, rng, register)
    bend = next((bend for name, _, bend in REVIEW if name == case), None)
    outcome = bend(scene) if bend else FILE
    return scene, outcome


def pick_review_case(rng: random.Random) -> str:
    """The name of a case that must go to a person."""
    return rng.choices([name for name, _, _ in REVIEW], [weight for _, weight, _ in REVIEW])[0]
