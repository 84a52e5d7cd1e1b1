"""What a label outside the lexicon announces, by how Chinese labels are built.

Forms invent labels freely (租户手机, 受影响房号, 房屋所有人签认); their ending says
what kind of value follows, their beginning whose it is (domain 2.6, 3.2).
"""

from __future__ import annotations

import re
from functools import lru_cache

from classifier.fields_words import WORDS

_ROLE_OF: dict[str, str] = {
    word: role for role, words in reversed(WORDS.items()) for word in words.split()
}
_OWNER = (
    r"(?:业主|产权人|房主|户主|买受人|购房人|权利人|认购人|受让人|房屋所有权?人|产权所有人"
    r"|所有权人|买受方|业户)"
)
_SIGNED = (
    r"(?:本人)?(?:姓名|名称|名|全称|签名|签字|签章|签认|签署|确认|确认签字|签收|签字确认|盖章)?"
)
_PRESENT = r"(?:新|现|申请|登记|本户|该户|变更后|过户后|房屋|委托)"
_OTHERS = (
    r"(?:承租|租户|租客|受托|代理|代办|施工|装修|负责|现场|紧急|联系人|邻居|工人|原业主|出卖|卖方|经办|物业"
    r"|管理|客服|对方|被|公司|单位|办公|服务|咨询|投诉热|值班|监督|家属|亲属|配偶|担保)"
)
_NEIGHBOUR = r"(?:被|对方|邻|楼上|楼下|相邻|受损|受影响|肇事|渗漏方|隔壁|责任)"
_OFFICE_PLACE = (
    r"(?:公司|单位|办公|注册|企业|办理|缴费|交费|领取|服务|管理|客服|物业公司|施工单位|开户|集合)"
)
_POSTAL = r"(?:通讯|通信|联系|联络|户籍|邮寄|邮政|家庭|居住|现住|送达|常住|身份证|寄送|收件)"
_HOUSE = r"(?:房屋|房产|物业|装修|施工|报修|维修|业主|住户|租赁|所在|楼宇|户|住宅|交付|查验|停放)"
_PHONE = r"(?:电话|手机|手机号码?|联系方式|移动电话|电话号码|固话)"
_IDENTITY = r"(?:身份证|身份证号码?|证件|证件号码?|证件编号|身份号码|信用代码)"
_PLACE = r"(?:地址|座落|坐落|位置|地点)"
_ROOM = r"(?:房号|房间号码?|室号|门牌号?码?|单元房号|楼栋房号|房址|铺位号|商铺号)"
_SERIAL = r"(?:编号|单号|文号|序列号|案号|流水号|工单号|受理号|备案号|合同号|账单号)"
_MONEY = r"(?:金额|合计|总价|总额|租金|押金|费用|价款|成交价|款项|共计)"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(pattern))
    for role, pattern in (
        ("former", rf"(?:原|前|旧){_OWNER}{_SIGNED}|(?:变更前|过户前).{{0,2}}{_OWNER}{_SIGNED}"),
        ("owner", rf"{_PRESENT}?{_OWNER}方?{_SIGNED}"),
        ("tenant", rf"(?:承租|租户|租客|租住|租赁)(?:人|方|户)?(?:姓名|名称)?{_SIGNED}"),
        ("neighbour", rf"{_NEIGHBOUR}.{{0,6}}(?:{_ROOM}|地址|住址|单元|户号|房屋)"),
        ("office_address", rf"{_OFFICE_PLACE}.{{0,4}}(?:{_PLACE}|住所|场所)"),
        ("contact_address", rf"{_POSTAL}.{{0,3}}(?:地址|住址)"),
        ("room", rf".{{0,6}}{_ROOM}|.{{0,6}}{_HOUSE}.{{0,3}}{_PLACE}"),
        ("room", r".{0,4}(?:座落|坐落)(?:地址|位置|于)?"),
        ("other_phone", rf".{{0,4}}{_OTHERS}.{{0,4}}(?:{_PHONE}|热线)|热线.{{0,2}}|传真.{{0,2}}"),
        ("phone", rf".{{0,6}}{_PHONE}"),
        ("other_id", rf".{{0,4}}{_OTHERS}.{{0,4}}{_IDENTITY}"),
        ("id_no", rf".{{0,6}}{_IDENTITY}"),
        ("permit_no", r".{0,6}(?:许可证|准许证|施工证|准建证|进场证)(?:编号|号码?|证号)"),
        ("receipt_no", r".{0,4}(?:收据|票据|凭证|发票)(?:编号|号码?)"),
        ("form_no", r".{0,4}(?:表单|表格|记录|文件)(?:编号|编码|号)"),
        ("file_no", r".{0,4}(?:档案|案卷|卷宗|业户档案|归档)(?:编号|号码?)|.{0,2}[档卷]号"),
        ("number", rf".{{0,6}}{_SERIAL}"),
        ("date", r".{0,6}(?:日期|时间)"),
        ("amount", rf".{{0,6}}{_MONEY}(?:小写|大写)?"),
        ("contractor", r".{0,3}(?:施工|装修|承建|装饰)(?:单位|公司|方|企业|队)(?:名称)?"),
        ("stop", r".{1,6}(?:面积|存额|余额)"),
        ("signer", r".{1,5}人(?:姓名|签名|签字|签章|签收|签认|确认)?"),
    )
)  # fmt: skip


@lru_cache(maxsize=8192)
def role_of(word: str) -> str:
    """The role of a label's words without blanks, or "" when its form tells nothing."""
    if (role := _ROLE_OF.get(word)) is not None:
        return role
    for role, pattern in _FORMS:
        if pattern.fullmatch(word):
            return role
    return ""
