"""Who may see and do what: the table of rights, viewers, masks, and the conditions of queries.

Default deny: what the table does not name is refused. Lists, hits, counts,
pictures, text, downloads and the API all ask here; nothing else decides.
"""

from catalog.access.grants import Grant, subject_text
from catalog.access.masking import Covers, id_shown, mask, mask_value, phone_shown, spans
from catalog.access.rights import SCOPES, Action, Approving, Cell, Rights, Role, load_rights
from catalog.access.scope import (
    documents_for,
    documents_within,
    households_for,
    rooms_within,
    sees_all,
    share_within,
)
from catalog.access.sight import (
    Sight,
    document_sights,
    document_with_sight,
    household_sight,
    household_with_sight,
    log_look,
    log_refusal,
    looked_lately,
    unmask,
)
from catalog.access.viewer import Area, Reach, Viewer, area_of, areas_shown

__all__ = [
    "SCOPES",
    "Action",
    "Approving",
    "Area",
    "Cell",
    "Covers",
    "Grant",
    "Reach",
    "Rights",
    "Role",
    "Sight",
    "Viewer",
    "area_of",
    "areas_shown",
    "document_sights",
    "document_with_sight",
    "documents_for",
    "documents_within",
    "household_sight",
    "household_with_sight",
    "households_for",
    "id_shown",
    "load_rights",
    "log_look",
    "log_refusal",
    "looked_lately",
    "mask",
    "mask_value",
    "phone_shown",
    "rooms_within",
    "sees_all",
    "share_within",
    "spans",
    "subject_text",
    "unmask",
]
