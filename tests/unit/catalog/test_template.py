"""The shipped template is the customer's taxonomy, and a wrong one is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.template import load_template
from catalog.template.loader import TemplateError
from yihu.template import Required

HEAD = """
name: t
version: 1
categories:
  - {code: reno, name: 装修, en: Renovation}
"""


def test_the_default_template_has_every_category_and_type() -> None:
    template = load_template()
    assert [c.code for c in template.categories] == [
        "movein",
        "reno",
        "complaint",
        "change",
        "vehicle",
        "incident",
        "media",
        "corr",
        "personal",
        "lease",
        "payment",
        "violation",
        "repair",
        "eng",
        "contact",
        "unit",
        "admin",
        "unknown",
    ]
    assert len(template.types) == 125
    assert len(template.by_code) == 125


def test_the_customers_own_rows_carry_their_rule() -> None:
    template = load_template()
    rules = {kind.code: kind.required for kind in template.types if kind.customer}
    assert [code for code, rule in rules.items() if rule is Required.ALWAYS] == [
        "movein.notice",
        "movein.id_owner",
        "movein.household_form",
        "movein.contract_stub",
        "movein.payment_slip",
        "movein.key_receipt",
        "movein.feedback",
    ]
    assert [code for code, rule in rules.items() if rule is Required.RENOVATION] == [
        "reno.application",
        "reno.commitment",
        "reno.permit",
        "reno.worker_id",
    ]
    assert rules["lease.register"] is Required.LET
    assert rules["complaint.card"] is Required.EVENT
    assert rules["change.register"] is Required.EVENT
    assert len(rules) == 14


def test_office_papers_are_never_required() -> None:
    template = load_template()
    assert {k.required for k in template.types if k.category == "admin"} == {Required.NEVER}


def test_every_type_has_a_title_and_its_name_in_both_languages() -> None:
    for kind in load_template().types:
        assert kind.titles, kind.code
        assert kind.name, kind.code
        assert kind.name_en.isascii(), kind.code


def _folder(tmp_path: Path, types: str, head: str = HEAD) -> Path:
    (tmp_path / "_template.yaml").write_text(head, "utf-8")
    (tmp_path / "reno.yaml").write_text("types:\n" + types, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("types", "fault"),
    [
        ("  - {code: reno.a, name: 甲, en: A, colour: red}\n", r"reno\.yaml:2: reno\.a colour"),
        ("  - {code: reno.a, name: 甲}\n", r"reno\.yaml:2: reno\.a en"),
        ("  - {code: moon.a, name: 甲, en: A}\n", r"reno\.yaml:2: moon\.a .*category"),
        (
            "  - {code: reno.a, name: 甲, en: A}\n  - {code: reno.a, name: 乙, en: B}\n",
            r"reno\.yaml:3: reno\.a stands already",
        ),
        ("  - {code: reno.a, name: 甲, name: 乙, en: A}\n", "stands twice"),
        ("  - {code: reno.a, name: 甲, en: A, titles: [表, 表]}\n", "title twice"),
        ("  - {code: reno.a, name: 甲, en: A, required: sometimes}\n", "required"),
        (
            (
                "  - {code: reno.a, name: 甲, en: A, titles: [表]}\n"
                "  - {code: reno.b, name: 乙, en: B, titles: [表], phrases: [别]}\n"
            ),
            "no phrase tells them apart",
        ),
    ],
)
def test_a_wrong_template_is_refused_with_its_place(tmp_path: Path, types: str, fault: str) -> None:
    with pytest.raises(TemplateError, match=fault):
        load_template(_folder(tmp_path, types))


def test_two_types_may_share_a_title_when_their_phrases_differ(tmp_path: Path) -> None:
    types = (
        "  - {code: reno.a, name: 甲, en: A, titles: [表], phrases: [此]}\n"
        "  - {code: reno.b, name: 乙, en: B, titles: [表], phrases: [彼]}\n"
    )
    assert len(load_template(_folder(tmp_path, types)).types) == 2


def test_a_template_can_be_one_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(HEAD + "types:\n  - {code: reno.a, name: 甲, en: A}\n", "utf-8")
    assert load_template(file).type("reno.a").category == "reno"


def test_a_missing_head_or_broken_yaml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="missing"):
        load_template(tmp_path)
    with pytest.raises(TemplateError, match="no such"):
        load_template(tmp_path / "nowhere")
    with pytest.raises(TemplateError, match=r"reno\.yaml"):
        load_template(_folder(tmp_path, "  - {code: [}\n"))
