"""Run by test_kill_backup.py: make a backup, or restore one, and be killed at each given step, or
after each given time.

Imports once and forks for each step, in a process without threads. Prints nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from streetwise.kernel.backup.framing import read_identity
from streetwise.kernel.backup.making import Tell, make_backup
from streetwise.kernel.backup.restoring import check_pair, restore
from streetwise.kernel.settings import Settings
from streetwise.migrations.models import TABLES


def killed_at(step: int, work: Callable[[Tell], object]) -> None:
    """Do the work in a child that ends itself, by SIGKILL, at a step."""
    child = os.fork()
    if child == 0:
        seen = 0

        def tell(what: str, done: int, total: int) -> None:
            nonlocal seen
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

        work(tell)
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"step {step} was not reached"
    assert os.WTERMSIG(status) == signal.SIGKILL


def killed_after(seconds: float, work: Callable[[Tell], object]) -> None:
    """Do the work in a child that is killed after so long, if it is not done by then."""
    child = os.fork()
    if child == 0:
        work(lambda *_: None)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)  # a child that is done waits for us: its number is its own
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status


def _backup(settings: Settings, owner: str, data: Path, keys: Path, tell: Tell) -> None:
    make_backup(settings, owner, data, keys, tell=tell)


def main(given: dict[str, Any]) -> None:
    """What to do stands in one JSON object."""
    assert TABLES  # imported for what the rooms say of their tables
    owner, data, keys = given["owner"], Path(given["data"]), Path(given["keys"])
    if given["what"] == "backup":
        settings = Settings(home=Path(given["home"]))
        for step in given.get("steps", ()):
            killed_at(step, lambda tell: make_backup(settings, owner, data, keys, tell=tell))
        for number, seconds in enumerate(given.get("after", ())):
            # Each to files of its own: an archive that was made whole stays.
            to = data.with_name(f"{data.name}-{number}"), keys.with_name(f"{keys.name}-{number}")
            killed_after(seconds, partial(_backup, settings, owner, *to))
        return
    identity = read_identity(Path(given["key"]))
    pair = check_pair(data, keys, identity)
    home = Path(given["home"])
    for step in given["steps"]:
        killed_at(
            step,
            lambda tell: restore(owner, home / "files", home / "secrets", pair, identity, tell),
        )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
