"""`yihu approval`: requests for approval, decided by an account that may, as in the room."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, line, say, settings_of, show
from yihu.errors import Usage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from catalog.access import Viewer

WHO = click.option(
    "--as", "who", default=None, help="The account that acts; default: the name you work under."
)
NUMBER = click.argument("number", metavar="ID", type=int)
COLUMNS = (
    Column("号 id", lambda row: str(row["approval"])),
    Column("事项 what", lambda row: row["action"]),
    Column("对象 for", lambda row: row["subject"]),
    Column("申请人 by", lambda row: row["asked_by"]),
    Column("状态 state", lambda row: row["state"]),
    Column("原因 reason", lambda row: row["reason"]),
)


@click.group()
def approval() -> None:
    """Requests for approval."""


@approval.command("list")
@common
@WHO
@click.option("--mine", is_flag=True, help="Own requests instead of those to decide.")
def list_(home: Path | None, as_json: bool, who: str | None, mine: bool) -> None:
    """What waits for this account's decision, oldest first."""
    from catalog import approvals
    from worker.home import open_home

    with open_home(settings_of(home)).read() as session:
        asked = approvals.mine if mine else approvals.waiting
        rows = [one.as_dict() for one in asked(session, _viewer(session, who))]
    show(rows, COLUMNS, as_json=as_json)


@approval.command()
@common
@WHO
@NUMBER
@click.option("--days", default=0, help="How long it lasts; default: as long as allowed.")
def grant(home: Path | None, as_json: bool, who: str | None, number: int, days: int) -> None:
    """Approve a request."""
    from catalog import approvals

    most = settings_of(home).approval_days
    if not 0 <= days <= most:
        raise Usage(f"--days 1–{most}")
    _decide(
        home,
        as_json,
        number,
        "granted",
        lambda session: approvals.grant(
            session, _viewer(session, who), number, days or most, how=getpass.getuser()
        ),
    )


@approval.command()
@common
@WHO
@NUMBER
@click.option("--reason", required=True, help="Why not, for the asker.")
def decline(home: Path | None, as_json: bool, who: str | None, number: int, reason: str) -> None:
    """Decline a request, with a reason."""
    from catalog import approvals

    _decide(
        home,
        as_json,
        number,
        "declined",
        lambda session: approvals.decline(
            session, _viewer(session, who), number, reason, how=getpass.getuser()
        ),
    )


def _decide(
    home: Path | None, as_json: bool, number: int, state: str, act: Callable[[Session], Any]
) -> None:
    from worker.home import open_home

    with open_home(settings_of(home)).write() as session:
        act(session)
    if as_json:
        line({"approval": number, "state": state})
    else:
        say(f"{number}: {state}")


def _viewer(session: Session, who: str | None) -> Viewer:
    """The account that acts; a disabled one does nothing here either."""
    from catalog.accounts import people

    account = people.named(session, who or getpass.getuser())
    if account.disabled_at is not None:
        raise Usage(f"用户已停用 / {account.name} is disabled")
    return people.viewer_of(session, account)
