"""Whatever is done in whatever order: the catalogue, the roll-ups and the ledger agree."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import ledger, ticks
from catalog.audit import audit_ticks, drift_audit
from catalog.catalogue import household_catalogue
from catalog.database import Database
from catalog.migrate import upgrade
from catalog.models import Event, Holding, Household
from catalog.register import TableRow, import_register
from tests.integration.catalog.conftest import add_scan
from yihu.errors import Invariant, NotFound

TYPES = ("movein.notice", "movein.id_owner", "reno.permit", "movein.poa", "complaint.card")
OWNERS = ("张伟", "李娜", "张伟、李娜", "王五")
kinds = st.sampled_from(TYPES)
numbers = st.integers(0, 5)
rooms = st.sampled_from(("501", "502"))


class Ticks(RuleBasedStateMachine):
    """Six documents, two rooms, and everything people and the machine do with them."""

    @initialize()
    def open_home(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'yihu.db'}")
        upgrade(self.database)
        self.model: dict[int, tuple[int, str]] = {}
        with self.database.write() as session:
            self._import(session, "501", "张伟")
            self._import(session, "502", "王五")
            self.scans = [add_scan(session, f"scan {n}") for n in range(6)]

    def _import(self, session: Session, room: str, owner: str) -> None:
        rows = [TableRow(2, {"building": "3", "room": room, "owner": owner})]
        import_register(session, rows, estate="阳光花园")

    def _home(self, session: Session, room: str) -> int:
        return session.scalars(
            select(Household.id).where(
                Household.closed_at.is_(None), Household.place.has(room=room)
            )
        ).one()

    @rule(room=rooms, kind=kinds, number=numbers)
    def tick(self, room: str, kind: str, number: int) -> None:
        document_id, sha256 = self.scans[number]
        with self.database.write() as session:
            home = self._home(session, room)
            wanted = self.model.get(document_id, (home, kind)) == (home, kind)
            try:
                ticks.tick_digital(
                    session, household_id=home, type=kind, document_id=document_id,
                    sha256=sha256, evidence={"n": number}, actor="machine",
                )  # fmt: skip
                assert wanted
                self.model[document_id] = (home, kind)
            except Invariant:
                assert not wanted

    @rule(number=numbers)
    def untick(self, number: int) -> None:
        document_id = self.scans[number][0]
        with self.database.write() as session:
            try:
                ticks.untick(session, document_id, "投错", "ann")
                del self.model[document_id]
            except NotFound:
                assert document_id not in self.model

    @rule(room=rooms, kind=kinds, number=numbers)
    def retick(self, room: str, kind: str, number: int) -> None:
        document_id = self.scans[number][0]
        if document_id not in self.model:
            return
        with self.database.write() as session:
            home = self._home(session, room)
            ticks.retick(
                session, document_id=document_id, household_id=home, type=kind, evidence={},
                reason="重新分类", actor="ann",
            )  # fmt: skip
            self.model[document_id] = (home, kind)

    @rule(room=rooms, kind=st.none() | kinds, location=st.sampled_from(("", "K1", "K2")))
    def confirm(self, room: str, kind: str | None, location: str) -> None:
        with self.database.write() as session:
            home = self._home(session, room)
            ticks.confirm_paper(
                session, household_id=home, type=kind, location=location, actor="ann"
            )
            assert not ticks.expected_paper(session, home, kind)

    @rule(room=rooms, kind=kinds)
    def withdraw(self, room: str, kind: str) -> None:
        self._try(ticks.withdraw_paper, room, type=kind, reason="不在卷内", actor="ann")

    @rule(room=rooms, kind=kinds)
    def waive(self, room: str, kind: str) -> None:
        self._try(ticks.waive, room, type=kind, reason="老小区", actor="head")

    @rule(room=rooms, kind=kinds)
    def lift(self, room: str, kind: str) -> None:
        self._try(ticks.lift_waiver, room, type=kind, actor="head")

    def _try(self, act: Any, room: str, **arguments: Any) -> None:
        with self.database.write() as session:
            try:
                act(session, household_id=self._home(session, room), **arguments)
            except NotFound:
                session.flush()

    @rule(room=rooms, owner=st.sampled_from(OWNERS))
    def change_owner(self, room: str, owner: str) -> None:
        with self.database.write() as session:
            self._import(session, room, owner)

    @invariant()
    def everything_agrees(self) -> None:
        with self.database.read() as session:
            assert list(audit_ticks(session)) == []
            assert list(drift_audit(session)) == []
            assert list(ledger.verify_chain(session)) == []
            live = session.execute(
                select(Holding.document_id, Holding.household_id, Holding.type).where(
                    Holding.medium == "digital", Holding.withdrawn_at.is_(None)
                )
            )
            standing = {row.document_id: (row.household_id, row.type) for row in live}
            assert standing == self.model
            ticked = len(session.scalars(select(Event).where(Event.action == "ticked")).all())
            gone = len(session.scalars(select(Event).where(Event.action == "unticked")).all())
            holdings = session.scalars(select(Holding)).all()
            assert ticked == len(holdings)
            assert gone == sum(h.withdrawn_at is not None for h in holdings)
            for room in ("501", "502"):
                found = household_catalogue(session, self._home(session, room))
                for item in found.items:
                    assert item.copies == len(item.documents)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            self.folder.cleanup()


TestTicks = Ticks.TestCase
TestTicks.settings = settings(
    max_examples=8, stateful_step_count=15, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
