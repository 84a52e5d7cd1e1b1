"""Find the title of a page and the document types it names (domain 2.1: the title line decides).

A title is matched exactly, with a company header before it or a copy mark
（存根）, 第一联 behind it, with slips of the reader tolerated, or, when nobody
listed it, by what it composes to (`classifier.types.concepts`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from classifier.types.concepts import after_a_name, compose, concepts, is_guide
from classifier.types.folding import distance, fold, simplified
from classifier.types.layout import candidates
from classifier.types.lexicon import Lexicon, compile_template, longest_title, title_key
from yihu.page import Box, PageText
from yihu.template import Template

_Naming = tuple[str, float, str, str]
_TRIED = 60
_LEAST_COMPOSED, _SHORT = 4, 3
BEHIND_UNKNOWN = 0.86
EXACT, HEADED, LISTED_INSIDE, FUZZY, COMPOSED = 1.0, 0.97, 0.62, 0.9, 0.96
_SENTENCE = re.compile(r"[。；;!！?？]|[:：].{3,}|，.*，")
_TALK = re.compile(r"请|填写|提交|提供|携带|凭|持|须|应|已|将|可|不|后|前")
_NUMBER = re.compile(
    r"(编\s*号|表\s*号|单\s*号|档\s*号|证\s*号|No\.?|NO\.?|№|nº)\s*[:：.]?\s*\S*.*$", re.IGNORECASE
)
_ANNEX = re.compile(
    r"^\s*(附\s*[件表录]|表格?|样表)\s*[\d一二三四五六七八九十]{0,3}\s*[:：、.\-]?\s*(?=\S{3})"
)
_COPY = re.compile(
    r"(第[一二三四五1-5]联.*|[一二三四]式[一二三四两]份|存根联?|副本|正本|客户联|业主联|财务联|物业联|留存联"
    r"|首页|封面|签署页|签字页|样本|样表|新版|续表?|复印件|原件|扫描件|\d{1,4}版?|[a-z0-9]{1,40})$"
)
# "关于 … 的投诉": what it is about, and what it is.
_ABOUT = re.compile(
    r"^关于(?:对|给予|请求)?(.{2,30}?)(?:一事|事宜|问题|情况|事项)?的?(投诉信?|投诉函|投诉书|举报信?|申请书?|请求|情况说明"
    r"|说明|函|来函|请示|答复函?|回复函?|复函|回函|处理意见|通知书?|告知[书函]|通知函|建议|意见|证明|承诺书)$"
)
_ABOUTS = {
    "投诉": "complaint.letter", "举报": "complaint.letter", "申请": "corr.in", "请求": "corr.in",
    "请示": "corr.in", "情况": "corr.in", "说明": "corr.in", "函": "corr.in", "来函": "corr.in",
    "答复": "corr.reply", "回复": "corr.reply", "复函": "corr.reply", "回函": "corr.reply",
    "处理": "corr.reply", "通知": "corr.notice", "告知": "corr.notice",
    "建议": "complaint.suggestion", "意见": "complaint.suggestion",
}  # fmt: skip
_ABOUT_SURE = 0.88
# "通知书编号：2021-33" is a label with a number, not a title.
# Another label may be glued to it, also without a colon: "停车证编号YG2016缴费至2018年1月".
_NUMBERED = re.compile(
    r"^\s*[一-龥]{2,8}(?:编号|单号|号码|文号|证号)\s*(?:$|[^\s一-龥]|第|[一-龥][A-Za-z])"
)
_LABEL_SHARE, _LOUD = 0.4, 0.85
_IN_BRACKETS = re.compile(r"\(([一-龥]{2,8})\)")
_HEADER = re.compile(
    r"^.*?(有限责任公司|股份有限公司|有限公司|分公司|物业公司|管理公司|管理处|服务中心|客服中心|"
    r"客户服务部|物业部|集团|业主委员会|社区)(.+)$"
)
_HEADER_END = re.compile(r"(公司|管理处|服务中心|客服中心|客户服务部|物业部|业主委员会)$")
_ESTATE_NAME = re.compile(
    r"^.{2,10}?(花园|小区|家园|公寓|大厦|广场|新城|新村|雅苑|名苑|华庭|豪庭|公馆|府邸)"
)
_ESTATE = re.compile(
    r"^.{2,12}?(花园|小区|家园|公寓|大厦|广场|新城|新村|雅苑|名苑|华庭|豪庭|公馆|府邸|苑|庭|居|城|府|湾|郡|里)"
    r"(.{3,})$"
)


@dataclass(frozen=True, slots=True)
class TitleHit:
    """A document type named in the title zone: how well (0..1), by which words, where."""

    code: str
    score: float
    text: str
    how: str
    page: int
    box: Box
    title: str = ""


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What the title zone of a page says; `guide` when it heads instructions, rules or news."""

    hits: tuple[TitleHit, ...] = ()
    guide: str = ""
    headline: str = ""

    @property
    def best(self) -> TitleHit | None:
        """The hit with the highest score."""
        return self.hits[0] if self.hits else None

    def score(self, code: str) -> float:
        """How well the title names this type; 0 when it does not."""
        return max((hit.score for hit in self.hits if hit.code == code), default=0.0)


