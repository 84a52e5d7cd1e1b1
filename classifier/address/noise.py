"""Numbers that are no addresses, blanked out before an address is looked for.

Dates, phones, money, ID, contract and document numbers, areas, parking
spaces, plates, road numbers, page and article counts (domain 3.5, N04-N13).
"""

from __future__ import annotations

import re

BLANK = "\x00"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_CN = "〇零一二三四五六七八九十廿卅"
_FORMAL = "零壹贰叁肆伍陆柒捌玖拾佰仟万亿一二三四五六七八九十百千"
_NUMBERED = (
    "合同|协议|收据|发票|票据|许可证|出入证|证书|证件|证|单据|单|申请|备案|档案|表单|投诉|报修|工单|流水|凭证|"
    "案卷|文件|表格|受理|登记|订单|通知书|备案|产权证|设备|产品|图|货|批"
)
_HEAD = (
    rf"(?:(?:{_NUMBERED})\s*(?:编\s*号|号\s*码?|编码)|(?<![元屋间房业])编\s*号|档\s*号|卷\s*号|流水号"
    r"|账\s*号|卡\s*号|帐\s*号|表\s*号|(?<![A-Za-z])N[Oo0]\s*[.:．]|(?<![A-Za-z])N[Oo0](?=\s*\d))"
)

_PATTERNS: tuple[str, ...] = (
    r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.]+",
    # areas and measures
    r"\d+(?:\.\d+)?\s*(?:㎡|m²|m2|M2|平方米|平米|平方|立方|m³)",
    r"(?<![\d.])\d+\.\d+\s*(?:米|%|kg|度|吨|元)",
    # the plan of a flat: 3室2厅1卫
    rf"[0-9{_CN}两]\s*[室房]\s*[0-9{_CN}两]\s*厅(?:\s*[0-9{_CN}两]\s*[卫厨阳]\w?)*",
    # dates
    r"(?:19|20)\d{2}\s*年(?:\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号]?)?)?",
    r"(?<!\d)(?:19|20)\d{2}\s*[-./]\s*(?:1[0-2]|0?[1-9])\s*[-./]\s*(?:3[01]|[12]\d|0?[1-9])(?![\d])",
    r"(?<![\d./-])\d{2}[-./](?:1[0-2]|0?[1-9])[-./](?:3[01]|[12]\d|0?[1-9])(?![\d./-])",
    rf"[{_CN}]{{4}}\s*年(?:\s*[{_CN}]{{1,3}}\s*月(?:\s*[{_CN}]{{1,3}}\s*[日号]?)?)?",
    rf"(?<![0-9{_CN}])[0-9{_CN}]{{1,3}}\s*月\s*[0-9{_CN}]{{1,3}}\s*[日号]",
    r"(?<!\d)(?:[01]?\d|2[0-4]):[0-5]\d(?:\s*[-至到]\s*(?:[01]?\d|2[0-4]):[0-5]\d)?",
    # phones, ID and account numbers
    r"(?:\+?\(?(?:00)?86\)?[- ]?)?(?<!\d)1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)",
    r"\(0\d{2,3}\)\s*\d{3,4}[- ]?\d{4}(?:-\d{1,5})?",
    r"(?<!\d)0\d{2,3}\s*-\s*\d{3,4}[- ]?\d{4}(?:-\d{1,5})?(?!\d)",
    r"(?<!\d)0\d{2,3} \d{3,4} ?\d{4}(?!\d)",
    r"(?<!\d)400[- ]?\d{3,4}[- ]?\d{3,4}(?!\d)",
    r"(?<![\dA-Za-z#-])[2-8]\d{3}[- ]\d{4}(?![\d-])",
    r"(?:电话|手机|传真|热线|TEL|Tel|FAX|Fax)\s*(?:号码)?\s*[:;]?\s*[\d()+ -]{7,}",
    r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx*×](?![0-9])",
    r"(?<!\d)\d{4}(?: \d{4}){2,}(?: \d{1,4})?(?!\d)",
    r"(?<![0-9A-Za-z])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{15,20}(?![0-9A-Za-z])",
    r"\d{9,}[Xx]?",
    # money
    r"[¥￥$]\s*[\d,]+(?:\.\d+)?",
    r"(?<!\d)\d{1,3}(?:,\d{3})+(?:\.\d+)?",
    r"\d+(?:\.\d+)?\s*万?元",
    rf"[{_FORMAL}]{{1,24}}[元圆]",
    # vehicles
    rf"[{_PROVINCES}][A-Z][ ·.]?[A-Z0-9]{{5,6}}",
    r"(?:地下|地面|人防|产权)*(?:停车位|停车场|车位|车库|泊位)\s*(?:编号|号码|号|区)?\s*[:;]?\s*(?:为|是)?\s*[0-9A-Za-z]+(?:\s*[-·]?\s*[0-9A-Za-z]+)*(?:\s*[区号层])*(?:\s*[0-9A-Za-z-]+\s*号?)?(?![0-9A-Za-z]|\s*[栋幢座#]|号楼|\s*单元)",
    r"[0-9A-Za-z]+(?:[-·][0-9A-Za-z]+)*\s*号?\s*(?:停车位|车位|车库|泊位)",
    # document numbers
    rf"{_HEAD}\s*[:;]?\s*[A-Za-z0-9\u4e00-\u9fff]{{0,4}}[\[(〔]?[A-Za-z0-9][A-Za-z0-9()\[\]〔〕·./_-]*(?:号)?",
    r"[\[(〔](?:19|20)\d{2}[\])〕]\s*第?\s*[\w\u4e00-\u9fff]*?\d+\s*号",
    r"第\s*\d{4,}\s*号",
    r"(?<![0-9A-Za-z])[A-Z]{1,4}/[A-Z0-9.]+(?:-\d+)+",
    r"(?<![0-9A-Za-z-])[A-Z]{2,}[-/][A-Z0-9·./-]*\d[A-Z0-9·./-]*",
    r"(?<![\d-])(?:19|20)\d{2}-\d{3,6}(?![\d-])",
    # counts of pages, articles, copies
    rf"第\s*[0-9{_CN}百]+\s*(?:页|条|款|项|联|次|期?份|批|季|章|节)|共\s*\d+\s*[页张份]",
    r"\d+\s*[/∕]\s*\d+\s*页",
)  # fmt: skip
_COMPILED = tuple(re.compile(pattern) for pattern in _PATTERNS)
_ROAD_NUMBER = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:路|街|大道|道|巷|胡同)\s*\d+(?:\s*[-之]\s*\d+)?\s*号(?!\s*楼)(?:院|大院)?"
)
_LANE = re.compile(r"(?:[\u4e00-\u9fff]{1,5}[路街道巷])?\s*\d+\s*弄")


def masked(text: str) -> str:
    """The normalised text with everything that is no address blanked, same length."""
    for pattern in _COMPILED:
        text = pattern.sub(_blank, text)
    return _ROAD_NUMBER.sub(lambda match: match[0][0] + BLANK * (len(match[0]) - 1), text)


def _blank(match: re.Match[str]) -> str:
    return BLANK * len(match[0])


def lane_before(text: str, start: int) -> re.Match[str] | None:
    """The road and Shanghai lane (柳营路669弄) that ends right where the address begins."""
    for match in _LANE.finditer(text, max(0, start - 18), start):
        if not text[match.end() : start].strip():
            return match
    return None
