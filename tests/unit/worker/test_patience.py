"""What is given time, and what is not counted against a document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as NoConnection

from catalog.database import Database
from storage import s3
from worker import processes
from worker.hands import Hands
from worker.services import Services
from worker.supervisor import BIRTH_SECONDS, Child
from yihu.errors import Retryable
from yihu.settings import Settings


def test_a_child_slow_to_be_born_is_given_twice_as_long_each_time() -> None:
    child = Child("worker", list)
    assert child.silent(BIRTH_SECONDS + 1.0)
    child.unborn = 1
    assert not child.silent(BIRTH_SECONDS + 1.0)
    assert child.silent(2 * BIRTH_SECONDS + 1.0)
    child.unborn = 1_000
    assert child.silent(100 * BIRTH_SECONDS)


def test_waiting_for_a_silent_store_ends_before_it_counts_as_a_hang() -> None:
    lease = Settings.model_fields["lease_seconds"].default
    assert lease + processes.HUNG_SECONDS > s3.CONNECT_SECONDS + s3.ANSWER_SECONDS


@pytest.mark.parametrize(
    "error",
    [
        NoConnection("QueuePool limit"),
        InterfaceError("", {}, Exception("the connection is closed")),
        DBAPIError("", {}, Exception("server ended"), connection_invalidated=True),
    ],
)
def test_a_lost_connection_to_the_database_can_be_tried_again(
    error: Exception, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(Retryable), database.write():
        raise error
    database.dispose()


def test_another_error_of_the_database_is_a_bug_and_stays_one(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(DBAPIError), database.write():
        raise DBAPIError("", {}, Exception("no such column"))
    database.dispose()


def test_fetching_an_original_for_long_is_no_hang() -> None:
    hands, seen = Hands(), []

    class Slow:
        @contextmanager
        def local_path(self, _: str) -> Iterator[Path]:
            seen.append(hands.hung(0.0, patience=0.0))
            yield Path("original")

    services = SimpleNamespace(
        hands=hands, store=Slow(), settings=SimpleNamespace(max_file_bytes=1)
    )
    with hands.at_work(), Services.fetched(cast("Services", services), "a" * 64) as path:
        assert path == Path("original")
    assert seen == [False]