def read_title(page: PageText, template: Template) -> TitleReading:
    """The types named in the page's title zone, best first, one hit per type."""
    lexicon = compile_template(template)
    best: dict[str, TitleHit] = {}
    guide = headline = ""
    loudest = 0.0
    for candidate in candidates(page):
        text = _bare(candidate.text)
        if candidate.prominence > loudest and len(text) >= 3:
            loudest, headline = candidate.prominence, candidate.text
        if not guide and candidate.prominence > 0.6 and is_guide(text) and len(text) <= 20:
            guide = candidate.text
        label = candidate.prominence < _LOUD and _NUMBERED.match(simplified(candidate.text))
        for code, quality, how, title in _named(candidate.text, lexicon):
            share = _LABEL_SHARE if label else 1.0
            score = round(share * quality * (0.55 + 0.45 * candidate.prominence), 4)
            known = best.get(code)
            if known is None or score > known.score:
                best[code] = TitleHit(
                    code, score, candidate.text, how, page.number, candidate.box, title
                )
    hits = sorted(best.values(), key=lambda hit: -hit.score)
    return TitleReading(tuple(hits), guide, headline)


def _bare(text: str) -> str:
    """A candidate as it is compared: number, copy mark and brackets taken off."""
    key = title_key(_trimmed(text))
    for _ in range(3):
        shorter = _COPY.sub("", key)
        if shorter == key or len(shorter) < 2:
            break
        key = shorter
    return key


def _trimmed(text: str) -> str:
    """A candidate without "附件一：" before it and its number behind it."""
    text = _ANNEX.sub("", _NUMBER.sub("", simplified(text).strip()))
    cut = text.count("(") == text.count(")") + 1  # 施工许可证（装修
    return f"{text})" if cut else text


@lru_cache(maxsize=2048)
def _named(written: str, lexicon: Lexicon) -> tuple[_Naming, ...]:
    """(code, quality, how, matched title) for everything a candidate may name.

    Kept for a while: a page is asked when its file is cut, and when it is classified.
    """
    return tuple(_namings(written, lexicon))


def _namings(written: str, lexicon: Lexicon) -> list[_Naming]:
    running = bool(_SENTENCE.search(_trimmed(written)))
    text = _bare(written)
    full = title_key(_trimmed(written))
    if len(text) < 2:
        return []
    found = max(_listed(text, lexicon), _listed(full, lexicon), key=_quality)
    if about := _about(text):
        return about
    if running:
        return [(code, q * 0.35, how, t) for code, q, how, t in found] if len(text) < 24 else []
    if qualified := _qualified(written, found):
        return [*qualified, *_doubted(found)]
    if found and found[0][1] == EXACT:
        return found
    near = _fuzzy(text, lexicon)
    if _is_another(near, found):
        return [*near, *_doubted(found)]
    if found and found[0][1] >= HEADED - 0.05:
        return found
    composed = [] if text in lexicon.labels else _composed(text)
    if _is_another(near, composed):
        return [*near, *_doubted(composed), *_doubted(found)]
    if composed and (not found or composed[0][1] > found[0][1]):
        return [*composed, *found]
    return found or near or _composed_fuzzily(text)


def _about(text: str) -> list[_Naming]:
    """关于楼上漏水的投诉 is a complaint, 关于装修延期的申请 what its subject composes to."""
    head, _, _ = text.partition("关于")
    if head and not (_ESTATE_NAME.fullmatch(head) or _HEADER_END.search(head)):
        return []
    match = _ABOUT.match(text[len(head) :])
    if match is None:
        return []
    subject, form = match.groups()
    composed = compose(subject + form)
    if composed and composed[0].share > 0.8:
        return [(composed[0].code, COMPOSED * composed[0].share, "composed", text)]
    code = next((code for word, code in _ABOUTS.items() if form.startswith(word)), "")
    if code == "corr.reply" and re.search(r"投诉|反映", subject):
        code = "complaint.reply"
    return [(code, _ABOUT_SURE, "composed", text)] if code else []


def _qualified(written: str, found: list[_Naming]) -> list[_Naming]:
    """整改通知单（交付）: what stands in brackets may say which of two neighbours it is."""
    match = _IN_BRACKETS.search(_trimmed(written))
    if match is None or (found and found[0][1] == EXACT and len({code for code, *_ in found}) == 1):
        return []
    title = title_key(_trimmed(written))
    whole = match[1] + _without_header(title)
    composed = compose(whole)
    if not composed or composed[0].share < 0.85 or composed[0].code in {c for c, *_ in found[:1]}:
        return []
    return [(composed[0].code, COMPOSED * composed[0].share, "composed", whole)]


