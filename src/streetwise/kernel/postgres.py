"""The embedded PostgreSQL: a database server of our own that starts and stops with the program.

Everything lies under one folder, ``home``; no permission outside it is ever changed::

    home/postgres            the data (PGDATA)           owned by the server's account
    home/run                 the socket                  owned by the server's account
    home/log/postgres.log    the server's own words
    home/secrets/db_<role>   one random password each, readable by the caller only
    home/server.json         where it listened last and which process owns it
    home/postgres.lock       held while somebody starts the server: a second starter waits
    home/postgres.alive      held by the server itself, in all its processes

``postgres.alive`` is how we know whether a server lives. The server inherits the lock when it is
started and the kernel drops it with the last of its processes, so a stale postmaster.pid, a process
id that now belongs to another program, or another container's process ids cannot mislead us.

The server belongs to the process that started it. Others adopt it and never stop it. When the
owner is gone without a goodbye (SIGKILL), the next one to adopt the server becomes its owner.
"""

from __future__ import annotations

import atexit
import base64
import errno
import hashlib
import hmac
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import platformdirs
import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from streetwise.kernel import logs
from streetwise.kernel import postgres_engine as engines
from streetwise.kernel.disk import sync_folder
from streetwise.kernel.postgres_engine import (
    Address,
    Engine,
    PostgresError,
    PostgresPaths,
    State,
)

__all__ = [
    "EmbeddedPostgres",
    "PostgresError",
    "PostgresPaths",
    "PostgresSettings",
    "default_home",
]

Role = Literal["postgres", "sw_owner", "sw_app"]
StopMode = Literal["smart", "fast", "immediate"]

DATABASE = "streetwise"
_ROLES: tuple[Role, ...] = ("postgres", "sw_owner", "sw_app")
_RIGHT_WORDS = ("LOGIN", "SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS")
_RIGHTS: dict[Role, str] = {
    "sw_owner": "LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
    "sw_app": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS",
}
_STOP_SIGNALS: dict[StopMode, tuple[signal.Signals, ...]] = {
    "smart": (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT),
    "fast": (signal.SIGINT, signal.SIGQUIT),
    "immediate": (signal.SIGQUIT,),
}
_SETTINGS = {
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",  # a wrong password is told from other failures by its English words
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "cluster_name": "streetwise",
    "wal_compression": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
}
_NOT_FOR_EXTRA = re.compile(
    r"port|listen_addresses|unix_socket_.*|data_directory|.*_file|password_encryption|lc_messages"
)
# What libpq reads beside the variables of its own list.
_LIBPQ_EXTRAS = {"PGSERVICEFILE", "PGSYSCONFDIR", "PGDATESTYLE", "PGTZ", "PGGEQO"}
_LOOPBACK = "127.0.0.1"
_SOCKET_PORT = 5432
_SOCKET_PATH_BYTES = 107
_SCRAM_ITERATIONS = 4096
_POLL_SECONDS = 0.02
_CONNECT_SECONDS = 5
_TRIES_FOR_A_PORT = 3
_FREE_BYTES_FOR_NEW = 256 * 2**20
_FREE_BYTES_FOR_START = 32 * 2**20

_log = logs.get(__name__)

# Servers that we started and left alone. Python complains when it loses sight of a child.
_left_running: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class PostgresSettings:
    """How to start the server. An adopted server keeps the settings it was started with.

    ``start_timeout_seconds`` bounds each phase (waiting for another starter, initdb, start-up with
    crash recovery) by itself. ``extra`` are further settings of PostgreSQL.
    """

    start_timeout_seconds: float = 60
    stop_timeout_seconds: float = 30
    max_connections: int = 100
    shared_buffers: str = "128MB"
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.extra:
            if _NOT_FOR_EXTRA.fullmatch(name) or not re.fullmatch(r"[a-z_][a-z0-9_.]*", name):
                raise ValueError(f"{name!r} cannot be set for the embedded server")


class _WrongPasswordError(Exception):
    """A server answers and does not take the password of our secret file."""


class _StillStartingError(PostgresError):
    """The server lives and recovers; ending it would only make it begin anew."""


def default_home() -> Path:
    """Return $STREETWISE_HOME, else /var/lib/streetwise as root, else the user's data folder."""
    chosen = os.environ.get("STREETWISE_HOME")
    if chosen:
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/streetwise")
    return Path(platformdirs.user_data_dir("streetwise"))


