"""Warnings that say where they gather, that are young, that are told again; notes in codes.

Revision ID: 0032

A note's Chinese sentence becomes a code and its numbers. Those of earlier nights keep what they are
about, when and how many; the next night writes its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB()
    op.add_column("warning", sa.Column("zones", json, nullable=False, server_default="[]"))
    op.add_column(
        "warning", sa.Column("young", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("warning", sa.Column("told_factor", sa.Float(), nullable=True))
    op.add_column("warning", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("warning", sa.Column("told_run_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE warning SET told_at = said_at, told_run_id = said_run_id")
    for name in ("told_at", "told_run_id"):
        op.alter_column("warning", name, nullable=False)
    op.create_foreign_key(
        "warning_told_run_id_fkey", "warning", "warn_run", ["told_run_id"], ["id"]
    )
    op.drop_index("warning_newest", "warning")
    op.create_index("warning_newest", "warning", ["area", "told_at", "id"])
    op.add_column("warn_note", sa.Column("says", sa.Text(), nullable=False, server_default=""))
    op.add_column("warn_note", sa.Column("numbers", json, nullable=False, server_default="{}"))
    op.drop_column("warn_note", "text")
    for table, name in (
        ("warning", "zones"),
        ("warning", "young"),
        ("warn_note", "says"),
        ("warn_note", "numbers"),
    ):
        op.alter_column(table, name, server_default=None)
