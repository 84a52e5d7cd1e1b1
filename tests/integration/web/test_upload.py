"""Bringing files through the screens and the API: as many kinds as people and enemies have."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from bench.front_office import Office, csrf, draw, post
from catalog.models import Original
from ingest.upload_names import safe_relative


def _send(office: Office, who: str, *files: tuple[str, bytes], **form: str) -> list[int]:
    client = office.client(who)
    answer = client.post(
        "/inbox/upload",
        data={"csrf": csrf(client)} | form,
        files=[("files", (file, data, "application/octet-stream")) for file, data in files],
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    return list(answer.json()["documents"])


def _settled(office: Office, number: int) -> str:
    from bench.home import until

    found = until(lambda: not office.document(number).stage and office.document(number), 120)
    return str(found.state)


def test_an_upload_is_followed_to_its_end_and_known_by_its_bringer(office: Office) -> None:
    (number,) = _send(office, "scanner", ("3-1-101/扫描.jpg", draw(("通知", "房号 3-1-101"), "a")))
    assert _settled(office, number) in ("review", "filed")
    rows = office.client("scanner").get("/api/v1/documents").json()
    assert rows[0]["document"] == number
    assert rows[0]["file"] == "3-1-101/扫描.jpg"
    assert "扫描.jpg" not in office.client("clerk5").get("/api/v1/documents").text or (
        office.document(number).household_id is None
    )


def test_the_same_bytes_again_are_a_duplicate(office: Office) -> None:
    data = draw(("同一份",), "b")
    (first,) = _send(office, "custodian", ("一.jpg", data))
    (again,) = _send(office, "custodian", ("二.jpg", data))
    assert _settled(office, again) == "duplicate"
    assert office.document(again).duplicate_of == first


def test_photos_become_the_pages_of_one_document(office: Office) -> None:
    turned = io.BytesIO()
    image = Image.open(io.BytesIO(draw(("第二页",), "c2")))
    exif = image.getexif()
    exif[274] = 6
    image.save(turned, "JPEG", exif=exif)
    png = io.BytesIO()
    Image.open(io.BytesIO(draw(("第三页",), "c3"))).save(png, "PNG")
    photos = [
        ("1.jpg", draw(("第一页",), "c1")),
        ("2.jpg", turned.getvalue()),
        ("3.png", png.getvalue()),
    ]
    (number,) = _send(office, "clerk3", *photos, together="1", name="入住通知单")
    _settled(office, number)
    found = office.document(number)
    assert found.arrival.path == "入住通知单.pdf"
    with office.database.read() as session:
        original = session.get_one(Original, found.sha256)
    assert (original.format, original.pages) == ("pdf", 3)


def test_only_photos_can_be_bound(office: Office) -> None:
    client = office.client("custodian")
    answer = client.post(
        "/inbox/upload",
        data={"csrf": csrf(client), "together": "1"},
        files=[
            ("files", ("a.jpg", draw(("x",), "d"), "image/jpeg")),
            ("files", ("b.txt", b"text", "text/plain")),
        ],
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("空.pdf", b"", "empty_file"),
        ("程序.exe", b"MZ\x90\x00" + b"\0" * 500, "unsupported"),
        ("半份.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\n", "truncated"),
        ("页面.html", b"<html><script>alert(1)</script></html>", "unsupported"),
        ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unsupported"),
    ],
)
def test_bad_files_come_back_with_a_reason_in_words(
    office: Office, name: str, data: bytes, reason: str
) -> None:
    (number,) = _send(office, "custodian", (name, data))
    assert _settled(office, number) == "rejected"
    assert office.document(number).reasons == [reason]
    client = office.client("custodian")
    assert client.get(f"/documents/{number}/pages/1.jpg").status_code in (403, 404)


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\x.jpg",
        "/etc/cron.d/x",
        ".hidden",
        "a\x00b.jpg",
        "<script>alert(1)</script>.jpg",
        "很" * 300 + ".jpg",
        "\u202egpj.exe",
        "",
        "....",
    ],
)
def test_names_never_lead_out_of_the_inbox(name: str) -> None:
    safe = safe_relative(name)
    assert safe
    assert not safe.startswith("/")
    for part in Path(safe).parts:
        assert part not in ("..", ".")
        assert not part.startswith(".")
        assert len(part) <= 80
        assert "\x00" not in part


def test_a_hostile_name_is_shown_as_text(office: Office) -> None:
    (number,) = _send(office, "custodian", ("<img src=x onerror=alert(1)>.jpg", draw(("y",), "e")))
    page = office.client("custodian").get("/inbox").text
    assert "<img src=x" not in page
    assert number


def test_too_much_at_once_is_refused_before_it_is_read(office: Office) -> None:
    client = office.client("custodian")
    answer = client.post(
        "/sign-in", content=b"x" * (1024 * 1024 + 1), headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 413


def test_nothing_of_an_upload_is_left_lying_about(office: Office) -> None:
    uploads = office.settings.run / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_who_drops_scans_prints_sheets_and_learns_of_no_room(office: Office) -> None:
    scanner, clerk = office.client("scanner"), office.client("clerk3")
    assert "/inbox/sheets" in scanner.get("/inbox").text
    assert 'name="rooms"' in scanner.get("/inbox/sheets").text
    path = "/inbox/sheets"
    made = post(scanner, path, rooms="3-1-101\n5-1-101", pages="3", batch="五月收楼")
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["content-disposition"].startswith("attachment")
    assert made.content.startswith(b"%PDF")
    assert post(scanner, path, type="reno.permit").content.startswith(b"%PDF")
    for client, rooms in ((scanner, "3-1"), (clerk, "5-1-101"), (clerk, "9-9-999")):
        refused = post(client, path, rooms=rooms)
        assert refused.status_code == 303
        assert client is clerk or "3-1-10" not in refused.headers["location"]
        assert "5-1-102" not in refused.headers["location"]
    assert post(clerk, path, type="admin.catalog").status_code == 303
    assert post(office.client("auditor"), path).status_code == 403
