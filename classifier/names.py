"""Owner names: read from a value, brought to one spelling, compared (domain 3.2).

A comparison is exact, near (one character of three or more looks like the
other) or none. Near is never decisive on its own; a masked name or a mere
salutation agrees with nobody and contradicts nobody.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from classifier.fields_words import WORDS
from classifier.names_glyphs import look_alike
from classifier.normalise import plain

_COMPOUND = frozenset((
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯",
    "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠",
    "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "子车",
    "亓官", "司寇", "巫马", "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁",
    "拓跋", "夹谷", "轩辕", "令狐", "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生",
    "公户", "公玉", "公仪", "梁丘", "公仲", "公上", "公门", "公山", "公坚", "左丘", "公伯",
    "西门", "公祖", "第五", "公乘", "贯丘", "公皙", "南荣", "东里", "东宫", "仲长", "子书",
    "子桑", "即墨", "达奚", "褚师", "吴铭", "纳兰", "归海", "完颜", "叶赫", "那拉", "爱新",
    "司南",
))  # fmt: skip
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛"
    "奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康"
    "伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵"
    "席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗"
    "丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫"
    "乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄"
    "印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍璩桑桂濮牛"
    "寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国"
    "文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后"
    "荆红游竺权逯盖益桓公付肖代仝岳帅缑亢况郈有琴商牟佘佴伯赏墨哈谯笪年爱阳佟言福邸闫覃涂楚闾"
    "苟眭粟兰亓候占苑火卿信展初玄由原迟么木英"
)
_DOTS = re.compile(r"[·•・‧.．∙]")
_SEPARATORS = re.compile(
    r"[、,，;；/&+\n\t|]|\s+和\s*|(?<=[\u4e00-\u9fff]{2})[和与及](?=[\u4e00-\u9fff]{2})"
)
_CO_OWNER = re.compile(
    r"[(（]\s*(?:共有人|配偶|监护人|法定代表人|法人|代表人|共同买受人)\s*[:：]?\s*(.*?)[)）]"
)
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]?")
_TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|夫妇|夫妻|业主|等\s*[0-9一二两三四五六]+\s*人|等人|等)+$"
)
_ROLE = re.compile(r"^(?:业主|户主|姓名|产权人|本人|尊敬的|致|个体工商户|个体户)\s*[:：]?\s*")
_MASK = re.compile(r"[*＊某xX×]")
_WILD = "□?？_〓囗"
_COMPANY = re.compile(
    r"公司|集团|商行|超市|工作室|事务所|中心|商店|厂$|店$|银行|学校|医院|合作社|委员会|企业|部$"
)
_CITY = re.compile(
    r"^(?:中国)?[(（]?(?:[\u4e00-\u9fff]{2,3}?(?:省|自治区))?(?P<city>[\u4e00-\u9fff]{2,4}?市|北京|上海|天津|重庆|深圳|广州|东莞|佛山|惠州|珠海|中山|杭州|宁波|"
    r"南京|苏州|无锡|武汉|长沙|成都|西安|厦门|福州|青岛|济南|郑州|合肥|南昌|昆明|贵阳|南宁|海口|沈阳|大连|长春|哈尔滨)?(?:[\u4e00-\u9fff]{1,3}[区县])?[)）]?"
)
_FORM = re.compile(r"(?:股份)?有限(?:责任)?公司|集团|股份|责任公司|公司")
_SIMPLE = re.compile(r"[\u4e00-\u9fff]{2,4}(?:·[\u4e00-\u9fff]{2,6})?")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z .,'-]{2,}")


_FORM_WORDS = frozenset(word for words in WORDS.values() for word in words.split())


class Agreement(StrEnum):
    """How a written name agrees with a registered one."""

    EXACT = "exact"
    NEAR = "near"
    NONE = "none"


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """One spelling of a name: simplified, no blanks, dots or brackets, upper case.

    `Smith, John` and `JOHN SMITH` become the same key.
    """
    text = plain(text).strip()
    if _LATIN.fullmatch(text):
        return " ".join(sorted(re.findall(r"[A-Z]+", text.upper())))
    return re.sub(r"[\s()\[\]【】《》\"'“”‘’:,]", "", _DOTS.sub("", text)).upper()


_ONE_COMPANY = re.compile(r"(?:(?!公司)[\u4e00-\u9fff()·]){2,30}公司")


def people_in(text: str) -> tuple[str, ...]:
    """The names in a value, in order: co-owners, couples, a guardian (domain 3.2).

    Blanks inside a two-character name are closed; salutations, signatures'
    brackets and "等2人" are cut off. A masked name stays masked.
    """
    text = plain(text).strip(" \t:,;、_-。")
    if not text:
        return ()
    if _SIMPLE.fullmatch(text) and not (_TITLE.search(text) or _ROLE.match(text)):
        return (text,)
    if _LATIN.fullmatch(text) and "/" not in text:
        return (re.sub(r"\s+", " ", text).strip(" ,"),)
    if _ONE_COMPANY.fullmatch(text):
        return (text,)  # 万和投资有限公司 is no couple
    also = [name for match in _CO_OWNER.findall(text) for name in people_in(match)]
    text = _CO_OWNER.sub("", text) if not _is_company_text(text) else text
    if not _is_company_text(text):
        text = _BRACKETS.sub("", text)
    found: list[str] = []
    for piece in _SEPARATORS.split(text):
        found.extend(_spaced(piece or ""))
    names = [name for name in (_clean(piece) for piece in found) if name]
    return tuple(dict.fromkeys([*names, *also]))


def _is_company_text(text: str) -> bool:
    return "公司" in text


def _spaced(piece: str) -> list[str]:
    """Blanks separate names of two or more characters and are closed inside a spaced-out name."""
    words = piece.split()
    if len(words) < 2 or _LATIN.search(piece):
        return [piece.strip()]
    if any(len(word) == 1 for word in words) or _is_company_text(piece):
        return _grouped(words)
    return words


def _grouped(words: list[str]) -> list[str]:
    if "".join(words).isascii() or len("".join(words)) <= 4:
        return ["".join(words)]
    names: list[str] = []
    current = ""
    for word in words:
        if len(word) == 1 and (not current or len(current) < 3):
            current += word
            continue
        if current:
            names.append(current)
        current = word
    return [*names, current] if current else names


def _clean(name: str) -> str:
    name = _ROLE.sub("", name.strip(" :。.…-_'\""))
    return name if is_salutation(name) else _TITLE.sub("", name).strip()


def is_salutation(text: str) -> bool:
    """True for a surname with a title (王先生), which names nobody in particular."""
    text = re.sub(r"\s", "", plain(text))
    match = re.fullmatch(
        r"([\u4e00-\u9fff]{1,2}?)(?:先生|女士|小姐|太太|先生/女士|总|经理|阿姨|师傅|生|小)", text
    )
    return match is not None and (len(match[1]) == 1 or match[1] in _COMPOUND)


def is_masked(text: str) -> bool:
    """True for a name with stars or 某 instead of characters (张*, 张某某)."""
    text = re.sub(r"\s", "", plain(text))
    return bool(_MASK.search(text)) and _LATIN.fullmatch(text) is None and not is_company(text)


def is_company(text: str) -> bool:
    """True for the name of a company or a shop."""
    text = re.sub(r"\s", "", plain(text))
    return len(text) >= 4 and _COMPANY.search(text) is not None


def surname(name: str) -> str:
    """The surname, compound ones included; "" when it is none we know."""
    name = name_key(name)
    if name[:2] in _COMPOUND and len(name) >= 3:
        return name[:2]
    return name[0] if name and name[0] in _SURNAMES else ""


def looks_like_name(text: str) -> bool:
    """True when the text can be the name of a person or a company."""
    key = name_key(text)
    if _LATIN.fullmatch(plain(text).strip()):
        return True
    if is_company(text):
        return len(key) >= 4
    if (
        not key
        or key in _FORM_WORDS
        or any(not _HAN.match(char) and char not in _WILD for char in key)
    ):
        return False
    if _DOTS.search(plain(text)) is not None:
        return 4 <= len(key) <= 16
    compound = key[:2] in _COMPOUND
    return 2 <= len(key) <= (4 if compound else 3) and (compound or key[0] in _SURNAMES)


def compare(written: str, registered: str) -> Agreement:
    """How the written name agrees with the registered one; brackets, dots, blanks do not count."""
    if is_masked(written) or is_salutation(written):
        return Agreement.NONE
    one, other = name_key(written), name_key(registered)
    if not one or not other:
        return Agreement.NONE
    if one == other:
        return Agreement.EXACT
    if is_company(registered):
        return _compare_companies(written, registered)
    if one[:-1] == other and one[-1] in "男女印章" and len(other) >= 2:
        return Agreement.EXACT
    return _near(one, other)


def _near(one: str, other: str) -> Agreement:
    if len(one) != len(other) or len(one) < 3:
        return Agreement.NONE
    wrong = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(wrong) == 1 and (wrong[0][0] in _WILD or look_alike(*wrong[0])):
        return Agreement.NEAR
    return Agreement.NONE


def _compare_companies(written: str, registered: str) -> Agreement:
    (city, core, branch), (own_city, own_core, own_branch) = _core(written), _core(registered)
    if branch != own_branch or (city and own_city and city != own_city):
        return Agreement.NONE
    if core == own_core and len(core) >= 2:
        return Agreement.EXACT
    return _near(core, own_core) if len(core) >= 4 else Agreement.NONE


@lru_cache(maxsize=16384)
def _core(name: str) -> tuple[str, str, str]:
    """City, distinctive core and branch of a company's name."""
    text = re.sub(r"\s", "", plain(name))
    text = re.sub(r"[(（](?:法定代表人|法人|代表人)[^()（）]*[)）]", "", text)
    text = re.sub(r"^个体(?:工商)?户", "", text)
    branch = re.search(r"公司([\u4e00-\u9fff()（）]{1,12}(?:分公司|分店|营业部|办事处))$", text)
    if branch:
        text = text[: branch.start(1)]
    match = _CITY.match(text)
    city = (match["city"] or "").removesuffix("市") if match else ""
    rest = text[match.end() :] if match and city else text
    inner = re.search(r"[(（]([\u4e00-\u9fff]{2,4})[)）]", rest)
    if inner and not city and inner[1] != "集团":
        city = inner[1].removesuffix("市")
    core = name_key(_FORM.sub("", re.sub(r"[(（][^()（）]*[)）]", "", rest)))
    return city, core or name_key(rest), branch[1] if branch else ""


