"""A street of its own for a test of faults: real processes on a real folder, and hard ends."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg
from helpers import OURS, TEST_PASSWORD
from programs import SOURCE, Program, start

from streetwise.kernel import journal, postgres_engine
from streetwise.kernel.postgres import EmbeddedPostgres
from streetwise.web.beside import PROCESS

#: Nothing here takes this long; it ends a test that would hang.
BOUND_SECONDS = 60

#: Short waits, small chunks: many transactions to be killed in.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(SOURCE),
    "STREETWISE_LOG_FORMAT": "json",
    "STREETWISE_BULK_REST_SECONDS": "0",
    "STREETWISE_JOBS_POLL_SECONDS": "0.2",
    "STREETWISE_LIVE_POLL_SECONDS": "0.2",
    "STREETWISE_IMPORT_CHUNK_ROWS": "20",
    "STREETWISE_TRIAGE_BATCH_SIGNALS": "30",
    "STREETWISE_IMPORT_STALLED_AFTER_SECONDS": "1",
    "STREETWISE_SHUTDOWN_GRACE_SECONDS": "2",
    "STREETWISE_DATABASE_START_TIMEOUT_SECONDS": "30",
    "STREETWISE_DATABASE_WATCH_SECONDS": "0.2",
    "STREETWISE_DATABASE_WATCH_MAX_SECONDS": "1",
}


def until(condition: Callable[[], Any], what: str) -> Any:
    """Poll until the condition holds, and return what it said; fail when it takes too long."""
    deadline = time.monotonic() + BOUND_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.01)
    return found


def descendants(pid: int) -> set[int]:
    """The children of a process, and theirs."""
    parent = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] not in "ZX":
                parent[int(entry.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, above in parent.items() if above in found} - found:
        found |= more
    return found - {pid}


def lives(pid: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Street:
    """One home: its server process, its database, a client."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.log = home.with_suffix(".log")
        self.process: Program | None = None
        self.url = ""
        self._started: list[Program] = []
        self._asking: psycopg.Connection[Any] | None = None

    # --- processes

    def spawn(self, *arguments: str, fresh: bool = False, **environment: str) -> Program:
        """Start `streetwise …` on this home, in a session of its own."""
        given = {**ENVIRONMENT, "STREETWISE_HOME": str(self.home), **environment}
        process = start(arguments, given, self.log, fresh=fresh)
        self._started.append(process)
        return process

    def serve(self, *, fresh: bool = False, **environment: str) -> None:
        """Start the server and wait until it answers."""
        before = self.log.stat().st_size if self.log.exists() else 0
        self.process = self.spawn("serve", "--port", "0", fresh=fresh, **environment)
        self.url = until(lambda: self._serving(before), "the server serves")

    def _serving(self, before: int) -> str | None:
        assert self.process is not None
        said = self.log.read_bytes()[before:].decode()
        assert self.process.poll() is None, f"the server ended: {said}"
        for line in said.splitlines():
            if '"serving"' in line:
                url: str = json.loads(line)["url"]
                return url
        return None

    def kill(self) -> None:
        """End the server and who works beside it as a power cut would; its database stays."""
        assert self.process is not None
        self._kill(self.process)

    def _kill(self, process: Program) -> None:
        beside = self.workers(process)
        process.kill()
        for pid in beside:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        until(lambda: not any(map(lives, beside)), "who worked beside it is gone")

    def workers(self, of: Program | None = None) -> set[int]:
        """The processes that do jobs beside the server's."""
        server = of or self.process
        assert server is not None
        found = set()
        for pid in descendants(server.pid):
            with suppress(OSError):
                if PROCESS.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.add(pid)
        return found

    def stop(self) -> None:
        """End the server process as `kill` does; its database ends with it."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(BOUND_SECONDS)

    def kill_database(self) -> None:
        """End the database and all its processes at once.

        The postmaster is held first: a child that it forks after we looked would live on, and
        wait for ever for a lock that a dead one held. We wait for those whom we killed, not for
        the lock file: the server may start the next database before we look again.
        """
        pid = self.database_pid()
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        victims = [pid, *descendants(pid)]
        for victim in victims:
            with suppress(ProcessLookupError):  # the postmaster's end took it along
                os.kill(victim, signal.SIGKILL)
        until(lambda: not any(map(lives, victims)), "the database is gone")

    def database_pid(self) -> int:
        """The postmaster."""
        pid, _ = postgres_engine.read_pid_file(self.home / "postgres")
        assert pid is not None
        return pid

    def database_lives(self) -> bool:
        """Whether any process of the database is there."""
        return postgres_engine.is_locked(self.home / "postgres.alive")

    def end(self) -> None:
        """Whatever is left: gone."""
        self._forget()
        for process in self._started:
            if process.poll() is None:
                self._kill(process)
        if self.database_lives():
            self.kill_database()
        shutil.rmtree(self.home, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    # --- looking

    def connect(self) -> psycopg.Connection[Any]:
        """A connection past the application, by the password in the home."""
        password = (self.home / "secrets" / "db_postgres").read_text().strip()
        _, address = postgres_engine.read_pid_file(self.home / "postgres")
        assert address is not None
        return psycopg.connect(
            host=address.host,
            port=address.port,
            user="postgres",
            password=password,
            dbname="streetwise",
            autocommit=True,
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query; none while the database cannot be reached.

        Tests ask a hundred times a second, and connecting costs more than any answer: the
        connection is kept. What it was connected to may be gone meanwhile, and another be there.
        """
        kept = self._asking is not None
        try:
            if self._asking is None:
                self._asking = self.connect()
            return self._asking.execute(query.encode()).fetchall()
        except (psycopg.OperationalError, AssertionError, OSError):
            self._forget()
            return self.ask(query) if kept else []

    def _forget(self) -> None:
        if self._asking is not None:
            self._asking.close()
        self._asking = None

    @contextmanager
    def client(self, login: str = "dispatcher") -> Iterator[httpx.Client]:
        """A signed-in client."""
        with httpx.Client(
            base_url=f"{self.url}/api/v1", timeout=BOUND_SECONDS, headers=OURS
        ) as client:
            answer = client.post("/session", json={"login": login, "password": TEST_PASSWORD})
            assert answer.status_code == 200, answer.text
            yield client

    def start_database(self) -> EmbeddedPostgres:
        """Start the database as somebody beside the server would; we own it then."""
        return EmbeddedPostgres.start(self.home)


