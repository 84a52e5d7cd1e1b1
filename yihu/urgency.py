"""How soon something must be done: what a person waits for before what can wait."""

from __future__ import annotations

from enum import IntEnum


class Urgency(IntEnum):
    """Lower comes first; a later one is taken only while none before it waits."""

    NOW = 0
    """Somebody waits for it: a page just dropped, a decision just taken."""
    BULK = 1
    """One of very many: the rest of a long file, or of a mass of files dropped together."""
    LATER = 2
    """Of a mass, what hardly looks like a scan; and what follows from background work, which
    itself comes behind all that was dropped."""
    SLOW = 3
    """It used up the time an ordinary page needs; never on all workers at once."""