class EmbeddedPostgres:
    """A running server; get one by ``start``, and give it back by ``stop`` or a ``with`` block."""

    def __init__(self, paths: PostgresPaths, settings: PostgresSettings, engine: Engine) -> None:
        self.paths = paths
        self._settings = settings
        self._engine = engine
        self._passwords: dict[Role, str] = {}
        self._address = Address("", 0)
        self._process: subprocess.Popen[bytes] | None = None
        self._server_pid: int | None = None
        self._owner_pid: int | None = None
        self._stopped = False
        self._log_start = 0

    @classmethod
    def start(cls, home: Path, settings: PostgresSettings = PostgresSettings()) -> Self:
        """Adopt the living server of ``home`` or start one, creating what is missing.

        Safe to call from many processes at once and after a crash at any point. Takes the PG*
        variables that libpq reads out of this process's environment: they would bend every
        connection made with ``conninfo`` and ``url``, and some cannot be overruled any other way.
        Raises PostgresError.
        """
        _forget_libpq_environment()
        paths = PostgresPaths(Path(os.path.realpath(home.expanduser())))
        try:
            account = engines.find_account()
            engines.prepare_home(paths, account)
            server = cls(paths, settings, engines.find_engine(account))
            with _starting(paths, settings.start_timeout_seconds) as lock:
                server._open(lock)
            return server
        except OSError as error:
            raise PostgresError(
                f"The database in {paths.home} cannot be used: {_explain(error)}",
                kept="What was stored before is as it was.",
                do="Correct that (or choose another folder by STREETWISE_HOME), then start again.",
            ) from error
        except psycopg.Error as error:
            raise PostgresError(
                f"The database server of {paths.home} runs but does not do what it should: {error}",
                kept="The data was not touched.",
                do=f"See {paths.log}, then start again.",
            ) from error

    @property
    def owned(self) -> bool:
        """True when this process started the server, or adopted it after its owner had died."""
        return self._owner_pid == os.getpid()  # a forked child is not the owner

    def conninfo(self, role: Role, database: str = DATABASE) -> dict[str, str | int]:
        """Return psycopg's keyword arguments for a connection as ``role``."""
        host, port = self._address
        return {
            "host": host,
            "port": port,
            "user": role,
            "password": self._passwords[role],
            "dbname": database,
        }

    def url(self, role: Role, database: str = DATABASE) -> str:
        """Return SQLAlchemy's URL for a connection as ``role``; it contains the password."""
        host, port = self._address
        url = URL.create("postgresql+psycopg", role, self._passwords[role], database=database)
        if host.startswith("/"):
            url = url.update_query_dict({"host": host, "port": str(port)})
        else:
            url = url.set(host=host, port=port)
        return url.render_as_string(hide_password=False)

    def is_alive(self) -> bool:
        """Say whether the server takes a connection right now (waits a few seconds at most)."""
        try:
            return self._is_ours(self._address)
        except _WrongPasswordError:
            return False

    def has_ended(self) -> bool:
        """Say whether no server lives here: quick while one does."""
        return not engines.is_locked(self.paths.alive) and not self.is_alive()

    def revive(self) -> None:
        """Start the server again after it has ended, or adopt the one that somebody else started.

        Who starts it owns it. Never makes a new data folder: what ended had one. Raises
        PostgresError, also when the server is elsewhere now (URLs given out name the old address).
        """
        given = self._address
        try:
            with _starting(self.paths, self._settings.start_timeout_seconds) as lock:
                pid, _ = engines.read_pid_file(self.paths.data)
                if self.has_ended() or pid != self._server_pid:
                    self._open_again(lock)
        except OSError as error:
            raise PostgresError(
                f"The database in {self.paths.home} cannot be started again: {_explain(error)}",
                kept="The data is as it was.",
                do="Correct that; it is tried again by itself.",
            ) from error
        moved, self._address = self._address != given, given
        if moved:
            raise PostgresError(
                "The database is at another address now.",
                kept="The data is as it was.",
                do="Start the service again.",
            )

    def _open_again(self, lock: int) -> None:
        if not engines.check_data_folder(self.paths.data, self._engine.account):
            raise PostgresError(
                f"The data folder {self.paths.data} is gone.",
                kept="No new one was made in its place.",
                do="Bring it back, or restore a backup.",
            )
        if self._process is not None:
            self._process.wait()  # it has ended; its entry in the process table goes
        self._process = None
        self._owner_pid = None
        self._adopt_or_launch(lock)

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server if this process owns it; do nothing the second time.

        What does not end within ``stop_timeout_seconds`` is stopped the next harder way; committed
        data survives every way. Raises PostgresError when it will not end at all.
        """
        if not self.owned or self._stopped:
            return
        atexit.unregister(self.stop)
        if self._server_pid is None:  # the program could not even be run
            return
        was_alive = self._lives()
        for number in _STOP_SIGNALS[mode]:
            self._signal(number)
            if self._wait_until_gone():
                self._stopped = True
                if was_alive:
                    _log.info("database_stopped", home=str(self.paths.home), by=number.name)
                return
        raise PostgresError(
            f"The database server (process {self._server_pid}) does not end.",
            kept="Committed data is safe.",
            do=f"See {self.paths.log}; end the process by hand if it stays.",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # Starting. Everything below runs under the start lock.

    def _open(self, lock: int) -> None:
        for leftover in self.paths.home.glob("initdb-*"):  # of an initdb that was killed
            shutil.rmtree(leftover)
        self._passwords = {role: _secret(self.paths.secrets, role) for role in _ROLES}
        for last_try in (False, True):
            self._adopt_or_launch(lock)
            try:
                with self._connect(self._address) as connection:
                    _ensure_roles(connection, self._passwords)
                    _ensure_database(connection)
                return
            except BaseException as error:
                # Its owner may have stopped an adopted server in this very moment.
                lost = isinstance(error, psycopg.OperationalError) and not self.owned
                if last_try or not lost:
                    self.stop()
                    raise

    def _adopt_or_launch(self, lock: int) -> None:
        exists = engines.check_data_folder(self.paths.data, self._engine.account)
        address = self._find_running() if exists else None
        if address is not None:
            self._adopt(address)
            return
        if not exists:
            self._create_data(lock)
        self._launch()

    def _find_running(self) -> Address | None:
        """Return the address of the living server, None if there is none.

        A server that is starting, recovering or stopping is waited for.
        """
        deadline = time.monotonic() + self._settings.start_timeout_seconds
        while True:
            living = engines.is_locked(self.paths.alive)
            for address in _known_addresses(self.paths, living=living):
                try:
                    if self._is_ours(address):
                        return address
                except _WrongPasswordError as error:
                    if living:
                        raise PostgresError(
                            f"A database server of {self.paths.home} is running but does not take "
                            f"the password in {self.paths.secrets / 'db_postgres'}.",
                            do="Stop the program that started it, then start again: the passwords "
                            "are then set anew.",
                        ) from error
            if not living:
                return None
            if time.monotonic() >= deadline:
                pid, _ = engines.read_pid_file(self.paths.data)
                raise PostgresError(
                    f"A database server of {self.paths.home} (process {pid}) is running "
                    "but takes no connection.",
                    kept="It was left alone; the data is as it was.",
                    do=f"It may be recovering from a crash: see {self.paths.log} and start again "
                    "later. If it hangs, end it.",
                )
            time.sleep(_POLL_SECONDS)

    def _adopt(self, address: Address) -> None:
        self._address = address
        self._server_pid, _ = engines.read_pid_file(self.paths.data)
        state = engines.read_state(self.paths.state)
        # A server without our lock was started by hand: it is not ours to stop.
        if engines.is_locked(self.paths.alive) and not engines.owner_lives(state):
            self._become_owner(address)
        _log.info("database_adopted", home=str(self.paths.home), owned=self.owned)

    def _become_owner(self, address: Address) -> None:
        pid = os.getpid()
        engines.write_state(self.paths.state, State(address, pid, engines.started(pid)))
        self._owner_pid = pid
        atexit.unregister(self.stop)
        atexit.register(self.stop)

    def _create_data(self, lock: int) -> None:
        """Run initdb under another name, then rename: a half folder never has the right name.

        initdb keeps our lock open, so if we are killed, the next starter waits for its end.
        """
        engines.require_space(self.paths.home, _FREE_BYTES_FOR_NEW)
        account = self._engine.account
        folder = Path(tempfile.mkdtemp(prefix="initdb-", dir=self.paths.home))
        try:
            password = folder / "password"
            engines.write_private(password, self._passwords["postgres"])
            if account.lent:
                os.chown(password, account.uid, account.gid)
                os.chown(folder, account.uid, account.gid)
            arguments = [
                f"--pgdata={folder / 'data'}",
                "--username=postgres",
                f"--pwfile={password}",
                "--auth-local=scram-sha-256",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--data-checksums",
            ]
            if self._settings.extra.get("fsync") == "off":
                arguments.append("--no-sync")
            timeout = self._settings.start_timeout_seconds
            self._engine.run("initdb", *arguments, timeout_seconds=timeout, keep_open=(lock,))
            (folder / "data").rename(self.paths.data)
            sync_folder(self.paths.home)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        _log.info("database_created", home=str(self.paths.home))

    def _launch(self) -> None:
        """Start the server; set its superuser's password anew if the secret file was lost."""
        engines.require_space(self.paths.home, _FREE_BYTES_FOR_START)
        try:
            self._launch_somewhere()
        except _WrongPasswordError:
            self._set_superuser_password()
            try:
                self._launch_somewhere()
            except _WrongPasswordError as error:
                raise PostgresError(
                    f"The database server does not take the password in {self.paths.secrets}, "
                    "although it was just set anew.",
                    kept="The data is as it was.",
                    do=f"See {self.paths.log}.",
                ) from error
        _log.info("database_started", home=str(self.paths.home), server_pid=self._server_pid)

    def _launch_somewhere(self) -> None:
        for attempt in range(1, _TRIES_FOR_A_PORT + 1):
            address = self._choose_address()
            self._become_owner(address)
            try:
                self._spawn(address)
                self._wait_until_ready(address)
                return
            except _StillStartingError:
                # Nobody owns it now, so the next one to adopt it may stop it.
                assert self._process is not None
                _left_running.append(self._process)
                engines.write_state(self.paths.state, State(address, None, None))
                self._owner_pid = None
                atexit.unregister(self.stop)
                raise
            except BaseException as error:
                self.stop()
                taken = not address.host.startswith("/") and not _is_free(address.port)
                expected = isinstance(error, PostgresError | _WrongPasswordError)
                if not (expected and taken and attempt < _TRIES_FOR_A_PORT):
                    raise

    def _spawn(self, address: Address) -> None:
        stale = engines.clear_leftovers(self.paths)
        on_socket = address.host.startswith("/")
        quoted = address.host.replace('"', '""')
        settings = {
            **_SETTINGS,
            "listen_addresses": "" if on_socket else address.host,
            "unix_socket_directories": f'"{quoted}"' if on_socket else "",
            "unix_socket_permissions": "0700",
            "port": str(address.port),
            "max_connections": str(self._settings.max_connections),
            "shared_buffers": self._settings.shared_buffers,
            **self._settings.extra,
        }
        log = engines.open_log(self.paths.log, self._engine.account)
        try:
            self._log_start = os.fstat(log).st_size
            with engines.locked(self.paths.alive, _CONNECT_SECONDS) as alive, _signals_held():
                self._process = self._engine.spawn_server(
                    self.paths.data, settings, log=log, keep_open=alive, not_a_server=stale
                )
                self._stopped = False
                self._address = address
                self._server_pid = self._process.pid
        finally:
            os.close(log)

    def _wait_until_ready(self, address: Address) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._settings.start_timeout_seconds
        while self._process.poll() is None:
            if self._is_ours(address):
                return
            if time.monotonic() >= deadline:
                if _ping(address) != pq.Ping.REJECT:
                    break
                raise _StillStartingError(
                    "The database server did not finish starting within "
                    f"{self._settings.start_timeout_seconds:g} seconds; it is probably recovering "
                    f"from a crash (process {self._server_pid}, log {self.paths.log}).",
                    kept="It goes on with that; the data is safe.",
                    do="Start again later: it will be waited for and taken over.",
                )
            time.sleep(_POLL_SECONDS)
        status = self._process.poll()
        raise PostgresError(
            "The database server does not answer."
            if status is None
            else f"The database server ended while starting (exit status {status}).",
            kept="The data is as it was.",
            do=engines.last_words(engines.log_since(self.paths.log, self._log_start)),
        )

    def _set_superuser_password(self) -> None:
        """Make the data folder fit the secret file, in the single-user mode that needs no password.

        The server runs nowhere else then, and gets only the password's SCRAM verifier, on stdin.
        """
        verifier = _scram_verifier(self._passwords["postgres"], secrets.token_bytes(16))
        with engines.locked(self.paths.alive, _CONNECT_SECONDS) as alive:
            self._engine.run(
                "postgres",
                "--single",
                "-D",
                str(self.paths.data),
                "postgres",
                stdin=f"ALTER ROLE postgres LOGIN SUPERUSER PASSWORD '{verifier}'\n",
                timeout_seconds=self._settings.start_timeout_seconds,
                keep_open=(alive,),
            )
        _log.warning("database_password_reset", home=str(self.paths.home))

    def _choose_address(self) -> Address:
        """Prefer the socket, then the port that was used last, then any free port."""
        if _can_be_socket_folder(self.paths.run):
            return Address(str(self.paths.run), _SOCKET_PORT)
        last = engines.read_state(self.paths.state).address
        if last is not None and last.host == _LOOPBACK and _is_free(last.port):
            return last
        with socket.socket() as probe:
            probe.bind((_LOOPBACK, 0))
            return Address(_LOOPBACK, probe.getsockname()[1])

    # Talking to the server.

    def _connect(self, address: Address) -> psycopg.Connection[Any]:
        host, port = address
        return psycopg.connect(
            host=host,
            port=port,
            user="postgres",
            password=self._passwords["postgres"],
            dbname="postgres",
            connect_timeout=_CONNECT_SECONDS,
            require_auth="scram-sha-256",  # mutual: a stranger on our port cannot pose as ours
            autocommit=True,
        )

    def _is_ours(self, address: Address) -> bool:
        """Say whether the server at ``address`` knows our secret and serves our data folder.

        A copied home has the same secrets, and its files name the original's address.
        """
        if _ping(address) != pq.Ping.OK:
            return False
        try:
            with self._connect(address) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
                return row is not None and self.paths.data.samefile(row[0])
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise _WrongPasswordError from error
            return False
        except (psycopg.Error, OSError):
            return False

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to the server that this object stands for, and to no other process."""
        if self._process is not None:
            self._process.send_signal(number)  # does nothing once it has ended
        elif self._lives():
            # As the server's account, so that a forged pid file cannot make root hit others.
            name, pid = number.name.removeprefix("SIG"), str(self._server_pid)
            with suppress(PostgresError):  # it may just have ended
                self._engine.run("pg_ctl", "kill", name, pid, timeout_seconds=_CONNECT_SECONDS)

    def _wait_until_gone(self) -> bool:
        deadline = time.monotonic() + self._settings.stop_timeout_seconds
        while self._lives():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS / 2)
        return True

    def _lives(self) -> bool:
        if self._process is not None and self._process.poll() is None:
            return True
        # The lock may meanwhile be that of a successor, which has another process id.
        pid, _ = engines.read_pid_file(self.paths.data)
        return engines.is_locked(self.paths.alive) and pid in (self._server_pid, None)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back the signals that end us while a server is being started.

    A handler that raises between the fork and the moment when we know the process would leave
    a server that nobody stops. The mask is inherited, but PostgreSQL sets its own.
    """
    ending = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _forget_libpq_environment() -> None:
    names = {option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    found = sorted(name for name in names | _LIBPQ_EXTRAS if os.environ.pop(name, None) is not None)
    if found:
        _log.info("libpq_environment_ignored", variables=found)


@contextmanager
def _starting(paths: PostgresPaths, timeout_seconds: float) -> Iterator[int]:
    """Hold the start lock; a second starter waits here and then adopts the living server."""
    try:
        lock = engines.wait_for_lock(paths.lock, timeout_seconds)
    except TimeoutError as error:
        raise PostgresError(
            f"Another process has been starting the database of {paths.home} for "
            f"{timeout_seconds:g} seconds.",
            do="Wait until it is done, or end it, then start again.",
        ) from error
    try:
        yield lock
    finally:
        os.close(lock)


def _explain(error: OSError) -> str:
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EROFS: "the disk is read-only",
        errno.EIO: "the disk does not work",
        errno.EACCES: "no permission",
        errno.EPERM: "no permission",
    }
    reason = words.get(error.errno or 0, str(error.strerror or error))
    return f"{reason} ({error.filename})." if error.filename else f"{reason}."