def could_be_misread(written: str, registered: str) -> bool:
    """True when the written name may be this one read badly: most characters alike.

    Weaker than near, also for names of two characters; it only says that the
    written name does not contradict when other identifiers agree.
    """
    one, other = name_key(written), name_key(registered)
    if not one or not other:
        return False
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return len(short) >= 2 and len(long) - len(short) <= 1 and _inside(short, long)
    wrong = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(wrong) > max(1, len(one) // 3):
        return False
    return all(a in _WILD or look_alike(a, b) for a, b in wrong)


def _inside(short: str, long: str) -> bool:
    """The short one is the long one with a single character lost."""
    return any(long[:index] + long[index + 1 :] == short for index in range(len(long)))


def contradicts(written: str, registered: tuple[str, ...]) -> bool:
    """True when a written owner's name is somebody else's than every registered owner's.

    Masked names never do; a salutation does when its surname is nobody's.
    """
    owners = [one for name in registered for one in people_in(name)]
    if not owners:
        return False
    if is_masked(written):
        first = name_key(written)[:1]
        return first in _SURNAMES and all(name_key(owner)[:1] != first for owner in owners)
    if is_salutation(written):
        first = name_key(written)[:1]
        return all(name_key(owner)[:1] != first for owner in owners)
    key = name_key(written)
    if len(key) >= 2 and any(is_company(owner) and key in name_key(owner) for owner in owners):
        return False  # a piece of the company's name, cut by the end of a line
    if plain(written).rstrip().endswith("·") and len(name_key(written)) >= 2:
        # the line broke after the dot
        return not any(name_key(owner).startswith(name_key(written)) for owner in owners)
    return all(compare(written, owner) is Agreement.NONE for owner in owners)
