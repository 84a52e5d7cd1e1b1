"""The images install what the tests ran against, and what is shipped says so everywhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
OPEN = {"web", "samba", "proxy"}


def pins(lock: str) -> dict[str, str]:
    text = (PROJECT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9-]+(?:\[[a-z]+\])?)==([^ \\;]+)", text, re.MULTILINE))


def test_the_images_are_pinned_to_what_the_tests_run_with() -> None:
    tested = pins("requirements.lock")
    for lock in ("deploy/yihu.lock", "deploy/store.lock"):
        shipped = pins(lock)
        assert shipped
        assert {name: tested.get(name) for name in shipped} == shipped


def user_of(service: dict[str, Any]) -> str:
    """Who runs in a service: as the compose file says, else as its image was built."""
    if "user" in service:
        return str(service["user"])
    dockerfile = (PROJECT / "Dockerfile").read_text()
    _, _, stage = dockerfile.partition(f" AS {service['build']['target']}\n")
    return next(iter(re.findall(r"^USER (\S+)", stage.partition("\nFROM ")[0], re.MULTILINE)), "")


def test_what_is_installed_into_the_images_is_told_by_hash_or_is_ours() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
    calls = re.findall(r"pip (?:install|wheel)[^&\n]*", dockerfile)
    assert len(calls) == 5
    for call in calls:
        assert "--no-deps" in call
        assert "--require-hashes" in call or "--no-index" in call, call
    images = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert all(":" in image or image == "python" for image in images)


def test_the_proxy_takes_its_configuration(tmp_path: Path) -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no Caddy: apt-get install caddy")
    told = {"HOME": str(tmp_path), "YIHU_HOST": "files.lan", "YIHU_TLS": "internal"}
    command = [caddy, "validate", "--adapter", "caddyfile", "--config", "deploy/Caddyfile"]
    done = subprocess.run(command, cwd=PROJECT, env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_only_what_people_use_is_published_and_everything_is_hardened() -> None:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    for name, service in compose["services"].items():
        assert bool(service.get("ports")) == (name in OPEN), name
        assert ("outside" in service["networks"]) == (name in OPEN), name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["mem_limit"], name
        assert name == "migrate" or service["healthcheck"], name
        assert name == "samba" or user_of(service) not in ("", "root", "0"), name
        assert not service["image"].endswith(":latest"), name
        for value in service.get("environment", {}).values():
            assert not re.search(r"(?i)password|secret", str(value).replace("_FILE", "")) or str(
                value
            ).startswith("/run/secrets/"), name
    assert compose["networks"]["inside"]["internal"]


def test_every_secret_the_compose_file_names_is_made(tmp_path: Path) -> None:
    subprocess.run([PROJECT / "deploy" / "secrets.sh", tmp_path / "s"], check=True)
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    wanted = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    made = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert wanted <= made.keys()
    subprocess.run([PROJECT / "deploy" / "secrets.sh", tmp_path / "s"], check=True)
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
