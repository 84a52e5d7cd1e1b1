"""Accounts: who they are, their roles and areas; every change is an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.access.grants import end_approvals, live_grants
from catalog.access.rights import load_rights
from catalog.access.viewer import Area, Viewer
from catalog.accounts.passwords import hash_password
from catalog.models import Account, AccountArea, ApiToken, OneTimeLink, WebSession
from yihu.clock import now
from yihu.errors import NotFound, Usage

_NAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9_.@\-\u4e00-\u9fff]{1,39}")


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account as lists show it."""

    id: int
    name: str
    display: str
    roles: tuple[str, ...]
    areas: tuple[Area, ...]
    disabled: bool
    has_password: bool
    sso: bool

    def as_dict(self) -> dict[str, object]:
        """One line of `yihu user list`."""
        return {
            "name": self.name,
            "display": self.display,
            "roles": list(self.roles),
            "areas": [str(area) for area in self.areas],
            "disabled": self.disabled,
            "password": self.has_password,
            "sso": self.sso,
        }


def add(
    session: Session,
    name: str,
    roles: Sequence[str],
    areas: Iterable[Area] = (),
    *,
    display: str = "",
    password: str | None = None,
    actor: str,
) -> Account:
    """Make an account. `Usage` for a name that is taken or not allowed, or an unknown role."""
    plain = name.strip().casefold()
    if not _NAME.fullmatch(plain):
        raise Usage(f"名称只用 2-40 个汉字、字母、数字 / not a name for an account: {name}")
    if by_name(session, plain) is not None:
        raise Usage(f"已有此用户 / there is an account {plain} already")
    _check_roles(roles)
    account = Account(
        name=plain,
        display=display.strip()[:80],
        roles=list(dict.fromkeys(roles)),
        password_hash=hash_password(password, plain) if password is not None else "",
        created_at=now(),
    )
    session.add(account)
    session.flush()
    _set_areas(session, account.id, areas)
    _event(session, "account_added", account, actor)
    return account


def _check_roles(roles: Sequence[str]) -> None:
    known = load_rights().roles
    unknown = [role for role in roles if role not in known]
    if unknown or not roles:
        raise Usage(f"角色须为 / a role is one of: {', '.join(known)}")
    if "sysadmin" in roles and len(set(roles)) > 1:
        raise Usage("系统管理员不得兼任其他角色 / a system administrator has no other role beside")


def change(
    session: Session,
    account: Account,
    *,
    roles: Sequence[str],
    areas: Iterable[Area],
    display: str,
    actor: str,
) -> None:
    """Give an account other roles and areas; it is signed out everywhere, so they hold at once.

    Nobody does it to their own account (domain 5.3: users are proposed, approved and made by
    different people).
    """
    _check_roles(roles)
    areas = tuple(areas)
    kept = (set(account.roles), set(areas_of(session, account.id)))
    if actor == f"person:{account.name}" and kept != (set(roles), set(areas)):
        raise Usage("不能更改自己的角色与楼栋 / nobody changes their own roles or buildings")
    if "sysadmin" in account.roles and "sysadmin" not in roles:
        _one_administrator_stays(session, account)
    account.roles, account.display = list(dict.fromkeys(roles)), display.strip()[:80]
    _set_areas(session, account.id, areas)
    asks = viewer_of(session, account).asks
    _end_approvals(session, account, actor, [a for a in load_rights().actions if asks(a)])
    sign_out_everywhere(session, account.id)
    _event(session, "account_changed", account, actor)


def disable(session: Session, account: Account, actor: str) -> None:
    """Let an account sign in no more; harmless when it cannot already.

    Its sessions, tokens, links and approvals end for good: enabling it brings none back.
    """
    if "sysadmin" in account.roles:
        _one_administrator_stays(session, account)
    _end_approvals(session, account, actor)  # before the ledger is taken, as a decision does
    if account.disabled_at is None:
        account.disabled_at = now()
        _event(session, "account_disabled", account, actor)
    end_everything(session, account.id)


def enable(session: Session, account: Account, actor: str) -> None:
    """Let a disabled account sign in again."""
    if account.disabled_at is not None:
        account.disabled_at = None
        _event(session, "account_enabled", account, actor)


