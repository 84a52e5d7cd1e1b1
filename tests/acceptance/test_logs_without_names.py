"""The main job and its mishaps, with names in every place a name can be; no log knows them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx

from bench.front_office import REGISTER, as_pdf, draw, notice, post
from bench.home import Home, until
from catalog.accounts import people
from worker.home import open_home
from yihu.settings import load

OWNER, PHONE, ID_NO = "欧阳晓霞", "13798765432", "110101198503071234"
ROOM, FOLDER, NAME = "37-2-1904", "37栋2单元1904室", f"{'欧阳晓霞'}{'13798765432'}的申请"
SECRETS = (OWNER, "ouyang", PHONE, ID_NO, ROOM, FOLDER, "1904", "的申请", "Xiaoxia", "厨房改造")
PASSWORD = "correct-horse-7"
MISHAPS = ("stage.understand.before", "stage.file.commit", "page.read", "intake.record.before")


def scans(inbox: Path) -> int:
    """Files of every end, named after their owner; gives how many will be recorded."""
    lines = notice(FOLDER, OWNER, PHONE, ID_NO)
    page = draw(lines, "a")
    below = inbox / FOLDER / "装修"
    below.mkdir(parents=True)
    (below / f"{NAME}.jpg").write_bytes(page)
    (inbox / f"{NAME} 副本.jpg").write_bytes(page)
    (inbox / f"{NAME} 多页.pdf").write_bytes(as_pdf([draw(lines, "b"), draw(lines, "c")]))
    (inbox / f"{NAME} 坏.pdf").write_bytes(b"%PDF-1.4\njunk\n%%EOF\n")
    (inbox / f"{NAME} 半.jpg").write_bytes(page[: len(page) // 2])
    (inbox / f"{NAME}.exe").write_bytes(b"MZ" + b"\0" * 600)
    (inbox / "ouyang.Xiaoxia.txt").write_text(" ".join(lines), encoding="utf-8")
    (inbox / f"{NAME} 空.jpg").write_bytes(b"")
    (inbox / f"{NAME} 链.jpg").symlink_to("/nowhere")
    return 9


def register(folder: Path) -> Path:
    path = folder / "register.csv"
    path.write_text(REGISTER + f"阳光花园,,37,2,1904,{OWNER},{PHONE},{ID_NO},,\n", encoding="utf-8")
    return path


def settled(home: Home, count: int) -> bool:
    _, lines = home.run("documents")
    moving = [line for line in lines if line["state"] in ("received", "reading")]
    return len(lines) >= count and not moving


def look_around(base: str, home: Home) -> None:
    """What people ask for names and rooms too, and mistype."""
    with httpx.Client(base_url=base, headers={"accept": "text/html"}, timeout=60) as client:
        client.post("/sign-in", data={"name": OWNER, "password": PHONE})
        client.post("/sign-in", data={"name": "boss", "password": PASSWORD})
        for address in ("/search", "/households"):
            assert client.get(address, params={"q": OWNER}).status_code == 200
        client.get(f"/households/{FOLDER}")
        client.get(f"/{NAME}")
        files = {"files": (f"{NAME} 上传.jpg", draw((OWNER, PHONE), "u"), "image/jpeg")}
        client.post("/inbox/upload", files=files)
        post(client, "/review/1", household=ROOM, type=NAME)


def objects(path: Path) -> list[dict[str, str]]:
    """The lines of a log; all are objects but what libraries write past it, and our greeting."""
    text = path.read_text(encoding="utf-8").splitlines()
    rest = {line.split()[0] for line in text if line.strip() and not line.startswith("{")}
    assert rest <= {"worker:", "界面", "首次使用，建立管理员", "收件箱"}, rest
    return [json.loads(line) for line in text if line.startswith("{")]


def test_no_log_knows_a_person_a_room_or_a_file(tmp_path: Path) -> None:
    points = tmp_path / "points"
    points.mkdir()
    for name in MISHAPS:
        (points / name).write_text("raise")
    home = Home(
        tmp_path / "home", log_format="json", sweep_seconds="1", rescan_seconds="2",
        broken_upload_seconds="3", faults=str(points),
    )  # fmt: skip
    home.run("register", "import", str(register(tmp_path)))
    database = open_home(load(home.folder))
    with database.write() as session:
        people.add(session, "boss", ("custodian",), (), password=PASSWORD, actor="test")
    database.dispose()
    count = scans(home.folder / "inbox")
    heard = tmp_path / "supervisor.log"
    with heard.open("w") as file:
        server = home.start(
            "up", "--workers", "2", "--port", "0", "--json", stdout=subprocess.PIPE, stderr=file
        )
        assert server.stdout is not None
        try:
            base = json.loads(server.stdout.readline())["url"]
            until(lambda: settled(home, count), 240)
            look_around(base, home)
            store = home.folder / "store"
            store.rename(home.folder / "away")
            (home.folder / "inbox" / f"{NAME} 迟.jpg").write_bytes(draw((OWNER,), "late"))
            until(lambda: any(w["reasons"] == ["store_waiting"] for w in home.run("documents")[1]))
            (home.folder / "away").rename(store)
            until(lambda: settled(home, count + 1), 240)
        finally:
            server.terminate()
            server.wait(60)
            server.stdout.close()
    assert {path.name for path in (points / "fired").iterdir()} == set(MISHAPS)
    states = {line["state"] for line in home.run("documents")[1]}
    assert states >= {"filed", "duplicate", "rejected"}, states
    logs = [heard, *sorted((home.folder / "logs").glob("*.log"))]
    assert {path.stem for path in logs} >= {"worker", "watcher", "beat", "web", "broker"}
    for path in logs:
        text = path.read_text(encoding="utf-8", errors="backslashreplace")
        decoded = text.encode().decode("unicode_escape", errors="ignore")
        for secret in SECRETS:
            assert secret not in text, (path.name, secret)
            assert secret not in decoded, (path.name, secret)
    lines = [line for path in logs if path.stem != "broker" for line in objects(path)]
    failed = [line for line in lines if "InjectedError" in line.get("exception", "")]
    assert failed, "the mishaps are told, with their place"
    assert any("document" in line and "task" in line for line in failed)
