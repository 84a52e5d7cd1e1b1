"""Sessions, API tokens, one-time links, and the brake on guessing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalog import ledger
from catalog.access.rights import SCOPES
from catalog.access.viewer import Viewer
from catalog.accounts import people
from catalog.accounts.passwords import new_secret, password_holds, secret_hash
from catalog.database import Database
from catalog.models import Account, ApiToken, Event, LoginFailure, OneTimeLink, WebSession
from yihu.clock import now
from yihu.errors import NotFound, Usage, YihuError

IDLE = timedelta(hours=8)
OLDEST = timedelta(days=7)
RENEW = timedelta(minutes=1)  # how often a session in use is written
WINDOW = timedelta(minutes=15)
FREE_TRIES, FREE_TRIES_FROM_ADDRESS, FREE_TRIES_FOR_NAME = 5, 30, 60
"""Failures that are free within the window: of a name from one address, from an address, of a name
from anywhere. The last is high, so that a stranger's guesses do not lock the owner out soon."""
SETUP_LINK = timedelta(hours=24)
PASSWORD_LINK = timedelta(days=3)
PREFIX = "yihu_"


class TooManyTries(YihuError):
    """Too many failed sign-ins; wait some minutes."""


def sign_in(database: Database, name: str, password: str, address: str) -> Account | None:
    """The account whose password this is; None when name or password is wrong.

    Which of them takes as long and says the same. Raises `TooManyTries` after
    too many failures for this name or from this address. The password is
    checked between two transactions, so a burst of guesses keeps nobody from
    writing; whether there were too many is looked at again before it counts.
    """
    with database.read() as session:
        _brake(session, name, address)
        account = people.by_name(session, name)
        kept = account.password_hash if account else ""
    right = password_holds(kept, password)
    with database.write() as session:
        _brake(session, name, address)
        account = people.by_name(session, name)
        same = account is not None and account.password_hash == kept
        if account is None or not right or not same or account.disabled_at is not None:
            keys = _keys(name, address)
            session.add_all(LoginFailure(who=key, at=now()) for key in keys)
            if account is not None:
                ledger.append(session, "sign_in_failed", f"account:{account.name}", {}, "nobody")
            return None
        first = next(iter(_keys(name, address)))
        session.execute(delete(LoginFailure).where(LoginFailure.who == first))
        session.execute(delete(LoginFailure).where(LoginFailure.at < now() - WINDOW))
        return account


def _keys(name: str, address: str) -> dict[str, int]:
    """What failures are counted under, each with how many are free; first the one of both."""
    plain = name.strip().casefold()
    return {
        secret_hash(f"name:{plain}|from:{address}"): FREE_TRIES,
        secret_hash(f"from:{address}"): FREE_TRIES_FROM_ADDRESS,
        secret_hash(f"name:{plain}"): FREE_TRIES_FOR_NAME,
    }


def _brake(session: Session, name: str, address: str) -> None:
    since = now() - WINDOW
    for key, free in _keys(name, address).items():
        query = select(func.count()).where(LoginFailure.who == key, LoginFailure.at > since)
        if (session.scalar(query) or 0) >= free:
            raise TooManyTries


def open_session(session: Session, account: Account, client: str, how: str) -> str:
    """Sign an account in; gives the secret for the cookie. Old sessions are swept."""
    moment, secret = now(), new_secret()
    session.execute(delete(WebSession).where(WebSession.expires_at < moment - OLDEST))
    session.add(
        WebSession(
            token_hash=secret_hash(secret),
            account_id=account.id,
            created_at=moment,
            seen_at=moment,
            expires_at=moment + IDLE,
            client=client[:120],
        )
    )
    ledger.append(session, "signed_in", f"account:{account.name}", {"how": how}, _actor(account))
    return secret


def session_viewer(session: Session, secret: str) -> tuple[Viewer, bool] | None:
    """Who a cookie's secret belongs to, and whether the session should be renewed."""
    row = session.execute(
        select(WebSession, Account)
        .join(Account, Account.id == WebSession.account_id)
        .where(WebSession.token_hash == secret_hash(secret))
    ).one_or_none()
    if row is None:
        return None
    found, account = row
    moment = now()
    dead = found.revoked_at is not None or found.expires_at < moment
    if dead or account.disabled_at is not None or found.created_at < moment - OLDEST:
        return None
    return people.viewer_of(session, account), found.seen_at < moment - RENEW


def renew(session: Session, secret: str) -> None:
    """Note that a session is in use."""
    found = session.get(WebSession, secret_hash(secret))
    if found is not None and found.revoked_at is None:
        found.seen_at, found.expires_at = now(), now() + IDLE


