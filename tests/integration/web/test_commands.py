"""The commands for accounts, review and trying again: lines and exit codes of the contract."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from bench.front_office import PASSWORD, Office
from bench.home import Home
from catalog.models import Document

DONE, FINDINGS, USAGE = 0, 1, 2
DOCUMENT_LINE = {
    "document", "file", "sha256", "pages", "state", "category", "type", "household", "owner",
    "probability", "reasons", "message", "seconds",
}  # fmt: skip


@pytest.fixture
def home(office: Office) -> Home:
    """The office's home, by command."""
    return Home(office.settings.home)


def _typed(home: Home, typed: str, *arguments: str) -> tuple[int, list[Any]]:
    process = home.start(*arguments, "--json", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    output, _ = process.communicate(typed)
    return process.returncode, [json.loads(line) for line in output.splitlines()]


def _signs_in(office: Office, name: str, password: str) -> bool:
    answer = office.client().post("/sign-in", data={"name": name, "password": password})
    return answer.status_code == 303


def test_an_account_is_made_changed_disabled_and_listed(office: Office, home: Home) -> None:
    code, (made,) = home.run(
        "user", "add", "Anna", "--role", "clerk", "--area", "3", "--display", "安娜"
    )
    assert code == DONE
    assert (made["name"], made["roles"], made["areas"]) == ("anna", ["clerk"], ["3"])
    assert made["link"].startswith("/password/")
    form = {"password": "a-good-long-one", "again": "a-good-long-one"}
    assert office.client().get(made["link"]).status_code == 200
    assert office.client().post(made["link"], data=form).status_code == 303
    assert office.client().post(made["link"], data=form).status_code == 404
    assert _signs_in(office, "anna", "a-good-long-one")

    code, (changed,) = home.run("user", "change", "anna", "--role", "custodian", "--area", "-")
    assert (code, changed["roles"], changed["areas"]) == (DONE, ["custodian"], [])
    assert changed["display"] == "安娜"  # what was not given stays

    assert home.run("user", "disable", "anna") == (DONE, [{"name": "anna", "disabled": True}])
    assert not _signs_in(office, "anna", "a-good-long-one")
    code, rows = home.run("user", "list")
    assert code == DONE
    assert {row["name"]: row["disabled"] for row in rows}["anna"]
    assert home.run("user", "disable", "anna", "--undo")[0] == DONE
    assert _typed(home, "another-long-one\n", "user", "passwd", "anna", "--password-stdin") == (
        DONE,
        [{"name": "anna"}],
    )
    assert _signs_in(office, "anna", "another-long-one")
    assert not _signs_in(office, "anna", "a-good-long-one")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "custodian", "--role", "clerk"), USAGE),  # there is one
        (("add", "bob", "--role", "king"), USAGE),
        (("add", "bob"), USAGE),
        (("change", "nobody", "--role", "clerk"), FINDINGS),
        (("disable", "nobody"), FINDINGS),
        (("disable", "sysadmin"), USAGE),  # the last administrator
        (("passwd", "nobody"), FINDINGS),
    ],
)
def test_an_account_command_that_makes_no_sense_says_so(
    home: Home, arguments: tuple[str, ...], code: int
) -> None:
    assert home.run("user", *arguments) == (code, [])


def test_what_waits_is_listed_and_accepted(office: Office, home: Home) -> None:
    code, rows = home.run("review", "list")
    assert code == DONE
    waiting = {row["document"]: row for row in rows}
    assert {row["state"] for row in rows} == {"review"}
    assert all(row.keys() >= DOCUMENT_LINE for row in rows)
    number, unsure = office.ids["待定三.jpg"], office.ids["没有房号.jpg"]
    assert {number, unsure} <= waiting.keys()
    assert waiting[number]["household"]["room"] == "501"  # its best suggestion
    assert waiting[unsure]["household"] is None

    code, (filed,) = home.run("review", "accept", str(number))
    assert (code, filed["document"], filed["state"]) == (DONE, number, "filed")
    code, (household,) = home.run("household", "3-2-501")
    ticked = next(one for one in household["items"] if one["type"] == "reno.commitment")
    assert ticked["digital"]
    assert ticked["documents"] == [number]

    assert home.run("review", "accept", str(number)) == (USAGE, [])  # decided already
    assert home.run("review", "accept", str(unsure)) == (USAGE, [])  # it has no household
    assert home.run("review", "accept", "999999") == (FINDINGS, [])
    assert home.run("review", "accept", "x")[0] == USAGE
    assert number not in {row["document"] for row in home.run("review", "list")[1]}


def test_what_failed_or_was_refused_is_walked_again(office: Office, home: Home) -> None:
    number, filed = office.ids["待定五.jpg"], office.ids["五栋.jpg"]
    with office.database.write() as session:
        document = session.get_one(Document, number)
        document.state, document.resume_stage = "failed", "understand"
    code, (row,) = home.run("retry", str(number))
    assert (code, row["document"]) == (DONE, number)
    assert row["state"] in ("review", "filed")  # it came to its end again
    assert home.run("retry", str(filed)) == (USAGE, [])
    assert home.run("retry", "999999") == (FINDINGS, [])


def test_a_password_given_to_the_command_works_at_once(office: Office, home: Home) -> None:
    added = _typed(
        home, PASSWORD + "\n", "user", "add", "carl", "--role", "auditor", "--password-stdin"
    )
    assert added[0] == DONE
    assert "link" not in added[1][0]
    assert _signs_in(office, "carl", PASSWORD)
    assert _typed(home, "x\n", "user", "passwd", "carl", "--password-stdin") == (USAGE, [])
    assert _signs_in(office, "carl", PASSWORD)
