"""Every setting, once: one frozen class, one prefix `YIHU_`, an unknown key refuses to start.

`.env.example` and the table in `docs/settings.md` are generated from the
descriptions here (`yihu settings`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from yihu.errors import Usage

PREFIX = "YIHU_"
SECRETS = Path("/run/secrets")
MEGABYTE = 1024 * 1024


class Settings(BaseSettings):
    """What can be set; each field is read from `YIHU_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(Path("yihu-home"), description="Folder with inbox, store, database, logs.")
    database_url: SecretStr = Field(
        SecretStr(""), description="SQLAlchemy URL; empty: SQLite in the home."
    )
    broker_url: SecretStr = Field(
        SecretStr(""), description="Redis URL; empty: a broker is started with `yihu up`."
    )
    store_url: str = Field(
        "", description="S3 bucket (https://host:port/bucket); empty: a folder in the home."
    )
    store_access_key: SecretStr = Field(SecretStr(""), description="Access key of the S3 store.")
    store_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 store.")
    store_retain_days: int = Field(
        0, ge=0, description="Lock every original in the S3 store for so long (object lock)."
    )
    store_records: bool = Field(
        False, description="Refuse an S3 store that does not enforce versions and object lock."
    )
    timezone: str = Field("Asia/Shanghai", description="Zone in which moments are shown.")
    estate: str = Field("", description="Estate name for register rows that carry none.")

    engine: str = Field("rapidocr", description="Reader: rapidocr or tesseract.")
    searchable: bool = Field(
        True, description="Make searchable copies (PDF/A) of filed documents in the background."
    )
    workers: int = Field(0, ge=0, description="Pages read at once; 0: one per core.")
    idle_seconds: float = Field(
        60, gt=0, description="After so long without work, reading processes give memory back."
    )

    settle_seconds: float = Field(
        1.0, ge=0, description="Quiet time before a closed file is taken."
    )
    settle_blind_seconds: float = Field(
        10, ge=0, description="Quiet time where no close was seen (network shares)."
    )
    broken_upload_seconds: float = Field(
        600, gt=0, description="A file still incomplete after so long is taken and refused."
    )
    rescan_seconds: float = Field(30, gt=0, description="Full look through the inbox.")
    sweep_seconds: float = Field(5, gt=0, description="Look for documents nobody works on.")
    lease_seconds: float = Field(
        20, gt=0, description="A worker that is silent for so long lost its claim."
    )
    max_attempts: int = Field(4, ge=1, description="Attempts at a stage before a person is told.")
    spool_days: float = Field(
        7, ge=0, description="How long the taken file is kept beside the store."
    )

    max_file_bytes: int = Field(200 * MEGABYTE, gt=0, description="Largest file taken.")
    max_pages: int = Field(500, gt=0, description="Most pages in one file.")
    max_pixels: int = Field(100_000_000, gt=0, description="Most pixels in one image or page.")
    max_attachments: int = Field(
        20, ge=0, description="Most files attached inside one PDF; they are never opened."
    )
    page_seconds: float = Field(16, gt=0, description="Wall clock for one page in a child process.")
    quick_seconds: float = Field(
        6, gt=0, description="A page or file that takes longer lets all others by first."
    )
    child_memory_bytes: int = Field(
        1800 * MEGABYTE, gt=0, description="Address space of a parsing or reading child process."
    )

    wrong_filing_rate: float = Field(
        0.001,
        gt=0,
        lt=0.5,
        description="Tolerated share of wrongly filed documents until somebody sets another.",
    )
    sample_share: float = Field(
        0.02, ge=0, le=1, description="Share of machine-filed documents a person checks blind."
    )
    learn_after: int = Field(
        20, ge=0, description="New labels after which a text model is trained; 0: only by hand."
    )
    file_on_room_alone: bool = Field(
        False, description="File when only a labelled room number speaks for the household."
    )
    web_host: str = Field("127.0.0.1", description="Address the screens listen on.")
    web_port: int = Field(
        8080, ge=0, le=65535, description="Port of the screens; the next free one when taken."
    )
    web_url: str = Field(
        "",
        description="Address people type where a proxy stands before, e.g. https://files.lan.",
    )
    approval_days: int = Field(
        3,
        ge=1,
        le=366,
        description="Days an approval lasts at most; whoever grants it may give fewer.",
    )
    oidc_issuer: str = Field("", description="OpenID Connect issuer for sign-on; empty: off.")
    oidc_client_id: str = Field("", description="Client id at the issuer.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at the issuer.")
    oidc_claim: str = Field(
        "preferred_username", description="Claim that names the account the first time."
    )

    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the logs: text, or json for one object a line."
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which a worker or watcher serves /metrics and /healthz; 0: none.",
    )
    metrics_host: str = Field("127.0.0.1", description="Address that port listens on.")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token with which /metrics of the screens is read."
    )

    faults: str = Field("", description="Fault points to trigger, for tests only.")

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return home.absolute()

    @property
    def inbox(self) -> Path:
        """Where staff drop scans."""
        return self.home / "inbox"

    @property
    def rejected(self) -> Path:
        """Where files that cannot be taken come back, with a note beside each."""
        return self.inbox / "_rejected"

    @property
    def claimed(self) -> Path:
        """Files taken from the inbox whose original is not yet verified in the store."""
        return self.home / "claimed"

    @property
    def spool(self) -> Path:
        """Taken files, kept for `spool_days` after their original was verified."""
        return self.home / "spool"

    @property
    def store(self) -> Path:
        """The local object store."""
        return self.home / "store"

    @property
    def copies(self) -> Path:
        """Local copies of originals that lie in an S3 store; may be removed at any time."""
        return self.home / "copies"

    @property
    def run(self) -> Path:
        """Locks, process ids, broker data; nothing that must survive."""
        return self.home / "run"

    @property
    def figures(self) -> Path:
        """Where the processes of `yihu up` count together (`yihu.measures`)."""
        return self.run / "metrics"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        url = self.database_url.get_secret_value()
        return url or f"sqlite:///{self.home / 'yihu.db'}"


def load(home: Path | None = None, **overrides: object) -> Settings:
    """The settings from the environment and from secret files, with `home` and `overrides` on top.

    Raises `Usage` for an unknown `YIHU_` key or a value that is not allowed.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    unknown = sorted(key for key in os.environ if key.startswith(PREFIX) and key not in known)
    if unknown:
        raise Usage(f"unknown setting {', '.join(unknown)}; see docs/settings.md")
    if home is not None:
        overrides["home"] = home
    try:
        return Settings(_secrets_dir=secret_folders() or None, **overrides)  # type: ignore[arg-type, call-arg]
    except ValueError as error:
        raise Usage(str(error)) from error


def secret_folders() -> list[Path]:
    """Where secrets lie as files, a container's or a service manager's: `yihu_database_url`, ...

    Any setting may come from there; the environment stands above it.
    """
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    return [
        folder for folder in (Path(named) if named else None, SECRETS) if folder and folder.is_dir()
    ]
