"""Home, secrets, disk and locks: what can be seen without the database."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from streetwise.kernel.backup.making import RECIPIENT_FILE
from streetwise.kernel.doctor.finding import Finding
from streetwise.kernel.postgres import PostgresPaths
from streetwise.kernel.postgres_engine import SERVER_USER, read_pid_file, started
from streetwise.kernel.seals.signing import PUBLIC_FILE
from streetwise.kernel.settings import Settings

_MIB = 2**20
#: Files in the folder of secrets that anybody may read.
_PUBLIC = {PUBLIC_FILE, RECIPIENT_FILE}


def look(settings: Settings) -> Iterator[Finding]:
    """All findings about the place."""
    yield from check_home(settings.home)
    yield from check_secrets(settings.secrets_path)
    if settings.database_url is None:
        paths = PostgresPaths(settings.home)
        yield from check_data_folder(paths.data)
        yield from check_lock(paths)
    folders = [settings.home, settings.backup_folder, settings.backup_keys_folder]
    yield from check_disks([one for one in folders if one], settings.doctor_disk_free_mib)


def check_home(home: Path) -> Iterator[Finding]:
    """The home is ours, and nobody else may write in it."""
    if not home.exists():
        yield Finding(
            "home_missing",
            f"There is no home {home}.",
            "Set STREETWISE_HOME to the installation's, or make one with `streetwise init`.",
        )
        return
    found = home.stat()
    if found.st_uid != os.geteuid():
        yield Finding(
            "home_owner",
            f"{home} belongs to {_user(found.st_uid)}, and this is {_user(os.geteuid())}.",
            "Run Streetwise, and the doctor, as the user who made it.",
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield Finding(
            "home_rights",
            f"Others may write in {home}, and so exchange keys and data.",
            f"chmod go-w {home}",
        )


def check_secrets(folder: Path) -> Iterator[Finding]:
    """Only we may read the secrets."""
    if not folder.exists():
        return
    try:
        open_ = [path for path in (folder, *sorted(folder.iterdir())) if _open_to_others(path)]
    except PermissionError:
        yield Finding(
            "secrets_rights", f"{folder} cannot be read.", "Run the doctor as the service's user."
        )
        return
    if open_:
        names = ", ".join(path.name for path in open_)
        yield Finding(
            "secrets_rights",
            f"Others may read or write in {folder}: {names}.",
            f"chmod -R go= {folder}; if anybody else uses this machine, treat the keys as known.",
        )


def _open_to_others(path: Path) -> bool:
    found = path.lstat()
    allowed = 0o044 if path.name in _PUBLIC else 0
    return bool(stat.S_IMODE(found.st_mode) & 0o077 & ~allowed)


def check_data_folder(data: Path) -> Iterator[Finding]:
    """The database's folder belongs to whom we run the server as."""
    try:
        owner = data.stat().st_uid
    except (FileNotFoundError, PermissionError):
        return
    wanted = _server_uid()
    if wanted is not None and owner != wanted:
        yield Finding(
            "data_folder_owner",
            f"{data} belongs to {_user(owner)}, and the database runs as {_user(wanted)}.",
            "Start Streetwise as the user who made it, or give the folder back with chown -R.",
        )


def _server_uid() -> int | None:
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwnam(SERVER_USER).pw_uid
    except KeyError:
        return None


def check_lock(paths: PostgresPaths) -> Iterator[Finding]:
    """A lock whose process is gone: the database was not stopped in order."""
    pid, _ = read_pid_file(paths.data)
    if pid is not None and started(pid) is None:
        yield Finding(
            "stale_lock",
            f"{paths.data / 'postmaster.pid'} names process {pid}, which is not there: the machine"
            " or the server ended without stopping the database.",
            "Nothing: the next start recovers and clears it. If it comes often, look for why.",
            serious=False,
        )


def check_disks(folders: list[Path], free_mib: int) -> Iterator[Finding]:
    """Enough room on every disk that we write to."""
    seen = set()
    for folder in folders:
        there = next((one for one in (folder, *folder.parents) if one.exists()), None)
        if there is None or (device := there.stat().st_dev) in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(there).free // _MIB
        if free < free_mib:
            yield Finding(
                "disk_full",
                f"The disk of {folder} has {free:,} MiB left; {free_mib:,} MiB are wanted"
                " (doctor_disk_free_mib).",
                "Free some space or enlarge the disk; a full one stops imports and actions.",
            )


def _user(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"
