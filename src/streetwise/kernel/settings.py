"""Settings: one flat list, each with its unit in its name, from the environment or files.

``STREETWISE_PORT=8701`` sets ``port``. A secret may also lie in a file of that name under
``STREETWISE_SECRETS_DIR`` (for example ``streetwise_database_url``). docs/reference/settings.md
is generated from here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

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
    database_prepared_statements: int = Field(
        100,
        ge=0,
        description="Statements that a connection keeps prepared, so that the server need not plan"
        " them again.",
    )
    database_statement_timeout_seconds: float = Field(
        30.0, gt=0, description="A statement of a request that runs longer is cancelled."
    )
    database_start_timeout_seconds: float = Field(
        60.0, gt=0, description="How long the embedded server may take to start."
    )
    database_watch_seconds: float = Field(
        2.0,
        ge=0,
        description="How often a serving process looks whether its embedded server still lives, to"
        " start it again; 0: never.",
    )
    database_watch_max_seconds: float = Field(
        30.0, gt=0, description="Longest wait between two tries to start it again."
    )

    crypto_profile: Literal["aes", "sm"] = Field(
        "aes",
        description="Algorithms for what is sealed from now on: aes (AES-256-GCM, SHA-256) or sm"
        " (国密: SM4-GCM, SM3). What the other one sealed stays readable.",
    )
    vault_reveals_per_hour: int = Field(
        60,
        ge=1,
        description="Personal values that one person may have shown, or searched by, per hour.",
    )

    vault_retention_days: int = Field(
        0,
        ge=0,
        description="Keys of originals are destroyed so long after their case was closed, or, of"
        " rows in quarantine, after their import; 0: never, until the office has decided.",
    )

    backup_folder: Path | None = Field(
        None, description="Folder of the periodic backups; empty: none are made."
    )
    backup_keys_folder: Path | None = Field(
        None, description="Another folder for the archive of keys; empty: the same one."
    )
    backup_every_hours: float = Field(24.0, gt=0, description="How often a backup is made.")
    backup_keep_archives: int = Field(
        14, ge=1, description="So many archives of data stay in the folder, the newest."
    )
    doctor_disk_free_mib: int = Field(
        2048, ge=0, description="With less room on a disk of ours, the doctor warns."
    )
    doctor_clock_seconds: float = Field(
        30.0, gt=0, description="Clocks that differ by more are called off."
    )
    doctor_jobs_waiting_minutes: float = Field(
        30.0, gt=0, description="A job that waits for longer means that nobody works."
    )

    session_idle_minutes: float = Field(
        720.0, gt=0, description="A session unused for so long ends."
    )
    session_absolute_hours: float = Field(24.0, gt=0, description="A session ends after so long.")
    sign_in_pending_minutes: float = Field(
        10.0, gt=0, description="How long a begun sign-in waits for its second factor."
    )
    sign_in_attempts: int = Field(
        5, ge=1, description="Wrong passwords or codes in a row before a login waits."
    )
    sign_in_address_attempts: int = Field(
        50, ge=1, description="The same for a network address, within sign_in_address_minutes."
    )
    sign_in_address_minutes: float = Field(
        60.0, gt=0, description="After so long the count of an address begins anew."
    )
    sign_in_wait_seconds: float = Field(
        60.0, gt=0, description="The first wait after too many wrong ones; each further doubles."
    )
    sign_in_wait_max_seconds: float = Field(
        3600.0, gt=0, description="The longest wait after wrong passwords or codes."
    )
    sign_in_forget_hours: float = Field(
        24.0, gt=0, description="Without a further wrong one, a login's count ends after so long."
    )
    sign_in_throttle_rows: int = Field(
        20_000, ge=100, description="Most logins and addresses that are counted at a time."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks, by commas, whose X-Forwarded-For is believed.",
    )
    second_factor: Literal["administrators", "everybody", "nobody"] = Field(
        "administrators",
        description="Who signs in with a code as well; 'nobody' counts in a synthetic street only.",
    )
    password_min_characters: int = Field(12, ge=8, description="Shortest password.")
    password_history_entries: int = Field(
        5, ge=0, description="So many former passwords of a person may not come back."
    )
    password_max_age_days: int = Field(
        0, ge=0, description="A password must be changed after so long; 0: never."
    )
    one_time_password_hours: float = Field(
        72.0, gt=0, description="A password that somebody else gave opens nothing after so long."
    )
    setup_code_hours: float = Field(
        72.0, gt=0, description="The code of the first start is void after so long."
    )
    stand_in_max_days: int = Field(92, ge=1, description="Longest time of a stand-in.")

    import_max_bytes: int = Field(200 * 2**20, ge=1, description="Largest file for import.")
    import_max_rows: int = Field(2_000_000, ge=1, description="Most rows in one import.")
    import_chunk_rows: int = Field(500, ge=1, description="Rows per transaction of an import.")
    import_stalled_after_seconds: float = Field(
        15.0, gt=0, description="An import or triage job silent for so long is taken up again."
    )
    folder_max_bytes: int = Field(
        50 * 2**20, ge=1, description="Largest archive of a street's folder that is uploaded."
    )
    folder_max_unpacked_bytes: int = Field(
        200 * 2**20, ge=1, description="Most bytes that such an archive may unpack to."
    )
    folder_max_files: int = Field(200, ge=1, description="Most files in such an archive.")
    triage_batch_signals: int = Field(500, ge=1, description="Signals triaged per transaction.")
    triage_busy_signals: int = Field(
        100, ge=1, description="The same while something waits for a processor."
    )
    photo_max_bytes: int = Field(15 * 2**20, ge=1, description="Largest photo accepted.")
    photo_max_pixels: int = Field(50_000_000, ge=1, description="Largest photo, width × height.")
    photo_stored_edge_pixels: int = Field(
        1920, ge=64, description="Longest edge of a photo as it is stored."
    )
    files_orphan_hours: float = Field(
        168.0,
        gt=0,
        description="Files that belong to nothing, and photos that were never sent with a report,"
        " are removed after so long.",
    )
    due_soon_hours: float = Field(
        4.0, ge=0, description="A case due within so many hours is shown as due soon."
    )

    learn_every_hours: float = Field(
        24.0, gt=0, description="How often the classifier is trained anew from what was taught."
    )
    learn_max_signals: int = Field(
        200_000, ge=1, description="Handled cases that a training reads, the newest first."
    )
    facts_every_minutes: float = Field(
        10.0, gt=0, description="How often what scores count is derived from the journal."
    )
    dispatch_count_every_hours: float = Field(
        24.0, gt=0, description="How often it is counted anew which units have handled what."
    )
    dispatch_past_days: float = Field(
        365.0, gt=0, description="How far back: what was dispatched before teaches nothing."
    )
    dispatch_border_metres: float = Field(
        15.0,
        ge=0,
        description="So near to another grid a case is a boundary case, where another unit would"
        " be responsible there.",
    )
    desk_lock_minutes: float = Field(
        5.0, gt=0, description="So long others are told that an officer has a case open."
    )
    deadline_sweep_seconds: float = Field(
        60.0, gt=0, description="How often it is looked whose time is nearly up, or over."
    )
    cause_look_every_minutes: float = Field(
        10.0, gt=0, description="How often open cases are looked over for a common cause."
    )
    cause_look_back_hours: float = Field(
        48.0, gt=0, description="How far back: older cases are part of no new suggestion."
    )

    order_unconfirmed_days: float = Field(
        3.0, ge=0, description="A work order answered here and silent upstream for longer is named."
    )
    order_call_back_days: float = Field(
        7.0, ge=0, description="An order closed upstream without a call-back for longer is named."
    )
    warn_at_hours: int = Field(
        3,
        ge=0,
        le=23,
        description="From this hour on (local time) the night's analysis looks for what builds up.",
    )
    warn_nightly: bool = Field(
        True,
        description="Whether the night's analysis comes by itself. Off: nothing is warned of, on a"
        " machine that has no minute of a core to spare at night.",
    )
    warn_look_minutes: float = Field(
        10.0, gt=0, description="How often it is looked whether that hour has come."
    )
    warn_history_days: int = Field(
        1_100, ge=1, description="How far back the night's analysis reads reports."
    )
    warn_warnings_per_week: float = Field(
        1.0, gt=0, description="How many warnings a street wants to hear a week by chance, at most."
    )
    warn_weather: bool = Field(
        True,
        description="Whether the night's analysis expects more or less by the weather that was"
        " taken in, once there is a year of history. The weather of a warning's days can be told"
        " either way.",
    )
    warn_quiet_days: int = Field(
        7, ge=1, description="A warning that was not seen again for so many days is over."
    )
    warn_hindsight_days: int = Field(
        365,
        ge=0,
        description="A street's first night works out what so many days of the history it came"
        " with would have brought; 0: it does not.",
    )
    warn_hindsight_rows: int = Field(
        400,
        ge=1,
        description="Of what it works out so, the newest so many are kept; a year brings some 60.",
    )
    warn_keep_days: int = Field(
        400,
        ge=1,
        description="Forecasts, notes on the data and rounds nobody agreed to are kept so long.",
    )
    reconcile_at_hours: int = Field(
        7,
        ge=0,
        le=23,
        description="From this hour on (local time) both order lists are compared.",
    )
    reconcile_look_minutes: float = Field(
        10.0, gt=0, description="How often it is looked whether that hour has come."
    )
    reconcile_list_hours: float = Field(
        36.0, gt=0, description="A whole list of upstream's open orders counts for so long."
    )
    reconcile_back_days: float = Field(
        30.0, gt=0, description="So far back orders that are over are compared, too."
    )
    phone_known_days: float = Field(
        14.0, gt=0, description="How far back the telephone form looks for a case known already."
    )
    phone_known_metres: float = Field(
        300.0, gt=0, description="How near to the caller's place a known case is named."
    )

    petition_accept_days: int = Field(
        15, ge=1, description="A petition that came here is accepted within so many days."
    )
    petition_answer_days: int = Field(
        60, ge=1, description="It is answered in writing within so many days of its coming."
    )

    assist_url: str = Field(
        "",
        pattern="^(https?://.+)?$",
        description="OpenAI-compatible address of a model of the street's own, for summaries and"
        " draft answers, such as http://127.0.0.1:8000/v1; empty: there is no such help, and"
        " nothing needs it. Masked text is all that is ever sent there.",
    )
    assist_model: str = Field("default", min_length=1, description="The model's name there.")
    assist_key: str | None = Field(
        None,
        description="Its key, sent as a bearer token; empty: none."
        " A secret: better in a file under STREETWISE_SECRETS_DIR.",
    )
    assist_timeout_seconds: float = Field(
        60.0, gt=0, description="A model that has not answered whole after so long has failed."
    )
    assist_max_characters: int = Field(
        4000, ge=1000, description="Most characters sent to a model, and taken back from it."
    )

    camera_look_seconds: float = Field(
        20.0,
        gt=0,
        le=120,
        description="So long somebody sees a camera's masked picture, from when it was asked for.",
    )
    camera_tend_seconds: float = Field(
        20.0,
        gt=0,
        description="How often cameras whose approval is over are switched off, and what is kept of"
        " them no longer is removed.",
    )
    camera_evidence_keep_days: int = Field(
        0,
        ge=0,
        description="Masked pictures of findings are removed so long after the problem was gone;"
        " 0: never, until the office has decided.",
    )
    camera_cadence_keep_days: float = Field(
        14.0, gt=0, description="How long it is kept how often each camera was really looked at."
    )
    discover_eye_concurrency: int = Field(
        2, ge=1, le=64, description="Processes that look at cameras; one per core they may use."
    )
    discover_pace_seconds: float = Field(
        0.0,
        ge=0,
        le=60,
        description="A camera's picture is decoded at most once in this time; 0: each key picture."
        " For many cameras on few cores, 6 holds 1,200 on two.",
    )
    discover_inference_concurrency: int = Field(
        1, ge=1, le=64, description="Threads of each such process for its detector."
    )
    discover_detectors: str = Field(
        "",
        description="Models that look, by name, the preferred first, with commas between; empty:"
        " all that were added.",
    )

    discover_ca_file: Path | None = Field(
        None,
        description="A PEM file of those who vouch for the certificates of cameras and gateways"
        " that are reached by TLS (`rtsps`, `https`); none: the system's.",
    )
    discover_push_host: str = Field(
        "127.0.0.1",
        description="Address on which `streetwise discover` takes pictures that cameras push; from"
        " elsewhere only by way of a proxy with TLS.",
    )
    discover_push_port: int = Field(
        0, ge=0, le=65535, description="TCP port for pictures that cameras push; 0: none is taken."
    )

    worker: Literal["beside", "inside", "elsewhere"] = Field(
        "beside",
        description="Where background jobs are done: in a process beside the server's, which it"
        " starts and watches; inside the server's own; or only by `streetwise worker`.",
    )
    bulk_rest_seconds: float = Field(
        10.0,
        ge=0,
        description="Imports and triage rest so many seconds for each second in which something"
        " waited for a processor: who clicks comes first. 0: they never rest.",
    )
    jobs_concurrency: int = Field(3, ge=1, description="Background jobs at a time in a process.")
    jobs_poll_seconds: float = Field(
        5.0, gt=0, description="How often jobs are looked for when no notification comes."
    )
    journal_seal_seconds: float = Field(
        30.0, gt=0, description="How often what is new in the journal is sealed."
    )
    journal_seal_entries_per_second: float = Field(
        1_000.0,
        gt=0,
        description="Most journal entries sealed a second while people work;"
        " after years of records were imported it takes its time.",
    )
    notify_smtp_host: str = Field(
        "", description="Mail server for notifications; empty: no e-mail is sent."
    )
    notify_smtp_port: int = Field(587, ge=1, le=65535, description="TCP port of the mail server.")
    notify_smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the mail server is spoken to; none: unencrypted, for a closed net only.",
    )
    notify_smtp_user: str = Field("", description="Login at the mail server; empty: none.")
    notify_smtp_password: str | None = Field(
        None,
        description="Its password. A secret: better in a file under STREETWISE_SECRETS_DIR.",
    )
    notify_smtp_from: str = Field(
        "", description="E-mail address that notifications come from; needed for e-mail."
    )
    notify_webhook_url: str = Field(
        "",
        pattern="^(https?://.+)?$",
        description="Address that notifications are posted to; empty: no webhook.",
    )
    notify_webhook_secret: str | None = Field(
        None,
        description="Key that signs what is posted; needed for the webhook."
        " A secret: better in a file under STREETWISE_SECRETS_DIR.",
    )
    notify_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) that mail server and webhook are believed by, where they"
        " are of the house's own authority; unset: the system's.",
    )
    notify_sms: Literal["off", "file"] = Field(
        "off", description="file: text messages are written to outbox/sms.jsonl for a gateway."
    )
    notify_timeout_seconds: float = Field(
        10.0, gt=0, description="A mail server or webhook silent for so long counts as away."
    )
    notify_sending_seconds: float = Field(
        60.0,
        gt=0,
        description="A delivery begun so long ago and not ended is taken up again.",
    )
    notify_sweep_seconds: float = Field(
        30.0, gt=0, description="How often deliveries that are due again are looked for."
    )
    notify_attempts: int = Field(6, ge=1, description="Attempts before a delivery rests as failed.")
    notify_retry_seconds: float = Field(
        60.0, gt=0, description="Wait before the second attempt; each further wait is 4 times it."
    )
    notify_retry_max_seconds: float = Field(
        14_400.0, gt=0, description="Longest wait between two attempts."
    )
    notify_keep_days: float = Field(
        90.0, gt=0, description="Notifications older than this are removed."
    )
    live_poll_seconds: float = Field(
        2.0, gt=0, description="How often the journal is read when no notification comes."
    )
    live_recheck_seconds: float = Field(
        300.0,
        gt=0,
        description="How often an open screen is asked whether its session still lives when the"
        " journal tells of no change of accounts.",
    )
    live_sends_per_second: float = Field(
        14_000.0,
        gt=0,
        description="Most pieces sent to all screens together; with more of them, each gets what"
        " happened in larger pieces, a little later.",
    )
    live_breath_max_seconds: float = Field(
        0.5, ge=0, description="Longest pause between two pieces to a screen."
    )
    live_refresh_seconds: float = Field(
        5.0,
        gt=0,
        description="How long after a change a screen asks again for what entries do not tell:"
        " the six numbers, the map.",
    )
    live_refreshes_per_second: float = Field(
        20.0,
        gt=0,
        description="Most of these questions from all screens together; with more screens, each"
        " asks later.",
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
    metrics_token: str | None = Field(
        None,
        description="Who sends it as a bearer token reads /metrics; empty: there is no /metrics."
        " A secret: better in a file under STREETWISE_SECRETS_DIR.",
    )
    health_timeout_seconds: float = Field(
        2.0, gt=0, description="A database that takes longer to answer counts as not healthy."
    )
    shutdown_grace_seconds: float = Field(
        5.0, ge=0, description="How long open requests may take when the server stops."
    )
    duty_unheard_minutes: float = Field(
        10.0,
        gt=0,
        description="An urgent message that nobody acknowledged for so long goes to the leader on"
        " duty.",
    )
    duty_sweep_seconds: float = Field(
        30.0, gt=0, description="Between two looks at what is late in the duty room."
    )

    report_look_minutes: float = Field(
        10.0, gt=0, description="How often it is looked whether a period is over and has no report."
    )
    report_delay_hours: float = Field(
        6.0,
        ge=0,
        description="Reports of a day, a week and a scored month are made by themselves so long"
        " after it is over.",
    )
    report_keep_days: float = Field(
        3660.0, gt=0, description="Reports ordered longer ago are removed, with their files."
    )
    report_font_file: Path | None = Field(
        None,
        description="Font with Chinese that reports are drawn with; empty: one that is known and"
        " installed, such as Debian's fonts-noto-cjk.",
    )
    photo_far_metres: float = Field(
        200.0,
        gt=0,
        description="A photo of a check that was taken farther from the case's place is remarked"
        " on; how unsure the telephone was is taken off first.",
    )
    call_back_share_percent: float = Field(
        20.0, ge=0, le=100, description="So many of a hundred reporters are called back, by lot."
    )
    call_back_within_days: float = Field(
        7.0, gt=0, description="How long after a case passed its check a call-back is opened."
    )
    call_back_look_minutes: float = Field(
        10.0, gt=0, description="Between two looks at whose reporters are to be called back."
    )
    call_back_call_attempts: int = Field(
        3, ge=1, description="Calls that reached nobody before a reporter is no longer called."
    )
    call_back_link_hours: float = Field(
        72.0, gt=0, description="How long the link of a call-back may be answered."
    )
    call_back_text_attempts: int = Field(
        6,
        ge=1,
        description="Attempts to text the link of a call-back before its officer is told that it"
        " failed; between them the waits of other deliveries (notify_retry_seconds).",
    )
    call_back_attempts: int = Field(
        20,
        ge=1,
        description="Links of call-backs that one network may open before it has to wait; as"
        " sign-ins do (sign_in_address_minutes).",
    )

    @property
    def secrets_path(self) -> Path:
        """Folder of keys and database passwords; never inside a backup of the database."""
        return self.home / "secrets"

    @property
    def files_path(self) -> Path:
        """Folder of the encrypted, content-addressed files."""
        return self.home / "files"

    @property
    def models_path(self) -> Path:
        """Folder of the detectors that were added here, each with its card."""
        return self.home / "models"

    @property
    def scenes_path(self) -> Path:
        """Folder of the street's own scenes, each a YAML file."""
        return self.home / "scenes"

    @property
    def videos_path(self) -> Path:
        """Folder of the video files that may stand for a camera; no others are opened."""
        return self.home / "videos"
