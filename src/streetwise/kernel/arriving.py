"""How much of an invented past has arrived: told in a file beside the database.

A demo opens with its last month, and older months are moved in behind it (``town.chunks``).
Meanwhile the screen shows how far that is, and the journal is not sealed yet. In a real street
there is no such file, and one that somebody puts there is not looked at.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = "history-arriving.json"


def share(home: Path) -> float | None:
    """What share has arrived, 0 to 1; None when nothing is on its way."""
    told = _told(home)
    return None if told is None else float(told["share"])


def since(home: Path) -> datetime | None:
    """From when on there are no gaps; None when nothing is on its way, or nobody said."""
    told = _told(home)
    return datetime.fromisoformat(told["since"]) if told and told.get("since") else None


def tell(home: Path, arrived: float, whole_since: datetime | None = None) -> None:
    """Say how much has arrived, and from when on it has no gaps: whole or not at all."""
    path = home / FILE
    told = {"share": round(arrived, 3)}
    more = {} if whole_since is None else {"since": whole_since.isoformat()}
    temporary = path.with_name(f".{FILE}.{os.getpid()}")
    temporary.write_text(json.dumps(told | more), encoding="utf-8")
    temporary.replace(path)


def over(home: Path) -> None:
    """Everything has arrived."""
    (home / FILE).unlink(missing_ok=True)


def _told(home: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads((home / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return told
