"""Which document type a document is, with evidence, a calibrated probability, or an abstention.

The title decides, the purpose decides when there is no title, the signer
decides between neighbours (domain 2.1); a small statistical model adds what
words alone miss. Pages that must not be filed whatever they are called carry a
reason that forbids it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from classifier.types import forms, whose
from classifier.types.folding import fold
from classifier.types.lexicon import Lexicon, Word, longest_title
from classifier.types.model import TypeModel, shipped_model
from classifier.types.neighbours import Shift, shifts
from classifier.types.signals import Signals, gather
from classifier.types.titles import TitleHit, TitleReading
from classifier.types.whose import People, Whose
from classifier.values import Classification, Evidence, Match, TypeGuess
from yihu.page import PageText
from yihu.template import Template

TITLE, MODEL, MODEL_FLOOR = 9.0, 0.6, -5.0
NONE, GUIDE = 5.0, 4.0
FOLDER, FILE_NAME = 0.7, 1.8
SURE_TITLE, OFFICE, AT_HOME = 2.5, 1.5, 2.0
# Titles that papers from anywhere carry: they do not say that it is a household's.
_ANYBODYS = frozenset((
    "收据", "收款收据", "申请书", "申请函", "通知书", "通知函", "告知书", "告知函", "情况说明",
    "回函", "复函", "答复函", "答复书", "委托书", "授权委托书", "签收单", "账单", "公证书",
    "检测报告", "检验报告", "意见表", "判决书", "传票", "电子发票", "增值税普通发票",
    "设备清单", "温馨提示", "平面图", "效果图", "平面布置图", "竣工图", "设备移交单", "通讯录",
    "来函", "遗嘱", "照片", "介绍信", "目录", "押金单", "押金收据", "收费明细", "满意度调查表",
    "满意度调查问卷", "合同存根", "认购书", "护照复印件", "赔偿协议", "调解协议",
    "公司资料登记表", "资质证书", "行驶证", "退款单",
))  # fmt: skip
# What pages of a property office speak of, whatever their form.
_OFFICE_WORDS = (
    "业主",
    "业户",
    "住户",
    "物业",
    "管理处",
    "客服中心",
    "客户服务",
    "房号",
    "单元",
    "小区",
)
# Without a title the words are a suggestion for a person, whatever the model says.
_SOME, _LIKELY = 2, 0.5
# A type nothing speaks for is no rival; there are a hundred of them on every page.
_FAINT, UNHEARD = 0.8, 2.5
WHOSE = 0.9
LEARNT = 0.95
TITLED, UNTITLED_MOST = 0.6, 0.95
_CLAMP = 0.999
_WITH_NEIGHBOURS, _PLAINLY = frozenset({"change.use", "change.merge_split"}), 0.8
_KEPT, _WORTH_SAYING = 5, 0.01


def classify(
    pages: Sequence[PageText],
    template: Template,
    *,
    model: TypeModel | None = None,
    match: Match | None = None,
    people: People | None = None,
    nearby: Callable[[], People] | None = None,
    promised: str = "",
    path: str = "",
) -> Classification:
    """What the document is: guesses best first, evidence, and reasons that forbid filing.

    `match` (and `people`, names known from elsewhere) decide whose ID card or
    licence a page is, `nearby` (names in the same scan) only suggests it;
    `promised` is the type a separator sheet announced; `path` (folders and file
    name) is a hint, never an order.
    """
    if not any(page.lines for page in pages):
        return _wordless(pages, template)
    signals = gather(pages, template)
    kind = whose.kind_of_page(signals)
    if kind:
        answer = whose.decide(kind, signals, match, people, nearby)
        return _by_person(answer, signals, promised)
    used = model or shipped_model()
    if used and used.titles:
        signals = replace(signals, title=_with_learnt(signals, used))
    scores, evidence = _scores(signals, used, path)
    at_home = bool(match and match.supported and match.best)
    guesses, nothing = _probabilities(scores, signals, used, at_home=at_home)
    guesses, agreed = _with_promise(guesses, promised, template)
    reasons = _forbidding(signals, guesses, nothing)
    best = guesses[0].code if guesses else ""
    titled = best == promised != "" or signals.title.score(best) >= TITLED
    return Classification(guesses, (*evidence, *agreed), reasons, titled)


def _with_learnt(signals: Signals, model: TypeModel) -> TitleReading:
    """The title reading with what people's decisions taught about this headline."""
    title = signals.title
    code = model.titles.get(fold(title.headline), "")
    page = next((page for page in signals.pages if page.lines), None)
    if page is None or code not in signals.template.by_code or title.score(code) >= LEARNT:
        return title
    box = next((line.box for line in page.lines if line.text in title.headline), page.lines[0].box)
    hit = TitleHit(code, LEARNT, title.headline, "learnt", page.number, box, title.headline)
    others = tuple(
        replace(other, score=round(other.score / 2, 4))
        for other in title.hits
        if other.code != code
    )
    return replace(title, hits=(hit, *others), guide="")


