"""A server that ended is started again: by whom, with what it held, and never from nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kernel.test_postgres import (
    BOUND_SECONDS,
    FAST,
    PREAMBLE,
    base,
    connect,
    crash,
    home,
    lives,
    server_pid,
)

from streetwise.kernel.postgres import EmbeddedPostgres, PostgresError

__all__ = ["base", "home"]  # fixtures


def test_what_ended_is_started_again_with_what_it_held(home: Path) -> None:
    with EmbeddedPostgres.start(home, FAST) as server:
        with connect(server, "postgres", autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        before = server_pid(home)
        server.revive()
        assert server_pid(home) == before, "it lives: nothing is done"
        crash(server)
        assert server.has_ended()
        server.revive()
        assert not server.has_ended()
        assert server.owned
        with connect(server, "postgres", autocommit=True) as connection:
            connection.execute("DROP TABLE kept")
    assert not lives(home)


def test_what_another_process_has_started_again_is_left_to_it(home: Path) -> None:
    server = EmbeddedPostgres.start(home, FAST)
    crash(server)
    code = """
server = EmbeddedPostgres.start(HOME, FAST)
print(server.owned, flush=True)
sys.stdin.read()
server.stop()
"""
    with subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "True\n"
        server.revive()
        assert not server.owned
        server.stop()
        assert lives(home)
        other.stdin.close()
        assert other.wait(BOUND_SECONDS) == 0
    assert not lives(home)


def test_a_data_folder_that_is_gone_is_not_made_anew(home: Path) -> None:
    server = EmbeddedPostgres.start(home, FAST)
    crash(server)
    server.paths.data.rename(home / "away")
    with pytest.raises(PostgresError, match=r"is gone.*No new one"):
        server.revive()
    assert not server.paths.data.exists()
    (home / "away").rename(server.paths.data)
    server.revive()
    server.stop()
