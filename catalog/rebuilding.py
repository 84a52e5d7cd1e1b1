"""Makes a lost catalogue anew from records, row by row, with a ledger of its own.

Ticks and waivers come back as the decisions they were, with the evidence
"rebuilt from the record of ..."; nothing is guessed. What a record does not
say, or says of a household without a record, is not made (`DamagedRecord`):
its original is to be read again. The caller's transaction makes all of it one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from catalog import ledger, portable, projection, search
from catalog.audit import seal_of
from catalog.models import (
    Arrival,
    Document,
    Estate,
    Event,
    FileNumber,
    Holding,
    Household,
    Original,
    Page,
    Person,
    Reading,
    RegisterState,
    Room,
    Waiver,
)
from catalog.records import DamagedRecord, values
from yihu.clock import iso, now
from yihu.page import PageText
from yihu.template import Template

REBUILT = "rebuilt"
DAMAGED = "damaged"
_ADDRESS = ("estate", "zone", "building", "unit", "room")
_M = TypeVar("_M", Arrival, Document, Household)


def distrusted(session: Session, sha256: str) -> bool:
    """Whether this original was read again because its record was damaged: a person must look."""
    query = select(Event.data).where(
        Event.subject_kind == "original", Event.subject_id == sha256, Event.action == REBUILT
    )
    return any(json.loads(data).get("record") == DAMAGED for data in session.scalars(query))


def former_anchors(session: Session) -> set[ledger.Anchor]:
    """Ends of ledgers that were lost and in whose place this one was begun."""
    query = select(Event.data).where(Event.subject_kind == "home", Event.action == REBUILT)
    told = (each for data in session.scalars(query) for each in json.loads(data)["anchors"])
    return {ledger.Anchor.parse(each) for each in told}


class Rebuilding:
    """One rebuild: households first, then originals, then papers, then what must be read again."""

    def __init__(self, session: Session, anchors: Sequence[str], actor: str) -> None:
        self._session = session
        self._actor = actor
        self._households: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        ledger.append(session, REBUILT, "home:", {"anchors": list(anchors)}, actor)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What fails within leaves no row behind."""
        with self._session.begin_nested():
            yield

    def add_household(self, name: str, body: dict[str, Any]) -> None:
        """The room and its generation with people and file numbers; `name` is the record's."""
        said = values(Household, body["household"])
        if self._session.scalar(select(Household).where(Household.file_no == said["file_no"])):
            raise DamagedRecord(f"file number {said['file_no']} is given to another household")
        room = self._room(body)
        said |= {"id": self._free(Household, said["id"]), "room_id": room.id}
        self._close_earlier(room.id, said)
        household = Household(**said)
        self._session.add(household)
        self._session.flush()
        for number in body["file_numbers"]:
            if self._session.get(FileNumber, number["file_no"]) is None:
                row = values(FileNumber, number) | {"household_id": household.id}
                self._session.add(FileNumber(**row))
        for person in body["people"]:
            row = values(Person, _without(person, "id")) | {"household_id": household.id}
            self._session.add(Person(**row))
        told = {"generation": household.generation, REBUILT: body["written_at"]}
        ledger.append(self._session, "opened", f"household:{household.id}", told, actor=self._actor)
        self._households[name] = household.id
        self.counts["households"] += 1

    def add_original(
        self, body: dict[str, Any], version_id: str, lies: Callable[[str], bool]
    ) -> None:
        """An original with its documents, readings and digital ticks.

        `lies` says whether a file still lies at a place below the home.
        """
        households = self._known(body)
        sha256 = body["sha256"]
        fresh = {"version_id": version_id, "verified_at": None, "verify_result": ""}
        self._session.add(Original(**(values(Original, body["original"]) | fresh)))
        arrivals = {row["id"]: self._arrival(row, lies) for row in body["arrivals"]}
        numbers = {
            row["id"]: self._document(row, arrivals, households) for row in body["documents"]
        }
        self._session.flush()
        self._link_duplicates(body, numbers)
        texts = self._readings(body)
        for row in body["documents"]:
            if row["judgement"] is not None:
                pages = range(row["first_page"], row["last_page"] + 1)
                text = "\n".join(texts[number].text for number in pages if number in texts)
                search.index_document(self._session, numbers[row["id"]], text)
        told = {"record": "whole", "of": body["written_at"], "anchor": body["anchor"]}
        told |= {"documents": sorted(numbers.values())}
        ledger.append(self._session, REBUILT, f"original:{sha256}", told, actor=self._actor)
        for row in body["holdings"]:
            self._tick(row, households[row["household_id"]], numbers[row["document_id"]], body)
        self.counts["originals"] += 1
        self.counts["documents"] += len(numbers)

    def add_papers(self, name: str, body: dict[str, Any]) -> None:
        """Paper ticks and open waivers of a household that was added."""
        household_id = self._households[name]
        for row in body["papers"]:
            number = row["document_id"]
            known = number is not None and self._session.get(Document, number) is not None
            self._tick(row, household_id, number if known else None, body)
        for row in body["waivers"]:
            self._waive(row, household_id)
        self._session.flush()

    def add_unread(self, sha256: str, size: int, version_id: str, why: str) -> None:
        """An original of which nothing is known: it walks the journey from `inspect`."""
        moment = now()
        arrival = Arrival(
            token=f"rebuilt-{sha256[:32]}",
            path=f"rebuilt/{sha256[:12]}",
            sha256=sha256,
            size=size,
            received_at=moment,
        )
        original = Original(sha256=sha256, size=size, stored_at=moment, version_id=version_id)
        self._session.add_all([arrival, original])
        self._session.flush()
        document = Document(
            arrival_id=arrival.id,
            sha256=sha256,
            state="received",
            stage="inspect",
            since=moment,
            received_at=moment,
            due_at=moment,
            reasons=[],
        )
        self._session.add(document)
        self._session.flush()
        ledger.append(
            self._session, REBUILT, f"original:{sha256}", {"record": why}, actor=self._actor
        )
        self.counts["to_read"] += 1
        self.counts["damaged_records"] += why == DAMAGED

    def continue_numbers(self) -> None:
        """Let new rows be numbered after those whose numbers were known."""
        portable.continue_numbers(self._session.connection())

    def finish(self, template: Template) -> None:
        """Catalogue lines and roll-ups, and a register that everybody reads anew."""
        self.continue_numbers()
        projection.rebuild(self._session, template)
        self._session.execute(update(RegisterState).values(version=RegisterState.version + 1))

    # --- one row ----------------------------------------------------------------------------

    def _room(self, body: dict[str, Any]) -> Room:
        if body["estate"] is not None and not self._session.get(Estate, body["estate"]["name"]):
            self._session.add(Estate(**values(Estate, body["estate"])))
        said = values(Room, _without(body["room"], "id"))
        where = [getattr(Room, level) == said[level] for level in _ADDRESS]
        room = self._session.scalar(select(Room).where(*where))
        if room is None:
            room = Room(**said)
            self._session.add(room)
            self._session.flush()
        return room

    def _close_earlier(self, room_id: int, said: dict[str, Any]) -> None:
        """Of two generations whose records both say open, only the later one is."""
        if said["closed_at"] is not None:
            return
        other = self._session.scalar(
            select(Household).where(Household.room_id == room_id, Household.closed_at.is_(None))
        )
        if other is not None and other.generation < said["generation"]:
            other.closed_at = said["opened_at"]
            self._session.flush()
        elif other is not None:
            said["closed_at"] = other.opened_at

    def _known(self, body: dict[str, Any]) -> dict[int | None, int | None]:
        found: dict[int | None, int | None] = {None: None}
        for number, name in body["households"].items():
            if name not in self._households:
                raise DamagedRecord(f"the household {name} has no record")
            found[int(number)] = self._households[name]
        return found

    def _arrival(self, row: dict[str, Any], lies: Callable[[str], bool]) -> int:
        said = values(Arrival, row)
        said["id"] = self._free(Arrival, said["id"])
        if said["place"] and not lies(said["place"]):
            said["place"] = ""
        self._session.add(Arrival(**said))
        self._session.flush()
        return int(said["id"])

    def _document(
        self,
        row: dict[str, Any],
        arrivals: dict[int, int],
        households: dict[int | None, int | None],
    ) -> int:
        said = values(Document, row)
        said |= {
            "id": self._free(Document, said["id"]),
            "arrival_id": arrivals[said["arrival_id"]],
            "household_id": households[said["household_id"]],
        }
        self._session.add(Document(**said))
        self._session.flush()
        return int(said["id"])

    def _link_duplicates(self, body: dict[str, Any], numbers: dict[int, int]) -> None:
        for row in body["documents"]:
            if row["duplicate_of"] is not None:
                document = self._session.get_one(Document, numbers[row["id"]])
                document.duplicate_of = numbers.get(row["duplicate_of"])

    def _readings(self, body: dict[str, Any]) -> dict[int, PageText]:
        texts: dict[int, PageText] = {}
        kept: dict[int, int] = {}
        for row in body["readings"]:
            reading = Reading(**values(Reading, _without(row, "id")))
            self._session.add(reading)
            self._session.flush()
            kept[row["id"]] = reading.id
            texts[reading.number] = PageText.unpack(reading.packed)
        for row in body["pages"]:
            said = values(Page, row)
            said["reading_id"] = kept.get(row["reading_id"])
            self._session.add(Page(**said))
        return texts

    def _tick(
        self,
        row: dict[str, Any],
        household_id: int | None,
        document_id: int | None,
        body: dict[str, Any],
    ) -> None:
        said = values(Holding, _without(row, "id", "tick_seq", "move_seq", "untick_seq"))
        said |= {"household_id": household_id, "document_id": document_id}
        said["evidence"] = said["evidence"] | {REBUILT: f"from the record of {body['written_at']}"}
        holding = Holding(**said)
        data = {
            "medium": holding.medium,
            "type": holding.type,
            "document": holding.document_id,
            "sha256": holding.sha256,
            "location": holding.location,
            "seal": seal_of(holding),
        }
        event = ledger.append(
            self._session, "ticked", f"household:{household_id}", data, holding.actor
        )
        holding.tick_seq = event.seq
        self._session.add(holding)
        self.counts["ticks"] += 1

    def _waive(self, row: dict[str, Any], household_id: int) -> None:
        said = values(Waiver, _without(row, "id", "seq")) | {"household_id": household_id}
        until = said["until"].isoformat() if said["until"] else None
        told = {"type": said["type"], "until": until, "why": ledger.digest(said["reason"])}
        told |= {"since": iso(said["since"])}
        event = ledger.append(
            self._session, "waived", f"household:{household_id}", told, said["actor"]
        )
        self._session.add(Waiver(**said, seq=event.seq))
        self.counts["waivers"] += 1

    def _free(self, model: type[_M], wanted: int) -> int:
        """The number a row had, or the next free one where two records claim the same."""
        if self._session.get(model, wanted) is None:
            return wanted
        return int(self._session.scalar(select(func.max(model.id))) or 0) + 1


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
