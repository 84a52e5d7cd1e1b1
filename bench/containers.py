"""The services of docker-compose.yml as real processes, where no Docker engine runs.

Each service gets what the compose file says of it, as written: its command, its
environment, its secrets under `/run/secrets`, its volumes, its user, a
read-only root, no capabilities but those it names, and its health check. A
service lives in a mount namespace whose root is an overlay over this machine's
(so paths of an image can be made), all of them share one network namespace
with nothing but loopback, in which every service's name is that address.

Not shown this way: that the images build, memory limits, and that a service
cannot reach one it shares no network with. PostgreSQL's image makes its cluster
by itself; here `initdb` is run with the arguments the file gives it.

Needs root, and `docker compose` or `docker-compose` to resolve the file.
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.home import STOP_SECONDS, until
from bench.servers import NotInstalled, program
from worker import broker

PROJECT = Path(__file__).parent.parent
USERS = {"yihu": 10001, "store": 10001}
OTHER = 10002
"""User ids of our images; the servers' images have users of the same name as Debian's."""

BIN, SITE = "/opt/yihu-bin", "/opt/yihu-site"
ENTER = """\
set -e
mount -t tmpfs none "$SCRATCH"
mkdir "$SCRATCH"/up "$SCRATCH"/work "$SCRATCH"/root
cd "$SCRATCH"
mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
cd root
mount --rbind /proc proc
mount --rbind /dev dev
mount --rbind /sys sys
cp "$HOSTS" etc/hosts
"""


def resolve(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The compose file as the client of this machine understands it; raises `NotInstalled`."""
    for client in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(client[0]) is None:
            continue
        done = subprocess.run(
            [*client, "--profile", "tls", "config"],
            cwd=PROJECT, env={**os.environ, **(environment or {})},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return dict(yaml.safe_load(done.stdout))
        if "unknown" not in done.stderr:
            raise ValueError(done.stderr)
    raise NotInstalled("no docker compose: apt-get install docker-compose")


def supported() -> bool:
    """Whether namespaces and overlays may be made here."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    probe = (
        "mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay o "
        "-o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r"
    )
    done = subprocess.run(
        ["unshare", "-n", "-m", "--propagation", "private", "sh", "-c", probe],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


@dataclass
class Containers:
    """The services of one compose file below `folder`, in one network namespace."""

    folder: Path
    compose: dict[str, Any]
    site: Path
    """Where our packages were installed from the wheel."""
    _keeper: subprocess.Popen[bytes] | None = None
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    # --- the network ------------------------------------------------------------------------

    def open(self) -> None:
        """Make the network namespace and the programs' folder."""
        self._keeper = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "ip link set lo up && exec sleep infinity"]
        )
        time.sleep(0.5)
        names = " ".join(self.compose["services"])
        (self.folder / "hosts").write_text(f"127.0.0.1 localhost {names}\n")
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        links = {
            "python": Path(sys.executable),
            "weed": Path(sys.executable).with_name("weed"),
            "valkey-server": broker.server(),
            "postgres": Path(program("postgres")),
            "pg_isready": Path(program("pg_isready")),
            "valkey-cli": Path(shutil.which("redis-cli") or "redis-cli"),
            **{path.name: path for path in (PROJECT / "deploy").glob("*.sh")},
        }
        for name, target in links.items():
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(str(target))} "$@"\n')
            script.chmod(0o755)
        (programs / "yihu").write_text('#!/bin/sh\nexec python -m cli.main "$@"\n')
        (programs / "yihu").chmod(0o755)

    def close(self) -> None:
        """Stop every service, and the namespace."""
        for name in reversed(list(self._running)):
            self.stop(name)
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.wait()

    # --- services ---------------------------------------------------------------------------

    def up(self, name: str) -> None:
        """Start a service once what it depends on is well; wait until it is well itself."""
        service = self.compose["services"][name]
        for other, how in service.get("depends_on", {}).items():
            if other not in self._running and how["condition"] == "service_healthy":
                raise ValueError(f"{name} needs {other}, which was not started")
        if service["image"].startswith("postgres:"):
            self._initdb(name)
        self._running[name] = self._start(name, service["command"])
        if "healthcheck" in service:
            until(lambda: self.healthy(name), 180)

    def run(self, name: str, command: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """Run a service's command, or another in its place, to its end."""
        words = list(command) or self.compose["services"][name]["command"]
        return subprocess.run(
            self._command(name, words), capture_output=True, text=True, check=False
        )

    def healthy(self, name: str) -> bool:
        """What the health check of the service says; an error when the service has ended."""
        if (code := self._running[name].poll()) is not None:
            log = (self.folder / f"{name}.log").read_text(errors="replace")
            raise RuntimeError(f"{name} ended with {code}: {log[-2000:]}")
        kind, *words = self.compose["services"][name]["healthcheck"]["test"]
        command = ["sh", "-c", _unescaped(words[0])] if kind == "CMD-SHELL" else words
        done = self.run(name, [_unescaped(word) for word in command])
        (self.folder / f"{name}.health").write_text(done.stdout + done.stderr)
        return done.returncode == 0

    def stop(self, name: str) -> int:
        """Stop a service as its file says; gives its exit code."""
        process = self._running.pop(name)
        service = self.compose["services"][name]
        number = service.get("stop_signal", "SIGTERM")
        process.send_signal(signal.Signals[number])  # every wrapper became the service by exec
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def volume(self, name: str) -> Path:
        """Where a named volume lies."""
        return self.folder / "volumes" / name

    # --- how --------------------------------------------------------------------------------

    def _start(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self._command(name, command),
                stdout=log,
                stderr=log,
                start_new_session=True,  # a server may end its whole process group
            )

    def _initdb(self, name: str) -> None:
        service = self.compose["services"][name]
        if (self.volume("postgres") / "PG_VERSION").exists():
            return
        given = service["environment"]
        data, secret = "/var/lib/postgresql/data", given["POSTGRES_PASSWORD_FILE"]
        words = [
            program("initdb"), "-D", data, "-U", given["POSTGRES_USER"], f"--pwfile={secret}",
            *shlex.split(given["POSTGRES_INITDB_ARGS"]),
        ]  # fmt: skip
        done = self.run(name, words)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        single = [program("postgres"), "--single", "-D", data, "postgres"]
        made = f"echo 'CREATE DATABASE {given['POSTGRES_DB']}' | {shlex.join(single)}"
        self.run(name, ["sh", "-c", made])

    def _command(self, name: str, command: Sequence[str]) -> list[str]:
        service = self.compose["services"][name]
        user = self._user(service)
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        lines = [ENTER, *self._places(name, service, user)]
        if service.get("read_only"):
            lines.append('mount -o remount,ro "$SCRATCH"/root')
        kept = ",".join(f"+{word.lower()}" for word in service.get("cap_add", []))
        bounds = f"-all,{kept}" if kept else "-all"
        who = f"--reuid={user} --regid={user} --clear-groups " if user else ""
        lines.append(
            f'exec chroot "$SCRATCH"/root env -i {self._environment(service)} '
            f"setpriv --no-new-privs --bounding-set={bounds} --inh-caps={bounds} {who}-- "
            f"{shlex.join(_unescaped(word) for word in command)}"
        )
        assert self._keeper is not None
        return [
            "env", f"SCRATCH={scratch}", f"HOSTS={self.folder / 'hosts'}",
            "nsenter", f"--net=/proc/{self._keeper.pid}/ns/net",
            "unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines),
        ]  # fmt: skip

    def _places(self, name: str, service: Mapping[str, Any], user: int) -> Iterator[str]:
        """The secrets, volumes and temporary folders, made before the root becomes read-only."""
        yield "mount -t tmpfs -o mode=755 none run && mkdir run/secrets"
        for secret in service.get("secrets", []):
            source = secret if isinstance(secret, str) else secret["source"]
            target = source if isinstance(secret, str) else secret.get("target", source)
            file = self.compose["secrets"][source]["file"]
            yield f"cp {shlex.quote(str(file))} run/secrets/{target.rpartition('/')[2]}"
        for number, volume in enumerate(service.get("volumes", [])):
            source, target = _mounted(volume)
            if source.startswith("/"):
                yield f"mkdir -p .{target.rpartition('/')[0]} && touch .{target}"
                yield f"mount --bind {shlex.quote(source)} .{target}"
                continue
            place = self.volume(source or f"{name}-{number}")
            if not place.exists():
                place.mkdir(parents=True)
                os.chown(place, user or USERS["yihu"], user or USERS["yihu"])
                place.chmod(0o750)
            yield f"mkdir -p .{target} && mount --bind {shlex.quote(str(place))} .{target}"
        for target in service.get("tmpfs", []):
            yield f"mkdir -p .{target} && mount -t tmpfs -o mode=1777 none .{target}"
        yield from _shown(self.folder / "bin", BIN)
        yield from _shown(self.site, SITE)
        yield from _shown(PROJECT, str(PROJECT))
        yield from _shown(Path(sys.base_prefix), sys.base_prefix)
        if service["image"].startswith("yihu-samba"):
            yield f"mkdir -p etc/samba && cp {PROJECT / 'deploy' / 'smb.conf'} etc/samba/smb.conf"
            yield 'id scan >/dev/null 2>&1 || useradd -R "$PWD" --system --no-create-home scan'
            yield (
                f'id yihu >/dev/null 2>&1 || useradd -R "$PWD" --uid {USERS["yihu"]} '
                "--system --no-create-home yihu"
            )

    def _environment(self, service: Mapping[str, Any]) -> str:
        given = {key: str(value) for key, value in service.get("environment", {}).items()}
        base = {
            "PATH": f"{BIN}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": SITE,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/tmp",  # noqa: S108 - the container's
        }
        return shlex.join(f"{key}={value}" for key, value in (base | given).items())

    @staticmethod
    def _user(service: Mapping[str, Any]) -> int:
        """The numeric user: as named in the file, else that of our image; 0 for Samba's."""
        if service["image"].startswith("yihu-samba"):
            return 0
        name = service.get("user", "yihu")
        return pwd.getpwnam(name).pw_uid if name == "postgres" else USERS.get(name, OTHER)


@contextmanager
def containers(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Containers]:
    """The compose file's services, ready to be started; raises `NotInstalled`."""
    if not supported():
        raise NotInstalled("no namespaces: only root may make them")
    for missing in (name for name in ("redis-cli", "smbd") if shutil.which(name) is None):
        raise NotInstalled(f"no {missing}: make servers")
    secrets = PROJECT / "deploy" / "secrets"
    subprocess.run([PROJECT / "deploy" / "secrets.sh", secrets], check=True, capture_output=True)
    made = Containers(folder, resolve(environment), _installed(folder / "site"))
    made.open()
    try:
        yield made
    finally:
        made.close()


def _installed(site: Path) -> Path:
    """Our packages as the image has them: built into a wheel, installed without our tree."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    wheels = site.with_name("wheels")
    for words in (
        [uv, "build", "-q", "-o", str(wheels), str(PROJECT)],
        [uv, "pip", "install", "-q", "--no-deps", "--python", sys.executable,
         "--target", str(site), "--find-links", str(wheels), "--no-index", "yihu"],
    ):  # fmt: skip
        subprocess.run(words, check=True, capture_output=True)
    return site


def _mounted(volume: Any) -> tuple[str, str]:
    """Source ("" for an anonymous volume) and target of a volume, in either notation."""
    if isinstance(volume, dict):
        return str(volume.get("source", "")), str(volume["target"])
    parts = str(volume).split(":")
    return ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def _shown(path: Path, place: str) -> Iterator[str]:
    """Make a folder of this machine seen at `place`, for users other than root too."""
    target = shlex.quote(f".{place}")
    yield f"mkdir -p {target} && mount --bind {shlex.quote(str(path))} {target}"
    for folder in Path(place).parents:
        if folder != Path("/"):
            yield f"chmod o+x {shlex.quote(f'.{folder}')}"


def _unescaped(word: str) -> str:
    return word.replace("$$", "$")