def _is_another(near: list[_Naming], found: list[_Naming]) -> bool:
    """Whether a listed title with a slip or two explains more of the text than what was found.

    出?房屋治安责任书 ends in a title of its own, but is 出租房屋治安责任书 misread.
    """
    if not near or not found or found[0][1] == EXACT:
        return False
    longer = len(near[0][3]) > len(found[0][3]) or found[0][2] == "composed"
    return longer and not {code for code, *_ in near} & {code for code, *_ in found}


def _doubted(found: list[_Naming]) -> list[_Naming]:
    return [(code, quality * 0.75, how, title) for code, quality, how, title in found]


def _listed(text: str, lexicon: Lexicon) -> list[_Naming]:
    """Exact titles: the whole text, its end after a header, or somewhere inside it."""
    if text in lexicon.titles:
        return [(code, EXACT, "title", text) for code in lexicon.titles[text]]
    named = _ESTATE_NAME.match(text)
    if named and text[named.end() :] in lexicon.titles:
        title = text[named.end() :]
        return [(code, HEADED, "title", title) for code in lexicon.titles[title]]
    title = longest_title(text, lexicon)
    if not title:
        return []
    quality = _quality_inside(text, title, text.rfind(title))
    return [(code, quality, "title", title) for code in lexicon.titles[title]]


def _quality(found: list[_Naming]) -> float:
    return found[0][1] if found else 0.0


def _quality_inside(text: str, title: str, start: int) -> float:
    """How sure a title is that is only part of the text, by where in it it stands."""
    if start + len(title) == len(text):
        return _header_quality(text[:start], title)
    if start == 0:
        return 0.75 if len(text) - len(title) <= 4 else LISTED_INSIDE * 0.7
    return LISTED_INSIDE * (0.5 if _TALK.search(text) else 1.0)


def _header_quality(head: str, title: str) -> float:
    """How sure a title is behind other words: a company or estate name takes nothing away.

    物业服务有限公司+装修申请表 is a title; 钥匙+委托书 is another title that nobody listed.
    """
    if not head or _HEADER.match(head + title) or len(head) >= 6:
        meaning = compose(title)
        whole = compose(_without_header(head + title))
        if whole and meaning and whole[0].code != meaning[0].code and whole[0].share > 0.8:
            return LISTED_INSIDE
        return HEADED if len(title) > _SHORT else 0.7
    whole, inner = compose(head + title), compose(title)
    if whole and whole[0].share > 0.7 and inner and inner[0].code != whole[0].code:
        return LISTED_INSIDE
    if _ESTATE_NAME.fullmatch(head):
        return HEADED
    if len(title) <= _SHORT:
        return HEADED if whole and inner and whole[0].code == inner[0].code else 0.7
    known = _ESTATE.match(head + title) or concepts(head)[1] >= 0.5
    return HEADED if known else BEHIND_UNKNOWN


def _without_header(text: str) -> str:
    match = _HEADER.match(text) or _ESTATE.match(text)
    return match.group(2) if match and len(match.group(2)) >= 3 else text


def _composed(text: str) -> list[_Naming]:
    if len(text) < _LEAST_COMPOSED:
        return []
    tried = [compose(piece) for piece in (text, _without_header(text), after_a_name(text))]
    best = max(tried, key=lambda found: found[0].share if found else 0.0)
    if not best or best[0].share < 0.6:
        return []
    top = best[0].share
    whole = best == tried[0] or _without_header(text) != text
    sure = COMPOSED if whole else COMPOSED * BEHIND_UNKNOWN
    return [
        (kind.code, sure * kind.share, "composed", text) for kind in best if kind.share > top - 0.2
    ]


def _near(text: str, lexicon: Lexicon) -> tuple[str, float]:
    """The listed title nearest to a text and their distance a character; most characters agree."""
    shared = Counter(title for char in set(text) for title in lexicon.by_char.get(char, ()))
    best, nearest = "", 9.0
    for title, count in shared.most_common(_TRIED):
        if count < 0.55 * len(text) or abs(len(title) - len(text)) > 2 or len(title) < 4:
            continue
        limit = 1.0 if len(title) <= 5 else 2.0
        gap = distance(text, title, limit)
        if gap <= limit and gap / len(title) < nearest:
            best, nearest = title, gap / len(title)
    return best, nearest


def _fuzzy(text: str, lexicon: Lexicon) -> list[_Naming]:
    """A listed title with slips of the reader in it, also behind a header."""
    tries = {text, _without_header(text), after_a_name(text)}
    best, nearest = "", 9.0
    for attempt in tries:
        if 4 <= len(attempt) <= 20:
            title, gap = _near(attempt, lexicon)
            if title and gap < nearest:
                best, nearest = title, gap
    if not best or nearest > 0.26:
        return []
    quality = FUZZY - 0.8 * nearest
    return [(code, quality, "fuzzy", best) for code in lexicon.titles[best]]


def _composed_fuzzily(text: str) -> list[_Naming]:
    """A text with one unreadable character that still composes: weak evidence."""
    whole = compose(fold(text))
    return [(kind.code, 0.6 * kind.share, "composed", text) for kind in whole[:1]]