def _secret(folder: Path, role: Role) -> str:
    """Return the password of ``role``; make a random one if there is none."""
    path = folder / f"db_{role}"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        password = ""
    else:
        with os.fdopen(descriptor, encoding="utf-8") as file:
            os.fchmod(descriptor, 0o600)
            password = file.read().strip()
    if not password:
        password = secrets.token_urlsafe(32)
        engines.write_private(path, password)
    return password


# Addresses.


def _known_addresses(paths: PostgresPaths, *, living: bool) -> list[Address]:
    """Return where a server of ours may listen, likely ones first."""
    _, current = engines.read_pid_file(paths.data)
    # The note helps when a living server's pid file is damaged. Otherwise the last port may be
    # somebody else's by now.
    last = engines.read_state(paths.state).address if living else None
    return [address for address in dict.fromkeys((current, last)) if address is not None]


def _can_be_socket_folder(folder: Path) -> bool:
    name = os.fsencode(folder / f".s.PGSQL.{_SOCKET_PORT}")
    # libpq would take a comma for a list of hosts, and wants UTF-8.
    readable = "," not in str(folder) and str(folder).isprintable()
    return readable and len(name) <= _SOCKET_PATH_BYTES


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
    return True


def _ping(address: Address) -> int:
    """Ask without a password whether a server answers: psycopg.pq.Ping."""
    words = make_conninfo(
        host=address.host, port=address.port, dbname="postgres", user="postgres", connect_timeout=2
    )
    return pq.PGconn.ping(words.encode())


