"""Cut the pages of a file into documents.

In this order: our separator sheets, page counters (第 n 页 共 m 页), titles that
start a page, identical form numbers, ID pages; an untitled page continues the
one before it (domain 2.7 row 26), a blank back belongs to its front. A sheet that
names a type makes its pages one document, one that names none speaks for every
document within its pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from classifier import separator
from classifier.split_ties import clauses_go_on, closed, head_of, home_of, number_of, only_signs
from classifier.types.folding import fold, simplified
from classifier.types.forms import is_ledger
from classifier.types.signals import gather
from classifier.types.titles import TitleHit, read_title
from classifier.types.whose import kind_of_page
from classifier.values import Part
from yihu.page import PageText
from yihu.spread import halves
from yihu.template import Template

_STARTS, _REPEATS = 0.68, 0.58
_DIFFERENT_BODY, _OWN_BODY, _SOME_BODY = 2.3, 1.0, 0.1
_DIGITS = r"\s*([\d一二三四五六七八九十lI]{1,3})\s*"
_PAGE = "[页頁真员贡负面]"  # and what readers make of 页
_COUNT = re.compile(rf"第{_DIGITS}{_PAGE}\s*[,，/、\s]*共{_DIGITS}{_PAGE}")
_COUNT_BACK = re.compile(rf"共{_DIGITS}{_PAGE}\s*[,，/、\s]*第{_DIGITS}{_PAGE}")
_ENGLISH = re.compile(r"page\s*(\d{1,3})\s*of\s*(\d{1,3})", re.IGNORECASE)
_SLASH = re.compile(r"^\W*(\d{1,3})\s*/\s*(\d{1,3})\W*$")
# "- 1 -", and what readers make of its dashes; one of the two must be there.
_LEAF = re.compile(
    r"^\s*(?:[-—–一~～+]\s*(\d{1,2})\s*[-—–一~～+.·]?|[.·]?\s*(\d{1,2})\s*[-—–一~～+])\s*$"
)
_GOES_ON = re.compile(r"[(（]?续[表页]?\s*[)）]?\s*$|背面|反面|附页|第\s*[二三四五2-5]\s*页")
_SALUTATION = re.compile(
    r"^\s*(尊敬的|敬爱的|亲爱的|敬启者|致[:：])|[:：]\s*(您好|你们好|你好)"
    r"|(全体|各位|广大)(业主|住户|业户|居民)[^:：]{0,4}[:：]"
)
_FORM_NUMBER = re.compile(
    r"(?:编\s*号|单\s*号|证\s*号|No\.?|NO\.?|№)\s*[:：.]?\s*([A-Z0-9][A-Z0-9\-/]{4,})"
)
_FOOT, _HEAD = 0.86, 0.1
_NO_INK = 0.002


@dataclass(frozen=True, slots=True)
class _Look:
    """What one page says about where documents begin."""

    page: PageText
    sheet: separator.Sheet | None = None
    payload: str = ""
    blank: bool = False
    count: tuple[int, int] | None = None
    leaf: int = 0
    number: str = ""
    title: TitleHit | None = None
    card: str = ""
    ledger: bool = False
    letter: bool = False
    named: bool = False
    photo: bool = False
    two: bool = False


@dataclass(slots=True)
class _Open:
    """The document being collected."""

    looks: list[_Look]
    why: str
    sheet: str = ""
    reasons: list[str] = field(default_factory=list)
    separator: bool = False

    @property
    def last(self) -> _Look:
        """The last page with something on it."""
        written = [look for look in self.looks if not look.blank]
        return written[-1] if written else self.looks[-1]

    @property
    def written(self) -> int:
        return sum(not look.blank for look in self.looks)

    def note(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)


@dataclass(slots=True)
class _Scope:
    """What one of our sheets speaks for: its promised pages, or the one document behind it."""

    sheet: separator.Sheet
    payload: str
    taken: int = 0
    parts: list[_Open] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether the pages that were promised have all come."""
        return 0 < self.sheet.pages <= self.taken

    @property
    def whole(self) -> bool:
        """Whether the promised pages are one document, because the sheet says which."""
        return bool(self.sheet.pages and self.sheet.type and self.parts)

    def ends(self) -> None:
        """Nothing more comes. Of fewer pages than promised nobody knows which one is missing."""
        if self.taken < self.sheet.pages:
            for part in self.parts:
                part.note("page_missing")


