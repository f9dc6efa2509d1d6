"""kill -9 of the database under a living server: in an import, and in an officer's action."""

from __future__ import annotations

import os
import random
import signal
from functools import partial
from pathlib import Path
from typing import Any

from faults.street import (
    CommitsHeld,
    Street,
    check_cases,
    check_import,
    descendants,
    finished,
    until,
    upload,
    write_reports,
)
from faults.test_kill_server import (
    ROWS,
    accept,
    accept_in_background,
    has_read,
    one_case,
    rows_read,
)


def test_an_import_survives_the_database(street: Street, tmp_path: Path) -> None:
    """All its processes killed at random points, and once a single one (it heals by itself)."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    path = tmp_path / "reports.csv"
    good = write_reports(path, ROWS)
    street.serve()
    server = street.process
    upload(street, path)
    until(lambda: rows_read(street) >= ROWS * 0.1, "rows are read")
    victims = sorted(descendants(street.database_pid()))
    os.kill(chance.choice(victims), signal.SIGKILL)
    for share in (0.2, 0.5):
        point = int(ROWS * (share + chance.random() * 0.2))
        until(partial(has_read, street, point), f"{point} rows are read")
        street.kill_database()
        until(street.database_lives, "the server starts its database again")
    until(lambda: finished(street), "the import finishes by itself")
    check_import(street, good)
    check_cases(street)
    assert server is not None and server.poll() is None  # the same server all the time
    with street.client() as client:
        # 250 new cases or 2,500: the lists still answer.
        assert client.get("/cases").status_code == 200
    street.stop()
    assert not street.database_lives()  # it was the server's own all the time


def test_an_action_killed_with_the_database_never_was(street: Street, tmp_path: Path) -> None:
    street.serve(STREETWISE_DATABASE_WATCH_SECONDS="0")
    case = one_case(street, tmp_path)
    answers: list[Any] = []
    with street.client() as client:
        held = CommitsHeld(street)
        held.hold()
        officer = accept_in_background(client, case, answers)
        held.wait_for_one()
        street.kill_database()
        officer.join()
        assert answers == [503]
        again = accept(client, case)
        assert again.status_code == 503
        assert again.headers["content-type"] == "application/problem+json"
        assert again.json()["code"] == "unavailable"
        with street.start_database() as database:
            assert database.owned
            assert street.ask("SELECT state, version FROM cases") == [("received", 1)]
            assert street.ask("SELECT count(*) FROM note") == [(0,)]
            # The server finds the way back, and she is still signed in: she clicks again.
            until(lambda: accept(client, case).status_code == 200, "the action is taken")
            assert street.ask("SELECT state, version FROM cases") == [("accepted", 2)]
            check_cases(street)
            street.stop()
