"""The labels forms carry, by what stands behind them (domain 2.6, 3.2).

Owner's labels come in two strengths: under a strict one stands the owner and
nobody else, so another name there contradicts; under a soft one a relative or
an agent may have signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORDS: dict[str, str] = {
    "owner": (
        "业主姓名 业主名称 业主名 业主 产权人姓名 产权人 产权所有人 房屋所有权人 所有权人 权利人 户主姓名 户主 买受人 买受方 购房人 "
        "购房者 认购人 现业主 新业主 新业主姓名 新产权人 受让方 受让人 业主签名 业主签字 业主签章 业主确认 业主签收 业主签署 乙方 承诺人 申请人 "
        "委托人 变更后业主 房主 产权单位 业户姓名 业户 业户名称 业主单位 产权人签名 产权人签字 申请业主 买方 委托方"
    ),
    "signer": (
        "报修人 投诉人 反馈人 被回访人 交款人 缴款人 缴费人 付款人 付款单位 领取人 签收人 领用人 客户姓名 客户名称 客户 住户姓名 住户 填表人 填写人 "
        "声明人 保证人 责任人 来函人 申报人 接收人 收件人 收楼人 领款人 退款人 验收人 报事人 请修人 顾客姓名 缴交人 来访人 反映人 交款单位 持证人 承租? "
        "领取人签名 签名 签字 姓名 受访人 登记人姓名 饲养人 车主 车主姓名 出租人 出租方 收件方 确认人 授权人 户名 今收到 兹收到 业主/住户 业主或租户 搬出人 物主 甲方"
    ).replace("承租? ", ""),
    "former": "原业主 原业主姓名 原产权人 原业主签字 原业主签名 出卖方 出卖人 卖方 转让方 转让人 变更前业主 前业主 旧业主 原户主 甲方(出卖人)",
    "tenant": "承租人 承租方 租户 租户姓名 租客 使用人 承租人姓名 承租单位 租户名称 实际使用人",
    "agent": "受托人 代理人 代办人 被委托人 受托人姓名 代理人姓名 经办业主",
    "other_person": (
        "经办人 经办 受理人 施工负责人 现场负责人 负责人 项目负责人 工人 邻居 楼下邻居 紧急联系人 紧急联系人姓名 收款人 送达人 复查人 派工人 维修人 维修人员 陪同人 "
        "发证人 回访人 审批人 联系人 法定代表人 监护人 被投诉人 防火责任人 出证人 办理人 巡查人 检查人 客服 主管 经理 审核人 批准人 记录人 处理人 接待人 "
        "发放人 开票人 开票 制表人 勘查人 调解人 见证人 归档人 调查人 接报人 查阅人 借阅人 安全员 走访人 访问人 管理员 门岗 值班人 放行人 工程师 设计人 家庭成员 "
        "同住人 接单人 系统更新人 目录更新人 制单 出纳 会计 复核 复核人 施工人员 被访人 对方 当事人 责任单位 施工队长 监理 消防责任人 发件人 客服意见 工程意见 管理处意见"
    ),
    "phone": "联系电话 电话 手机 手机号码 手机号 移动电话 固定电话 联系方式 电话号码 业主电话 业主手机 住宅电话 家庭电话 联系手机 联络电话 业主联系电话 现联系电话 新电话 申请人电话 报修电话 投诉人电话 买受方电话 新业主电话 新业主联系电话 常用电话 乙方电话 乙方联系电话 甲方电话",
    "other_phone": "负责人电话 现场负责人电话 承租人电话 租户电话 紧急联系电话 紧急联系人电话 咨询电话 服务热线 热线 传真 服务电话 投诉电话 监督电话 值班电话 原业主电话 原业主联系电话 受托人电话 施工单位电话 出卖方电话 工人电话 邻居电话 客服电话 客服热线 管理处电话 物业电话 办公电话 24小时电话 原电话 施工电话 受托人联系电话 租客电话 被投诉人电话",
    "id_no": "身份证号 身份证号码 身份证 证件号码 证件号 公民身份号码 公民身份证号码 统一社会信用代码 信用代码 业主身份证号 业主证件号 证件编号 身份证件号码 买受方证件号 新业主证件号 业主证件号码 注册号 乙方证件号 乙方证件号码 甲方证件号 甲方证件号码",
    "other_id": "承租人证件号 承租人证件号码 承租人身份证号 受托人证件号 受托人身份证号 负责人身份证号 租户证件号 工人身份证号 受托人证件号码 原业主证件号 出卖方证件号 租户身份证号 出卖人证件号 执照号 营业执照号",
    "date": "日期 申请日期 填表日期 登记日期 签订日期 签署日期 开票日期 收款日期 领取日期 发证日期 受理日期 办理日期 报修时间 投诉时间 报修日期 投诉日期 入住日期 交付日期 验收日期 查验日期 送达日期 变更日期 时间 签收日期 领取时间 申请时间 制表日期 出具日期 填写日期 下达日期 检查时间 检查日期 受理时间 来访时间 回访时间 发生时间 走访日期",
    "file_no": "档案编号 档案号 档号 卷号 户号 卷宗号 业户编号 户档案号 案卷号 业户档案号 归档编号 住户编号",
    "form_no": "表单号 表单编号 表号 文件编号 记录编号",
    "number": "编号 NO No 单号 申请编号 投诉编号 报修单号 工单号 流水号 通知单号 受理编号 序列号 登记编号 收楼编号 票据号 业务编号 派工单号 案件编号 委托编号 函号 文号 合同编号 协议编号 合同号",
    "contractor": "施工单位 装修公司 装修单位 施工方 丙方 承建单位 装饰公司 施工单位名称 装修施工单位 施工队 承包方 施工企业 装饰单位",
    "permit_no": "许可证号 许可证编号 施工许可证号 装修许可证号 证号 施工证号 装修许可证编号 准许证号",
    "receipt_no": "收据号 收据编号 原收据号 票号 发票号码 发票号",
    "amount": "金额 合计 总计 合计金额 应退金额 应退 小写 押金金额 总价 总价款 应缴金额 欠费金额 成交价 大写 押金合计 共计 应收金额 实收金额 欠费合计 应缴合计 租金 收费金额 人民币(大写) 人民币 合计(大写) 合计人民币",
    "room": (
        "房号 房间号 房间号码 房屋号 室号 房屋地址 房屋座落 房屋坐落 座落 坐落 房屋 房产地址 房产 房屋位置 物业地址 物业座落 物业坐落 门牌号 门牌 门牌号码 "
        "单元房号 单元号 单元室号 楼栋房号 楼房号 栋房号 申请房号 装修地址 装修房号 装修地点 装修单元 施工地址 施工房号 装修房屋 报修地址 报修房号 "
        "维修地址 维修房号 投诉房号 投诉人房号 住户地址 业主地址 业主房号 住户房号 所在房号 租赁房屋 出租房屋 房屋编号 房间编号 单元编号 铺位 铺号 商铺号 "
        "缴费房号 收楼房号 楼宇 业户地址 楼号房号 楼号及房号 楼座房号 乙方房号 乙方房屋 甲方房号 房址 室号/房号 房屋坐落地址 租赁地址 承租房屋 所购房屋 楼宇地址 单元 楼宇单元 房号/单元 房号(单元) "
        "单位地址(房号) 送达房号 关联房号 物业房号 所属房号 房屋房号 户室号 住房 住宅地址 楼牌号 楼门号 所在单元 房屋所在地 栋座房号 座栋房号 楼栋单元房号 栋/单元/房号 楼栋/房号 业主单元 小区房号"
    ),
    "contact_address": "通讯地址 联系地址 通信地址 户籍地址 户籍所在地 身份证地址 家庭住址 住址 邮寄地址 送达地址 现住址 居住地址 住所 经营场所 邮政地址 联络地址 常住地址 地址",
    "office_address": "公司地址 注册地址 办公地址 单位地址 办理地点 办理地址 缴费地点 领取地点 交款地点 施工单位地址 服务中心地址 管理处地址 收楼地点 集合地点 地点 公司住所 客服地址 开户行",
    "neighbour": "被投诉人房号 被投诉房号 被投诉方 对方房号 邻居房号 楼上房号 楼下房号 相邻房号 受损房号 责任房号 肇事房号 漏水源头 对方地址 被投诉地址 邻户房号 关联户",
    "estate": "小区名称 小区 项目名称 楼盘名称 楼盘 所属小区 物业项目 物业名称 所在小区 物业小区",
    "building": "楼号 楼栋 楼栋号 栋号 幢号 座号 楼座 楼幢 栋",
    "unit": "梯号 单元/梯",
    "zone": "区域 期区 分区 苑区 期数 组团",
    "stop": (
        "性别 民族 年龄 出生 出生年月 建筑面积 套内面积 面积 收费面积 户型 车牌号 车牌 车位号 车位编号 工作单位 邮箱 电子邮箱 方式 类别 用途 关系 与业主关系 工种 "
        "资质等级 施工人数 装修类型 装修项目 开工日期 竣工日期 租期 有效期 施工时间 施工项目 备注 附图 单位名称 职务 产权证号 家庭人口 国籍 回访方式 投诉方式 投诉类别 "
        "投诉内容 报修内容 报修类别 处理结果 处理意见 紧急程度 项目 收款项目 数量 物品名称 原因 变更类别 变更前 变更后 签发机关 有效期限 账户 户名 账号 卡号 "
        "现场情况 情况 车型 颜色 开户银行 交款方式 完成期限 限期 欠费期间 送达方式 标准 内容 要求 结果 满意度 意见 证明材料 过户原因 押金 应带证件 应交费用 办理时间段 办理时间 "
        "证明单位 收款单位 催缴单位 签发单位 发证单位 批准单位 出卖人名称 满意 说明 评价 物业 管理处 服务中心 栋数 层数 楼层 朝向 犬种 宠物 品种 预约时间 到场时间 完工时间 材料费 人工费"
    ),
}  # fmt: skip
STRICT_SOFT = frozenset({"乙方", "申请人", "承诺人", "委托人", "买方", "委托方"})
_ROLE_OF: dict[str, str] = {
    word: role for role, words in reversed(_WORDS.items()) for word in words.split()
}
_MARK = r"(?:\s*[(（](?:签字|签名|签章|盖章|章|手印|签字/盖章|签名/盖章|公章|业主|产权人|印章|大写|小写|元|正楷|签|代理人|本人|必填|乙方|买受人|/)*[)）]?)?"


_LEVEL_WORDS = frozenset({"单元", "栋"})
_AFTER_NUMBER = re.compile(r"[0-9A-Za-z〇零一二三四五六七八九十栋幢楼座]\s*$")


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a row: what it announces, its words, where it and its value begin."""

    role: str
    word: str
    start: int
    end: int
    colon: bool


