"""Which steps a process may take: those at the inbox need its files, all others need none.

On one machine a worker does everything. On several, only the host that has the
inbox takes files in, keeps their originals and gives refused ones back; every
other worker lives from the database, the broker and the store alone.
"""

from __future__ import annotations

from enum import StrEnum

from yihu.urgency import Urgency

AT_INBOX = frozenset({"keep", "inspect", "put_away", "give_back"})
"""Stages that touch the inbox, the claimed files or the spool."""

_AT_INBOX = "-inbox"
SPARE = "yihu.spare"
"""The queue of background work, behind all others by its name: an archive read anew must not
stand before anything that was dropped, however little urgent."""


def queue_of(urgency: Urgency, *, at_inbox: bool) -> str:
    """The queue of a step; a worker takes from its queues in the order of their names."""
    name = {
        Urgency.NOW: "yihu",
        Urgency.BULK: "yihu.bulk",
        Urgency.LATER: "yihu.later",
        Urgency.SLOW: "yihu.slow",
    }[urgency]
    return name + _AT_INBOX if at_inbox else name


class Part(StrEnum):
    """What one supervisor keeps running: everything, or what one host or container is for."""

    ALL = "all"
    INBOX = "inbox"
    """The watcher, and a worker for what it takes: the only part that sees the inbox."""
    PAGES = "pages"
    BEAT = "beat"
    WEB = "web"


class Duty(StrEnum):
    """What a worker process is there for."""

    ALL = "all"
    INBOX = "inbox"
    PAGES = "pages"

    def covers(self, stage: str) -> bool:
        """Whether a worker of this duty may take this stage."""
        return self is Duty.ALL or (stage in AT_INBOX) == (self is Duty.INBOX)

    @property
    def stages(self) -> tuple[frozenset[str], bool]:
        """The same for a query: some stages, and whether it covers those or all others."""
        return (frozenset() if self is Duty.ALL else AT_INBOX), self is Duty.INBOX

    @property
    def sides(self) -> tuple[bool, ...]:
        """At the inbox, away from it, or both."""
        return {Duty.ALL: (False, True), Duty.INBOX: (True,), Duty.PAGES: (False,)}[self]

    @property
    def queues(self) -> list[str]:
        """Names of the queues a worker of this duty takes from."""
        dropped = sorted(queue_of(u, at_inbox=side) for u in Urgency for side in self.sides)
        return dropped if self is Duty.INBOX else [*dropped, SPARE]
