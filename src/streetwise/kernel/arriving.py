"""How much of an invented past has arrived: told in a file beside the database.

A demo opens with its last month, and older months are moved in behind it (``town.chunks``).
Meanwhile the screen shows how far that is, and the journal is not sealed yet. In a real street
there is no such file, and one that somebody puts there is not looked at.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = "history-arriving.json"


def share(home: Path) -> float | None:
    """What share has arrived, 0 to 1; None when nothing is on its way."""
    try:
        return float(json.loads((home / FILE).read_text(encoding="utf-8"))["share"])
    except FileNotFoundError:
        return None


def tell(home: Path, arrived: float) -> None:
    """Say how much has arrived, whole or not at all."""
    path = home / FILE
    temporary = path.with_name(f".{FILE}.{os.getpid()}")
    temporary.write_text(json.dumps({"share": round(arrived, 3)}), encoding="utf-8")
    temporary.replace(path)


def over(home: Path) -> None:
    """Everything has arrived."""
    (home / FILE).unlink(missing_ok=True)
