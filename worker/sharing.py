"""Two homes on one broker database take each other's messages: noticed and told, nothing refused.

The rows say what is due and a message of the other home is harmless, so all
arrives, but late: at the next sweep instead of at once, or the one after. Every
sweep writes this home's identity into the broker, for so long that a home that
is gone is soon forgotten.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from catalog.identity import Identity
from yihu.measures import BROKER_SHARED

if TYPE_CHECKING:
    from worker.services import Services

log = logging.getLogger(__name__)
FORGOTTEN_SECONDS = 180.0
TOLD_SECONDS = 60.0
SHARED_BROKER = (
    "另一个家目录也在用消息服务的这个库，请各用一个，如 redis://…/1 "
    "/ this broker database is used by another home; give each its own, e.g. redis://…/1"
)


def notice(services: Services, mine: Identity) -> None:
    """Say that this home is here; tell, at most once a minute, when another one is."""
    seconds = max(FORGOTTEN_SECONDS, 6 * services.settings.sweep_seconds)
    if not services.messages.dwell(mine, seconds):
        return
    BROKER_SHARED.add()
    if time.monotonic() - services.shared_told_at >= TOLD_SECONDS:
        services.shared_told_at = time.monotonic()
        log.error(SHARED_BROKER)