def split(pages: Sequence[PageText], template: Template) -> tuple[Part, ...]:
    """The documents of a file as page ranges that together cover every page."""
    parts: list[_Open] = []
    waiting: list[_Look] = []
    scope: _Scope | None = None
    for page in pages:
        look = _look(page, template)
        if look.sheet and look.sheet.separates:
            if scope:
                scope.ends()
            _add_blanks(parts, waiting)
            parts.append(_Open([look], "separator", look.payload, separator=True))
            scope, waiting = _Scope(look.sheet, look.payload), []
        elif look.blank:
            waiting.append(look)
        else:
            scope = _place(parts, waiting, look, scope, template)
            waiting = []
    if scope:
        scope.ends()
    _add_blanks(parts, waiting)
    return tuple(_closed(part) for part in parts)


def _place(
    parts: list[_Open],
    waiting: list[_Look],
    look: _Look,
    scope: _Scope | None,
    template: Template,
) -> _Scope | None:
    """Put a written page into the open document or begin a new one; what is left of the sheet."""
    current = parts[-1] if parts and not parts[-1].separator else None
    why, reason = _begins(current, look, template)
    if current and scope and scope.over:
        why, reason, scope = *_behind_the_promise(current, why, reason), None
    elif current and scope and scope.whole:
        why, reason = "", _stranger(current, look, scope.sheet.type, template)
    if current is None or why:
        if scope and scope.parts and not scope.sheet.pages:
            scope = None
        _add_blanks(parts, waiting)
        current = _opened(look, why or "first page", scope)
        parts.append(current)
    else:
        current.looks += [*waiting, look]
    if reason:
        current.note(reason)
    if look.two:
        current.note("split_unsure")
    if scope:
        scope.taken += 1
    return scope


def _opened(look: _Look, why: str, scope: _Scope | None) -> _Open:
    """A new document; within a sheet's pages it carries the sheet."""
    opened = _Open([look], why)
    if scope:
        opened.sheet = scope.payload
        opened.why = why if scope.parts else "separator"
        scope.parts.append(opened)
    return opened


def _behind_the_promise(current: _Open, why: str, reason: str) -> tuple[str, str]:
    """The page after the last promised one begins a document, whatever ties it to the last.

    Where it looks like its next page somebody counted wrongly: both are looked at.
    """
    if why:
        return why, reason
    if not reason:
        current.note("split_unsure")
    return "after the promised pages", "split_unsure"


def _stranger(current: _Open, look: _Look, code: str, template: Template) -> str:
    """Why a page among those that a sheet declares one document may be another, or ""."""
    before, kind = current.last, template.by_code.get(code)
    if look.count and before.count:
        why, reason = _by_count(before, look)
        if why or reason:
            return reason or "split_unsure"
    titled = look.title is not None and look.title.score >= _STARTS and look.title.code != code
    card = bool(look.card) and not (kind and kind.whose)
    ledger = look.ledger != before.ledger and not (kind and kind.ledger)
    letter = look.letter and not before.letter
    other = _another_home(before, look) or _heads_another(current, look)
    return "split_unsure" if titled or card or ledger or letter or other else ""


def _add_blanks(parts: list[_Open], blanks: list[_Look]) -> None:
    """Blank pages are the backs of what stands before them, at the front a part of their own.

    What seems blank at the front may be a note too faint to read: nobody's paper.
    """
    if not blanks:
        return
    if parts:
        parts[-1].looks += blanks
    else:
        parts.append(_Open(list(blanks), "blank"))


