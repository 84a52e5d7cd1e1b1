"""Lets go of what dead workers hold, at once instead of when their lease runs out.

Only workers of this host, boot and process namespace are judged; a worker that
died elsewhere loses its claim with its lease. The attempt stays counted: what
takes its worker down each time must come to an end.
"""

from __future__ import annotations

import logging

from catalog import documents
from worker.hands import gone
from worker.services import Services

log = logging.getLogger(__name__)


def reap(services: Services) -> int:
    """Release what dead workers of this host, and ended tasks of this process, still hold."""
    with services.database.read() as session:
        held = documents.holders(session)
    dead = [name for name in held if gone(name) or _ended(name, services)]
    if not dead:
        return 0
    with services.database.write() as session:
        count = sum(documents.release(session, name, counted=True) for name in dead)
    log.warning("released %s claims of %s workers that are gone", count, len(dead))
    return count


def let_go(services: Services) -> None:
    """Release what tasks of this process left behind when an error ended them."""
    left = services.hands.take_left()
    if not left:
        return
    try:
        with services.database.write() as session:
            for name, counted in left.items():
                documents.release(session, name, counted=counted)
    except BaseException:
        services.hands.put_left(left)
        raise


def _ended(name: str, services: Services) -> bool:
    """A name of this process that no thread works under; every task has a name of its own."""
    mine = name.startswith(services.hands.process + ":")
    return mine and not services.hands.holds(name)