@lru_cache(maxsize=1)
def _lexicon() -> re.Pattern[str]:
    words = sorted(_ROLE_OF, key=len, reverse=True)
    spelt = "|".join(r"[ ]*".join(map(re.escape, word)) for word in words)
    return re.compile(rf"(?P<word>{spelt}){_MARK}(?P<colon>\s*[:;](?!\d{{2}}\b)|(?=[ \t_]|$)|(?=[0-9A-Za-z+¥￥]))")


_GENERIC = re.compile(r"(?<![0-9A-Za-z])[\u4e00-\u9fff/]{1,10}(?:[ ]?[\u4e00-\u9fff/]){1,8}" + _MARK + r"\s*:")
# labels as they are misread: one character that looks like the right one
_MISREAD = {
    "房导": "房号", "房弓": "房号", "房亏": "房号", "防号": "房号", "房兮": "房号", "虏号": "房号", "业王": "业主", "业土": "业主", "业玉": "业主",
    "亚主": "业主", "姓各": "姓名", "娃名": "姓名", "电活": "电话", "电语": "电话", "由话": "电话", "产权入": "产权人", "申请入": "申请人", "投诉入": "投诉人",
    "报修入": "报修人", "承诺入": "承诺人", "身份征": "身份证", "身分证": "身份证", "手札": "手机", "手讥": "手机", "日朗": "日期", "曰期": "日期", "编导": "编号",
    "地扯": "地址", "坐洛": "坐落", "座洛": "座落", "业主娃名": "业主姓名", "签宇": "签字", "业主签宇": "业主签字", "档案编导": "档案编号", "房屋地扯": "房屋地址",
}  # fmt: skip
_MISREAD_ANY = re.compile("|".join(sorted(_MISREAD, key=len, reverse=True)))


