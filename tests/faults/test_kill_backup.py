"""kill -9 in the middle of a backup and of a restore: no half archive, no half database."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from helpers import SYSTEM, report, take_in_rows
from web.test_backup import IDENTITY, at, restore_into

from streetwise.kernel.backup import keeping, snapshot
from streetwise.kernel.backup.container import DATA, KEYS
from streetwise.kernel.backup.making import make_backup
from streetwise.kernel.backup.restoring import check
from streetwise.kernel.runtime import Runtime, Urls

POINTS = 6
FILES = 5
SECONDS = 120
FOLDER = Path(__file__).parent


async def killed(**given: Any) -> None:
    """Make or restore backups in a process that is killed again and again.

    ``after`` says when: so long it takes at least, and starting anew as long again.
    """
    waits = 4 * sum(given.get("after", ()))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(FOLDER / "killed_backups.py"), json.dumps(given)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(FOLDER.parents[1] / "src")},
        capture_output=True,
        text=True,
        timeout=SECONDS + waits,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def test_killed_at_random_points(
    runtime: Runtime, town_urls: Urls, empty_urls: Urls, tmp_path: Path
) -> None:
    chance = random.Random(1)
    await take_in_rows(runtime, [report("1", "路灯", "路灯不亮")])
    for n in range(FILES):
        runtime.files.put(b"photo %d" % n)
    settings, owner = at(runtime, town_urls).settings, str(town_urls.owner)
    data, keys = tmp_path / "data", tmp_path / "keys"

    steps: list[str] = []
    make_backup(settings, owner, tmp_path / "all", keys, tell=lambda what, *_: steps.append(what))
    keys.unlink()
    points = sorted(chance.sample(range(1, len(steps) + 1), POINTS))
    common = {"data": str(data), "keys": str(keys)}
    await killed(what="backup", owner=owner, home=str(settings.home), steps=points, **common)
    assert not data.exists()
    if keys.exists():
        check(keys, IDENTITY, KEYS)  # whole, if it has its name
    assert list(tmp_path.glob(".*")), "something was left half done"
    made = await keeping.make(at(runtime, town_urls), SYSTEM, data, keys)
    assert not list(tmp_path.glob(".*"))
    check(data, IDENTITY, DATA)

    private, home = tmp_path / "private", tmp_path / "new"
    private.write_text(IDENTITY.text())
    # database (a piece of each dump), each file, and the comparison before the commit
    points = list(range(1, FILES + 4))
    await killed(
        what="restore", owner=str(empty_urls.owner), home=str(home), key=str(private),
        steps=points, **common,
    )  # fmt: skip
    assert snapshot.is_empty(str(empty_urls.owner))
    assert not (home / "files").exists()
    assert (await restore_into(empty_urls, home, made.data, made.keys)).good
