"""What an import did, row by row, in words for the clerk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    "missing_building": ("没有楼栋（合并单元格请先填满）", "no building (fill merged cells first)"),
    "missing_room": ("没有房号", "no room number"),
    "date_cell": (
        "单元格被表格软件变成了日期，请把该列设为文本后重新填写",
        "the spreadsheet turned this cell into a date; make the column text and enter it again",
    ),
    "unclear_cell": ("不是楼栋、单元或房号", "not a building, unit or room number"),
    "too_long": ("内容过长", "too long"),
    "duplicate_room": ("同一房号在文件中出现两次，共有人请用、分隔写在一行",
                       "the room stands twice in the file; write co-owners in one row, with 、"),
    "duplicate_file_no": ("档案编号在文件中出现两次", "the file number stands twice in the file"),
    "file_no_taken": ("档案编号已给过其他业户，编号不得重用",
                      "the file number was given to another household and is never given again"),
    "bad_id": ("证件号校验不通过，已保存但不用于匹配",
               "the ID number fails its check; stored, but not used to match"),
    "bad_phone": ("电话号码不完整，已按原样保存", "not a telephone number; stored as written"),
    "damaged_number": ("号码被表格软件截断，未保存；请把该列设为文本后重新填写",
                       "the spreadsheet cut this number; not stored, make the column text"),
    "unknown_occupancy": ("入住状态不认识，按原样保存", "unknown occupancy; stored as written"),
    "unknown_vip": ("重要业户栏应填是或否，未采用", "VIP should be yes or no; not used"),
    "masked_owner": ("业主姓名不完整，保留原姓名", "the owner is masked; the known name is kept"),
    "owner_corrected": ("业主姓名相近且证件或电话相同，视为更正，未建新档",
                        "a similar name with the same ID or phone: taken as a correction"),
    "former_file_no": ("档案编号属于上一代业户，已给新编号",
                       "the file number is the former owner's; a new one was given"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """One row's outcome: "added", "changed", "unchanged", "refused" or "warning".

    `fields` names what changed or what is wrong, `reason` is a code of `WORDS`.
    """

    result: str
    line: int
    room: str
    fields: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""

    @property
    def message(self) -> str:
        """The reason in Chinese and English, with the detail."""
        zh, en = WORDS.get(self.reason, ("", ""))
        words = f"{zh} {en}".strip()
        return f"{words} ({self.detail})" if self.detail else words

    def as_dict(self) -> dict[str, Any]:
        """The note as one line of output."""
        return {
            "line": self.line,
            "room": self.room,
            "result": self.result,
            "fields": list(self.fields),
            "reason": self.reason,
            "message": self.message,
        }


@dataclass(slots=True)
class ImportReport:
    """Every row's outcome in the order of the file; warnings come beside it."""

    dry_run: bool = False
    notes: list[Note] = field(default_factory=list)
    version: int = 0

    def of(self, result: str) -> list[Note]:
        """The notes with this outcome."""
        return [note for note in self.notes if note.result == result]

    @property
    def added(self) -> list[Note]:
        """Rows whose room was not in the register."""
        return self.of("added")

    @property
    def changed(self) -> list[Note]:
        """Rows that changed a household; "generation" among the fields opened a new one."""
        return self.of("changed")

    @property
    def unchanged(self) -> list[Note]:
        """Rows that say what the register says."""
        return self.of("unchanged")

    @property
    def refused(self) -> list[Note]:
        """Rows not taken, each with the reason."""
        return self.of("refused")

    @property
    def warnings(self) -> list[Note]:
        """What was taken with a doubt."""
        return self.of("warning")

    def counts(self) -> dict[str, int]:
        """How many rows had each outcome."""
        found = dict.fromkeys(("added", "changed", "unchanged", "refused", "warning"), 0)
        for note in self.notes:
            found[note.result] += 1
        return found

    def lines(self) -> Iterator[dict[str, Any]]:
        """One line of output per note."""
        return (note.as_dict() for note in self.notes)
