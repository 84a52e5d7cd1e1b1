"""An office with a register and a database of its own; papers come as text, so nothing is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from sqlalchemy import select

from bench.home import Home
from bench.papertext import page_of
from catalog import documents
from catalog.models import Arrival, Document, Original, Page, Reading
from catalog.register import TableRow, import_register
from classifier import Sheet, encode_sheet
from worker.advance import advance
from worker.decisions import Decisions
from worker.services import Services
from yihu.clock import now
from yihu.page import Code, PageText
from yihu.settings import load

OWNERS = ("张伟国", "李建华", "王秀英", "赵明亮", "陈玉兰", "刘志强", "孙丽娟", "周文斌")


@dataclass
class Office:
    """A home and its services, with short ways to bring papers and to decide."""

    folder: Path
    services: Services

    @staticmethod
    def open(folder: Path, **settings: str) -> Office:
        """Eight households, 3-1-101 to 3-1-801, each with an owner and a phone."""
        services = Services.open(load(folder, **settings))
        rows = [
            TableRow(
                place + 1,
                {"building": "3", "unit": "1", "room": f"{place}01", "owner": owner,
                 "phone": f"1380000100{place}"},
            )
            for place, owner in enumerate(OWNERS, 1)
        ]  # fmt: skip
        with services.database.write() as session:
            import_register(session, rows, estate="阳光花园", actor="ann", dry_run=False)
        return Office(folder, services)

    @property
    def home(self) -> Home:
        """The same home through the command line."""
        return Home(self.folder)

    @property
    def desk(self) -> Decisions:
        """A person at the review desk."""
        return Decisions(self.services, "person:ann")

    def household(self, number: int) -> int:
        """The id of household 3-1-`number`01."""
        key = f"3-1-{number}01"
        found = self.services.register.current().find(building="3", unit="1", room=f"{number}01")
        assert len(found) == 1, key
        return found[0].id

    def bring(self, text: str, name: str = "", scan: bytes = b"") -> Document:
        """A one-page paper, walked as far as it goes; gives the document.

        `scan` is the file it came as, where something will look into that.
        """
        data = scan or f"{name}{text}".encode()
        return self.walk(self._put([page_of(text)], name, data, "understand"))

    def scan(self, *papers: str | Sheet, name: str = "") -> list[Document]:
        """Pages scanned in one file, our sheets among them, cut and walked; its documents."""
        pages = [
            page_of("扫描分隔页", number, (Code("QRCode", encode_sheet(it), (0.4, 0.4, 0.6, 0.6)),))
            if isinstance(it, Sheet)
            else page_of(it, number)
            for number, it in enumerate(papers, 1)
        ]
        first = self.walk(self._put(pages, name, f"{name}{papers}".encode(), "split"))
        with self.services.database.read() as session:
            found = session.scalars(
                select(Document.id)
                .where(Document.arrival_id == first.arrival_id)
                .order_by(Document.first_page)
            ).all()
        return [self.walk(number) for number in found]

    def _put(self, pages: list[PageText], name: str, data: bytes, stage: str) -> int:
        sha256 = hashlib.sha256(data).hexdigest()
        moment = now()
        version = self.services.store.put(BytesIO(data), sha256).version_id
        with self.services.database.write() as session:
            arrival = Arrival(
                token=sha256[:40], path=name or "a.pdf", sha256=sha256, received_at=moment
            )
            session.add(arrival)
            original = Original(
                sha256=sha256,
                size=len(data),
                pages=len(pages),
                stored_at=moment,
                version_id=version,
            )
            session.add(original)
            for page in pages:
                reading = Reading(
                    sha256=sha256, number=page.number, engine="text", version="1", at=moment,
                    packed=page.pack(),
                )  # fmt: skip
                session.add(reading)
                session.flush()
                session.add(
                    Page(sha256=sha256, number=page.number, state="read", reading_id=reading.id)
                )
            document = Document(
                arrival_id=arrival.id, sha256=sha256, state="reading", stage=stage,
                first_page=1, last_page=len(pages),
                since=moment, received_at=moment, due_at=moment, reasons=[],
            )  # fmt: skip
            session.add(document)
            session.flush()
            return document.id

    def walk(self, number: int) -> Document:
        """Let a document go on, and give it as it is then."""
        advance(number, self.services)
        return self.document(number)

    def document(self, number: int) -> Document:
        """A document as it is."""
        with self.services.database.read() as session:
            return documents.by_id(session, [number])[0]


def permit(number: int, more: str = "") -> str:
    """A fit-out permit of household 3-1-`number`01."""
    return f"""# 装修许可证
    房号：3栋1单元{number}01室 | 业主姓名：{OWNERS[number - 1]}
    联系电话：1380000100{number} | 施工单位：广州市名匠装饰有限公司
    许可证号：ZX2024-00{number}{more}
    准予施工，请张贴于门口，竣工后交回
    有效期：2024年3月1日至2024年6月1日 | 发证日期：2024年3月1日"""


def unheard(number: int, count: int) -> str:
    """A form whose title no list knows, of household 3-1-`number`01."""
    return f"""# 居家焕新备案笺
    房号：3栋1单元{number}01室 | 业主姓名：{OWNERS[number - 1]}
    联系电话：1380000100{number} | 日期：2024年5月{count + 1}日
    焕新内容：客厅墙面第{count}处重新粉刷，铺设地板
    施工人数：{count + 2} | 焕新周期：{count + 10}天"""
