"""Personal values with their middle hidden: enough to recognise, too little to use."""

from __future__ import annotations

_NAMES = frozenset({"owner", "signer", "former_owner", "tenant", "agent", "worker", "co_owner"})
_NUMBERS = frozenset({"phone", "id_no"})
_LONG_NAME = 5  # a company's name is no secret


def masked(name: str, value: str) -> str:
    """The value of a field as everybody may see it: 张*, 138****5678, 1101**********1234."""
    if name in _NUMBERS:
        return _hidden(value, 3 if name == "phone" else 4, 4)
    if name in _NAMES and len(value) < _LONG_NAME:
        return value[:1] + "*" * max(1, len(value) - 1)
    return value


def _hidden(value: str, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        return value[:1] + "*" * (len(value) - 1)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
