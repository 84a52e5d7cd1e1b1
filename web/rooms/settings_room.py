"""Settings: users with roles and areas, and the table of rights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from catalog.access import Area, Viewer, area_of, load_rights
from catalog.accounts import people, signed_in
from web.guard import SignedIn, front_of, needs
from web.page import page, shown, to
from web.serve import address
from yihu.errors import Usage

router = APIRouter()
MAY_SEE = Annotated[Viewer, needs("user.see")]
MAY_MANAGE = Annotated[Viewer, needs("user.manage")]
Text = Annotated[str, Form(max_length=300)]
Roles = Annotated[list[str] | None, Form()]


@router.get("/settings")
def users(request: Request, viewer: MAY_SEE) -> Response:
    """Who may sign in, as what, and for which buildings."""
    return _users(request, viewer)


def _users(
    request: Request, viewer: Viewer, *, problem: str = "", link: str = "", link_for: str = ""
) -> Response:
    with front_of(request).database.read() as session:
        accounts = people.listed(session)
        seen = signed_in.last_seen(session)
    return page(
        request,
        "users.html",
        viewer,
        400 if problem else 200,
        accounts=accounts,
        seen=seen,
        roles=list(load_rights().roles.values()),
        manages=viewer.may("user.manage"),
        problem=shown(request).words.both(problem),
        link=link,
        link_for=link_for,
    )


@router.post("/settings/users")
def add_user(
    request: Request,
    viewer: MAY_MANAGE,
    name: Text,
    role: Roles = None,
    areas: Text = "",
    display: Text = "",
) -> Response:
    """Make an account and a link with which its owner sets a password."""
    try:
        with front_of(request).database.write() as session:
            account = people.add(
                session, name, role or [], areas_given(areas), display=display, actor=viewer.actor
            )
            secret = signed_in.add_link(session, "password", account, actor=viewer.actor)
    except Usage as error:
        return _users(request, viewer, problem=str(error))
    return _users(request, viewer, link=_link(request, secret), link_for=account.name)


@router.post("/settings/users/{name}")
def change_user(
    request: Request,
    viewer: MAY_MANAGE,
    name: str,
    act: Annotated[str, Form(max_length=16)],
    role: Roles = None,
    areas: Text = "",
    display: Text = "",
) -> Response:
    """Change roles and areas, disable, enable, or make a link for a new password."""
    link = ""
    try:
        with front_of(request).database.write() as session:
            account = people.named(session, name)
            match act:
                case "change":
                    people.change(
                        session, account, roles=role or [], areas=areas_given(areas),
                        display=display, actor=viewer.actor,
                    )  # fmt: skip
                case "disable":
                    people.disable(session, account, viewer.actor)
                case "enable":
                    people.enable(session, account, viewer.actor)
                case "link":
                    link = signed_in.add_link(session, "password", account, actor=viewer.actor)
                case _:
                    raise Usage(f"act: {act}")
    except Usage as error:
        return _users(request, viewer, problem=str(error))
    if link:
        return _users(request, viewer, link=_link(request, link), link_for=name)
    return to("/settings")


def areas_given(text: str) -> list[Area]:
    """The areas in a field: apart by commas, 、 or blanks."""
    parts = text.replace("、", " ").replace(",", " ").replace("，", " ").split()
    try:
        return [area_of(part) for part in parts]
    except ValueError as error:
        raise Usage(f"楼栋写法不对：{text} / not buildings: {text}") from error


def _link(request: Request, secret: str) -> str:
    front = front_of(request)
    return f"{address(front.settings, request.app.state.port)}/password/{secret}"


@router.get("/settings/rights")
def rights(request: Request, viewer: SignedIn) -> Response:
    """The table of rights, for everybody to read."""
    return page(request, "rights.html", viewer, table=load_rights())
