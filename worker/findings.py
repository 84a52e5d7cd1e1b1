"""What `verify` says: one line for whatever does not agree or could not be checked, and the sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `yihu verify`: what was checked, of what, the result, and why in words."""

    check: str
    subject: str
    result: str
    message: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The line of the contract."""
        return {
            "check": self.check,
            "subject": self.subject,
            "result": self.result,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The last line: how much was checked, how much was wrong, how much could not be checked."""

    checked: int
    failed: int
    could_not_check: int

    def as_dict(self) -> dict[str, Any]:
        """The line of the contract."""
        return {
            "check": "summary",
            "checked": self.checked,
            "failed": self.failed,
            "could_not_check": self.could_not_check,
        }
