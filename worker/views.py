"""What commands and screens read: one open home, and the questions people ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog import catalogue, completeness
from catalog.database import Database
from catalog.template.loader import load_template
from classifier import RegisterIndex
from worker.home import open_home
from worker.register_cache import RegisterCache
from yihu.settings import Settings
from yihu.template import Template


@dataclass
class View:
    """A home opened for reading."""

    database: Database
    template: Template
    _register: RegisterCache

    @staticmethod
    def open(settings: Settings) -> View:
        """Open the home, creating it where it is missing."""
        database = open_home(settings)
        return View(database, load_template(), RegisterCache(database))

    def register(self) -> RegisterIndex:
        """The register index of the moment."""
        return self._register.current()

    def categories(self) -> set[str]:
        """Codes of the categories of the template."""
        return {category.code for category in self.template.categories}

    def catalogue(self, household_id: int) -> dict[str, Any]:
        """The household line of the contract."""
        with self.database.read() as session:
            return catalogue.household_catalogue(session, household_id, self.template).as_dict()

    def completeness(self, by: str) -> Iterator[dict[str, Any]]:
        """The completeness lines of the contract."""
        with self.database.read() as session:
            yield from completeness.completeness(session, by=by, template=self.template)

    def gaps(self, category: str | None, building: str | None) -> Iterator[dict[str, Any]]:
        """Missing required items, one a line."""
        with self.database.read() as session:
            yield from completeness.gaps(
                session, self.template, category=category, building=building
            )
