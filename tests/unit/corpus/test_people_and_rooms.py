"""Names, numbers and addresses of the samples obey the rules that the product checks."""

from __future__ import annotations

import random

from bench.corpus.addresses import styles, write
from bench.corpus.numerals import digitwise, formal, money_words, positional
from bench.corpus.people import credit_code, id_number
from bench.corpus.register import make_register


def test_id_numbers_and_credit_codes_carry_valid_check_digits() -> None:
    rng = random.Random(1)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for _ in range(200):
        number = id_number(rng)
        total = sum(int(digit) * weight for digit, weight in zip(number[:17], weights, strict=True))
        assert number[17] == "10X98765432"[total % 11]
        code = credit_code(rng)
        places = sum(letters.index(char) * pow(3, at, 31) for at, char in enumerate(code[:17]))
        assert letters.index(code[17]) == (31 - places % 31) % 31


def test_numerals_read_as_people_write_them() -> None:
    assert [positional(n) for n in (3, 10, 12, 21)] == ["三", "十", "十二", "二十一"]
    assert [formal(n) for n in (3, 12)] == ["叁", "拾贰"]
    assert digitwise("501", circle=True) == "五〇一"
    assert money_words(1234) == "壹仟贰佰叁拾肆元整"
    assert money_words(10800) == "壹万零捌佰元整"
    assert money_words(3000) == "叁仟元整"


def test_the_register_holds_the_rooms_of_the_reference_and_no_room_twice() -> None:
    homes = make_register(1, "eval", 400)
    rooms = {str(home.key) for home in homes}
    assert len(homes) == len({home.key for home in homes}) == 400
    assert len({home.file_no for home in homes}) == 400
    assert rooms >= {"3-2-501", "5-B-1203", "7-501", "A-12C", "东区-3-2-501", "二期-12-1-301"}
    assert rooms >= {"翠竹阁-12C", "别墅12", "14-1102", "3-商铺102", "紫荆苑-3-25D", "21-1203"}
    kinds = {home.occupancy for home in homes}
    assert kinds >= {"自住", "出租", "商住"}
    assert any(home.former for home in homes)
    assert any(home.vip for home in homes)
    assert any(owner.company for home in homes for owner in home.owners)
    assert len(make_register(1, "eval", 1000)) == 1000


def test_two_households_are_never_written_alike_in_one_style() -> None:
    homes = make_register(2, "train", 400)
    for pack in ("train", "eval"):
        for style in sorted(set(styles(pack))):
            seen: dict[str, str] = {}
            for home in homes:
                _, text = write(home, style, random.Random(7))
                assert seen.setdefault(text, str(home.key)) == str(home.key), style
