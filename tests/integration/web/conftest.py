"""A filled office served by `yihu up`, and clients that sign in as its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from bench.office import Office, fill, open_office

Clients = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of its own for each module, so that decisions of one do not disturb another."""
    made = fill(tmp_path_factory.mktemp("office") / "home")
    with open_office(made):
        yield made
    made.database.dispose()


@pytest.fixture
def sign_in(office: Office) -> Iterator[Clients]:
    """A function that gives a client signed in as somebody; all are closed at the end."""
    clients: list[httpx.Client] = []

    def signed(name: str = "", **headers: str) -> httpx.Client:
        clients.append(office.client(name, **headers))
        return clients[-1]

    yield signed
    for client in clients:
        client.close()
