"""Tables for `str.translate` that are filled in as characters are met."""

from __future__ import annotations

from collections.abc import Callable


class Characters(dict[int, str]):
    """What each character becomes by `rule`, worked out once for each that was met."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, code: int) -> str:
        self[code] = self._rule(chr(code))
        return self[code]
