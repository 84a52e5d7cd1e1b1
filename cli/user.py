"""`yihu user`: who may sign in, as what, for which buildings."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import Column, common, line, say, settings_of, show
from yihu.errors import Usage

if TYPE_CHECKING:
    from catalog.access import Area
    from yihu.settings import Settings

NAME = click.argument("name")
ROLE = click.option("--role", "roles", multiple=True, help="A role; several may be given.")
AREA = click.option("--area", "areas", multiple=True, help='A building: "3", "东区-3", "花园/3".')
PASSWORD = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def user() -> None:
    """Accounts, their roles and buildings."""


@user.command()
@common
@NAME
@ROLE
@AREA
@click.option("--display", default="", help="The person's name.")
@PASSWORD
def add(
    home: Path | None,
    as_json: bool,
    name: str,
    roles: tuple[str, ...],
    areas: tuple[str, ...],
    display: str,
    password_stdin: bool,
) -> None:
    """Make an account; prints a one-time link for the password unless one is given."""
    from catalog.accounts import people, signed_in
    from worker.home import open_home

    settings, password = settings_of(home), _password(password_stdin)
    database, secret = open_home(settings), ""
    with database.write() as session:
        account = people.add(
            session,
            name,
            roles,
            _areas(areas),
            display=display,
            password=password,
            actor=_actor(),
        )
        if password is None:
            secret = signed_in.add_link(session, "password", account, actor=_actor())
        lines = [one for one in people.listed(session) if one.id == account.id]
    _hint(lines[0].as_dict())
    _tell(settings, lines[0].as_dict(), secret, as_json=as_json)


@user.command("list")
@common
def list_(home: Path | None, as_json: bool) -> None:
    """Every account."""
    from catalog.accounts import people
    from worker.home import open_home

    with open_home(settings_of(home)).read() as session:
        rows = [one.as_dict() for one in people.listed(session)]
    columns = (
        Column("用户 user", lambda row: row["name"]),
        Column("姓名 name", lambda row: row["display"]),
        Column("角色 roles", lambda row: ", ".join(row["roles"])),
        Column("楼栋 buildings", lambda row: ", ".join(row["areas"])),
        Column("状态 status", lambda row: "停用 disabled" if row["disabled"] else ""),
    )
    show(rows, columns, as_json=as_json)


@user.command()
@common
@NAME
@ROLE
@AREA
@click.option("--display", default=None, help="The person's name.")
def change(
    home: Path | None,
    as_json: bool,
    name: str,
    roles: tuple[str, ...],
    areas: tuple[str, ...],
    display: str | None,
) -> None:
    """Give other roles and buildings; what is not given stays, `--area -` takes all away."""
    from catalog.accounts import people
    from worker.home import open_home

    with open_home(settings_of(home)).write() as session:
        account = people.named(session, name)
        kept = people.areas_of(session, account.id)
        people.change(
            session,
            account,
            roles=roles or account.roles,
            areas=_areas(tuple(a for a in areas if a != "-")) if areas else kept,
            display=account.display if display is None else display,
            actor=_actor(),
        )
        lines = [one for one in people.listed(session) if one.id == account.id]
    if as_json:
        line(lines[0].as_dict())


@user.command()
@common
@NAME
@click.option("--undo", is_flag=True, help="Let the account sign in again.")
def disable(home: Path | None, as_json: bool, name: str, undo: bool) -> None:
    """Let an account sign in no more; its sessions and tokens end."""
    from catalog.accounts import people
    from worker.home import open_home

    with open_home(settings_of(home)).write() as session:
        act = people.enable if undo else people.disable
        act(session, people.named(session, name), _actor())
    if as_json:
        line({"name": name, "disabled": not undo})


@user.command()
@common
@NAME
@PASSWORD
def passwd(home: Path | None, as_json: bool, name: str, password_stdin: bool) -> None:
    """Set a password, or print a one-time link with which the person does."""
    from catalog.accounts import people, signed_in
    from worker.home import open_home

    settings, password, secret = settings_of(home), _password(password_stdin), ""
    with open_home(settings).write() as session:
        account = people.named(session, name)
        if password is None:
            secret = signed_in.add_link(session, "password", account, actor=_actor())
        else:
            people.set_password(session, account, password, _actor())
    _tell(settings, {"name": account.name}, secret, as_json=as_json)


@user.command()
def rights() -> None:
    """Print the table of rights: the one in docs/web.md."""
    from web.rights_table import markdown

    click.echo(markdown(), nl=False)


def _tell(settings: Settings, row: dict[str, Any], secret: str, *, as_json: bool) -> None:
    from web.serve import address

    path = f"/password/{secret}" if secret else ""
    if as_json:
        line(row | ({"link": path} if path else {}))
    if path:
        say(
            f"{row['name']}: 用一次性链接设密码 set the password with this one-time link "
            f"(yihu up): {address(settings, settings.web_port)}{path}"
        )


def _hint(row: dict[str, Any]) -> None:
    from catalog.access import Cell, load_rights

    rights = load_rights()
    bound = [
        role
        for role in row["roles"]
        if any(rights.cell(role, action) is Cell.AREA for action in rights.actions)
    ]
    if bound and not row["areas"]:
        say(f"{', '.join(bound)}: 没有 --area 就看不到业户 sees no household without --area")


def _areas(texts: tuple[str, ...]) -> list[Area]:
    from catalog.access import area_of

    try:
        return [area_of(text) for text in texts]
    except ValueError as error:
        raise Usage(f"not a building: {', '.join(texts)}") from error


def _password(from_stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _actor() -> str:
    return f"person:{getpass.getuser()}"