def _begins(current: _Open | None, look: _Look, template: Template) -> tuple[str, str]:
    """(why a new document begins here or "", a reason code or "")."""
    if current is None or not current.written:
        return "first page", "page_missing" if look.count and look.count[0] > 1 else ""
    before = current.last
    if look.count:
        return _by_count(before, look)
    if before.count and before.count[0] == before.count[1]:
        return "after the last counted page", ""
    if look.number and look.number == before.number and not _another_home(before, look):
        return "", ""
    if (by_leaf := _by_leaf(before, look)) is not None:
        return by_leaf, ""
    if look.title and look.title.score >= _STARTS:
        why = "" if _title_again(current, look) else f"title {look.title.text.strip()}"
        return why, ""
    return _by_looks(current, look, template)


def _title_again(current: _Open, look: _Look) -> bool:
    """The title of the document on its next page: 装修申请表（续）, or over its next clause."""
    known = current.looks[0].title
    if known is None or look.title is None or known.code != look.title.code:
        return False
    if _GOES_ON.search(simplified(look.title.text)):
        return not _another_home(current.last, look)
    return head_of(look.page) is None and clauses_go_on(current.last.page, look.page)


def _by_leaf(before: _Look, look: _Look) -> str | None:
    """What "- 1 -" or "- 2 -" at the foot says; None when it says nothing."""
    if look.leaf == 1 and not before.count:
        return "page number starts"
    titled = look.title is not None and look.title.score >= _STARTS
    return "" if look.leaf > 1 and look.leaf == before.leaf + 1 and not titled else None


def _by_looks(current: _Open, look: _Look, template: Template) -> tuple[str, str]:
    """Neither counter, number nor title: cards, lists and letters begin, the rest is weighed."""
    before = current.last
    if look.card:
        return _by_card(before, look)
    if before.card:
        return "after an ID page", "split_unsure"
    if look.ledger != before.ledger and not _heads_a_ledger(current, template):
        return "a list of households", ""
    if look.letter and not before.letter:
        return "a letter begins", "split_unsure"
    if before.count and before.count[0] < before.count[1]:
        return "", ""
    if look.photo != before.photo:
        return "a photo" if look.photo else "after a photo", ""
    return _untitled(current, look, template)


def _heads_a_ledger(current: _Open, template: Template) -> bool:
    title = current.looks[0].title
    return title is not None and template.type(title.code).ledger


def _by_count(before: _Look, look: _Look) -> tuple[str, str]:
    assert look.count
    here, whole = look.count
    if here == 1:
        return "page counter starts", ""
    if before.count:
        if before.count[1] == whole and here > before.count[0]:
            return "", "" if here == before.count[0] + 1 else "page_missing"
        return "page counter breaks", "page_missing"
    if here == 2 and not (look.title and look.title.score >= _STARTS):
        return "", ""
    return "page counter breaks", "page_missing"


def _by_card(before: _Look, look: _Look) -> tuple[str, str]:
    """An ID page begins a document, unless it is the back of the card on the page before."""
    if look.card == before.card and not look.named:
        return "", ""
    return "ID or licence page", ""


def _untitled(current: _Open, look: _Look, template: Template) -> tuple[str, str]:
    """An untitled page continues; one that nothing ties to the document is looked at."""
    if look.title and look.title.score >= _REPEATS:
        known = current.looks[0].title
        if known is None or known.code != look.title.code:
            sure = _heads_another(current, look)
            return f"title {look.title.text.strip()}", "" if sure else "split_unsure"
    before = current.last.page
    if clauses_go_on(before, look.page):
        return "", ""
    if _another_home(current.last, look):
        return "another household", "split_unsure"
    if _heads_another(current, look):
        return "a form without title behind a signed one", "split_unsure"
    if only_signs(before, look.page):
        return "", ""
    signals = gather([look.page], template)
    ranked = sorted(((signals.body(k.code), k.code) for k in template.types), reverse=True)
    best, code = ranked[0]
    known = current.looks[0].title
    own = signals.body(known.code) if known else 0.0
    other = code.partition(".")[0] != known.code.partition(".")[0] if known else False
    if best >= _DIFFERENT_BODY and own < _OWN_BODY and other:
        return "", "split_unsure"
    # Neither counter nor form number nor wording ties it to what stands before: a stray
    # note or a stranger's letter would be filed along with it.
    return "", "" if own >= _SOME_BODY else "split_unsure"