def close_session(session: Session, secret: str) -> None:
    """Sign out; harmless for a secret nobody knows."""
    found = session.get(WebSession, secret_hash(secret))
    if found is not None and found.revoked_at is None:
        found.revoked_at = now()
        account = session.get_one(Account, found.account_id)
        ledger.append(session, "signed_out", f"account:{account.name}", {}, _actor(account))


# --- API tokens ---------------------------------------------------------------------------------


def add_token(
    session: Session, viewer: Viewer, name: str, scopes: Sequence[str], days: int = 365
) -> str:
    """Make an API token for the viewer; its text is shown once and never kept."""
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not wanted or not name.strip():
        raise Usage(f"请填写名称并选择范围 / a name, and scopes out of {', '.join(SCOPES)}")
    secret = PREFIX + new_secret()
    session.add(
        ApiToken(
            account_id=viewer.account_id,
            name=name.strip()[:80],
            token_hash=secret_hash(secret),
            scopes=wanted,
            created_at=now(),
            expires_at=now() + timedelta(days=max(1, min(days, 730))),
        )
    )
    ledger.append(
        session, "token_added", f"account:{viewer.name}", {"scopes": wanted}, viewer.actor
    )
    return secret


def token_viewer(session: Session, secret: str) -> Viewer | None:
    """Who an API token belongs to, with its scopes."""
    row = session.execute(
        select(ApiToken, Account)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.token_hash == secret_hash(secret))
    ).one_or_none()
    if row is None:
        return None
    token, account = row
    expired = token.expires_at is not None and token.expires_at < now()
    if token.revoked_at is not None or expired or account.disabled_at is not None:
        return None
    return people.viewer_of(session, account, token.scopes)


def tokens_of(session: Session, account_id: int) -> Sequence[ApiToken]:
    """The account's tokens that still work."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
    ).all()


def revoke_token(session: Session, viewer: Viewer, token_id: int) -> None:
    """End one of the viewer's own tokens; `NotFound` for any other."""
    token = session.get(ApiToken, token_id)
    if token is None or token.account_id != viewer.account_id:
        raise NotFound(f"no token {token_id}")
    if token.revoked_at is None:
        token.revoked_at = now()
        ledger.append(session, "token_revoked", f"account:{viewer.name}", {}, viewer.actor)


# --- one-time links -----------------------------------------------------------------------------


def add_link(
    session: Session, purpose: str, account: Account | None = None, *, actor: str = ledger.MACHINE
) -> str:
    """Make a link that works once; an older one for the same purpose works no more.

    Whoever holds the link becomes the account, so the event names who made it.
    """
    account_id = account.id if account else None
    session.execute(
        delete(OneTimeLink).where(
            OneTimeLink.purpose == purpose,
            OneTimeLink.account_id.is_(account_id)
            if account_id is None
            else OneTimeLink.account_id == account_id,
        )
    )
    secret = new_secret()
    lives = SETUP_LINK if purpose == "setup" else PASSWORD_LINK
    session.add(
        OneTimeLink(
            token_hash=secret_hash(secret),
            purpose=purpose,
            account_id=account_id,
            expires_at=now() + lives,
        )
    )
    if account is not None:
        told = {"purpose": purpose}
        ledger.append(session, "link_made", f"account:{account.name}", told, actor)
    return secret


def link_maker(session: Session, account: Account) -> str:
    """Who made the newest link of an account: only that one works."""
    made = select(Event.actor).where(
        Event.subject_kind == "account",
        Event.subject_id == account.name,
        Event.action == "link_made",
    )
    return session.scalar(made.order_by(Event.seq.desc()).limit(1)) or ""


def link(session: Session, secret: str) -> OneTimeLink | None:
    """The link of this secret while it works."""
    found = session.get(OneTimeLink, secret_hash(secret))
    if found is None or found.used_at is not None or found.expires_at < now():
        return None
    if found.purpose == "setup" and people.anybody(session):
        return None
    return found


def use_link(session: Session, secret: str) -> OneTimeLink:
    """Take a link: it works no more; `NotFound` when it does not work."""
    found = link(session, secret)
    if found is None:
        raise NotFound("链接已失效 / this link does not work any more")
    found.used_at = now()
    return found


def last_seen(session: Session) -> dict[int, datetime]:
    """When each account was last seen."""
    rows = session.execute(
        select(WebSession.account_id, func.max(WebSession.seen_at)).group_by(WebSession.account_id)
    )
    return {account_id: moment for account_id, moment in rows}  # noqa: C416


def _actor(account: Account) -> str:
    return f"person:{account.name}"
