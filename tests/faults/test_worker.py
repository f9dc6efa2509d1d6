"""`streetwise worker`: work without a screen, beside a server or alone; and tampering found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from faults.street import (
    BOUND_SECONDS,
    ENVIRONMENT,
    Street,
    check_cases,
    check_import,
    finished,
    lives,
    until,
    upload,
    write_reports,
)
from programs import run

ROWS = 300
SEALED = "SELECT number FROM journal_seal"


def _command(street: Street, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**ENVIRONMENT, "STREETWISE_HOME": str(street.home)}
    return run(arguments, environment, BOUND_SECONDS)


def test_a_worker_alone_does_what_comes_by_itself_and_ends_when_told(street: Street) -> None:
    worker = street.spawn("worker", fresh=True, STREETWISE_JOURNAL_SEAL_SECONDS="1")
    until(lambda: street.ask(SEALED), "the worker sealed the journal")
    # Somebody with the database's superuser changes what was written. The server is not asked.
    with street.connect() as owner:
        good = _command(street, "journal", "verify", "--json")
        assert (good.returncode, json.loads(good.stdout)["good"]) == (0, True), good.stderr
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "UPDATE journal SET actor = 'nobody' WHERE seq = (SELECT min(seq) FROM journal)"
        )
        bad = _command(street, "journal", "verify", "--json")
        found = json.loads(bad.stdout)
        assert (bad.returncode, found["good"]) == (1, False)
        assert found["findings"][0]["kind"] == "entry_changed"
    worker.terminate()
    assert worker.wait(BOUND_SECONDS) == 0
    assert not street.database_lives()


def _only_worker(street: Street) -> int:
    (worker,) = until(street.workers, "somebody works beside the server")
    return int(worker)


def test_a_worker_that_was_killed_is_started_again_and_its_import_goes_on(
    street: Street, tmp_path: Path
) -> None:
    good = write_reports(tmp_path / "reports.csv", ROWS)
    street.serve()
    first = _only_worker(street)
    upload(street, tmp_path / "reports.csv")
    until(lambda: street.ask("SELECT 1 FROM import_batch WHERE rows_read > 0"), "rows are read")
    os.kill(first, signal.SIGKILL)
    until(lambda: street.workers() - {first}, "another one works")
    until(lambda: finished(street), "the import finishes by itself")
    check_import(street, good)
    check_cases(street)


def test_who_works_beside_a_server_that_was_killed_stops(street: Street) -> None:
    """Nobody told it: its input came to an end."""
    street.serve()
    worker = _only_worker(street)
    assert street.process is not None
    street.process.kill()
    street.process.wait()
    until(lambda: not lives(worker), "the worker stops")


@pytest.mark.parametrize("place", ["inside", "elsewhere"])
def test_jobs_are_done_where_the_setting_says(street: Street, tmp_path: Path, place: str) -> None:
    write_reports(tmp_path / "one.csv", 1)
    street.serve(STREETWISE_WORKER=place)
    upload(street, tmp_path / "one.csv")
    if place == "elsewhere":
        street.spawn("worker")
    until(lambda: finished(street), "the import finishes")
    assert street.workers() == set()
