"""The disk is full, on what is uploaded and under the database: said, nothing lost, and it goes on.

A real file system that is really full (a tmpfs of its own), filled to the last byte.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from faults.street import Street, check_cases, check_import, finished, until, upload, write_reports
from faults.test_kill_server import ROWS, rows_read
from resolve.test_loop import photo

BLOCK = b"x" * 2**16
#: The disk has room for fewer (16 MiB each).
MOST_WAL_FILES = 12


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Leave no byte on the disk of this folder; it is free again afterwards."""
    path = folder / "filler"
    size = len(BLOCK)
    with path.open("wb", buffering=0) as file:
        while size:
            try:
                file.write(BLOCK[:size])
            except OSError as error:
                assert error.errno == errno.ENOSPC
                size //= 2
    try:
        yield
    finally:
        path.unlink()


def send_photo(client: httpx.Client) -> httpx.Response:
    return client.post("/files", files={"file": ("p.png", photo(), "image/png")})


def test_evidence_that_has_no_room_is_refused_whole(small_street: Street) -> None:
    street = small_street
    street.serve()
    files = street.home / "files"
    with street.client("department_handler") as client:
        assert send_photo(client).status_code == 201
        kept = sorted(files.glob("??/??/*"))
        kept[0].unlink()  # what is stored already would need no room
        with full(street.home.parent):
            answer = send_photo(client)
            assert answer.status_code == 507
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "disk_full"
            assert list(files.glob("??/??/*")) == []
        assert street.ask("SELECT count(*) FROM photo") == [(1,)]
        assert send_photo(client).status_code == 201
    assert sorted(files.glob("??/??/*")) == kept


def test_a_full_disk_under_the_database_loses_nothing(small_street: Street, tmp_path: Path) -> None:
    """In the middle of an import: first no table can grow, then the database cannot write what it
    does (WAL) and ends of it. Both heal by themselves when there is room again.
    """
    street = small_street
    path = tmp_path / "reports.csv"
    good = write_reports(path, ROWS)
    street.serve()
    server = street.process
    upload(street, path)
    until(lambda: rows_read(street) >= ROWS * 0.1, "rows are read")
    with full(street.home.parent):
        until(lambda: "could not extend file" in said(street), "a table cannot grow")
        write_until_it_ends(street)
        until(lambda: health(street) == 503, "it is said that the database is away")
        assert "PANIC" in said(street)
    until(lambda: health(street) == 200, "the database is back")
    until(lambda: finished(street), "the import finishes by itself")
    check_import(street, good)
    check_cases(street)
    assert server is not None and server.poll() is None  # the same server all the time


def said(street: Street) -> str:
    """The database's own log."""
    return "".join(one.read_text() for one in (street.home / "log").iterdir())


def health(street: Street) -> int:
    return httpx.get(f"{street.url}/healthz", timeout=10, trust_env=False).status_code


def write_until_it_ends(street: Street) -> None:
    """Ask for one file of WAL after the other, as much work would."""
    with street.connect() as connection, pytest.raises(psycopg.OperationalError):
        for _ in range(MOST_WAL_FILES):
            connection.execute("SELECT pg_logical_emit_message(true, 'test', 'x')")
            connection.execute("SELECT pg_switch_wal()")
