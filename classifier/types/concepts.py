"""Titles nobody listed: read a title as object + act + form word and see what it composes to.

`WORDS` says which spellings stand for a concept, `RECIPES` which concepts make
a document type. The recipe that explains most of a title wins; what it leaves
unexplained speaks against it. Sources: domain 2.1 (rules of thumb), 2.4, 2.7.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

# Concepts written in lower case are neutral: they fit any title and prove nothing.
WORDS: dict[str, str] = {
    "RENO": "装饰装修 装修 装饰 装潢 二次装修 二装 家装 精装修",
    "WORK": "施工 工程施工",
    "MOVEIN": "入住 入伙 收楼 交房 收房 交楼 接房 接楼 收铺 交铺 房屋交付 商品房交付 交付使用 交付",
    "MOVEOUT": "迁出 退房 搬离 搬迁 搬出 迁离",
    "ENDLEASE": "退租 终止租赁 解除租赁 租赁终止 租约终止",
    "LET": "租用 租房 租赁 出租 承租 租户 租客 租住 商住 出租屋 承租人 招租",
    "INSPECT": "验收 验房 查验 验楼 交验 验铺",
    "DONE": "竣工 完工 退场 初验 复验",
    "ISSUE": "遗留问题 存在问题 质量问题 问题",
    "QUALITY": "质量 情况 状况",
    "FEEDBACK": "反馈 反映",
    "REWORK": "返修 返工",
    "RECTIFY": "整改 限期整改 改正",
    "VIOLATE": "违章 违规 违约行为 乱搭建 违建 乱停放",
    "STOPWORK": "停工",
    "KEY": "钥匙",
    "RECEIVE": "签收 领用 领取 签领 发放 接收 收讫 收领 领受",
    "HANDOVER": "交接 移交 点交",
    "CUSTODY": "托管 代管 留存 代保管 委托保管 保管 寄存",
    "COMPLAIN": "投诉 客诉 扰民",
    "CARDFILE": "档案卡 个案卡 处理卡 案件卡",
    "HANDLE": "处理 受理 接待 处置",
    "LETTER": "信 来信 感谢信 表扬信",
    "OUTAGE": "停水 停电 停气 检修 断水 断电 消杀 停梯 年检",
    "REPLY": "答复 回复 回函 复函 函复",
    "REVISIT": "回访",
    "MEDIATE": "调解 和解 纠纷",
    "SUGGEST": "意见建议 建议 意见征询 征询 意见 征集",
    "SURVEY": "满意度 调查 问卷",
    "LEDGER": "台账 登记簿 登记册 汇总 花名册 名册",
    "CHANGE": "变更 更改 异动 变动 变迁",
    "TRANSFER": "过户 更名 产权变更 产权转移 业主变更 换户",
    "OLDNEW": "新旧业主 新老业主 原业主 新业主",
    "SETTLE": "结清",
    "CONTACTWAY": "联系方式 联系电话 电话号码 电话 通讯地址 手机号码 手机号",
    "USE": "用途 使用性质 住改商 改商用",
    "MERGE": "合并 分割 打通 分户",
    "COMPANY": "单位 企业 公司",
    "COMPANYNAME": "单位名称 企业名称 公司名称",
    "SALE": "二手房 存量房 房屋转让 房产转让 房地产转让 转让",
    "BUY": "认购 房屋销售 销售 购房 商品房 买卖 预售 认购",
    "STUB": "存根",
    "INHERIT": "继承 赠与 析产 离婚 遗嘱",
    "VEHICLE": "车辆 机动车 汽车 电动车",
    "PARKSPACE": "车位 停车位 车库",
    "PARKPASS": "停车证 停车卡 月卡 月保 月租卡 通行证",
    "PARK": "停车",
    "INCIDENT": "事故 事件 突发事件 突发 异常情况 意外",
    "SCENE": "现场勘验 勘验 现场勘查 现场勘察 勘查 勘察 查勘",
    "CLAIM": "赔偿 理赔 索赔 损失确认 出险",
    "POLICE": "报警 接处警 报案 接警",
    "PHOTO": "照片 影像",
    "PASTE": "粘贴",
    "DISC": "光盘 u盘 音像 载体",
    "NOTICE": "函告 告知 通知 告知",
    "DELIVER": "送达",
    "PERSONAL": "服务需求 特殊服务需求 特殊服务 个性化 特殊需求 爱好 喜好",
    "CARE": "关爱老人 关怀老人 老人 关怀 独居 残疾 孤寡 特殊人群 关爱",
    "PET": "宠物 犬只 养犬 犬",
    "VISIT": "上门拜访 上门访问 走访 拜访 访谈 家访",
    "RELEASE": "放行条 放行 出门条 出门证 大件搬出 搬出申报 物品搬出",
    "RESIDE": "居住 住址 入住证明 在住",
    "PROOF": "证明",
    "PEOPLE": "业主 住户 业户 客户 顾客",
    "FAMILY": "家庭 家庭成员 家庭情况",
    "DATA": "资料 信息 档案 基本情况 情况 基本资料 基本信息",
    "TENANTCO": "租户单位 入驻单位 入驻企业 承租单位",
    "DEPOSIT": "押金 保证金 质保金",
    "FLOAT": "周转金 门禁卡押金 钥匙押金",
    "RECEIPT": "收据 收条",
    "INVOICE": "发票 普通发票",
    "REFUND": "退还 退款 退费 退押 返还",
    "PAY": "物业费 物业服务费 物业管理费 水电费 停车费 "
    "交款 缴费 交费 收费 收款 缴款 费用 结算 缴纳",
    "ARREARS": "催告 欠费 催缴 催费 催交 催款 欠款 拖欠 欠缴 催收",
    "BILL": "账单 收费明细 应缴",
    "FUND": "维修资金 维修基金 专项维修资金 公共维修金",
    "REPAIR": "报修 请修 报事",
    "FIX": "维修",
    "DISPATCH": "派工 工单 有偿服务 特约服务",
    "WARRANTY": "保修 质保",
    "APPLY": "申领 请求 申请 申报 报批 报审 报建 申办",
    "APPROVE": "审批 审核 批准",
    "REGISTER": "登记 备案 报备",
    "PROMISE": "承诺 保证书 保证 责任承担",
    "DUTY": "责任书 责任状 责任保证书 安全责任 责任",
    "FIRE": "消防 防火 消防安全",
    "HOTWORK": "动火 动火作业",
    "SECURITY": "治安 综治 综合治理",
    "SAFETY": "安全",
    "PERMIT": "准许 许可证 准许证 准建证 许可 开工证 进场证 准工证",
    "START": "动工 开工 进场",
    "PASS": "出入证 临时出入证 施工证 工作证",
    "WORKER": "施工人员 装修人员 工人 装修工人 施工队",
    "ROSTER": "名单 名册 花名册",
    "STAY": "留宿 夜间留宿 过夜",
    "EXTEND": "延期 延长 续期",
    "ALTER": "墙体改动 墙体拆改 拆改 拆墙 结构变动 结构改动 墙体拆除 结构拆改 改动结构",
    "DRAWING": "图纸 平面图 水电图 布置图 效果图 方案",
    "BUILT": "竣工图 机电图 机电 强电 弱电 暖通",
    "QUAL": "资质证书 资质",
    "CONSENT": "同意 授权",
    "SINGLE": "单项工程 零星工程 单项 零星",
    "FIXTURE": "防盗门 安装 阳台封装 "
    " 空调 阳台 空调安装 封阳台 阳台封闭 防盗网 防盗窗 太阳能 热水器安装 充电桩 晾衣架",
    "WATERTEST": "闭水 蓄水 防水",
    "PATROL": "巡查 巡检 检查 监管",
    "CONTRACT": "协议书 协议 合同 合约 契约",
    "COVENANT": "管理规约 临时规约 规约 公约",
    "PROPSERVICE": "物业服务 物业管理服务 物业管理 前期物业",
    "DEBIT": "代扣 扣款 托收 代扣代缴 划扣",
    "POA": "委托书 委托 授权委托 代办委托",
    "LEGALREP": "法定代表人 法人代表 法人",
    "TITLECERT": "不动产权证 不动产权 房产证 房屋所有权证 产权证 房地产权证",
    "ACCESSCARD": "门禁卡 门禁 业主卡 ic卡 智能卡 电梯卡 人脸识别 一卡通",
    "BOOKLET": "业主手册 装修手册 两书 质量保证书 使用说明书",
    "FLOW": "流程 会签 手续 凭证",
    "CONFIRM": "确认",
    "CONTACT": "通讯录 联络人 联系人 联络 通讯",
    "URGENT": "紧急 应急 紧急事故",
    "STAFF": "人事 负责人",
    "LAW": "裁定书 裁决书 诉状 应诉 律师函 起诉状 支付令 判决书 传票 律师",
    "CONCEALED": "隐蔽工程 隐蔽",
    "EQUIPMENT": "设备 设施设备 设备设施",
    "TEST": "检测 检验 鉴定",
    "GOVERN": "消防验收 施工图审查 规划许可",
    "CATALOG": "目录",
    "FILELIST": "资料清单 档案资料清单 文件清单 移交清单 档案清单 卷内清单 归档清单",
    "BORROW": "借阅 借还",
    "LOOKUP": "查阅 查档 调阅 查询",
    "INTRO": "介绍信 协查",
    "INCOMING": "函件 业主函 住户函 来信 业主来信 住户来信 来函",
    "RECORD": "记录",
    "REPORT": "报告",
    "LISTING": "一览表 一览 清单 明细",
    "house": "房屋 楼宇 住宅 房产 物业 小区 大厦 商铺 写字楼 室内 单元 本户 户 住房 花园 苑 公寓 "
    "自用部位 场地 分户",
    "filler": "工程 家居 全屋 垃圾 清运 事项 行为 使用 位置 卫生间 大件 物品 地下 年 月 关于 的 "
    "及 与 和 暨 年度 期 业务 办理 填写 前期 临时 管理 服务 内容 公司 第 期间 "
    "专项 普通 电子 新 有关 日常 情况说明 个人 三方 现场 合格 履约 守约 应交 邻里 邻居 "
    "催促 货物 物资 物料 建材 家具 集中 批次 收款 上门 调查 工作 住 改 人员",
    "form": "表 书 单 卡 证 函 册 条 联 回执 回单 凭证 簿 页 复印件 表格 书面 票据 凭单",
}

# What cannot be the title of a household paper: instructions, rules, news.
GUIDES = (
    "须知", "指南", "手册", "规定", "办法", "规程", "规范", "条例", "公告", "通告", "简报", "月刊",
    "菜单", "新闻", "教程", "制度", "说明书", "流程图", "宣传", "指引", "细则", "操作步骤", "招聘",
    "广告", "快讯", "周报", "公示", "试卷", "课程", "注意事项", "填写说明", "倡议书", "简介",
)  # fmt: skip

# code: concepts that must be there [concepts that may be there]; several lines are alternatives.
_RECIPES = """
movein.notice: MOVEIN NOTICE [FLOW]
movein.voucher: MOVEIN FLOW
movein.household_form: PEOPLE REGISTER [DATA FAMILY QUALITY]
movein.household_form: PEOPLE DATA [REGISTER FAMILY]
movein.household_form: FAMILY REGISTER [DATA PEOPLE]
movein.contract_stub: CONTRACT STUB [BUY]
movein.contract_stub: BUY CONTRACT [STUB]
movein.payment_slip: MOVEIN PAY [LISTING BILL NOTICE PEOPLE]
movein.key_receipt: KEY RECEIVE [CONFIRM REGISTER MOVEIN PEOPLE]
movein.key_receipt: KEY HANDOVER [CONFIRM REGISTER MOVEIN PEOPLE RECEIVE LISTING]
movein.key_receipt: KEY REGISTER [PEOPLE]
movein.key_receipt: KEY CONFIRM [PEOPLE MOVEIN]
movein.key_custody: KEY CUSTODY [POA PROMISE CONTRACT REGISTER CONFIRM PEOPLE CONSENT]
movein.key_custody: KEY POA [PEOPLE CONSENT]
movein.feedback: FEEDBACK ISSUE [QUALITY INSPECT MOVEIN PEOPLE]
movein.feedback: FEEDBACK QUALITY [INSPECT MOVEIN PEOPLE]
movein.feedback: INSPECT ISSUE [RECORD FEEDBACK REGISTER MOVEIN PEOPLE]
movein.feedback: ISSUE REGISTER [QUALITY MOVEIN RECORD]
movein.feedback: INSPECT FEEDBACK [MOVEIN PEOPLE SUGGEST]
movein.feedback: MOVEIN SUGGEST [FEEDBACK PEOPLE INSPECT]
movein.feedback: INSPECT SUGGEST [PEOPLE RECTIFY MOVEIN]
movein.inspection: MOVEIN INSPECT [RECORD HANDOVER PEOPLE CONFIRM QUALITY]
movein.inspection: INSPECT HANDOVER [MOVEIN RECORD PEOPLE]
movein.inspection: INSPECT [PEOPLE RECORD]
movein.inspection: MERGE INSPECT [RECORD HANDOVER]
movein.handover: MOVEIN CONFIRM [HANDOVER PEOPLE]
movein.handover: HANDOVER [MOVEIN CONFIRM PEOPLE BUY]
movein.rectify: REWORK [APPLY NOTICE ISSUE QUALITY INSPECT RECORD PEOPLE]
movein.rectify: ISSUE RECTIFY [NOTICE QUALITY INSPECT RECORD PEOPLE MOVEIN]
movein.rectify: INSPECT RECTIFY [NOTICE PEOPLE]
movein.rectify: QUALITY RECTIFY [NOTICE PEOPLE]
movein.rectify: MOVEIN RECTIFY [NOTICE PEOPLE ISSUE QUALITY]
movein.convention: COVENANT [PROMISE PEOPLE CONFIRM]
movein.service_agreement: PROPSERVICE CONTRACT [PEOPLE]
movein.fire_duty: FIRE DUTY [SAFETY SECURITY PEOPLE MOVEIN]
movein.fire_duty: SECURITY DUTY [FIRE SAFETY PEOPLE]
movein.fire_duty: FIRE PROMISE [SAFETY PEOPLE]
movein.debit: DEBIT [POA CONTRACT CONSENT PAY]
movein.materials_receipt: DATA RECEIVE [MOVEIN PEOPLE HANDOVER REGISTER]
movein.materials_receipt: BOOKLET RECEIVE [REGISTER]
movein.title_cert: TITLECERT [PROOF]
movein.card: ACCESSCARD [REGISTER APPLY RECEIVE PEOPLE CONSENT]
movein.poa: POA [MOVEIN CONSENT PEOPLE INSPECT]
movein.legal_rep: LEGALREP PROOF
reno.application: RENO APPLY [WORK APPROVE REGISTER START PEOPLE]
reno.application: RENO APPROVE [WORK APPLY PEOPLE]
reno.application: RENO REGISTER [WORK APPLY PEOPLE]
reno.commitment: RENO PROMISE [WORK PEOPLE SAFETY DUTY]
reno.commitment: RENO DUTY [WORK PEOPLE PROMISE]
reno.permit: RENO PERMIT [WORK START]
reno.permit: WORK PERMIT [START]
reno.permit: START PERMIT [RENO WORK]
reno.worker_register: WORKER REGISTER [RENO DATA]
reno.worker_register: WORKER ROSTER [RENO REGISTER]
reno.worker_register: WORKER LEDGER [RENO REGISTER]
reno.entry_pass: PASS [WORKER RENO WORK REGISTER APPLY]
reno.agreement: RENO CONTRACT [WORK PEOPLE]
reno.drawings: RENO DRAWING
reno.contractor_qual: QUAL [RENO WORK COMPANY]
reno.owner_consent: RENO CONSENT [PEOPLE POA LET]
reno.owner_consent: RENO POA [PEOPLE CONSENT]
reno.structure: ALTER [RENO APPLY APPROVE]
reno.single_item: SINGLE APPLY [WORK RENO]
reno.single_item: FIXTURE APPLY [WORK APPROVE]
reno.fire_duty: RENO FIRE DUTY [WORK SAFETY PROMISE]
reno.fire_duty: RENO FIRE PROMISE [WORK SAFETY DUTY]
reno.fire_duty: WORK FIRE DUTY [SAFETY RENO]
reno.fire_duty: HOTWORK [APPLY PERMIT APPROVE RENO WORK]
reno.deposit_receipt: RENO DEPOSIT [RECEIPT PAY FLOW]
reno.deposit_receipt: PASS DEPOSIT [RECEIPT PAY RENO WORKER]
reno.deposit_refund: RENO DEPOSIT REFUND [APPLY APPROVE INSPECT PEOPLE]
reno.deposit_refund: RENO REFUND [APPLY APPROVE INSPECT DONE]
reno.water_test: WATERTEST [RECORD INSPECT CONFIRM TEST RENO]
reno.patrol: RENO PATROL [RECORD WORK REGISTER]
reno.violation_notice: RENO VIOLATE [NOTICE RECTIFY HANDLE WORK STOPWORK]
reno.violation_notice: RENO RECTIFY [NOTICE VIOLATE WORK]
reno.violation_notice: RENO WORK NOTICE [RECTIFY VIOLATE]
reno.violation_notice: STOPWORK [NOTICE RENO RECTIFY WORK VIOLATE]
reno.violation_notice: WORK VIOLATE [NOTICE RECTIFY]
reno.extension: RENO EXTEND [APPLY APPROVE WORK PERMIT]
reno.extension: WORK EXTEND [APPLY APPROVE PERMIT]
reno.overnight: STAY [APPLY REGISTER WORKER RENO WORK]
reno.acceptance: RENO INSPECT [DONE RECORD APPLY WORK PEOPLE]
reno.acceptance: RENO DONE [APPLY INSPECT RECORD REGISTER CONFIRM]
complaint.card: COMPLAIN CARDFILE [HANDLE PEOPLE]
complaint.form: COMPLAIN HANDLE [RECORD REGISTER PEOPLE]
complaint.form: COMPLAIN [PEOPLE HANDLE]
complaint.register: COMPLAIN REGISTER [PEOPLE]
complaint.register: COMPLAIN LEDGER [PEOPLE REGISTER]
complaint.register: COMPLAIN RECORD [PEOPLE]
complaint.letter: COMPLAIN LETTER [PEOPLE]
complaint.reply: COMPLAIN REPLY [HANDLE QUALITY]
complaint.visit: COMPLAIN REVISIT [RECORD PEOPLE HANDLE]
complaint.visit: REVISIT [RECORD PEOPLE]
complaint.mediation: MEDIATE [CONTRACT RECORD]
complaint.suggestion: SUGGEST [PEOPLE SURVEY]
complaint.suggestion: SURVEY [PEOPLE SUGGEST]
complaint.suggestion: SUGGEST FEEDBACK [PEOPLE]
change.register: CHANGE REGISTER [PEOPLE DATA APPLY]
change.register: CHANGE APPLY [PEOPLE DATA]
change.register: CHANGE DATA [PEOPLE REGISTER APPLY]
change.register: CHANGE [DATA PEOPLE REGISTER APPLY CONFIRM]
change.transfer: TRANSFER [FLOW APPLY REGISTER PEOPLE NOTICE OLDNEW HANDOVER]
change.transfer: OLDNEW HANDOVER [TRANSFER]
change.sale_contract: SALE CONTRACT [BUY TRANSFER]
change.inherit: INHERIT [CONTRACT PROOF]
change.settlement: SETTLE [PROOF PAY CONFIRM PROPSERVICE LISTING TRANSFER]
change.contact: CONTACTWAY CHANGE [REGISTER CONFIRM APPLY PEOPLE]
change.use: USE [CHANGE APPLY REGISTER CONSENT]
change.merge_split: MERGE [REGISTER APPLY]
change.moveout: MOVEOUT [REGISTER FLOW APPLY PEOPLE HANDOVER INSPECT CONFIRM]
change.company: COMPANYNAME CHANGE [NOTICE REGISTER APPLY APPROVE]
vehicle.register: VEHICLE REGISTER [PEOPLE DATA]
vehicle.register: VEHICLE DATA [PEOPLE REGISTER]
vehicle.parking: PARKSPACE CONTRACT [LET BUY PARK TRANSFER]
vehicle.parking: PARK CONTRACT
vehicle.pass: PARKPASS [APPLY REGISTER VEHICLE PARK PEOPLE]
incident.report: INCIDENT REPORT [HANDLE QUALITY]
incident.report: INCIDENT RECORD [HANDLE]
incident.scene: SCENE [RECORD INCIDENT]
incident.claim: CLAIM [CONTRACT APPLY CONFIRM NOTICE]
incident.police: POLICE [REGISTER]
media.sheet: PHOTO PASTE
media.sheet: PHOTO DATA REGISTER
media.disc: DISC [REGISTER DATA]
corr.notice: NOTICE [PEOPLE]
corr.notice: OUTAGE NOTICE [FIX]
corr.delivery: DELIVER [RECEIVE NOTICE]
corr.in: INCOMING [PEOPLE REGISTER]
corr.in: LETTER [PEOPLE]
corr.reply: REPLY [INCOMING]
personal.profile: PERSONAL [REGISTER DATA PEOPLE]
personal.care: CARE [REGISTER]
personal.pet: PET [REGISTER PROMISE DATA PEOPLE]
personal.visit: VISIT [RECORD PEOPLE REGISTER]
personal.release: RELEASE [APPLY REGISTER]
personal.proof: RESIDE PROOF [PEOPLE]
personal.proof: MOVEIN PROOF [PEOPLE]
lease.register: LET REGISTER [DATA PEOPLE QUALITY]
lease.register: LET DATA [REGISTER]
lease.contract: LET CONTRACT
lease.owner_auth: LET POA [PEOPLE CONSENT CONTRACT]
lease.owner_auth: LET CONSENT [POA PEOPLE]
lease.duty: LET DUTY [FIRE SECURITY SAFETY PROMISE]
lease.duty: LET PROMISE [FIRE SECURITY SAFETY DUTY]
lease.end: ENDLEASE [REGISTER HANDOVER APPLY CONTRACT CONFIRM PAY INSPECT LET]
lease.end: LET MOVEOUT [REGISTER FLOW HANDOVER]
payment.receipt: PAY RECEIPT [PROPSERVICE]
payment.receipt: PAY INVOICE [PROPSERVICE]
payment.receipt: INVOICE
payment.deposit: DEPOSIT RECEIPT [PARKPASS LET KEY ACCESSCARD PAY]
payment.deposit: PARKPASS DEPOSIT [RECEIPT]
payment.deposit: KEY DEPOSIT [RECEIPT]
payment.receipt: PROPSERVICE INVOICE [PAY]
payment.deposit: FLOAT [RECEIPT PAY]
payment.notice: PAY NOTICE [PROPSERVICE]
payment.notice: BILL [PAY PROPSERVICE NOTICE]
payment.fund: FUND [PAY RECEIPT PROOF]
payment.refund: REFUND [PAY APPLY APPROVE DEPOSIT FLOAT]
violation.notice: VIOLATE NOTICE [RECTIFY HANDLE]
violation.notice: VIOLATE RECTIFY [NOTICE]
violation.notice: RECTIFY NOTICE
violation.record: VIOLATE RECORD [HANDLE]
violation.record: VIOLATE REGISTER [HANDLE]
violation.arrears: ARREARS [NOTICE PROPSERVICE CONFIRM PAY]
violation.legal: LAW
repair.request: REPAIR [REGISTER APPLY PEOPLE HANDLE RECORD]
repair.request: FIX APPLY [PEOPLE]
repair.order: DISPATCH [FIX REPAIR]
repair.order: FIX RECORD [PEOPLE]
repair.order: FIX [PEOPLE DISPATCH]
repair.visit: FIX REVISIT [RECORD REGISTER PEOPLE]
repair.visit: REPAIR REVISIT [RECORD REGISTER PEOPLE]
repair.warranty: WARRANTY [FIX CONTACT]
eng.drawing: BUILT [DRAWING]
eng.approval: GOVERN
eng.concealed: CONCEALED [INSPECT RECORD PATROL]
eng.equipment: EQUIPMENT LISTING [HANDOVER]
eng.equipment: EQUIPMENT HANDOVER [LISTING]
eng.report: TEST REPORT
contact.sheet: CONTACT DATA [REGISTER PEOPLE COMPANY]
contact.sheet: CONTACT REGISTER [DATA PEOPLE]
contact.sheet: CONTACT PEOPLE
contact.sheet: CONTACTWAY CONFIRM [PEOPLE]
contact.sheet: CONTACTWAY REGISTER [PEOPLE]
contact.emergency: URGENT CONTACT [REGISTER DATA INCIDENT PEOPLE CONFIRM]
contact.staff_change: STAFF CHANGE [NOTICE RECORD REGISTER]
contact.staff_change: STAFF RECORD
contact.staff_change: CONTACT CHANGE [NOTICE]
unit.profile: COMPANY DATA [REGISTER]
unit.profile: TENANTCO [DATA REGISTER]
admin.catalog: CATALOG [PEOPLE DATA]
admin.list: FILELIST [PEOPLE]
admin.view_register: LOOKUP [REGISTER PEOPLE DATA APPLY LEDGER]
admin.borrow_register: BORROW [REGISTER DATA APPLY PEOPLE LEDGER]
admin.summary: PEOPLE LEDGER [DATA]
admin.intro_letter: INTRO [COMPANY]
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to compose a title: concepts that must and that may be there."""

    code: str
    needs: frozenset[str]
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class Composed:
    """A type a title composes to and how much of the title that explains (0..1)."""

    code: str
    share: float


def _parse(text: str) -> tuple[Recipe, ...]:
    found = []
    for line in text.strip().splitlines():
        code, _, rest = line.partition(": ")
        needs, _, may = rest.partition("[")
        found.append(Recipe(code, frozenset(needs.split()), frozenset(may.rstrip("]").split())))
    return tuple(found)


RECIPES = _parse(_RECIPES)
_SPELLINGS: dict[str, tuple[str, ...]] = {}
for _concept, _words in WORDS.items():
    for _word in _words.split():
        _SPELLINGS[_word] = (*_SPELLINGS.get(_word, ()), _concept)
_LONGEST = max(map(len, _SPELLINGS))
_MEANINGFUL = frozenset(word for word, found in _SPELLINGS.items() if found[0].isupper())
_SHORTEST_NAME, _LONGEST_NAME, _LEAST_TITLE = 2, 10, 4
# Acts and forms every office paper has weigh less than what the paper is about.
_LIGHT = {"PEOPLE": 0.3, "DATA": 0.5, "QUALITY": 0.4, "RECORD": 0.4, "REGISTER": 0.7,
          "HANDLE": 0.5, "CONFIRM": 0.6, "NOTICE": 0.8, "SAFETY": 0.4, "FLOW": 0.6}  # fmt: skip
_CLOSERS = ("表", "书", "单", "卡", "证", "函", "册", "条", "联", "回执", "凭证", "协议", "合同",
            "记录", "通知", "登记", "申请", "报告", "清单", "收据", "承诺", "公约", "规约", "信",
            "证明", "名单", "台账", "账单", "明细", "票", "簿", "合约", "契约", "目录",
            "申报", "存根", "图", "图纸", "方案", "确认", "答复", "回复", "函件", "许可",
            "问卷", "调查")  # fmt: skip


def concepts(text: str) -> tuple[tuple[tuple[str, ...], ...], float]:
    """The concepts of a folded title in order, and the share of its characters they explain."""
    found: list[tuple[str, ...]] = []
    explained = position = 0
    while position < len(text):
        for length in range(min(_LONGEST, len(text) - position), 0, -1):
            word = text[position : position + length]
            if word in _SPELLINGS:
                found.append(_SPELLINGS[word])
                explained += length
                position += length
                break
        else:
            position += 1
    return tuple(found), explained / max(1, len(text))


@lru_cache(maxsize=4096)
def after_a_name(text: str) -> str:
    """A folded title without the unexplained words before it, such as an estate's name."""
    for start in range(min(_LONGEST_NAME, len(text) - _LEAST_TITLE) + 1):
        rest = text[start:]
        if any(rest[:length] in _MEANINGFUL for length in range(1, _LONGEST + 1)):
            return rest if start >= _SHORTEST_NAME else text
    return text


