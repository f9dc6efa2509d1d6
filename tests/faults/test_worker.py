"""`streetwise worker`: work without a screen, beside a server or alone; and tampering found."""

from __future__ import annotations

import json
import subprocess
import sys

from faults.street import BOUND_SECONDS, ENVIRONMENT, Street, until

SEALED = "SELECT number FROM journal_seal"


def _command(street: Street, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streetwise.cli", *arguments],
        env={**ENVIRONMENT, "STREETWISE_HOME": str(street.home)},
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_a_worker_alone_does_what_comes_by_itself_and_ends_when_told(street: Street) -> None:
    worker = street.spawn("worker", STREETWISE_JOURNAL_SEAL_SECONDS="1")
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
