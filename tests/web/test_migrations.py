"""The migrated database is what the models say, and each role may what it must."""

from __future__ import annotations

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Urls
from streetwise.migrations.models import metadata
from streetwise.migrations.run import migrate, pending


def test_models_and_migrations_agree(bare_urls: Urls) -> None:
    models_agree(bare_urls)


def models_agree(urls: Urls) -> None:
    """The tables are what the models say."""
    assert urls.owner is not None
    engine = create_engine(urls.owner)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: (
                    kind != "table" or not str(name).startswith("procrastinate")
                )
            },
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_again_does_nothing(bare_urls: Urls) -> None:
    assert bare_urls.owner is not None
    assert not pending(bare_urls.owner)
    migrate(bare_urls.owner)
    assert not pending(bare_urls.owner)


def test_the_application_may_what_it_needs_and_no_more(bare_urls: Urls) -> None:
    rights_hold(bare_urls)


def rights_hold(urls: Urls) -> None:
    """Rights per table; the journal and the clock are the exceptions."""
    with psycopg.connect(**conninfo(urls.app)) as connection:
        rights = connection.execute(
            "SELECT c.relname,"
            " array(SELECT p FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE']) p"
            "  WHERE has_table_privilege(c.oid, p))"
            " FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        columns = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'journal'::regclass"
            " AND attnum > 0 AND has_column_privilege('journal', attname, 'INSERT')"
        ).fetchall()
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    by_table = {name: set(held) for name, held in rights}
    for table in ("journal", "clock", "alembic_version"):
        assert by_table.pop(table) == {"SELECT"}, table
    for table in ("master_key", "directory_history", "vault_reason", "journal_seal", "duty_log"):
        assert by_table.pop(table) == {"SELECT", "INSERT"}, table
    assert set(map(frozenset, by_table.values())) == {
        frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
    }
    assert {name for (name,) in columns}.isdisjoint({"seq", "at"})
    assert row is not None
    assert not any(row)
