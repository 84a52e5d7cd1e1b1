"""Probes and scrapers at the door: what they are told, and who else is."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bench.front_office import Office, fill, open_office
from bench.home import Home, until
from catalog.accounts import people, signed_in
from catalog.models import Account
from web.app import PUBLIC
from yihu.reasons import REASONS

ROOT = Path(__file__).parents[3]
ALERTS = ROOT / "deploy" / "alerts.yaml"
ALERTS_ON_SERVERS = ROOT / "deploy" / "alerts-servers.yaml"
TOKEN = "scrape-4711"
AFAR = {"x-forwarded-for": "203.0.113.7"}
OTHER_NAME = {"host": "web:8080"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A filled office served by `yihu up`, verified once, with a token for a scraper."""
    made = fill(tmp_path_factory.mktemp("office") / "home")
    Home(made.settings.home).run("verify")
    with open_office(made, metrics_token=TOKEN):
        yield made


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def figures(office: Office) -> dict[str, dict[tuple[str, ...], float]]:
    """Every family with its samples by label values."""
    answer = httpx.get(f"{office.base}/metrics")
    assert answer.status_code == 200
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.text)
    }


def test_a_probe_learns_that_the_process_lives_and_the_servers_answer(office: Office) -> None:
    assert {"/healthz", "/readyz"} <= PUBLIC
    for headers in ({}, AFAR, OTHER_NAME):
        assert httpx.get(f"{office.base}/healthz", headers=headers).text == "ok\n"
        answer = httpx.get(f"{office.base}/readyz", headers=headers)
        assert answer.status_code == 200
        parts = dict.fromkeys(("database", "schema", "store", "broker"), "ok")
        assert answer.json() == {"ready": True, "parts": parts}
    assert httpx.get(f"{office.base}/sign-in", headers=OTHER_NAME).status_code == 421


def test_one_scrape_shows_what_all_processes_did(office: Office) -> None:
    (office.settings.inbox / "broken.pdf").write_bytes(b"%PDF-1.4\njunk\n%%EOF\n")
    (office.settings.inbox / "again.jpg").write_bytes(_original(office))

    def settled() -> dict[tuple[str, ...], float] | None:
        found = figures(office).get("yihu_documents_settled", {})
        return (
            found if {("broken", "rejected"), ("same_bytes", "duplicate")} <= found.keys() else None
        )

    until(settled, 120)
    found = figures(office)
    assert found["yihu_stage_seconds"][("done", "keep")] >= 1
    assert found["yihu_store_seconds"][("put", "ok")] >= 1
    assert found["yihu_documents"][("filed",)] >= 4
    assert found["yihu_part_up"] == dict.fromkeys(
        [("database",), ("schema",), ("store",), ("broker",)], 1.0
    )
    assert {("worker",), ("watcher",), ("beat",), ("web",)} == found[
        "yihu_process_pulse_age_seconds"
    ].keys()
    assert found["yihu_messages_waiting"].keys() >= {("yihu",), ("yihu.bulk",)}


def _original(office: Office) -> bytes:
    found = next(path for path in office.settings.store.glob("sha256/*/*/*"))
    return found.read_bytes()


def test_no_figure_names_a_person_a_room_a_file_or_a_document(office: Office) -> None:
    answer = httpx.get(f"{office.base}/metrics").text
    for secret in (
        "张伟",
        "13812345678",
        "110101199003074514",
        "3-1-101",
        "阳光花园",
        ".jpg",
        TOKEN,
    ):
        assert secret not in answer
    for family in text_string_to_metric_families(answer):
        for sample in family.samples:
            if family.name.startswith("yihu_"):
                _is_ours(sample.labels)


def _is_ours(labels: dict[str, str]) -> None:
    for name, value in labels.items():
        if name == "reason":
            assert value in REASONS or value in ("none", "lost", "waits"), value
        elif name != "le":
            assert re.fullmatch(r"[a-z_.-]+", value), (name, value)


def test_a_stranger_is_told_nothing(office: Office) -> None:
    def status(headers: dict[str, str]) -> int:
        return httpx.get(f"{office.base}/metrics", headers=headers).status_code

    assert status({}) == 200
    assert status(AFAR) == 401
    assert status(AFAR | bearer("wrong")) == 401
    assert status(bearer("wrong")) == 401
    assert status(AFAR | bearer(TOKEN)) == 200
    assert status(OTHER_NAME) == 421
    assert status(OTHER_NAME | AFAR | bearer(TOKEN)) == 200


@pytest.mark.parametrize(("name", "status"), [("clerk3", 403), ("auditor", 200), ("sysadmin", 200)])
def test_an_account_is_told_what_its_role_may_see(office: Office, name: str, status: int) -> None:
    assert office.client(name).get("/metrics").status_code == status
    with office.database.write() as session:
        account = session.query(Account).filter(Account.name == name).one()
        secret = signed_in.add_token(
            session, people.viewer_of(session, account), "scrape", ("read",)
        )
    answer = httpx.get(f"{office.base}/metrics", headers=AFAR | bearer(secret))
    assert answer.status_code == status


# --- alerts -------------------------------------------------------------------------------------


def rules(*files: Path) -> list[dict[str, Any]]:
    groups = [
        group
        for file in files or (ALERTS, ALERTS_ON_SERVERS)
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
    ]
    return [rule for group in groups for rule in group["rules"]]


def test_every_figure_an_alert_names_is_told(office: Office) -> None:
    told = until(lambda: figures(office) if "yihu_stage_seconds" in figures(office) else None, 120)
    for rule in rules(ALERTS):
        names = set(re.findall(r"yihu_\w+", rule["expr"]))
        assert names, rule["alert"]
        bare = {re.sub(r"_(count|sum|bucket)$", "", name) for name in names}
        assert bare <= told.keys(), rule["alert"]


def test_every_alert_says_what_to_do_in_both_languages() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules()) >= 8
    for rule in rules():
        for text in (rule["annotations"]["summary"], rule["annotations"]["action"]):
            chinese, _, english = text.partition(" / ")
            assert re.search(r"[\u4e00-\u9fff]", chinese), text
            assert re.search(r"[A-Za-z]{3}", english), text
        assert rule["labels"]["severity"] in ("critical", "warning", "info")


def test_what_the_server_rules_watch_is_what_prometheus_is_told_to_ask() -> None:
    """A job nobody scrapes would alert for ever, and one no rule names never."""
    scraped = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in scraped["scrape_configs"]}
    named = set(re.findall(r'absent\(up{job="([a-z-]+)"}\)', str(rules(ALERTS_ON_SERVERS))))
    assert named == jobs.keys() - {"yihu"}
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name, job in jobs.items():
        for discovered in job.get("dns_sd_configs", []):
            assert [f"yihu-{service}" for service in discovered["names"]] == [name]
            environment = services[discovered["names"][0]]["environment"]
            assert environment["YIHU_METRICS_PORT"] == str(discovered["port"])
    assert {f"yihu-{name}" for name in ("worker", "inbox", "beat")} <= jobs.keys()
    assert set(scraped["rule_files"]) == {ALERTS.name, ALERTS_ON_SERVERS.name}


def test_prometheus_takes_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool: apt-get install prometheus")
    files = [str(ALERTS), str(ALERTS_ON_SERVERS)]
    done = subprocess.run([promtool, "check", "rules", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
