"""A folder of backups: its originals, its generations, and what each of them promises.

Layout: `YIHU-BACKUP.txt` (what this is), `originals/` (a store, shared by all
generations, never pruned), `generations/<number>-<moment>/` with
`catalogue.db` and `manifest.json`, and `backup.lock`. A generation counts from
the moment its manifest is there, which is written last, by one rename.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from catalog import ledger
from storage import LocalStore
from storage.disk import hash_of, retryable, sync_folder
from yihu import faults
from yihu.clock import now
from yihu.errors import AlreadyRunning, Exit, Usage, YihuError

DATABASE, MANIFEST = "catalogue.db", "manifest.json"
_MARK, _LOCK, _ORIGINALS, _GENERATIONS = (
    "YIHU-BACKUP.txt",
    "backup.lock",
    "originals",
    "generations",
)
_FORMAT = 1
_MARK_TEXT = """\
这是一户一档（Yihu）的备份，含个人信息，请妥善保管。请勿手工改动任何文件。
恢复到一个空的家目录：  yihu restore 本文件夹 --home 新家目录
This is a backup of Yihu. It holds personal data: keep it safe, change nothing by hand.
To restore into an empty home:  yihu restore THIS-FOLDER --home NEW-HOME
"""


class DamagedBackup(YihuError):
    """The backup is not what it was when it was written."""

    exit_code = Exit.FINDINGS


class NotContinued(YihuError):
    """The ledger does not continue the one this backup holds; nothing was written."""

    exit_code = Exit.FINDINGS


@dataclass(frozen=True, slots=True)
class Loose:
    """A thing outside the store that must lie at `place` (shown form) below a restored home.

    A file by the hash of its bytes, or a symbolic link by its `link` target.
    """

    place: str
    sha256: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation promises; `lacking` names what could not be copied, and why."""

    generation: str
    moment: str
    yihu: str
    schema: str
    database_sha256: str
    anchor: str
    counts: dict[str, int]
    loose: tuple[Loose, ...] = ()
    lacking: dict[str, str] = field(default_factory=dict)
    format: int = _FORMAT

    def text(self) -> str:
        """The manifest as JSON, with the seal over all the rest."""
        body = json.loads(json.dumps(asdict(self)))
        sealed = body | {"seal": ledger.digest(body)}
        return json.dumps(sealed, ensure_ascii=False, indent=1) + "\n"

    @staticmethod
    def parse(text: str) -> Manifest:
        """The manifest that `text` wrote; `DamagedBackup` for anything else."""
        try:
            body = json.loads(text)
            seal = body.pop("seal")
            if ledger.digest(body) != seal:
                raise DamagedBackup("the manifest was altered")
            body["loose"] = tuple(Loose(**entry) for entry in body["loose"])
            return Manifest(**body)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedBackup(f"the manifest cannot be read: {error}") from error


class BackupFolder:
    """A folder of backups: its originals and its generations."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.originals = LocalStore(root / _ORIGINALS, create=False)

    @staticmethod
    def prepare(root: Path, home: Path) -> BackupFolder:
        """The folder, made where it is missing; Usage when it is something else."""
        ours, theirs = root.resolve(), home.resolve()
        if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
            raise Usage(f"the backup must not lie in the home, nor the home in it: {root}")
        if root.exists() and not root.is_dir():
            raise Usage(f"not a folder: {root}")
        with retryable("prepare the backup"):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            mine = {_MARK, _LOCK, _ORIGINALS, _GENERATIONS}
            if not (root / _MARK).exists() and any(p.name not in mine for p in root.iterdir()):
                raise Usage(f"neither empty nor a backup of Yihu: {root}")
            (root / _MARK).write_text(_MARK_TEXT, encoding="utf-8")
            (root / _GENERATIONS).mkdir(exist_ok=True)
        LocalStore(root / _ORIGINALS)
        return BackupFolder(root)

    @staticmethod
    def open(root: Path) -> BackupFolder:
        """The folder as it is; Usage when it holds no backup."""
        if not (root / _GENERATIONS).is_dir():
            raise Usage(f"no backup of Yihu in {root}")
        return BackupFolder(root)

    @contextmanager
    def locked(self, *, write: bool) -> Iterator[None]:
        """Alone with the folder to write, among readers to read; AlreadyRunning otherwise."""
        path = self.root / _LOCK
        if not write and not path.exists():  # a copy of the folder, or a read-only medium
            yield
            return
        with path.open("a+" if write else "r") as file:
            try:
                fcntl.flock(file, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlreadyRunning(f"another backup or restore uses {self.root}") from error
            yield

    def generations(self) -> list[str]:
        """Names of the complete generations, oldest first."""
        folder = self.root / _GENERATIONS
        return sorted(p.parent.name for p in folder.glob(f"*/{MANIFEST}"))

    def manifest(self, generation: str = "") -> Manifest:
        """The manifest of a generation, by default the newest; Usage when there is none."""
        known = self.generations()
        if not known or (generation and generation not in known):
            raise Usage(f"no such complete generation in {self.root}; there are: {known}")
        name = generation or known[-1]
        with retryable("read the manifest"):
            data = (self.folder(name) / MANIFEST).read_bytes()
        try:
            found = Manifest.parse(data.decode())
        except (DamagedBackup, UnicodeDecodeError) as error:
            raise DamagedBackup(f"generation {name}: {error}; of {known}") from error
        if found.format != _FORMAT:
            raise Usage(f"generation {name} was written by another Yihu ({found.yihu})")
        return found

    def folder(self, generation: str) -> Path:
        """Where a generation lies."""
        return self.root / _GENERATIONS / generation

    def begin(self) -> str:
        """Clear what interrupted backups left and make a new generation's folder; its name."""
        known = self.generations()
        with retryable("begin a generation"):
            for folder in (self.root / _GENERATIONS).iterdir():
                if folder.name not in known:
                    shutil.rmtree(folder)
            self.originals.sweep_temporary(0)
            number = int(known[-1].partition("-")[0]) + 1 if known else 1
            name = f"{number:06d}-{now():%Y%m%dT%H%M%SZ}"
            self.folder(name).mkdir(mode=0o700)
        return name

    def finish(self, manifest: Manifest) -> None:
        """Make a generation count: its manifest appears whole, after all else is on the disk."""
        folder = self.folder(manifest.generation)
        half = folder / f"{MANIFEST}.half"
        with retryable("write the manifest"):
            with half.open("w", encoding="utf-8") as target:
                target.write(manifest.text())
                target.flush()
                os.fsync(target.fileno())
            sync_folder(folder)
            faults.point("backup.manifest.before")
            half.rename(folder / MANIFEST)
            sync_folder(folder)
            sync_folder(folder.parent)
        faults.point("backup.manifest.after")

    def prune(self, keep: int) -> None:
        """Remove generations beyond the newest `keep`; originals stay."""
        with retryable("remove old generations"):
            for name in self.generations()[:-keep]:
                (self.folder(name) / MANIFEST).unlink()  # from here on it does not count
                shutil.rmtree(self.folder(name))


@contextmanager
def reading(database: Path) -> Iterator[Session]:
    """A session on a snapshot that nobody writes; leaves the file byte for byte as it is."""
    query = {"mode": "ro", "immutable": "1", "uri": "true"}
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(database))}", query=query)
    )
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def hash_file(path: Path) -> str:
    """The SHA-256, in hex, of a file."""
    with path.open("rb") as stream:
        return hash_of(stream)[0]