def _heads_another(current: _Open, look: _Look) -> bool:
    """Whether a form of somebody else begins at the top, behind one that was signed."""
    head = head_of(look.page)
    if head is None or head.agrees(home_of(current.looks[0].page)):
        return False
    return closed(current.last.page) or _another_home(current.looks[0], look)


def _another_home(before: _Look, look: _Look) -> bool:
    """Whether the two pages speak of different households."""
    return home_of(before.page).differs(home_of(look.page))


def _look(page: PageText, template: Template) -> _Look:
    ours = separator.on_page(page)
    sheet, payload = ours or (None, "")
    blank = page.blank or _empty(page)
    if blank or (sheet and sheet.separates):
        return _Look(page, sheet, payload, blank=blank and not sheet)
    signals = gather([page], template)
    card = kind_of_page(signals)
    text = signals.raw
    number = _FORM_NUMBER.search(text)
    return _Look(
        page,
        sheet,
        payload,
        count=_counter(page),
        leaf=_leaf(page),
        number=number.group(1) if number else "",
        title=read_title(page, template).best if not card else None,
        card=card,
        ledger=is_ledger([page]),
        letter=any(_SALUTATION.search(simplified(line.text)) for line in page.lines[:3]),
        named="姓名" in fold(text) or "名称" in fold(text),
        photo="photo" in page.flags,
        two=_two_papers(page, template),
    )


def _two_papers(page: PageText, template: Template) -> bool:
    """Whether two pages side by side in one picture are two papers: no page range parts them."""
    sides = halves(page)
    if sides is None:
        return False
    titles = [read_title(side, template).best for side in sides]
    titled = all(title is not None and title.score >= _STARTS for title in titles)
    return titled or home_of(sides[0]).differs(home_of(sides[1]))


def _empty(page: PageText) -> bool:
    """A back nobody wrote on; a photo and a page that could not be read are not empty."""
    return not page.lines and page.ink < _NO_INK and not page.flags & {"photo", "unread"}


def _counter(page: PageText) -> tuple[int, int] | None:
    for line in page.lines:
        edge = line.box[1] > _FOOT or line.box[3] < _HEAD
        text = simplified(line.text)
        if match := _COUNT.search(text) or _ENGLISH.search(text):
            here, whole = match.group(1), match.group(2)
        elif match := _COUNT_BACK.search(text):
            whole, here = match.group(1), match.group(2)
        elif edge and (match := _SLASH.match(text)):
            here, whole = match.group(1), match.group(2)
        else:
            continue
        counted = number_of(here), number_of(whole)
        if 1 <= counted[0] <= counted[1]:
            return counted
    return None


def _leaf(page: PageText) -> int:
    """The number at the foot of a page, as in "- 2 -"; 0 when there is none."""
    for line in page.lines:
        match = _LEAF.match(line.text) if line.box[1] > _FOOT else None
        if match:
            return int(match.group(1) or match.group(2))
    return 0


def _closed(part: _Open) -> Part:
    numbers = [look.page.number for look in part.looks]
    if not part.separator:
        _count_over(part)
    return Part(
        first=min(numbers),
        last=max(numbers),
        why=part.why,
        reasons=("separator",) if part.separator else tuple(part.reasons),
        blank_pages=tuple(look.page.number for look in part.looks if look.blank),
        sheet=part.sheet,
        separator=part.separator,
    )


def _count_over(part: _Open) -> None:
    """Note where the counters promise more pages than there are, or fewer."""
    counts = [look.count for look in part.looks if look.count]
    if not counts:
        return
    wholes = {whole for _, whole in counts}
    if part.written < max(wholes) or counts[0][0] > 1 or len(wholes) > 1:
        part.note("page_missing")
    if part.written > max(wholes):  # pages of another paper, or the counter was misread
        part.note("split_unsure")
