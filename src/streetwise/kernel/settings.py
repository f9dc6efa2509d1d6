"""Settings: one flat list, each with its unit in its name, from the environment or files.

``STREETWISE_PORT=8701`` sets ``port``. A secret may also lie in a file of that name under
``STREETWISE_SECRETS_DIR`` (for example ``streetwise_database_url``). docs/reference/settings.md
is generated from here.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from streetwise.kernel.postgres import default_home


class Settings(BaseSettings):
    """Every setting of the product. Limits and time-outs carry their unit in the name."""

    model_config = SettingsConfigDict(
        env_prefix="STREETWISE_",
        extra="ignore",
        secrets_dir=os.environ.get("STREETWISE_SECRETS_DIR"),
    )

    home: Path = Field(
        default_factory=default_home, description="Folder of database, files, keys and logs."
    )
    database_url: str | None = Field(
        None,
        description="postgresql+psycopg:// URL of role sw_app; empty: the embedded server.",
    )
    owner_database_url: str | None = Field(
        None, description="The same for role sw_owner; needed by migrate only."
    )
    demo: bool = Field(
        False, description="Show the demo accounts; has no effect outside a synthetic street."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8700, ge=0, le=65535, description="TCP port to listen on; 0: any free one.")
    public_url: str = Field(
        "", description="Address under which browsers reach us, when a proxy stands in front."
    )
    secure_cookies: bool = Field(
        False, description="Send the session cookie over https only (set it behind TLS)."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field("auto", description="json, console, or auto (console on a terminal).")

    database_pool_connections: int = Field(10, ge=1, description="Connections kept per process.")
    database_statement_timeout_seconds: float = Field(
        30.0, gt=0, description="A statement of a request that runs longer is cancelled."
    )
    database_start_timeout_seconds: float = Field(
        60.0, gt=0, description="How long the embedded server may take to start."
    )

    session_idle_minutes: float = Field(
        720.0, gt=0, description="A session unused for so long ends."
    )
    session_absolute_hours: float = Field(24.0, gt=0, description="A session ends after so long.")
    sign_in_attempts: int = Field(
        5, ge=1, description="Wrong passwords in a row before a login waits."
    )
    sign_in_wait_seconds: float = Field(
        60.0, gt=0, description="How long a login waits after too many wrong passwords."
    )

    import_max_bytes: int = Field(200 * 2**20, ge=1, description="Largest file for import.")
    import_max_rows: int = Field(2_000_000, ge=1, description="Most rows in one import.")
    import_chunk_rows: int = Field(500, ge=1, description="Rows per transaction of an import.")
    import_stalled_after_seconds: float = Field(
        15.0, gt=0, description="An import or triage job silent for so long is taken up again."
    )
    triage_batch_signals: int = Field(500, ge=1, description="Signals triaged per transaction.")
    photo_max_bytes: int = Field(15 * 2**20, ge=1, description="Largest photo accepted.")
    photo_max_pixels: int = Field(50_000_000, ge=1, description="Largest photo, width × height.")
    photo_stored_edge_pixels: int = Field(
        1920, ge=64, description="Longest edge of a photo as it is stored."
    )
    due_soon_hours: float = Field(
        4.0, ge=0, description="A case due within so many hours is shown as due soon."
    )

    order_unconfirmed_days: float = Field(
        3.0, ge=0, description="A work order answered here and silent upstream for longer is named."
    )
    phone_known_days: float = Field(
        14.0, gt=0, description="How far back the telephone form looks for a case known already."
    )
    phone_known_metres: float = Field(
        300.0, gt=0, description="How near to the caller's place a known case is named."
    )

    jobs_concurrency: int = Field(2, ge=1, description="Background jobs at a time in a process.")
    jobs_poll_seconds: float = Field(
        5.0, gt=0, description="How often jobs are looked for when no notification comes."
    )
    live_poll_seconds: float = Field(
        2.0, gt=0, description="How often the journal is read when no notification comes."
    )
    live_ping_seconds: float = Field(15.0, gt=0, description="Silence between pings to a screen.")
    live_queue_entries: int = Field(
        1000, ge=1, description="Entries that wait for a slow screen before it must start anew."
    )
    live_replay_entries: int = Field(
        2000, ge=1, description="Most entries replayed to a screen that comes back."
    )
    http_keep_alive_seconds: int = Field(
        75,
        ge=1,
        description="How long an idle connection stays open: longer than a proxy keeps it.",
    )
    shutdown_grace_seconds: float = Field(
        5.0, ge=0, description="How long open requests may take when the server stops."
    )

    @property
    def secrets_path(self) -> Path:
        """Folder of keys and database passwords; never inside a backup of the database."""
        return self.home / "secrets"

    @property
    def files_path(self) -> Path:
        """Folder of the encrypted, content-addressed files."""
        return self.home / "files"
