"""Approvals: asking for what the table of rights refuses, deciding, and using what was granted.

Who may ask and who decides is data (`catalog/access/rights.yaml`, `approve`).
What is granted becomes part of the asker's `Viewer` and is enforced where every
right is, in `catalog.access`; nothing here lets anybody see or do anything.
"""

from catalog.approvals.asking import ask, withdraw
from catalog.approvals.deciding import decline, grant
from catalog.approvals.listing import Line, Offer, decided, mine, offers, standing, waiting
from catalog.approvals.subjects import Subject
from catalog.approvals.using import use

__all__ = [
    "Line",
    "Offer",
    "Subject",
    "ask",
    "decided",
    "decline",
    "grant",
    "mine",
    "offers",
    "standing",
    "use",
    "waiting",
    "withdraw",
]
