"""``make soak``: the demo lives fast for a quarter of an hour while things are broken under it.

Faults, one after another in random order: the server killed, the database killed and gone for a
while, the server frozen as on a machine that sleeps, who does the jobs killed. All the time a slow
client reads one byte a second from the live stream, and a file is imported now and then. Afterwards
nothing is broken for a while, memory is watched, and everything is counted: each signal in exactly
one case, each import whole, no number given twice, no job given up, the journal verified, and no
process left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
import httpx
import psutil
import psycopg
from rich.console import Console

from bench.server import API, free_port
from streetwise.directory.api import DEMO_PASSWORD
from streetwise.kernel.postgres_engine import PostgresPaths, locked, read_pid_file
from streetwise.web.beside import PROCESS

SEED = 1
READY_SECONDS = 600.0
OUTAGE_SECONDS = 20.0
#: So long the database is away.
GONE_SECONDS = 60.0
BETWEEN_FAULTS_SECONDS = 20.0
SETTLE_SECONDS = 180.0
#: At the end nothing is broken for this share of the time, and memory is watched.
CALM_SHARE = 0.3
#: Python keeps what it once took; more than this is growth.
MEMORY_SHARE, MEMORY_MIB = 1.25, 40.0
MIB = 2**20

console = Console(stderr=True, highlight=False)

#: What must be 0 when everything has settled, in words and in SQL.
ACCOUNTS = {
    # A message that tells of several problems is in several cases, once as each of its parts.
    "signals that are neither in a case nor put aside to be read, or both": (
        "SELECT count(*) FROM signal s LEFT JOIN aside a ON a.signal_id = s.id WHERE"
        " (EXISTS (SELECT FROM case_signal c WHERE c.signal_id = s.id))"
        " = (a.state IS NOT NULL AND a.state <> 'case')"
    ),
    "signals that still wait": "SELECT count(*) FROM triage_queue",
    "upstream items that came twice": (
        "SELECT count(*) FROM (SELECT 1 FROM signal WHERE refers_to IS NULL AND source_key IS NOT"
        " NULL GROUP BY source_id, source_key HAVING count(*) > 1) twice"
    ),
    "imports that are not finished, or whose rows do not add up": (
        "SELECT count(*) FROM import_batch WHERE state <> 'done'"
        " OR rows_read <> rows_new + rows_known + rows_bad"
    ),
    "rows set aside that the import does not count": (
        "SELECT count(*) FROM import_batch b WHERE rows_bad <>"
        " (SELECT count(*) FROM quarantine q WHERE q.batch_id = b.id)"
    ),
    "numbers of cases given twice": (
        "SELECT count(*) FROM (SELECT 1 FROM cases GROUP BY number HAVING count(*) > 1) twice"
    ),
    "cases without an entry of their opening": (
        "SELECT count(*) FROM cases c WHERE NOT EXISTS"
        " (SELECT FROM journal j WHERE j.subject = c.id AND j.action = 'case.opened')"
    ),
    "messages to people that are still on their way": (
        "SELECT count(*) FROM delivery WHERE state IN ('waiting', 'sending')"
    ),
    "jobs that were given up": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
}


@dataclass
class Life:
    """The demo under test: its process, where it answers, what it took."""

    home: Path
    log: Path
    speed: float
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{API}"

    @property
    def data(self) -> Path:
        return PostgresPaths(self.home / f"demo-{SEED}").data

    def start(self) -> None:
        """Start the demo and wait until it answers."""
        clean = {key: value for key, value in os.environ.items() if "STREETWISE" not in key}
        command = [sys.executable, "-m", "streetwise.cli", "demo", "--port", str(self.port)]
        command += ["--years", "0"]
        command += ["--speed", str(self.speed), "--seed", str(SEED)]
        with self.log.open("ab") as words:
            self.process = subprocess.Popen(
                command,
                env={**clean, "STREETWISE_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )
        self.memory.clear()
        until(self.answers, READY_SECONDS, "the demo answers")

    def answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise click.ClickException(f"The demo ended: {self.log.read_text()[-1500:]}")
        try:
            return httpx.get(f"{self.url}/about", timeout=5, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def health(self) -> int:
        """What /healthz says."""
        address = self.url.removesuffix(API) + "/healthz"
        return httpx.get(address, timeout=30, trust_env=False).status_code

    def kill(self) -> None:
        """End the server and who works beside it as a power cut would; its database stays."""
        assert self.process is not None
        beside = self.workers()
        self.process.kill()
        self.process.wait()
        _kill(beside)

    def workers(self) -> list[psutil.Process]:
        """Who does the jobs beside the server."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return [one for one in children if one.is_running() and PROCESS in one.cmdline()]

    def kill_database(self) -> None:
        """End the postmaster and all its backends at once."""
        pid, _ = read_pid_file(self.data)
        assert pid is not None
        _kill([psutil.Process(pid), *psutil.Process(pid).children(recursive=True)])

    def look(self) -> None:
        """Note what the server, and who works beside it, hold."""
        assert self.process is not None
        try:
            ours = [psutil.Process(self.process.pid), *self.workers()]
            held = sum(one.memory_info().rss for one in ours) / MIB
        except psutil.NoSuchProcess:
            return
        if len(ours) > 1:  # while a new worker starts there is nothing to compare with
            self.memory.append((time.monotonic(), held))


