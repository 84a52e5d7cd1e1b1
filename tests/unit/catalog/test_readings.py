"""When a newer reading of a page becomes the current one."""

from __future__ import annotations

from catalog.readings import not_worse
from yihu.page import Line, PageText


def page(text: str, sure: float) -> PageText:
    """A page with one line."""
    return PageText(1, (Line(text, (0, 0, 1, 1), sure),) if text else (), 100, 100)


def test_a_reading_as_long_and_as_sure_is_taken() -> None:
    assert not_worse(page("阳光花园3栋2单元501室", 0.95), page("阳光花园3栋2单元50l室", 0.95))
    assert not_worse(page("阳光花园3栋", 0.9), page("", 0.0))


def test_fewer_characters_or_less_sureness_keep_what_is_there() -> None:
    assert not not_worse(page("阳光花园3栋", 0.99), page("阳光花园3栋2单元501室", 0.9))
    assert not not_worse(page("阳光花园3栋2单元501室", 0.84), page("阳光花园3栋2单元501室", 0.97))
    assert not not_worse(page("", 0.0), page("阳光花园", 0.6))