def mended(text: str) -> str:
    """The text with misread label words put right; lengths stay."""
    return _MISREAD_ANY.sub(lambda match: _MISREAD[match[0]], text)


def labels_in(text: str) -> list[Label]:
    """The labels of a row's text, left to right.

    A word of the lexicon is a label before a colon, a blank or the end of its
    cell, and only at the start of a cell or behind a blank or mark; any other
    run of Chinese before a colon ends the value before it.
    """
    text = mended(text)
    found = [_label(match) for match in _lexicon().finditer(text) if _stands_free(text, match)]
    taken = [(label.start, label.end) for label in found]
    for match in _GENERIC.finditer(text):
        if all(match.end() <= start or match.start() >= end for start, end in taken):
            found.append(Label(_by_ending(match[0]), _bare(match[0]), match.start(), match.end(), True))
    return sorted(found, key=lambda label: label.start)


def _label(match: re.Match[str]) -> Label:
    word = re.sub(r"\s", "", match["word"])
    marks = match[0]
    role = _ROLE_OF[word]
    if role in {"signer", "other_person"} and re.search(r"[(（].*业主", marks):
        role, word = "owner", "业主签名"
    return Label(role, word, match.start(), match.end(), bool(match["colon"].strip()))


def _stands_free(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1] if match.start() else " "
    if match["word"] in _LEVEL_WORDS and _AFTER_NUMBER.search(text[: match.start()]):
        return False  # 10 栋 1 单元 601 室: words of one address, not labels
    colon = bool(match["colon"].strip())
    if "\u4e00" <= before <= "\u9fff":
        return colon and len(match["word"]) >= 2 and _known_value_before(text, match.start())
    if before.isalnum():
        level = match["word"] in {"单元", "栋", "楼栋", "房屋", "房产", "项目", "物业", "时间"}
        return colon and not level
    return colon or match["word"] not in {"时间", "情况", "物业", "内容", "要求", "原因"} or _ends_cell(text, match)


def _ends_cell(text: str, match: re.Match[str]) -> bool:
    return match.end() >= len(text) or text[match.end()] == "\t"


def _known_value_before(text: str, start: int) -> bool:
    """A Chinese value glued to the next label: 张伟联系电话: has the label 联系电话."""
    head = re.search(r"[\u4e00-\u9fff]+$", text[:start])
    return head is not None and 2 <= len(head[0]) <= 4 and head.start() > 0 and text[head.start() - 1] in ":\t "


def _by_ending(written: str) -> str:
    word = _bare(written)
    for size in range(min(6, len(word)), 1, -1):
        if (role := _ROLE_OF.get(word[-size:])) is not None:
            if role in {"owner", "signer", "room", "file_no"} and size < len(word):
                return "stop"
            return {"phone": "other_phone", "id_no": "other_id"}.get(role, role)
    return "stop"


def _bare(written: str) -> str:
    return re.sub(r"[\s:;]|[(（].*?[)）]", "", written)
