"""A real Samba server on a loopback port, and a client whose upload may stop in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.servers import READY_SECONDS, NotInstalled, Served, free_port
from worker.supervisor import die_with

CONF = """\
[global]
  server role = standalone server
  disable netbios = yes
  interfaces = 127.0.0.1/8
  bind interfaces only = yes
  smb ports = {port}
  map to guest = bad user
  load printers = no
  printing = bsd
  printcap name = /dev/null
  disable spoolss = yes
  private dir = {folder}
  lock directory = {folder}
  state directory = {folder}
  cache directory = {folder}
  pid directory = {folder}
  ncalrpc dir = {folder}/ncalrpc
  strict sync = yes
  sync always = yes

[inbox]
  path = {share}
  guest ok = yes
  force user = root
  read only = no
  follow symlinks = no
  wide links = no
"""


@dataclass
class Samba(Served):
    """`share` as `//127.0.0.1/inbox` for everybody; its settings are those of `deploy/smb.conf`."""

    folder: Path
    share: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    uploads: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Start it and wait until it answers; raises `NotInstalled`."""
        if os.geteuid() != 0 or not all(map(shutil.which, ("smbd", "smbclient"))):
            raise NotInstalled("no Samba, or not root: make servers")
        self.port = self.port or free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        conf = self.folder / "smb.conf"
        conf.write_text(CONF.format(port=self.port, folder=self.folder, share=self.share))
        command = ["smbd", "--foreground", "--no-process-group", f"--configfile={conf}",
                   f"--log-basename={self.folder}"]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # as it ends it sends SIGTERM to its whole process group
            preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509
        )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError("Samba does not answer")

    def upload(self, name: str) -> subprocess.Popen[bytes]:
        """A client that puts what is written to its standard input under this name."""
        process = subprocess.Popen(
            ["smbclient", "//127.0.0.1/inbox", f"--port={self.port}", "--no-pass",
             "--socket-options=SO_SNDBUF=262144", f"--command=put - {name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.uploads.append(process)
        return process

    def put(self, path: Path, name: str) -> None:
        """Send a whole file, as a scanner does."""
        subprocess.run(
            ["smbclient", "//127.0.0.1/inbox", f"--port={self.port}", "--no-pass",
             f"--command=put {path} {name}"],
            check=True, capture_output=True,
        )  # fmt: skip

    def put_folder(self, folder: Path) -> None:
        """Send everything below a folder over one connection."""
        subprocess.run(
            ["smbclient", "//127.0.0.1/inbox", f"--port={self.port}", "--no-pass",
             f"--command=lcd {folder}; prompt off; recurse on; mput *"],
            check=True, capture_output=True,
        )  # fmt: skip


@contextmanager
def samba(folder: Path, share: Path) -> Iterator[Samba]:
    """A Samba server during the block; raises `NotInstalled`."""
    server = Samba(folder, share)
    server.start()
    try:
        yield server
    finally:
        for upload in server.uploads:
            upload.kill()
            upload.wait()
            assert upload.stdin is not None
            upload.stdin.close()
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)  # its children of each connection go with it
        server.process.wait()
