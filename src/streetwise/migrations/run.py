"""Bring a database to this version, and say whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from streetwise.kernel.errors import Conflict
from streetwise.migrations import walls

FOLDER = Path(__file__).parent
APP_ROLE = "sw_app"

#: What sw_app may do with each table; all others: select, insert, update, delete.
_READ_ONLY = ("clock", "alembic_version")
_APPEND_ONLY = ("directory_history", "journal_seal", "vault_reason", "duty_log")
_JOURNAL_COLUMNS = "actor, action, subject_kind, subject, area, units, grade, data, drill, request"


def migrate(owner_url: str) -> None:
    """Run all missing migrations as sw_owner, in one transaction each, one process at a time."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        # A second starter waits here and then finds nothing to do.
        connection.execute(text("SELECT pg_advisory_lock(hashtext('streetwise.migrate'))"))
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        if _current(connection) != ScriptDirectory.from_config(config).get_current_head():
            walls.take_down_views(connection)
            connection.commit()
            command.upgrade(config, "head")
            connection.commit()
        _grant(connection)
        walls.build(connection, APP_ROLE)
        connection.commit()


def newest() -> str:
    """The version that :func:`migrate` brings a database to."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def pending(url: str) -> bool:
    """Whether the database lacks migrations. Raises Conflict when it is newer than we are."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        current = _current(connection)
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            f"The database is at version {current}, which this program does not know;"
            " install the newer Streetwise that wrote it.",
            code="database_newer",
        )
    return current != scripts.get_current_head()


def is_known(revision: str) -> bool:
    """Whether this program has that migration, and so can go on from there."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def _grant(connection: Connection) -> None:
    """Least privilege for the running role; the same after every migration."""
    app_role = APP_ROLE
    tables = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ).scalars()
    for table in tables.all():
        connection.execute(text(f'REVOKE ALL ON "{table}" FROM {app_role}'))
        if table == "journal":
            connection.execute(text(f"GRANT SELECT ON journal TO {app_role}"))
            connection.execute(text(f"GRANT INSERT ({_JOURNAL_COLUMNS}) ON journal TO {app_role}"))
        elif table == "master_key":
            # Set once, at the first start; its fingerprint follows a change of the key.
            connection.execute(text(f"GRANT SELECT, INSERT ON master_key TO {app_role}"))
            connection.execute(text(f"GRANT UPDATE (fingerprint) ON master_key TO {app_role}"))
        elif table in _APPEND_ONLY:
            connection.execute(text(f'GRANT SELECT, INSERT ON "{table}" TO {app_role}'))
        elif table in _READ_ONLY:
            connection.execute(text(f'GRANT SELECT ON "{table}" TO {app_role}'))
        else:
            connection.execute(
                text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO {app_role}')
            )
    # The job queue draws its ids from sequences; the journal's must stay out of reach.
    sequences = connection.execute(
        text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    ).scalars()
    for sequence in sequences.all():
        if sequence.startswith("procrastinate"):
            connection.execute(text(f'GRANT USAGE, SELECT ON SEQUENCE "{sequence}" TO {app_role}'))
