"""Accounts and how they sign in: people, passwords, sessions, tokens, one-time links.

What they may do stands in `catalog.access`. Nothing here knows a web framework.
"""

from catalog.accounts import people, signed_in
from catalog.accounts.passwords import hash_password, new_secret, password_holds, secret_hash

__all__ = [
    "hash_password",
    "new_secret",
    "password_holds",
    "people",
    "secret_hash",
    "signed_in",
]
