"""The wordings of the two packs: complete, disjoint, and printable in every arrangement."""

from __future__ import annotations

import random

import pytest

from bench.corpus.papers import Desk, every_paper
from bench.corpus.raster import draw
from bench.corpus.register import make_register
from bench.corpus.samples import sample_form
from bench.corpus.styles import EVAL, TRAIN, styles_of
from bench.corpus.textpdf import text_pdf
from bench.corpus.words import load_words

PACKS = ("train", "eval")
FORM_KITS = {
    "movein.notice", "movein.household_form", "movein.contract_stub", "movein.payment_slip",
    "movein.key_receipt", "movein.feedback", "movein.inspection", "movein.convention",
    "movein.service_agreement", "movein.poa", "movein.rectify", "reno.application",
    "reno.commitment", "reno.permit", "reno.worker_register", "reno.agreement",
    "reno.deposit_receipt", "reno.violation_notice", "reno.acceptance", "reno.deposit_refund",
    "complaint.card", "change.register", "change.transfer", "lease.register",
    "violation.arrears", "repair.order",
}  # fmt: skip


def _sentences(pack: str) -> set[str]:
    texts: set[str] = set()
    for kit in load_words(pack).kits.values():
        for block in kit.body:
            found = block.get("text", ())
            texts |= {found} if isinstance(found, str) else set(found)
    return {text for text in texts if len(text) > 14}


@pytest.mark.parametrize("pack", PACKS)
def test_every_kit_of_the_domain_is_there(pack: str) -> None:
    assert load_words(pack).kits.keys() >= FORM_KITS


def test_the_packs_share_kits_but_no_title_sentence_or_arrangement() -> None:
    train, held_out = load_words("train"), load_words("eval")
    assert train.kits.keys() == held_out.kits.keys()
    for code, kit in train.kits.items():
        assert not set(kit.titles) & set(held_out.kits[code].titles), code
    assert not _sentences("train") & _sentences("eval")
    assert not {style.name for style in TRAIN} & {style.name for style in EVAL}
    assert not {style.hand for style in TRAIN} & {style.hand for style in EVAL}
    assert not set(train.names["office"]) & set(held_out.names["office"])


@pytest.mark.parametrize("pack", PACKS)
def test_every_kit_sets_in_every_arrangement_with_room_and_owner(pack: str) -> None:
    words, register = load_words(pack), make_register(1, pack, 200)
    for kit in words.kits.values():
        for style in styles_of(pack):
            rng = random.Random(f"{kit.code}/{style.name}")
            sample = sample_form(kit, words, register, rng, style=style)
            assert sample.pages
            assert all(page.lines() for page in sample.pages)
            if not kit.review:
                assert sample.fields["owner"]
                assert sample.fields["room_written"]


@pytest.mark.parametrize("pack", PACKS)
def test_a_blank_form_carries_no_personal_data(pack: str) -> None:
    words, register = load_words(pack), make_register(1, pack, 200)
    for kit in words.kits.values():
        sample = sample_form(kit, words, register, random.Random(kit.code), case="blank-form")
        assert not {"owner", "phone", "id_no", "room_written"} & sample.fields.keys()
        assert not any(page.handwritten() for page in sample.pages)


@pytest.mark.parametrize("pack", PACKS)
def test_papers_without_a_form_draw_as_images(pack: str) -> None:
    desk = Desk(load_words(pack), make_register(1, pack, 200), random.Random(4))
    for sample in every_paper(desk):
        image = draw(sample.pages[0], 40, desk.rng)
        assert image.width > 200


def test_a_born_digital_file_gives_its_text_back() -> None:
    pdfium = pytest.importorskip("pypdfium2")
    words, register = load_words("train"), make_register(1, "train", 200)
    rng = random.Random(8)
    sample = sample_form(words.kits["movein.poa"], words, register, rng, typed=True)
    document = pdfium.PdfDocument(text_pdf(sample.pages, rng))
    text = document[0].get_textpage().get_text_range()
    assert sample.fields["id_no"] in text
    assert sample.fields["title"] in text
    document.close()