def _wordless(pages: Sequence[PageText], template: Template) -> Classification:
    if any("photo" in page.flags for page in pages) and "media.photo" in template.by_code:
        seen = Evidence("type", "photo", "照片，没有文字", "a photo without text", 1.0)
        return Classification((TypeGuess("media.photo", 0.8),), (seen,), ("photo",))
    return Classification(reasons=("no_text",))


def _by_person(answer: Whose, signals: Signals, promised: str) -> Classification:
    """An ID card or a licence; a sheet that announced something else is a contradiction."""
    kind = answer.kind
    codes = whose.PERSON if kind == "person" else whose.COMPANY
    known = [code for code in codes if code in signals.template.by_code]
    card = signals.place(*whose.SURE_WORDS[kind]) or ()
    spot = signals.place(*answer.seen) or card
    weight = answer.sure if answer.code and answer.sure >= WHOSE else answer.sure - 1.0
    evidence = (
        Evidence("type", "page", _PAGE_ZH[kind], _PAGE_EN[kind], 2.0, "", *card),
        Evidence("type", "whose", answer.why_zh, answer.why_en, weight, answer.code, *spot),
    )
    announced = promised if promised in signals.template.by_code else answer.code
    sure = answer.sure >= WHOSE and answer.code == announced
    guesses, agreed = _with_promise(_whose_guesses(answer, known), promised, signals.template)
    return Classification(guesses, (*evidence, *agreed), () if sure else ("type_whose",))


_PAGE_ZH = {"person": "身份证件页", "company": "营业执照页"}
_PAGE_EN = {"person": "a page of ID cards", "company": "a business licence"}


def _whose_guesses(answer: Whose, known: Sequence[str]) -> tuple[TypeGuess, ...]:
    if not answer.code:
        return tuple(TypeGuess(code, round(0.9 / len(known), 3)) for code in known)
    rest = round((0.99 - answer.sure) / max(1, len(known) - 1), 4)
    others = (TypeGuess(code, max(0.0, rest)) for code in known if code != answer.code)
    return (TypeGuess(answer.code, answer.sure), *others)


def _scores(
    signals: Signals, model: TypeModel | None, path: str
) -> tuple[dict[str, float], tuple[Evidence, ...]]:
    """Log-odds of every type, and the evidence behind the leading ones."""
    hinted = hinted_types(path, signals.lexicon)
    said = model.log_probabilities(signals.text) if model else {}
    scores: dict[str, float] = {}
    for kind in signals.template.types:
        title = TITLE * signals.title.score(kind.code) ** 1.5
        body = signals.body(kind.code)
        scores[kind.code] = title + body + hinted.get(kind.code, 0.0)
        if not title and body < _FAINT:
            scores[kind.code] -= UNHEARD
        if said:
            scores[kind.code] += MODEL * max(MODEL_FLOOR, said.get(kind.code, MODEL_FLOOR))
    if signals.named_types >= 6 and not _is_record(signals):
        scores["admin.catalog"] = scores.get("admin.catalog", 0.0) + TITLE + UNHEARD
    top = max(scores.values())
    moved = shifts(signals, frozenset(c for c, s in scores.items() if s > top - 6.0))
    for shift in moved:
        scores[shift.code] += shift.weight
    return scores, _evidence(signals, scores, said, moved)