def _kill(victims: list[psutil.Process]) -> None:
    for victim in victims:
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(victims, timeout=OUTAGE_SECONDS)


def until(done: Callable[[], object], seconds: float, what: str) -> None:
    """Wait, or end with what did not come."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise click.ClickException(f"Within {seconds:g} s it did not come that {what}.")
        time.sleep(0.2)


def server_killed(life: Life) -> None:
    """kill -9, and started again: it adopts the database that was left."""
    life.kill()
    life.start()


def database_gone(life: Life) -> None:
    """The database dies and cannot start for a while; the server says so, and brings it back."""
    with locked(PostgresPaths(life.data.parent).lock, OUTAGE_SECONDS):
        life.kill_database()
        end = time.monotonic() + GONE_SECONDS
        while time.monotonic() < end:
            if life.health() != 503:
                raise click.ClickException(f"Without its database it said {life.health()}.")
            time.sleep(2)
    until(lambda: life.health() == 200, READY_SECONDS, "the server brings its database back")


def worker_killed(life: Life) -> None:
    """Who does the jobs is killed; the server starts another one."""
    before = life.workers()
    _kill(before)
    until(lambda: set(life.workers()) - set(before), READY_SECONDS, "somebody works again")


def server_frozen(life: Life) -> None:
    """As on a machine that slept."""
    assert life.process is not None
    life.process.send_signal(signal.SIGSTOP)
    time.sleep(OUTAGE_SECONDS)
    life.process.send_signal(signal.SIGCONT)
    until(life.answers, 60, "it answers after a sleep")


FAULTS = (server_killed, database_gone, server_frozen, worker_killed)


def read_slowly(life: Life, stop: threading.Event) -> None:
    """A client that reads one byte a second from the live stream, and comes back when cut off."""
    while not stop.wait(1):
        try:
            with httpx.Client(timeout=10, trust_env=False) as client:
                client.post(
                    f"{life.url}/session",
                    json={"login": "duty_officer", "password": DEMO_PASSWORD},
                    headers={"X-Requested-With": "soak"},
                ).raise_for_status()
                cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            with socket.create_connection(("127.0.0.1", life.port), timeout=60) as line:
                head = f"GET {API}/live HTTP/1.1\r\nHost: soak\r\nCookie: {cookies}\r\n\r\n"
                line.sendall(head.encode())
                while not stop.wait(1) and line.recv(1):
                    pass
        except (httpx.HTTPError, OSError):
            continue


def soak(life: Life, minutes: float, chance: random.Random) -> None:
    """Break things, then leave them alone."""
    seconds = minutes * 60
    calm = time.monotonic() + seconds * (1 - CALM_SHARE)
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        if time.monotonic() < calm:
            time.sleep(chance.uniform(0.5, 1.5) * BETWEEN_FAULTS_SECONDS)
            # Each kind comes as often as the others, in an order that nobody chose.
            if turn % len(FAULTS) == 0:
                order = chance.sample(FAULTS, len(FAULTS))
            fault = order[turn % len(FAULTS)]
            console.print(
                f"[dim]… {(end - time.monotonic()) / 60:4.1f} min: {fault.__name__}[/dim]"
            )
            fault(life)
            turn += 1
        else:
            time.sleep(5)
        life.look()
    console.print(f"{turn} faults.")


def account(life: Life) -> list[str]:
    """What does not add up, in words; nothing when all is well."""
    _, address = read_pid_file(life.data)
    assert address is not None
    password = (life.data.parent / "secrets" / "db_postgres").read_text().strip()
    with psycopg.connect(
        host=address.host,
        port=address.port,
        user="postgres",
        password=password,
        dbname="streetwise",
        autocommit=True,
    ) as connection:

        def number(query: str) -> int:
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            return int(row[0])

        until(
            lambda: (
                number("SELECT count(*) FROM triage_queue") == 0
                and number("SELECT count(*) FROM import_batch WHERE state IN ('queued', 'running')")
                == 0
            ),
            SETTLE_SECONDS,
            "everything that came in is triaged",
        )
        for table in ("signal", "cases", "import_batch", "quarantine", "journal", "journal_seal"):
            console.print(f"{number(f'SELECT count(*) FROM {table}'):>8,} {table}")
        return [
            f"{found} {what}" for what, query in ACCOUNTS.items() if (found := number(query)) != 0
        ]


def verified(life: Life) -> list[str]:
    """What `streetwise journal verify` says against the journal."""
    done = subprocess.run(
        [sys.executable, "-m", "streetwise.cli", "journal", "verify", "--json"],
        env={**os.environ, "STREETWISE_HOME": str(life.home / f"demo-{SEED}")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        found = json.loads(done.stdout)
        console.print(f"{found['entries']:>8,} entries under {found['seals']:,} seals, all good")
        return []
    return [f"the journal does not verify: {(done.stdout or done.stderr)[:500]}"]


def grown(life: Life) -> list[str]:
    """Whether the server took more and more while nothing was broken."""
    third = len(life.memory) // 3
    if third == 0:
        return ["memory was not watched long enough; soak for longer"]
    before = sorted(held for _, held in life.memory[:third])[third // 2]
    after = sorted(held for _, held in life.memory[-third:])[third // 2]
    console.print(f"{before:8.0f} MiB in the first third of the calm, {after:.0f} in the last")
    if after > max(before * MEMORY_SHARE, before + MEMORY_MIB):
        return [f"memory grew from {before:.0f} to {after:.0f} MiB"]
    return []


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--minutes", type=click.FloatRange(1, 240), default=15.0, show_default=True)
@click.option("--speed", type=float, default=20.0, show_default=True, help="Times as fast.")
@click.option("--seed", type=int, default=None, help="Of the faults; default: a new one.")
def main(minutes: float, speed: float, seed: int | None) -> None:
    """Live fast, break things, count everything. Exit status 1 when something is missing."""
    seed = random.randrange(10**6) if seed is None else seed
    console.print(f"Seed {seed}; {minutes:g} minutes at {speed:g} ×.")
    with tempfile.TemporaryDirectory(prefix="sw-soak-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        life = Life(home, home / "soak.log", speed)
        stop = threading.Event()
        slow = threading.Thread(target=read_slowly, args=(life, stop), daemon=True)
        console.print("[dim]… making the demo[/dim]")
        life.start()
        wrong: list[str] = []
        try:
            slow.start()
            soak(life, minutes, random.Random(seed))
            wrong = account(life) + verified(life) + grown(life)
        finally:
            stop.set()
            assert life.process is not None
            family = psutil.Process(life.process.pid).children(recursive=True)
            life.process.terminate()
            life.process.wait(60)
            _, left = psutil.wait_procs(family, timeout=30)
            wrong += [f"process {one.pid} is left" for one in left]
    for one in wrong:
        console.print(f"[red]✗[/red] {one}")
    if wrong:
        sys.exit(1)
    console.print("[green]✓[/green] Everything is accounted for.")


if __name__ == "__main__":
    main()
