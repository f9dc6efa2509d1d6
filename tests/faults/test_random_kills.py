"""kill -9 at random moments of intake, action, job and backup: nothing lost, nothing doubled.

Once each in the suite; ``make kills`` does fifty of each, which takes some minutes.
"""

from __future__ import annotations

import csv
import os
import random
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from faults.street import BOUND_SECONDS, Street, check_cases, until, upload
from faults.test_kill_backup import killed
from faults.test_kill_server import accept_in_background
from helpers import report, take_in_rows
from web.test_backup import IDENTITY, at

from streetwise.kernel.backup.container import DATA, KEYS
from streetwise.kernel.backup.making import make_backup
from streetwise.kernel.backup.restoring import check
from streetwise.kernel.runtime import Runtime, Urls

KILLS = int(os.environ.get("STREETWISE_KILLS", "1"))
ROWS = 30


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    return random.Random(seed)


def write(path: Path, turn: int, rows: int = ROWS) -> set[str]:
    """A file of reports whose numbers no other turn has; the numbers."""
    keys = {f"T{turn}-{number}" for number in range(rows)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "渠道", "时间", "标题", "内容", "经度", "纬度"])
        for key in sorted(keys):
            text = f"{key} 号楼下的路灯坏了，电话 13800138000"
            writer.writerow([key, "hotline12345", "2026-05-11 09:30:00", key, text, "", ""])
    return keys


def try_to_upload(street: Street, path: Path, answers: list[Any]) -> None:
    """Upload, while the server may be killed; 202 when the file was promised to be taken in."""
    try:
        upload(street, path)
    except (httpx.HTTPError, AssertionError) as error:
        answers.append(type(error))
    else:
        answers.append(202)


def settled(street: Street) -> bool:
    """Nothing waits and nothing is under way."""
    found = street.ask(
        "SELECT (SELECT count(*) FROM import_batch WHERE state NOT IN ('done', 'failed')),"
        " (SELECT count(*) FROM triage_queue),"
        " (SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
    )
    return found == [(0, 0, 0)]


def taken(street: Street, turn: int) -> list[str]:
    """The numbers of this turn's signals, each as often as it is in a case."""
    found = street.ask(
        "SELECT source_key FROM signal JOIN case_signal ON signal_id = signal.id"
        f" WHERE source_key LIKE 'T{turn}-%'"
    )
    return sorted(key for (key,) in found)


def test_intake(street: Street, tmp_path: Path, chance: random.Random) -> None:
    """While a file is uploaded and read: what was promised is there, whole; and once."""
    street.serve()
    for turn in range(KILLS):
        keys = write(tmp_path / "in.csv", turn)
        answers: list[Any] = []
        uploading = threading.Thread(
            target=try_to_upload, args=(street, tmp_path / "in.csv", answers)
        )
        uploading.start()
        time.sleep(chance.uniform(0, 0.8))
        street.kill()
        uploading.join()
        street.serve()
        until(lambda: settled(street), "everything is taken in")
        assert taken(street, turn) in (sorted(keys), [] if answers != [202] else sorted(keys))
        upload(street, tmp_path / "in.csv")
        until(lambda: settled(street), "the file is taken in once more")
        assert taken(street, turn) == sorted(keys)
    check_cases(street)


def test_action(street: Street, tmp_path: Path, chance: random.Random) -> None:
    """While an officer accepts a case: done, or not; never less than was said."""
    street.serve()
    write(tmp_path / "in.csv", 0, KILLS)
    upload(street, tmp_path / "in.csv")
    until(lambda: settled(street), "the cases are open")
    for _ in range(KILLS):
        with street.client() as client:
            case = client.get("/cases", params={"state": "received"}).json()["items"][0]
            answers: list[Any] = []
            officer = accept_in_background(client, case, answers)
            time.sleep(chance.uniform(0, 0.08))
            street.kill()
            officer.join()
        street.serve()
        ((state, version),) = street.ask(
            f"SELECT state, version FROM cases WHERE id = '{case['id']}'"
        )
        done = ("accepted", case["version"] + 1)
        assert (state, version) in (done, done if answers == [200] else ("received", 1))
        if state == "received":
            with street.client() as client:
                accept_in_background(client, case, answers).join()
            assert answers[-1] == 200
    check_cases(street)


def test_job(street: Street, tmp_path: Path, chance: random.Random) -> None:
    """While a worker reads and triages: the next one goes on where it was."""
    street.serve(STREETWISE_WORKER="elsewhere")
    for turn in range(KILLS):
        keys = write(tmp_path / "in.csv", turn)
        upload(street, tmp_path / "in.csv")
        worker = street.spawn("worker")
        read = f"SELECT 1 FROM import_batch WHERE rows_read > {chance.randrange(ROWS)}"
        until(partial(street.ask, f"{read} OFFSET {turn}"), "it reads")
        time.sleep(chance.uniform(0, 0.15))
        worker.kill()
        worker.wait()
        last = street.spawn("worker")
        until(lambda: settled(street), "everything is taken in")
        assert taken(street, turn) == sorted(keys)
        last.terminate()
        assert last.wait(BOUND_SECONDS) == 0
    check_cases(street)


async def test_backup(
    runtime: Runtime, town_urls: Urls, tmp_path: Path, chance: random.Random
) -> None:
    """Whatever has its name is a whole archive."""
    await take_in_rows(runtime, [report("1", "路灯", "路灯不亮")])
    for number in range(5):
        runtime.files.put(b"photo %d" % number)
    settings, owner = at(runtime, town_urls).settings, str(town_urls.owner)
    data, keys = tmp_path / "data", tmp_path / "keys"
    began = time.monotonic()
    make_backup(settings, owner, tmp_path / "all", tmp_path / "all.keys", tell=lambda *_: None)
    took = time.monotonic() - began
    after = [chance.uniform(0, 1.2 * took) for _ in range(KILLS)]
    await killed(
        what="backup", owner=owner, home=str(settings.home), after=after,
        data=str(data), keys=str(keys),
    )  # fmt: skip
    for whole, kind in (("data-*", DATA), ("keys-*", KEYS)):
        for path in tmp_path.glob(whole):
            check(path, IDENTITY, kind)