def hinted_types(path: str, lexicon: Lexicon) -> dict[str, float]:
    """What folder and file names whisper: a drawer's name, or the title of a type."""
    text = fold(path)
    if not any("一" <= char <= "鿿" for char in text):
        return {}
    hints: dict[str, float] = {}
    for category in lexicon.template.categories:
        word = fold(category.name).split("(")[0].removesuffix("资料").removesuffix("档案")
        if len(word) >= 2 and word[:2] in text:
            for kind in lexicon.template.types:
                if kind.category == category.code:
                    hints[kind.code] = FOLDER
    for code in lexicon.titles.get(longest_title(text, lexicon), ()):
        hints[code] = hints.get(code, 0.0) + FILE_NAME
    return hints


def _is_record(signals: Signals) -> bool:
    """A receipt of booklets lists papers too, but under its own title."""
    return signals.title.score("movein.materials_receipt") > 0.8


def _probabilities(
    scores: dict[str, float], signals: Signals, model: TypeModel | None, *, at_home: bool
) -> tuple[tuple[TypeGuess, ...], float]:
    nothing = NONE - _named_surely(signals) + (GUIDE if signals.title.guide else 0.0)
    if signals.count(*_OFFICE_WORDS) >= _SOME:
        nothing -= OFFICE
    if at_home:
        nothing -= AT_HOME
    if model:
        nothing += MODEL * MODEL_FLOOR / 2
    top = max(*scores.values(), nothing)
    parts = {code: math.exp(score - top) for code, score in scores.items()}
    none = math.exp(nothing - top)
    whole = sum(parts.values()) + none
    ranked = sorted(parts.items(), key=lambda item: -item[1])[:_KEPT]
    guesses = []
    for place, (code, part) in enumerate(ranked):
        raw = part / whole
        sure = raw
        if place == 0:
            titled = signals.title.score(code) >= TITLED
            sure = model.calibrated(raw, titled=titled) if model else raw
            if model and model.untitled and not titled:
                sure = min(sure, UNTITLED_MOST)
        guesses.append(TypeGuess(code, round(min(_CLAMP, sure), 4)))
    return tuple(g for g in guesses if g.probability >= _WORTH_SAYING), none / whole


def _named_surely(signals: Signals) -> float:
    """A listed or composed title of some length leaves little room for a stranger's page."""
    best = signals.title.best
    if best is None or best.how == "fuzzy" or best.title in _ANYBODYS or best.score < 0.7:
        return 0.0
    return SURE_TITLE * best.score


def _with_promise(
    guesses: tuple[TypeGuess, ...], promised: str, template: Template
) -> tuple[tuple[TypeGuess, ...], tuple[Evidence, ...]]:
    """What a separator sheet announced confirms an unsure answer and contradicts another one."""
    if promised not in template.by_code:
        return guesses, ()
    name = template.type(promised)
    note = Evidence(
        "type", "sheet", f"分隔页：{name.name}", f"sheet: {name.name_en}", 2.0, promised
    )
    best = guesses[0] if guesses else None
    if best and best.code == promised:
        sure = min(_CLAMP, 1 - (1 - best.probability) / 4)
        return (TypeGuess(promised, round(sure, 4)), *guesses[1:]), (note,)
    others = tuple(TypeGuess(g.code, round(g.probability * 0.6, 4)) for g in guesses)
    return tuple(sorted((TypeGuess(promised, 0.5), *others), key=lambda g: -g.probability)), (note,)


