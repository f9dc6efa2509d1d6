"""The vault whole: keys per item, key generations, blind index, forgetting.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column(
        "master_key", sa.Column("hashes", sa.Text(), server_default="aes", nullable=False)
    )
    _key_tables()
    # Keys so far lay beside what they open; generation 0 is the key that wraps them.
    op.execute(
        "INSERT INTO vault_generation (id, made_at, keys_total, keys_done)"
        " SELECT 0, min(stored_at), 0, 0 FROM vault_item HAVING count(*) > 0"
    )
    op.execute(
        "INSERT INTO vault_key (id, kind, generation, wrapped)"
        " SELECT id, kind, 0, wrapped_key FROM vault_item"
    )
    op.drop_column("vault_item", "wrapped_key")
    op.alter_column("vault_item", "sealed", nullable=True)
    op.add_column("vault_item", sa.Column("reporter_id", sa.UUID(), nullable=True))
    op.create_index(
        "vault_item_reporter",
        "vault_item",
        ["reporter_id"],
        postgresql_where=sa.text("reporter_id IS NOT NULL"),
    )
    _field_table()
    op.create_table(
        "vault_reason",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("written_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "vault_use",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("hour", _TIME, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "hour"),
    )


def _key_tables() -> None:
    op.create_table(
        "vault_generation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("keys_total", sa.Integer(), nullable=False),
        sa.Column("keys_done", sa.Integer(), nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.Column("retired_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "vault_key",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("blind_index", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "vault_key_reporter",
        "vault_key",
        ["blind_index"],
        unique=True,
        postgresql_where=sa.text("blind_index IS NOT NULL"),
    )
    op.create_index(
        "vault_key_generation",
        "vault_key",
        ["generation"],
        postgresql_where=sa.text("wrapped IS NOT NULL"),
    )


def _field_table() -> None:
    op.create_table(
        "vault_field",
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["vault_item.id"]),
        sa.PrimaryKeyConstraint("item_id", "n"),
    )
    op.create_index(
        "vault_field_index",
        "vault_field",
        ["blind_index"],
        postgresql_where=sa.text("blind_index IS NOT NULL"),
    )
