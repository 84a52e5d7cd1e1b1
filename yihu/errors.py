"""Errors by what happens next: wait and retry, tell staff, or fix our bug.

The class decides the exit code of a command and what the journey does with
the document; the text is for a person.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line (design 9)."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    COULD_NOT = 3
    REJECTED = 4


class YihuError(Exception):
    """Something went wrong that Yihu has a name for."""

    exit_code: Exit = Exit.COULD_NOT

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").partition("\n")[0])


class Retryable(YihuError):
    """The store, the database, the broker or a reader did not answer; trying again may help.

    Its text is logged (`yihu.log.told`): it names no dropped file and no person.
    """


class Rejected(YihuError):
    """The file cannot be taken.

    `reason` is a code of `yihu.reasons`, which says in Chinese and English what
    is wrong and what staff can do.
    """

    exit_code = Exit.REJECTED

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or reason)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Rejected], tuple[str, str]]:
        return type(self), (self.reason, str(self))


class Invariant(YihuError):
    """Something that cannot be is; a bug of ours."""


class NotFound(YihuError):
    """There is no such thing."""

    exit_code = Exit.FINDINGS


class Usage(YihuError):
    """The call makes no sense as given."""

    exit_code = Exit.USAGE


class AlreadyRunning(YihuError):
    """Another Yihu already serves this home."""
