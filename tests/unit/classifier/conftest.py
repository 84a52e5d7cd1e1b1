"""Pages written as text: `#` is a large centred line, ` | ` parts the cells of a row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.papertext import page_of
from catalog.template import load_template
from yihu.page import PageText
from yihu.template import Template


@pytest.fixture(scope="session")
def paper() -> Callable[..., PageText]:
    """Builds a page from text."""
    return page_of


@pytest.fixture(scope="session")
def template() -> Template:
    """The shipped template, loaded once."""
    return load_template()