def set_password(
    session: Session, account: Account, password: str, actor: str, *, link_by: str = ""
) -> None:
    """Set a new password; every session, token and link of the account ends.

    `link_by` is who made the link with which it is set: whoever has the link sets
    it, so the event names both.
    """
    account.password_hash = hash_password(password, account.name)
    end_everything(session, account.id)
    _event(session, "password_set", account, actor, **({"link_by": link_by} if link_by else {}))


def _one_administrator_stays(session: Session, account: Account) -> None:
    others = session.scalars(
        select(Account).where(Account.disabled_at.is_(None), Account.id != account.id)
    )
    if not any("sysadmin" in other.roles for other in others):
        raise Usage("至少保留一名系统管理员 / one system administrator must stay")


def sign_out_everywhere(session: Session, account_id: int, keep: str = "") -> None:
    """Revoke the account's sessions, all but the one with the hash `keep`."""
    open_ones = session.scalars(
        select(WebSession).where(
            WebSession.account_id == account_id,
            WebSession.revoked_at.is_(None),
            WebSession.token_hash != keep,
        )
    )
    for one in open_ones:
        one.revoked_at = now()


def end_everything(session: Session, account_id: int, keep: str = "") -> None:
    """End what opens the account without its password: sessions, API tokens, pending links."""
    sign_out_everywhere(session, account_id, keep)
    session.execute(
        update(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.account_id == account_id, OneTimeLink.used_at.is_(None)
        )
    )


def by_name(session: Session, name: str) -> Account | None:
    """The account of this name, in any letter case."""
    return session.scalar(select(Account).where(Account.name == name.strip().casefold()))


def named(session: Session, name: str) -> Account:
    """The account of this name; `NotFound` when there is none."""
    account = by_name(session, name)
    if account is None:
        raise NotFound(f"没有此用户 / no account {name}")
    return account


def anybody(session: Session) -> bool:
    """Whether there is any account at all."""
    return bool(session.scalar(select(func.count()).select_from(Account)))


def areas_of(session: Session, account_id: int) -> tuple[Area, ...]:
    """The areas of an account."""
    rows = session.scalars(select(AccountArea).where(AccountArea.account_id == account_id))
    return tuple(sorted(Area(row.estate, row.zone, row.building) for row in rows))


def viewer_of(session: Session, account: Account, scopes: Iterable[str] | None = None) -> Viewer:
    """The account as somebody who asks."""
    return Viewer(
        account.id,
        account.name,
        tuple(account.roles),
        areas_of(session, account.id),
        None if scopes is None else frozenset(scopes),
        account.display,
        account.language,
        live_grants(session, account.id),
    )


def listed(session: Session) -> list[AccountLine]:
    """Every account, by name."""
    areas: dict[int, list[Area]] = {}
    for row in session.scalars(select(AccountArea)):
        areas.setdefault(row.account_id, []).append(Area(row.estate, row.zone, row.building))
    return [
        AccountLine(
            account.id,
            account.name,
            account.display,
            tuple(account.roles),
            tuple(sorted(areas.get(account.id, ()))),
            account.disabled_at is not None,
            bool(account.password_hash),
            account.sso_subject is not None,
        )
        for account in session.scalars(select(Account).order_by(Account.name))
    ]


def _set_areas(session: Session, account_id: int, areas: Iterable[Area]) -> None:
    session.execute(delete(AccountArea).where(AccountArea.account_id == account_id))
    areas = tuple(dict.fromkeys(areas))
    if Area() in areas:  # it would hold every building there is
        raise Usage("楼栋不能为空 / an area names an estate, a zone or a building")
    for area in areas:
        session.add(
            AccountArea(
                account_id=account_id, estate=area.estate, zone=area.zone, building=area.building
            )
        )
    session.flush()


def _end_approvals(
    session: Session, account: Account, actor: str, keep: Iterable[str] = ()
) -> None:
    if ended := end_approvals(session, account.id, keep):
        told = {"approvals": ended}
        ledger.append(session, "approval_ended", f"account:{account.name}", told, actor)


def _event(session: Session, action: str, account: Account, actor: str, **more: str) -> None:
    data: dict[str, object] = {
        "roles": list(account.roles),
        "areas": [str(area) for area in areas_of(session, account.id)],
        **more,
    }
    ledger.append(session, action, f"account:{account.name}", data, actor)
