"""Who may sign in, from where they are signed in, and what they opened with a reason.

Passwords are argon2 hashes; links, session and API tokens are kept only as
SHA-256, so a copied database opens nothing. `roles` and `scopes` are codes of
`catalog.access`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from catalog.models.base import Base, Moment


class Account(Base):
    """A person who may sign in; never deleted, only disabled, because the ledger names them."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    display: Mapped[str] = mapped_column(String(80), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str] = mapped_column(String(8), default="")
    password_hash: Mapped[str] = mapped_column(String(160), default="")
    sso_subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class AccountArea(Base):
    """A building (or zone, or estate) an account answers for; "" leaves a level open."""

    __tablename__ = "account_area"
    __table_args__ = (UniqueConstraint("account_id", "estate", "zone", "building"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    estate: Mapped[str] = mapped_column(String(60), default="")
    zone: Mapped[str] = mapped_column(String(20), default="")
    building: Mapped[str] = mapped_column(String(20), default="")


class WebSession(Base):
    """A browser that is signed in, until it is idle too long, too old, or revoked."""

    __tablename__ = "web_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    client: Mapped[str] = mapped_column(String(120), default="")


class ApiToken(Base):
    """A key for programs: it may do what its account may, within its scopes."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class OneTimeLink(Base):
    """A link that works once: "setup" makes the first administrator, "password" sets a password."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class SignOnAttempt(Base):
    """A sign-on sent to the office's identity provider and not answered yet."""

    __tablename__ = "sign_on_attempt"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    expires_at: Mapped[datetime] = mapped_column(Moment)


class LoginFailure(Base):
    """A sign-in that failed; `who` is a digest of the name or the address that tried."""

    __tablename__ = "login_failure"
    __table_args__ = (Index("ix_login_failure_who", "who", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)


class Unmasking(Base):
    """One document opened to one person for a while, with the reason given for it."""

    __tablename__ = "unmasking"
    __table_args__ = (Index("ix_unmasking_who", "account_id", "document_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)


class DeskHold(Base):
    """Who has a document on the review desk just now; it lapses by itself."""

    __tablename__ = "desk_hold"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    until: Mapped[datetime] = mapped_column(Moment)
