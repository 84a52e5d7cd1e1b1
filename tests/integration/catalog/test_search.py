"""Search finds what is written, exactly: every answer is compared with Python's own `in`."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from catalog import search
from catalog.database import Database

PAGES = {
    1: "装修申请表\n业主：張 偉 房号：3-2-501\n电话 13800138000",
    2: "入住通知单 致 3栋2单元501室 业主张伟、李娜",
    3: "房屋钥匙签收确认书\n签收人：李娜 粤Ｂ12345",
    4: "投诉处理档案卡 JOHN SMITH 关于噪音",
    5: "",
}


@pytest.fixture
def indexed(database: Database) -> Database:
    """Five documents in the index."""
    with database.write() as session:
        for document_id, page in PAGES.items():
            search.index_document(session, document_id, page)
    return database


def _found(database: Database, words: str, limit: int = 50) -> list[int]:
    with database.read() as session:
        return [hit.document_id for hit in search.search(session, words, limit)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("张伟", [2, 1]),
        ("張偉", [2, 1]),
        ("张 伟", [2, 1]),
        ("李娜", [3, 2]),
        ("张伟 李娜", [2]),
        ("申请表业主", [1]),
        ("501", [2, 1]),
        ("3-2-501", [1]),
        ("3栋2单元501", [2]),
        ("粤B12345", [3]),
        ("粤b1", [3]),
        ("13800138000", [1]),
        ("0013", [1]),
        ("john smith", [4]),
        ("娜", [3, 2]),
        ("卡", [4]),
        ("音", [4]),
        ("伟张", []),
        ("不存在", []),
        ("", []),
        ("  ", []),
        ('"', []),
        ("* OR NOT )(", []),
    ],
)
def test_words_are_found_where_they_stand(indexed: Database, words: str, found: list[int]) -> None:
    assert _found(indexed, words) == found


def test_a_snippet_shows_the_place_as_it_was_written(indexed: Database) -> None:
    with indexed.read() as session:
        (hit,) = search.search(session, "装修申请", 1)
    assert hit.snippet.startswith("装修申请表 业主：張 偉")


def test_a_long_text_is_cut_around_the_hit(database: Database) -> None:
    with database.write() as session:
        search.index_document(session, 9, "前" * 300 + "装修许可证" + "后" * 300)
    with database.read() as session:
        (hit,) = search.search(session, "许可证", 5)
    assert hit.snippet.startswith("…前")
    assert "装修许可证" in hit.snippet
    assert hit.snippet.endswith("后…")


def test_indexing_again_replaces_and_removing_forgets(indexed: Database) -> None:
    with indexed.write() as session:
        search.index_document(session, 1, PAGES[1])
        search.index_document(session, 1, "只剩这一句")
        search.remove(session, 3)
        search.remove(session, 77)
    assert _found(indexed, "张伟") == [2]
    assert _found(indexed, "只剩这一句") == [1]
    assert _found(indexed, "粤B12345") == []
    if indexed.dialect == "postgresql":
        return
    with indexed.write() as session:
        session.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


def test_what_the_asker_may_not_know_does_not_count(indexed: Database) -> None:
    with indexed.read() as session:
        hits = search.search(session, "李娜", 1, allowed=lambda ids: [n for n in ids if n != 3])
        assert [hit.document_id for hit in hits] == [2]
        assert search.count(session, "李娜") == 2


def test_every_short_query_agrees_with_an_exact_search(database: Database) -> None:
    chance = random.Random(7)
    letters = "张李王伟娜装修申请表许可证栋单元室0123456789AB-"
    texts = {n: "".join(chance.choices(letters, k=60)) for n in range(1, 401)}
    with database.write() as session:
        for document_id, page in texts.items():
            search.index_document(session, document_id, page)
    with database.read() as session:
        for length in (1, 2, 3, 4):
            for _ in range(12):
                words = "".join(chance.choices(letters, k=length))
                right = [n for n, page in texts.items() if words.casefold() in page.casefold()]
                hits = search.search(session, words, 1000)
                assert sorted(hit.document_id for hit in hits) == right, words
                assert search.count(session, words) == len(right)
