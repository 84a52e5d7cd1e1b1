"""What does not answer is told, quickly, whatever else hangs; and nobody can hammer the servers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.home import Home, until
from bench.servers import Valkey, valkey
from catalog.database import Database
from catalog.migrate import HEAD
from catalog.models import Original
from tests.next_version import upgrade_with_next
from worker import readiness
from worker.app import make_app
from worker.home import open_home, open_store
from worker.kept import Kept
from worker.lookout import Lookout
from worker.messages import Messages
from worker.readiness import Readiness
from yihu.clock import now
from yihu.errors import Retryable
from yihu.settings import Settings, load


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey(tmp_path_factory.mktemp("broker")) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, broker: Valkey) -> Settings:
    made = load(tmp_path / "home", broker_url=broker.url)
    database = open_home(made)
    open_store(made, database)
    with database.write() as session:  # from now on a store that is not there is not made anew
        session.add(Original(sha256="a" * 64, size=1, stored_at=now(), verify_result="ok"))
    database.dispose()
    return made


def failing(settings: Settings) -> dict[str, str]:
    """The parts that do not answer, and why."""
    database = Database(settings.database)
    lookout = Lookout(
        settings, database, lambda: open_store(settings, database), Messages(make_app(settings))
    )
    parts = lookout.parts()
    database.dispose()
    assert [part.name for part in parts] == ["database", "schema", "store", "broker"]
    return {part.name: part.why for part in parts if not part.ok}


def test_all_answer(settings: Settings) -> None:
    assert failing(settings) == {}


def test_a_store_that_is_not_mounted_does_not_answer(settings: Settings) -> None:
    assert failing(settings) == {}
    settings.store.rename(settings.home / "elsewhere")
    assert "store" in failing(settings)


def test_a_broker_that_is_away_does_not_answer(settings: Settings, tmp_path: Path) -> None:
    away = load(settings.home, broker_url="redis://127.0.0.1:1/0")
    assert failing(away) == {"broker": "Retryable: the broker does not answer"}


def test_a_schema_of_another_version_is_not_ready(settings: Settings) -> None:
    database = Database(settings.database)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    database.dispose()
    assert "0001" in failing(settings)["schema"]


@pytest.mark.embedded
def test_a_newer_schema_that_this_code_may_work_over_is_ready(
    settings: Settings, tmp_path: Path
) -> None:
    database = Database(settings.database)
    upgrade_with_next(database, tmp_path / "scripts", HEAD)
    assert failing(settings) == {}
    database.dispose()


def test_a_database_that_is_away_does_not_answer(settings: Settings) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    away = load(settings.home, database_url=url, broker_url=settings.broker_url)
    assert {"database", "schema"} <= failing(away).keys()


def test_what_hangs_is_not_waited_for_nor_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE_SECONDS", 0.1)
    hang, asked = threading.Event(), []

    def hangs() -> None:
        asked.append(1)
        hang.wait(30)

    ready = Readiness({"store": hangs, "broker": lambda: None})
    for _ in range(3):
        assert [part.ok for part in ready.look()] == [False, True]
    assert len(asked) == 1
    hang.set()


def test_others_get_the_last_answer_while_one_asks() -> None:
    go, begun, answers = threading.Event(), threading.Event(), iter(("first", "second"))

    def ask() -> str:
        answer = next(answers)
        if answer == "second":
            begun.set()
            go.wait(30)
        return answer

    kept = Kept(ask, seconds=0)
    assert kept.get() == "first"
    slow = threading.Thread(target=kept.get)
    slow.start()
    begun.wait(30)
    assert kept.get() == "first"
    go.set()
    slow.join()


def test_an_answer_is_kept_and_an_error_is_not() -> None:
    answers: list[str | Exception] = [Retryable("away"), "first", "second"]

    def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    kept = Kept(ask, seconds=3600)
    with pytest.raises(Retryable):
        kept.get()
    assert [kept.get(), kept.get()] == ["first", "first"]


# --- yihu status --------------------------------------------------------------------------------


def by_check(home: Home) -> tuple[int, dict[str, dict[str, object]]]:
    code, lines = home.run("status")
    return code, {line["check"]: line for line in lines}


@pytest.mark.embedded
def test_status_says_whether_a_person_is_needed(home: Home) -> None:
    assert home.run("status") == (3, [])
    assert not home.folder.exists(), "a look creates nothing"
    home.run("init")
    code, lines = by_check(home)
    assert (code, lines["processes"]["result"]) == (1, "attention")
    assert lines["broker"]["result"] == "attention"
    assert (
        lines["database"]["result"] == lines["store"]["result"] == lines["disk"]["result"] == "ok"
    )
    with home.running(1):
        home.run("verify")
        until(lambda: home.run("status")[0] == 0, 120)
        code, lines = by_check(home)
    assert code == 0, lines
    assert {"process worker", "process watcher", "process beat", "process web"} <= lines.keys()
    assert lines["process worker"]["since"]
    assert lines["queue now"]["waiting"] == 0
    assert lines["documents"]["states"]
    assert {"review", "pace", "failures 24 h", "fixity", "verify", "queue bulk"} <= lines.keys()


@pytest.mark.embedded
def test_status_says_what_it_could_not_learn(home: Home) -> None:
    home.run("init")
    database = Database(f"sqlite:///{home.folder / 'yihu.db'}")
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    database.dispose()
    code, lines = by_check(home)
    assert code == 3
    assert lines["schema"]["result"] == "attention"
    assert lines["documents"]["result"] == lines["fixity"]["result"] == "could-not-check"


@pytest.mark.embedded
def test_status_on_servers_asks_the_servers(settings: Settings) -> None:
    home = Home(settings.home, broker_url=settings.broker_url.get_secret_value())
    code, lines = by_check(home)
    assert code == 0, lines
    assert "elsewhere" in str(lines["processes"]["message"])
    assert lines["broker"]["result"] == "ok"
