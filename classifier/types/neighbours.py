"""The confusable pairs of domain 2.7: what separates each type from its neighbours.

A rule only speaks when at least one of its types is in question. It moves the
score of the type whose words stand on the page up, and that of neighbours whose
words are missing down; a clear title still outweighs it, but then the answer is
less sure and a person looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from classifier.types.signals import Signals


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of 2.7: per type, the patterns (on folded text) that speak for it."""

    row: int
    speaks: dict[str, str]
    weight: float = 1.5


PAIRS: tuple[Pair, ...] = (
    Pair(1, {
        "complaint.card": r"投诉人|投诉内容|被投诉|投诉类别",
        "complaint.form": r"投诉人|投诉内容|被投诉|投诉类别",
        "complaint.letter": r"特此投诉|强烈投诉|我要投诉|投诉",
        "reno.application": r"施工人数|装修项目|装修类型|装修内容|是否改动结构|现提出申请",
        "reno.violation_notice": r"违章事实|违章内容|整改要求|限期整改|整改期限",
        "reno.patrol": r"巡查人|巡查日期|巡查情况",
    }),
    Pair(2, {
        "movein.inspection": r"[水电气燃]+表[^一-龥]{0,6}(底数|读数|底度|止度|行度)|表底数"
        r"|同意接收|同意收楼|交付|钥匙留用",
        "reno.acceptance": r"许可证号|施工单位|违章|复验|初验|装修|竣工",
    }, 2.0),
    Pair(3, {
        "movein.inspection": r"不合格|[水电气燃]+表.{0,6}(底数|读数)|表底数",
        "movein.feedback": r"存在问题|以下问题|业主要求|反馈人|反馈",
        "movein.rectify": r"责任单位|复查人|复查日期|整改完毕|返修",
    }),
    Pair(4, {
        "movein.feedback": r"反馈人|验房|收楼|查验|未列出的部位|遗留问题",
        "movein.rectify": r"责任单位|复查人|复查日期|遗留问题|整改完毕",
        "repair.order": r"派工|维修人员|材料费|人工费|维修人|有偿",
        "repair.request": r"报修人|报修内容|请修|报修时间|预约时间",
    }),
    Pair(5, {
        "complaint.form": r"投诉人|投诉内容|不满意|被投诉|投诉",
        "complaint.card": r"投诉人|投诉内容|不满意|被投诉|投诉",
        "repair.request": r"报修人|报修内容|请派人维修|故障|请修|预约时间",
        "repair.order": r"派工|材料费|人工费|完工时间|维修人",
    }),
    Pair(5, {  # corr.in carries no complaint words (2.4.5)
        "complaint.letter": r"投诉|扰民|噪音|噪声|异味|恶臭|影响.{0,8}(休息|睡眠|生活|安全|健康)"
        r"|多次(反映|沟通)|忍无可忍|强烈(要求|不满)|不作为|态度(恶劣|差)|赔偿|无人(处理|理睬)",
        "corr.in": r"申请|恳请|特此说明|请予(批准|支持)|望批准",
        "corr.reply": r"函复|来函收悉|收悉",
    }, 2.0),
    Pair(6, {
        "complaint.suggestion": r"建议|征询|打分|评分|满意度|非常满意",
        "complaint.form": r"投诉内容|处理意见|处理结果|投诉人",
        "complaint.card": r"档案卡|原因调查|处理措施|归档人",
    }),
    Pair(7, {
        "change.transfer": r"原业主|新业主|过户|更名|费用结清至",
        "movein.household_form": r"家庭成员|入住日期|工作单位|户型",
        "movein.key_receipt": r"入户门钥匙|领取人|上列钥匙",
    }),
    Pair(8, {
        "change.moveout": r"迁出|退房|搬离|交还|迁往",
        "lease.end": r"退租|租赁终止|腾退|承租人",
        "movein.handover": r"交付使用|接收房屋|风险|入住|接收",
        "movein.inspection": r"同意接收|同意收楼|验收|查验|交付",
    }, 2.0),
    Pair(11, {
        "movein.payment_slip": r"(周转金|清运费|预存|工本费|维修资金|预收).*"
        r"(周转金|清运费|预存|工本费|维修资金)",
        "reno.deposit_receipt": r"装修(押金|保证金|质保金)|出入证押金|装修履约",
        "payment.deposit": r"(门禁卡?|钥匙|遥控器|停车卡|水电|租赁)押金"
        r"|^(?!.*(清运费|工本费|维修资金|预存)).*周转金",
        "payment.receipt": r"^(?!.*(周转金|清运费|预存|工本费|维修资金)).*"
        r"((费用|缴费|收费)期间|所属期|\d月至|\d月-\d|物业(服务|管理)?费"
        r"|水费|电费|停车费)",
        "payment.fund": r"专项维修资金|维修基金|交存",
    }, 2.0),
    Pair(12, {
        "reno.deposit_receipt": r"今收到|收讫|交款人|收款人|凭此收据",
        "reno.deposit_refund": r"退还|应退|扣款|收款账户|退款",
        "payment.refund": r"退款|退费|退还",
    }),
    Pair(12, {
        "reno.deposit_refund": r"装修|施工",
        "payment.refund": r"物业费|停车费|门禁卡|多缴|多收|重复缴",
    }, 2.0),
    Pair(13, {
        "reno.violation_notice": r"施工单位|许可证|装修|施工",
        "violation.notice": r"停放|搭建|堆放|乱|占用|饲养|高空",
        "movein.rectify": r"责任单位|复查人|遗留问题|返修|施工方责任",
    }, 2.0),
    Pair(14, {
        "reno.permit": r"准予施工|张贴|发证|竣工后交回|有效期",
        "reno.application": r"申请人|现提出申请|审批意见|客服意见|工程意见|管理处意见|装修项目",
        "reno.extension": r"延期至|延期原因|申请延期",
    }),
    Pair(15, {
        "reno.commitment": r"承诺|保证",
        "reno.agreement": r"丙方|甲方.{0,400}乙方",
        "reno.fire_duty": r"动火|灭火器|防火",
    }),
    Pair(16, {
        "movein.convention": r"规约|公约",
        "movein.service_agreement": r"甲方.{0,600}乙方|收费标准|物业服务费",
    }),
    Pair(17, {
        "movein.contract_stub": r"出卖人|买受人|商品房|预售|开发",
        "change.sale_contract": r"存量房|二手房|居间|卖方|转让方",
        "lease.contract": r"出租方|承租方|租金|租赁期",
        "vehicle.parking": r"车位",
    }, 2.0),
    Pair(18, {
        "movein.key_receipt": r"领取人|收到上?[列述]钥匙|签收人|领用人|领取时间",
        "movein.key_custody": r"托管|留存|代管|委托.{0,6}保管",
    }, 2.0),
    Pair(19, {
        "movein.household_form": r"家庭成员|入住日期|户型|填表人",
        "lease.register": r"承租人|租期|同住人|租户|租赁期",
        "change.register": r"变更前|变更后|变更类别|原登记内容",
        "change.transfer": r"原业主.{0,300}新业主",
        "vehicle.register": r"车位号|车型|车辆品牌|品牌型号",
        "contact.emergency": r"紧急联[系络]人.{0,200}紧急联[系络]人|第[一二]联系人",
    }),
    Pair(20, {
        "violation.arrears": r"欠费|催缴|逾期|尚欠|滞纳金|拖欠|违约金",
        "payment.notice": r"本期应[收缴]|计费期间|应缴金额|本期",
    }, 2.0),
    Pair(21, {
        "incident.report": r"(事故|事件)(发生)?经过|损失情况|责任认定|原因分析|伤亡",
        "complaint.form": r"投诉人|投诉内容",
        "complaint.card": r"投诉人|投诉内容",
        "repair.request": r"报修人|报修内容",
        "repair.order": r"派工|维修人",
    }),
    Pair(23, {
        "movein.notice": r"办理(入住|收楼|入伙|收房|交房|接房|交付)|交付条件|视为.{0,4}交付",
        "violation.notice": r"违规|违章|搭建|停放|堆放",
        "reno.violation_notice": r"(装修|施工).{0,60}(违章|违规|停工)"
        r"|(违章|违规|停工).{0,60}(装修|施工)",
        "violation.arrears": r"欠费|催缴|尚欠|拖欠",
        "corr.notice": r"停水|停电|检修|温馨提示|特此(通知|告知)|敬请谅解",
    }),
    Pair(24, {
        "eng.drawing": r"竣工图|强电|弱电|喷淋|机电|暖通|专业",
        "reno.drawings": r"装修|平面布置|住宅|拆改|水电",
    }),
)  # fmt: skip

_COMPILED = [
    (pair, {code: re.compile(pattern) for code, pattern in pair.speaks.items()}) for pair in PAIRS
]


@dataclass(frozen=True, slots=True)
class Shift:
    """What a rule did to the score of one type, and the words it saw."""

    row: int
    code: str
    weight: float
    word: str


def shifts(signals: Signals, in_question: frozenset[str]) -> tuple[Shift, ...]:
    """What the pairs say about the types in question."""
    found: list[Shift] = []
    for pair, patterns in _COMPILED:
        concerned = in_question & set(patterns)
        if len(concerned) < 2:
            continue
        seen = {code: patterns[code].search(signals.text) for code in patterns if code in concerned}
        heard = {code for code, match in seen.items() if match}
        if not heard or heard == concerned:
            continue
        for code, match in seen.items():
            weight = pair.weight / 2 if match else -pair.weight
            found.append(Shift(pair.row, code, weight, match.group()[:12] if match else ""))
    return tuple(found)
