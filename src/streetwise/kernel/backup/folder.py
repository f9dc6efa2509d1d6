"""The folder of the periodic backups: how archives are named, which one is the newest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"streetwise-([0-9a-f]{8})-([0-9]{8}T[0-9]{6}Z)\.backup")
_TAG_HEX = 8


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive of data in the folder."""

    path: Path
    at: datetime


def tag(installation: str) -> str:
    """A short name of an installation, so that two can share a folder."""
    return installation[:_TAG_HEX]


def data_path(folder: Path, of: str, at: datetime) -> Path:
    """Where an archive of that moment goes."""
    return folder / f"streetwise-{of}-{at.astimezone(UTC).strftime(_STAMP)}.backup"


def keys_path(folder: Path, of: str) -> Path:
    """Where the newest keys are: one name, so that older ones are not kept."""
    return folder / f"streetwise-{of}.keys"


def archives(folder: Path, of: str) -> Sequence[Archive]:
    """The archives of that installation, oldest first. Raises OSError."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match is not None and match[1] == of:
            at = datetime.strptime(match[2], _STAMP).replace(tzinfo=UTC)
            found.append(Archive(path, at))
    return sorted(found, key=lambda one: one.at)


def is_due(newest: datetime | None, now: datetime, every_hours: float) -> bool:
    """Whether a backup is to be made. A newest one that lies in the future counts as none."""
    return newest is None or not newest <= now < newest + timedelta(hours=every_hours)


def superfluous(found: Sequence[Archive], keep: int) -> list[Path]:
    """Which archives go, when the newest ``keep`` stay."""
    return [one.path for one in found[: max(0, len(found) - keep)]]