def is_guide(text: str) -> bool:
    """Whether a folded title is of instructions, rules or news, not of a household paper."""
    return text.endswith(GUIDES)


@lru_cache(maxsize=4096)
def compose(text: str) -> tuple[Composed, ...]:
    """Types a folded title composes to, best first; empty when it composes to nothing."""
    spelled, explained = concepts(text)
    if explained < 0.6 or is_guide(text):
        return ()
    present = {concept for options in spelled for concept in options if concept.isupper()}
    whole = sum(_LIGHT.get(options[0], 1.0) for options in spelled if options[0].isupper())
    if not present or not whole:
        return ()
    ending = 1.0 if text.endswith(_CLOSERS) else 0.65
    best: dict[str, float] = {}
    for recipe in RECIPES:
        if recipe.needs <= present:
            share = _share(recipe, spelled, whole) * explained * ending
            best[recipe.code] = max(best.get(recipe.code, 0.0), share)
    ranked = sorted(best.items(), key=lambda item: -item[1])
    return tuple(Composed(code, round(share, 4)) for code, share in ranked if share >= 0.5)


def _share(recipe: Recipe, spelled: tuple[tuple[str, ...], ...], whole: float) -> float:
    """How much of the title's meaning a recipe explains; what it needs counts a little more."""
    known = 0.0
    for options in spelled:
        if not options[0].isupper():
            continue
        weight = _LIGHT.get(options[0], 1.0)
        if any(option in recipe.needs for option in options):
            known += weight
        elif any(option in recipe.may for option in options):
            known += 0.95 * weight
    return known / whole
