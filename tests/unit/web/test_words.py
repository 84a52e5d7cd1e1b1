"""Every text a screen asks for is there, in both languages; none is left over."""

from __future__ import annotations

import re
from pathlib import Path

import web
from catalog.access import Cell, load_rights
from web.words import Words, table
from yihu.reasons import REASONS

FOLDER = Path(web.__file__).parent
ASKED = re.compile(r"""\b(?:t|words|show\.words)\(f?['"]([a-z_]+\.[a-z_0-9]+)['"]\s*[,)]""")
BEGUN = re.compile(r"""\b(?:t|words|show\.words)\((?:f?['"])([a-z_]+\.[a-z_]*)(?:['"] ~|\{)""")
EVENTS = "event."


def _sources() -> list[str]:
    return [
        path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in (".html", ".py")
    ]


def test_no_text_is_missing() -> None:
    asked = {key for text in _sources() for key in ASKED.findall(text)}
    assert asked
    assert asked - set(table()) == set()


def test_every_beginning_of_a_key_leads_to_texts() -> None:
    begun = {start for text in _sources() for start in BEGUN.findall(text)}
    assert [start for start in begun if not any(key.startswith(start) for key in table())] == []


def test_no_text_is_left_over() -> None:
    asked = {key for text in _sources() for key in ASKED.findall(text)}
    begun = tuple({start for text in _sources() for start in BEGUN.findall(text)} | {EVENTS})
    assert [key for key in table() if key not in asked and not key.startswith(begun)] == []


def test_chinese_is_chinese_and_english_is_not() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, (_, en) in table().items() if han.search(en)] == []
    same = [key for key, (zh, en) in table().items() if zh == en]
    assert same == ["rights.no"]


def test_both_languages_fill_in_the_same_values() -> None:
    names = re.compile(r"\{([a-z]+)\}")
    for key, (zh, en) in table().items():
        assert set(names.findall(zh)) == set(names.findall(en)), key


def test_states_stages_cells_and_reasons_have_words() -> None:
    from catalog.catalogue import STATES as ITEM_STATES
    from catalog.documents import STATES
    from worker.journey import JOURNEY

    for state in (*STATES, *ITEM_STATES):
        assert f"state.{state}" in table()
    for stage in JOURNEY:
        assert f"stage.{stage.name}" in table()
    for cell in Cell:
        assert f"rights.{cell.value}" in table()
    assert all(reason.zh and reason.en for reason in REASONS.values())
    rights = load_rights()
    assert all(role.zh and role.en for role in rights.roles.values())
    assert all(action.zh and action.en for action in rights.actions.values())


def test_the_table_of_rights_in_the_document_is_made_from_the_data() -> None:
    from web.rights_table import markdown

    text = (FOLDER.parent / "docs" / "web.md").read_text(encoding="utf-8")
    assert markdown() in text


def test_the_language_falls_back_to_chinese() -> None:
    assert Words("fr")("nav.review") == "复核"
    assert Words("en")("nav.review") == "Review"
