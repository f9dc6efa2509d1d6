"""Alembic's environment: a connection is handed in by ``streetwise.migrations.run``."""

from __future__ import annotations

from alembic import context

from streetwise.migrations.models import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # Tables of the job queue are Procrastinate's own.
    include_name=lambda name, kind, _: (
        kind != "table" or not (name or "").startswith("procrastinate")
    ),
)
with context.begin_transaction():
    context.run_migrations()