# Roles and the database.


def _scram_verifier(password: str, salt: bytes, iterations: int = _SCRAM_ITERATIONS) -> str:
    """Return what PostgreSQL stores of a password, so that the password itself is never sent."""

    def keyed(key: bytes, words: bytes) -> bytes:
        return hmac.digest(key, words, "sha256")

    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(keyed(salted, b"Client Key")).digest()
    parts = [base64.b64encode(part).decode() for part in (stored, keyed(salted, b"Server Key"))]
    return f"SCRAM-SHA-256${iterations}:{base64.b64encode(salt).decode()}${':'.join(parts)}"


def _is_verifier_of(verifier: str | None, password: str) -> bool:
    parts = re.match(r"SCRAM-SHA-256\$(\d+):([^$]+)\$", verifier or "")
    if parts is None or verifier is None:
        return False
    salt = base64.b64decode(parts[2])
    return hmac.compare_digest(_scram_verifier(password, salt, int(parts[1])), verifier)


def _ensure_roles(connection: psycopg.Connection[Any], passwords: Mapping[Role, str]) -> None:
    """Create our roles or set right what differs; write nothing if nothing does."""
    for role, rights in _RIGHTS.items():
        row = connection.execute(
            "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication,"
            " rolbypassrls, rolpassword FROM pg_authid WHERE rolname = %s",
            [role],
        ).fetchone()
        if row is not None:
            found = (
                word if given else f"NO{word}"
                for word, given in zip(_RIGHT_WORDS, row[:6], strict=True)
            )
            if " ".join(found) == rights and _is_verifier_of(row[6], passwords[role]):
                continue
        connection.execute(
            sql.SQL("{} ROLE {} {} PASSWORD {}").format(
                sql.SQL("CREATE" if row is None else "ALTER"),
                sql.Identifier(role),
                sql.SQL(rights),
                sql.Literal(_scram_verifier(passwords[role], secrets.token_bytes(16))),
            )
        )


def _ensure_database(connection: psycopg.Connection[Any]) -> None:
    """Create our database or set right who may connect to it."""
    query = (
        "SELECT pg_get_userbyid(datdba), has_database_privilege('sw_app', oid, 'CONNECT'),"
        " EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))"
        "  WHERE grantee = 0 AND privilege_type = 'CONNECT')"
        " FROM pg_database WHERE datname = %s"
    )
    name = sql.Identifier(DATABASE)
    row = connection.execute(query, [DATABASE]).fetchone()
    if row is None:
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER sw_owner").format(name))
    elif row == ("sw_owner", True, False):
        return
    with connection.transaction():
        for change in (
            "ALTER DATABASE {} OWNER TO sw_owner",
            "REVOKE CONNECT ON DATABASE {} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {} TO sw_app",
        ):
            connection.execute(sql.SQL(change).format(name))
