"""What people write to say why: as it is kept, and that there must be something."""

from __future__ import annotations

from yihu.errors import Usage

LEAST, MOST = 2, 500


def kept(text: str, most: int = MOST) -> str:
    """A person's words as a database keeps them: PostgreSQL takes no NUL in a text."""
    return text.replace("\0", "").strip()[:most]


def stated(reason: str, most: int = MOST) -> str:
    """A reason as it is kept; raises `Usage` where none is given."""
    found = kept(reason, most)
    if len(found) < LEAST:
        raise Usage("请填写原因 / a reason is needed")
    return found
