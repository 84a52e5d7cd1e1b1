"""Passwords as argon2id hashes, and secrets that are kept only as their SHA-256.

The cost follows OWASP's lower setting (19 MiB, two passes): a sign-in costs a
few hundredths of a second and many at once do not fill a small machine.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from yihu.errors import Usage

SHORTEST, LONGEST = 10, 200
_SIMPLE = {"password", "1234567890", "0123456789", "qwertyuiop", "administrator", "yihu"}


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys() -> str:
    """A hash to check against when there is no such account, so that both take as long."""
    return _hasher().hash(secrets.token_urlsafe(24))


def hash_password(password: str, name: str = "") -> str:
    """The hash to keep; `Usage` for a password that is too short, too simple or too long."""
    plain = password.strip().casefold()
    if len(password) < SHORTEST:
        raise Usage(f"密码至少 {SHORTEST} 位 / a password has at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise Usage("密码过长 / the password is too long")
    if plain in _SIMPLE or len(set(plain)) < 4 or (name and plain == name.casefold()):
        raise Usage("密码过于简单 / the password is too simple")
    return _hasher().hash(password)


def password_holds(kept: str, password: str) -> bool:
    """Whether the password is right; takes as long for an account without one."""
    try:
        _hasher().verify(kept or _nobodys(), password[:LONGEST])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(kept)


def new_secret() -> str:
    """A token nobody guesses, for a cookie, a link or an API key."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()
