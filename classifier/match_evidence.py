"""How sure each kind of agreement is, and the evidence in words, Chinese and English."""

from __future__ import annotations

from enum import Enum

from classifier.match_hints import HintRooms
from classifier.match_people import Opinion
from classifier.match_rooms import Finding, Standing
from classifier.values import Evidence, Field
from yihu.household import HouseholdRecord


class Level(Enum):
    """What each conclusion is worth: the share right among read samples of the kind, rounded down.

    | level | stands on | supported |
    |---|---|---|
    | CERTAIN | sound room and two other identifiers, or our own sheet that the page confirms | yes |
    | SURE | sound room and owner, ID or file number; valid ID number and name; our own sheet | yes |
    | FIRM | room and phone, a near name, a mention or a folder; running or repaired room and an identifier; name and phone; file number alone | yes |
    | FAIR | incomplete room, and the owner's name singles out one candidate | yes, below the usual threshold |
    | ALONE | a labelled room, or a folder or batch, and nothing else | no |
    | DISPUTED | room and an identifier of the household, and something against it | no |
    | LIKELY | no room of the register, and two identifiers that point to one household | no |
    | WEAK | a room from running text or a repair, and nothing else | no |
    | POINTED | no room of the register, and one identifier that points to one household | no |
    | CONFLICT | identifiers disagree | no |
    | HINT | a suggestion for a person | no |
    """  # noqa: E501

    CERTAIN = (0.9995, True)
    SURE = (0.998, True)
    FIRM = (0.996, True)
    FAIR = (0.955, True)
    ALONE = (0.965, False)
    DISPUTED = (0.935, False)
    LIKELY = (0.93, False)
    WEAK = (0.95, False)
    POINTED = (0.6, False)
    CONFLICT = (0.5, False)
    HINT = (0.2, False)

    @property
    def probability(self) -> float:
        """How probable it is that the household is the right one."""
        return self.value[0]

    @property
    def supported(self) -> bool:
        """Whether two identifiers agree."""
        return self.value[1]


_STANDING = {
    Standing.LABELLED: ("标注的房号", "labelled room", 2.0),
    Standing.STATED: ("标题或陈述中的房号", "room in heading or statement", 1.6),
    Standing.RUNNING: ("正文中的房号", "room in running text", 0.8),
    Standing.CONTACT: ("通讯地址中的房号", "room in a postal address", 0.5),
}
_STATUS = {
    "unknown": ("不在名册中", "not in the register"),
    "partial": ("不完整", "incomplete"),
    "ambiguous": ("对应多户", "fits several households"),
    "other_estate": ("属于其他小区", "of another estate"),
}
_AGREE = {
    "owner": ("姓名与业主一致", "name agrees with the owner", 2.0),
    "owner_near": ("姓名与业主相近（一字之差）", "name is one look-alike off the owner's", 0.8),
    "mention": ("文中提到业主姓名", "the owner's name is mentioned", 1.2),
    "tenant": ("姓名与登记租户一致", "name agrees with a registered tenant", 1.2),
    "phone": ("电话与登记一致", "phone agrees with the register", 1.5),
    "id_no": ("证件号与登记一致", "ID number agrees with the register", 2.5),
    "file_no": ("档案编号与登记一致", "file number agrees with the register", 3.0),
}  # fmt: skip
_AGAINST = {
    "owner": ("姓名不是登记业主", "the name is not the registered owner's"),
    "phone": ("电话属于其他业户", "the phone belongs to another household"),
    "id_no": ("证件号不是登记业主的", "the ID number is not the registered owner's"),
    "file_no": ("档案编号属于其他业户", "the file number belongs to another household"),
}


def room_evidence(finding: Finding, household: HouseholdRecord | None, other: str = "") -> Evidence:
    """The address as evidence for a household, or for why none follows."""
    zh, en, weight = _STANDING[finding.standing]
    reading = finding.reading
    if household is None:
        said = _STATUS.get("other_estate" if other else reading.status, ("", ""))
        estate = f"（{other or reading.other}）" if other or reading.other else ""
        zh, en, weight = f"{zh}“{reading.written}”{said[0]}{estate}", f"{en} {said[1]}", -1.0
    else:
        zh, en = f"{zh}“{reading.written}”", f"{en}: {household.key}"
    if reading.repaired:
        zh, en = f"{zh}，经识别纠错", f"{en}, repaired from a misreading"
        weight /= 2
    return Evidence("household", "room", zh, en, weight, reading.written, finding.page, finding.box)


def agreeing(view: Opinion, household: HouseholdRecord) -> list[Evidence]:
    """What speaks for the household besides the room."""
    found = []
    for kind, field in view.agree.items():
        zh, en, weight = _AGREE[kind]
        code = "owner" if kind in {"owner_near", "mention"} else kind
        label = f"（{field.label}）" if field.label else ""
        found.append(_of(field, code, f"{zh}{label}", f"{en} ({household.key})", weight))
    return found


def opposing(view: Opinion, household: HouseholdRecord) -> list[Evidence]:
    """What speaks against the household."""
    found = []
    for kind, field in view.against.items():
        zh, en = _AGAINST[kind]
        label = f"（{field.label}）" if field.label else ""
        found.append(_of(field, kind, f"{zh}{label}", f"{en} ({household.key})", -2.0))
    if view.former is not None:
        zh, en = "姓名或档号属于原业主", "the name or file number is a former owner's"
        found.append(_of(view.former, "former", zh, f"{en} ({household.key})", -2.0))
    return found


def _of(field: Field, code: str, zh: str, en: str, weight: float) -> Evidence:
    page = field.page or None
    return Evidence("household", code, zh, en, weight, field.value, page, field.box)


def hint_evidence(hints: HintRooms, household: HouseholdRecord) -> list[Evidence]:
    """What sheet, folder and batch say about the household."""
    found = []
    if hints.promised is not None and hints.promised.id == household.id:
        zh, en = "分隔页或条码指明", "named by a separator sheet or code of ours"
        found.append(Evidence("household", "sheet", zh, en, 3.0, str(household.key)))
    for code, hinted, zh, en in (
        ("folder", hints.folder, "文件夹或文件名", "folder or file name"),
        ("batch", hints.batch, "同批前一份文件", "the document before it in the batch"),
    ):
        if hinted is not None:
            same = hinted.id == household.id
            said = ("相符", "agrees") if same else (f"指向 {hinted.key}", f"points to {hinted.key}")
            weight = 0.7 if same else -0.7
            found.append(
                Evidence(
                    "household", code, f"{zh}{said[0]}", f"{en} {said[1]}", weight, str(hinted.key)
                )
            )
    return found