class CommitsHeld:
    """Holds the lock that every unit of work needs just before it commits: all stop there."""

    def __init__(self, street: Street) -> None:
        self._connection = street.connect()

    def hold(self) -> None:
        """From now on nothing commits."""
        self._connection.execute("SELECT pg_advisory_lock(%s)", (journal.COMMIT_LOCK,))

    def __enter__(self) -> CommitsHeld:
        self.hold()
        return self

    def wait_for_one(self) -> None:
        """Wait until a transaction has done all its work but to commit."""
        query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        until(lambda: self._connection.execute(query).fetchone(), "a commit waits")

    def __exit__(self, *_: object) -> None:
        self._connection.close()


# --- a file, and what must be true of it afterwards


def write_reports(path: Path, rows: int) -> list[tuple[str, str]]:
    """Write reports: repeats, updates, bad rows, phone numbers. (key, title) of the good ones."""
    good = []
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号", "渠道", "时间", "标题", "内容", "经度", "纬度"])
        for number in range(rows):
            key, title = f"K{number}", f"来件 {number}"
            text = f"第 {number} 处的垃圾桶满了很多天，电话 1380013{number % 10000:04d}"
            at = "2026-05-11 09:30:00"
            if number % 40 == 7:
                text = "湖心公园门口的井盖一走上去就响个不停"  # the same words again and again
            elif number % 40 == 17:
                key = f"K{number - 1}"  # more about what was reported one row before
            elif number % 40 == 27:
                at = "昨天"  # cannot be read: quarantine
            if at != "昨天":
                good.append((key, title))
            writer.writerow([key, "hotline12345", at, title, text, "", ""])
    return good


def upload(street: Street, path: Path) -> None:
    """Upload a file of reports; it is accepted."""
    with street.client() as client, path.open("rb") as file:
        given = {"mapping": "street-reports"}
        answer = client.post("/imports", data=given, files={"file": (path.name, file)})
        assert answer.status_code == 202, answer.text