def _forbidding(
    signals: Signals, guesses: tuple[TypeGuess, ...], nothing: float
) -> tuple[str, ...]:
    """Reasons that forbid filing: office papers, ledgers, blank forms, strangers (2.7)."""
    reasons: list[str] = []
    best = guesses[0] if guesses else None
    if best is None or nothing > best.probability:
        return ("not_household_paper",)
    kind = signals.template.type(best.code)
    ledger = forms.is_ledger(signals.pages) and not _of_neighbours(signals, best.code)
    likely = best.probability >= _LIKELY
    if ledger or (likely and kind.ledger and kind.category != "admin"):
        reasons.append("ledger_page")
    if likely and kind.category == "admin":
        reasons.append("office_paper")
    if not ledger and forms.filling(signals).blank:
        reasons.append("blank_form")
    if best.code == "media.photo":
        reasons.append("photo")
    if signals.title.guide and signals.title.score(best.code) < 0.8:
        reasons.append("not_household_paper")
    return tuple(reasons)


def words_against(signals: Signals, code: str) -> tuple[Word, ...]:
    """The words on the pages that a type's list names as speaking against it."""
    return tuple(word for word in signals.found.get(code, ()) if word.weight < 0)


def _of_neighbours(signals: Signals, code: str) -> bool:
    """A change of use carries the rooms of the neighbours who agree to it (2.4.4)."""
    return code in _WITH_NEIGHBOURS and signals.title.score(code) >= _PLAINLY


def _evidence(
    signals: Signals,
    scores: dict[str, float],
    said: dict[str, float],
    moved: tuple[Shift, ...],
) -> tuple[Evidence, ...]:
    leading = [code for code, _ in sorted(scores.items(), key=lambda item: -item[1])[:2]]
    found: list[Evidence] = []
    for code in leading:
        kind = signals.template.type(code)
        for hit in signals.title.hits:
            if hit.code == code:
                zh, en = f"标题“{hit.text.strip()}”→{kind.name}", f'title "{hit.text.strip()}"'
                weight = TITLE * hit.score**1.5
                found.append(
                    Evidence("type", "title", zh, en, round(weight, 2), code, hit.page, hit.box)
                )
        words = sorted(signals.found.get(code, ()), key=lambda word: -word.weight)[:4]
        if words and words[0].weight > 0:
            text = "、".join(word.text for word in words if word.weight > 0)
            body = round(signals.body(code), 2)
            spot = signals.place(*(word.text for word in words if word.weight > 0))
            note = f"{kind.name}的字样：{text}"
            found.append(
                Evidence("type", "phrase", note, f"words: {text}", body, code, *(spot or ()))
            )
        contrary = [word.text for word in words_against(signals, code)]
        if contrary:
            text, spot = "、".join(contrary), signals.place(*contrary)
            note = f"不像{kind.name}的字样：{text}"
            found.append(
                Evidence("type", "against", note, f"words against it: {text}", -0.5 * len(contrary),
                         code, *(spot or ()))
            )  # fmt: skip
        if said.get(code, -9.0) > -1.0:
            share = round(math.exp(said[code]), 3)
            note = f"文字模型：{share:.0%}"
            found.append(Evidence("type", "model", note, f"text model: {share:.0%}", share, code))
    for shift in moved:
        if shift.code in leading and shift.word:
            note = f"与相近类型的区别：{shift.word}"
            spot = signals.place(shift.word, shift.word[:4])
            found.append(
                Evidence("type", "neighbour", note, f"tells it apart: {shift.word}", shift.weight,
                         shift.code, *(spot or ()))
            )  # fmt: skip
    if signals.title.guide:
        note = signals.title.guide.strip()
        found.append(Evidence("type", "guide", f"说明类标题“{note}”", f'guide "{note}"', -GUIDE))
    return tuple(found)
