"""Every text of the screens, in Chinese and English, from one table (`words.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from yihu.errors import Invariant

LANGUAGES = ("zh", "en")


@cache
def table() -> Mapping[str, tuple[str, str]]:
    """Key to (Chinese, English); `Invariant` for a row that lacks one."""
    text = resources.files("web").joinpath("words.yaml").read_text(encoding="utf-8")
    found: dict[str, tuple[str, str]] = {}
    for section, rows in yaml.safe_load(text).items():
        for key, row in rows.items():
            if not isinstance(row, list) or len(row) != 2 or not all(row):
                raise Invariant(f"{section}.{key}: needs a Chinese and an English text")
            found[f"{section}.{key}"] = (str(row[0]), str(row[1]))
    return found


class Words:
    """The texts of one language: `words("review.waiting", count=3)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._index = LANGUAGES.index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key, with {names} filled in; `Invariant` for an unknown key."""
        row = table().get(key)
        if row is None:
            raise Invariant(f"no text for {key}")
        return row[self._index].format(**values) if values else row[self._index]

    def pick(self, zh: str, en: str) -> str:
        """The one of two texts that is in this language."""
        return (zh, en)[self._index] or zh

    def both(self, message: str) -> str:
        """The half of a message "中文 / English" that is in this language."""
        zh, slash, en = message.partition(" / ")
        return (en if self.language == "en" else zh) if slash else message