def finished(street: Street) -> bool:
    """Whether all imports ended, nothing waits for triage, and no job waits or runs."""
    rows = street.ask(
        "SELECT count(*) FILTER (WHERE state IN ('done', 'failed')), count(*),"
        " (SELECT count(*) FROM triage_queue), (SELECT count(*) FROM procrastinate_jobs"
        " WHERE status IN ('todo', 'doing')) FROM import_batch"
    )
    return bool(rows) and rows[0][0] == rows[0][1] > 0 and rows[0][2:] == (0, 0)


def check_import(street: Street, good: list[tuple[str, str]]) -> None:
    """Every row in exactly one signal, every signal in exactly one case, all counts true."""
    ((state, total, read, new, known, bad),) = street.ask(
        "SELECT state, rows_total, rows_read, rows_new, rows_known, rows_bad FROM import_batch"
    )
    assert (state, read, known) == ("done", total, 0)
    assert (new, new + bad) == (len(good), total)
    assert sorted(street.ask("SELECT source_key, title FROM signal")) == sorted(good)
    assert street.ask("SELECT count(*) FROM quarantine") == [(bad,)]
    # Each signal has its original (it holds a phone number) but for the repeated words.
    assert street.ask(
        "SELECT count(*) FROM vault_item v LEFT JOIN signal s ON s.id = v.id"
        " LEFT JOIN quarantine q ON q.id = v.id WHERE s.id IS NULL AND q.id IS NULL"
    ) == [(0,)]
    assert street.ask(
        "SELECT count(*) FROM signal s LEFT JOIN vault_item v ON v.id = s.id"
        " WHERE (v.id IS NULL) <> (s.masked = '{}')"
    ) == [(0,)]
    assert street.ask("SELECT count(*) FROM triage_queue") == [(0,)]
    assert street.ask("SELECT count(*) FROM case_signal") == [(new,)]
    chunks = [
        row[0]
        for row in street.ask("SELECT data FROM journal WHERE action = 'import.rows' ORDER BY seq")
    ]
    so_far = 0
    for chunk in chunks:
        so_far += chunk["new"] + chunk["known"] + chunk["bad"]
        assert chunk["read"] == so_far
    assert so_far == total
    for action in ("import.started", "import.finished"):
        assert street.ask(f"SELECT count(*) FROM journal WHERE action = '{action}'") == [(1,)]
    # The jobs are done and gone; none rests as failed.
    assert street.ask("SELECT task_name, status FROM procrastinate_jobs") == []


def check_cases(street: Street) -> None:
    """Following each case's entries gives its row; nothing is half-done or done twice."""
    cases = {
        row[0]: row[1:] for row in street.ask("SELECT id, state, version, voices FROM cases")
    }  # fmt: skip
    chain: dict[Any, list[Any]] = {}
    for subject, action, data in street.ask(
        "SELECT subject, action, data FROM journal WHERE subject_kind = 'case' ORDER BY seq"
    ):
        chain.setdefault(subject, []).append((action, data))
    assert set(chain) == set(cases)
    for case_id, entries in chain.items():
        state, version, voices = None, 0, 1
        assert entries[0][0] == "case.opened"
        for action, data in entries:
            version += 1
            if action == "case.joined":
                voices += data["signals"]
                continue
            assert data.get("from") == state
            assert data["version"] == version
            state = data["to"]
        assert cases[case_id] == (state, version, voices), entries
    joined = dict(street.ask("SELECT case_id, count(*) FROM case_signal GROUP BY case_id"))
    assert joined == {case_id: row[2] for case_id, row in cases.items()}
    numbers = sorted(int(row[0][-4:]) for row in street.ask("SELECT number FROM cases"))
    assert numbers == list(range(1, len(numbers) + 1))
    noted = street.ask(
        "SELECT n.id::text FROM note n EXCEPT SELECT data->>'note' FROM journal"
    ) + street.ask(
        "SELECT data->>'note' FROM journal WHERE data ? 'note' EXCEPT SELECT id::text FROM note"
    )
    assert noted == []
