"""Every reason code, in Chinese and English, and what a person can do about it.

A code says why a document is in review, was rejected, waits, or is a
duplicate. Nothing stops without one of these.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words: what is so, and what to do, in both languages."""

    code: str
    zh: str
    en: str
    do_zh: str = ""
    do_en: str = ""


_TABLE: tuple[tuple[str, str, str, str, str], ...] = (
    # --- review: what the machine was not sure of -------------------------------------------
    (
        "type_unsure",
        "无法确定文件类型",
        "The document type is not certain",
        "请选择类型",
        "Choose the type",
    ),
    (
        "type_ambiguous",
        "有两种可能的文件类型",
        "Two document types are possible",
        "请选择类型",
        "Choose the type",
    ),
    (
        "type_whose",
        "归属不明，类型取决于是谁的资料",
        "Whose paper this is decides the type, and that is not known",
        "请选择类型和业户",
        "Choose type and household",
    ),
    (
        "household_missing",
        "页面上没有找到房号",
        "No room number was found",
        "请指定业户",
        "Choose the household",
    ),
    (
        "household_partial",
        "房号不完整",
        "The address is incomplete",
        "请补全房号",
        "Complete the address",
    ),
    (
        "record_damaged",
        "重建时记录已损坏，文件重新识别",
        "Its record was damaged when the catalogue was rebuilt; it was read again",
        "请核对类型和业户",
        "Check type and household",
    ),
    (
        "household_ambiguous",
        "有多个可能的业户",
        "Several households are possible",
        "请选择业户",
        "Choose the household",
    ),
    (
        "household_unknown_room",
        "房号不在业户名册中",
        "The room is not in the register",
        "请核对房号或更新名册",
        "Check the room or update the register",
    ),
    (
        "household_conflict",
        "房号与姓名、电话或证件不一致",
        "Room and owner, phone or ID number disagree",
        "请核对是哪一户",
        "Check which household it is",
    ),
    (
        "household_unsupported",
        "只有房号，没有其他信息佐证",
        "Only the room number speaks for the household",
        "请确认业户",
        "Confirm the household",
    ),
    (
        "household_repaired",
        "房号经识别纠错得到",
        "The room number was repaired from a misreading",
        "请核对房号",
        "Check the room number",
    ),
    (
        "household_several",
        "页面上有两户以上",
        "The page names more than one household",
        "请选择业户或拆分",
        "Choose the household or split",
    ),
    (
        "former_owner",
        "姓名是该房屋的原业主",
        "The name is a former owner of this room",
        "请核对属于哪一代业户",
        "Check which generation it belongs to",
    ),
    (
        "other_estate",
        "地址属于其他小区",
        "The address is of another estate",
        "请核对是否投错",
        "Check whether it was dropped by mistake",
    ),
    (
        "ledger_page",
        "多户台账，不归入单个业户",
        "A ledger of several households",
        "请存入办公室台账",
        "Keep it with the office ledgers",
    ),
    (
        "office_paper",
        "档案管理用表，不归入业户",
        "An office form, not household content",
        "请存入办公室资料",
        "Keep it with the office papers",
    ),
    (
        "blank_form",
        "空白表格，没有填写内容",
        "A blank form without entries",
        "如有填写请重新扫描",
        "Scan again if it was filled in",
    ),
    (
        "not_household_paper",
        "不像业户资料",
        "Does not look like a household paper",
        "请确认或丢弃",
        "Confirm or discard",
    ),
    (
        "like_discarded",
        "与以前丢弃的文件相似",
        "Like papers that were discarded before",
        "请丢弃；确属业户资料的照常归档",
        "Discard it, or file it as usual if it is a household's",
    ),
    (
        "photo",
        "照片或影像，没有文字",
        "A photo without text",
        "请指定业户后归入影像资料",
        "Choose the household to keep it as media",
    ),
    (
        "no_text",
        "没有读到文字",
        "No text could be read",
        "请确认内容或重新扫描",
        "Look at it, or scan again",
    ),
    (
        "low_quality",
        "图像质量差，识别不可靠",
        "The image is too poor to read reliably",
        "请重新扫描",
        "Scan it again",
    ),
    (
        "page_dark",
        "页面太暗",
        "A page is too dark",
        "请调亮后重新扫描或拍照",
        "Scan it again brighter, or photograph it in better light",
    ),
    (
        "page_faint",
        "页面字迹太淡",
        "The writing on a page is too faint",
        "请加深后重新扫描",
        "Scan it again darker",
    ),
    (
        "page_blurred",
        "页面模糊",
        "A page is blurred",
        "请擦净玻璃、放平后重新扫描",
        "Clean the glass, lay it flat and scan again",
    ),
    (
        "page_cut_off",
        "页面没有扫全，文字到边被截断",
        "A page is cut off: lines run out of the picture",
        "请放正后重新扫描",
        "Place it within the frame and scan again",
    ),
    (
        "page_turn_unsure",
        "无法判断页面方向（可能颠倒）",
        "Which way up a page stands could not be settled",
        "请转正后重新扫描",
        "Turn it upright and scan again",
    ),
    (
        "page_blank",
        "空白页，没有内容",
        "A blank page",
        "如应有内容请重新扫描（检查正反面）",
        "If something should be on it, scan again (check the side)",
    ),
    (
        "page_missing",
        "页码不连续，可能缺页",
        "The page count is incomplete",
        "请核对是否缺页",
        "Check for missing pages",
    ),
    (
        "split_unsure",
        "拆分不确定",
        "Where one document ends is not certain",
        "请核对拆分",
        "Check the split",
    ),
    (
        "page_unread",
        "有页面未能识别",
        "A page could not be read",
        "请查看该页",
        "Look at that page",
    ),
    ("separator", "扫描分隔页", "A separator sheet", "", ""),
    (
        "sample_differs",
        "抽样复核与机器归档不一致",
        "A blind sample disagreed with the filing",
        "请确认业户和类型",
        "Confirm household and type",
    ),
    ("policy", "把握不足，按规则交人工", "Not certain enough for the policy", "请确认", "Confirm"),
    (
        "media_file",
        "影像文件，保留待人工归户",
        "A media file, kept for a person to file",
        "请指定业户",
        "Choose the household",
    ),
    (
        "reread_differs",
        "重新识别的文字指向另一户或另一类型，归档未改动",
        "Read anew, the text speaks for another household or type; it stays filed as it is",
        "请核对归档是否正确",
        "Check that it is filed rightly",
    ),
    (
        "stated_differs",
        "识别结果与送件人指明的业户或类型不一致",
        "What was read differs from the household or type it was brought for",
        "请核对后指定业户和类型",
        "Compare, then choose household and type",
    ),
    ("reclassified", "人工更正", "Corrected by a person", "", ""),
    # --- rejected: the file's own fault -----------------------------------------------------
    (
        "encrypted",
        "文件已加密，无法打开",
        "The file is encrypted",
        "请去除密码后重新投放",
        "Remove the password and drop it again",
    ),
    (
        "broken",
        "文件已损坏，无法打开",
        "The file is damaged and cannot be opened",
        "请重新扫描或导出",
        "Scan or export it again",
    ),
    ("truncated", "文件不完整", "The file is incomplete", "请重新传送", "Send it again"),
    ("empty_file", "空文件", "The file is empty", "请重新扫描", "Scan it again"),
    (
        "unsupported",
        "不支持的文件格式",
        "This kind of file is not supported",
        "请转换为 PDF 或图片",
        "Convert it to PDF or an image",
    ),
    (
        "too_many_pages",
        "页数超过上限",
        "Too many pages",
        "请拆分后投放",
        "Split it and drop the parts",
    ),
    (
        "too_many_attachments",
        "PDF 内附件过多",
        "Too many files are attached inside the PDF",
        "请把附件另存为单独的文件，再分别投放",
        "Save the attachments as files of their own and drop those",
    ),
    (
        "too_many_pixels",
        "图像尺寸超过上限",
        "The image is larger than the limit",
        "请以较低分辨率扫描",
        "Scan at a lower resolution",
    ),
    (
        "too_large",
        "文件大小超过上限",
        "The file is larger than the limit",
        "请拆分或压缩",
        "Split or compress it",
    ),
    (
        "parser_limit",
        "解析超出内存或时间上限",
        "Opening it took more memory or time than allowed",
        "请重新扫描",
        "Scan it again",
    ),
    ("no_pages", "没有页面", "The file has no pages", "请检查文件", "Check the file"),
    ("not_a_file", "不是普通文件", "Not a regular file", "请投放文件本身", "Drop the file itself"),
    (
        "unreadable",
        "没有读取权限",
        "The file may not be read",
        "请检查权限",
        "Check its permissions",
    ),
    (
        "upload_broken",
        "上传中断，文件一直不完整",
        "The upload broke off",
        "请重新传送",
        "Send it again",
    ),
    (
        "discarded",
        "已丢弃，可恢复",
        "Discarded by a person; can be restored",
        "需要时用 yihu review restore 恢复",
        "Restore it with yihu review restore",
    ),
    (
        "original_altered",
        "原件与登记的哈希不符，已被改动或损坏",
        "The stored original is not what was kept: altered or damaged",
        "请从备份取回原件",
        "Bring the original back from the backup",
    ),
    (
        "original_missing",
        "存储区里找不到原件",
        "The original is missing from the store",
        "请从备份取回原件",
        "Bring the original back from the backup",
    ),
    (
        "rescan",
        "已退回重新扫描",
        "Sent back to be scanned again",
        "请重新扫描后投放",
        "Scan it again and drop it",
    ),
    (
        "blank_document",
        "空白页，没有内容",
        "Blank pages without content",
        "误判时可恢复",
        "Restore it if that is wrong",
    ),
    (
        "replaced",
        "已由同一项的另一份文件替换",
        "Another document of the same item took its place",
        "需要时可恢复",
        "It can be restored",
    ),
    # --- duplicate, failed, waiting ---------------------------------------------------------
    ("same_bytes", "与已有文件完全相同", "The very same file is already here", "", ""),
    (
        "merged",
        "已并入同一扫描中的另一份文件",
        "Joined to another document of the same scan",
        "",
        "",
    ),
    (
        "attempts_exhausted",
        "多次处理失败",
        "Processing failed several times",
        "请重试或联系管理员",
        "Retry, or ask the administrator",
    ),
    (
        "store_waiting",
        "存储暂不可用，稍后自动继续",
        "The store is not available; work goes on by itself",
        "",
        "",
    ),
    (
        "database_waiting",
        "数据库暂不可用，稍后自动继续",
        "The database is not available; work goes on by itself",
        "",
        "",
    ),
    (
        "reader_waiting",
        "识别程序暂不可用，稍后自动继续",
        "The reader is not available; work goes on by itself",
        "",
        "",
    ),
    (
        "slow_waiting",
        "这份文件处理很慢，先让其他文件通过，稍后自动继续",
        "This file takes long; it lets the others by and goes on by itself",
        "",
        "",
    ),
)

REASONS: dict[str, Reason] = {row[0]: Reason(*row) for row in _TABLE}


def words(codes: list[str] | tuple[str, ...]) -> str:
    """The reasons in words, Chinese then English, as printed and logged for people."""
    known = [REASONS[code] for code in codes if code in REASONS]
    if not known:
        return ""
    zh = "；".join(f"{r.zh}（{r.do_zh}）" if r.do_zh else r.zh for r in known)
    en = "; ".join(f"{r.en} ({r.do_en})" if r.do_en else r.en for r in known)
    return f"{zh} / {en}"
