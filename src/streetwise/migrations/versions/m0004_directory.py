"""The directory whole: premises, crosswalks, exceptions, history.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_ENDS = ("unit", "grid", "place", "asset", "taxonomy", "taxonomy_class", "responsibility")


def upgrade() -> None:
    for table in _ENDS:
        op.add_column(table, _ended_at())
    op.add_column("unit", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("unit", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column(
        "area",
        sa.Column("calendar", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "place",
        sa.Column("roads", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    _responsibility()
    _tables()


def _ended_at() -> sa.Column[object]:
    return sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True)


def _responsibility() -> None:
    """Lines get a number of their own, what they add to place and class, and exceptions."""
    op.add_column("responsibility", sa.Column("code", sa.Text(), nullable=True))
    op.execute("UPDATE responsibility SET code = 'L' || lpad((ordinal + 1)::text, 5, '0')")
    op.alter_column("responsibility", "code", nullable=False)
    for name in ("place", "days", "hours", "valid_from", "valid_to"):
        op.add_column("responsibility", sa.Column(name, sa.Text(), nullable=True))
    op.add_column(
        "responsibility",
        sa.Column("exception", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.alter_column("responsibility", "exception", server_default=None)
    op.create_unique_constraint("responsibility_area_code_key", "responsibility", ["area", "code"])


def _tables() -> None:
    op.create_table(
        "premises",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("grid_id", sa.UUID(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("unit_id", sa.UUID(), nullable=True),
        _ended_at(),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area", "code"),
    )
    keys = ("from_scheme", "from_version", "from_code", "to_scheme", "to_version", "to_code")
    op.create_table(
        "crosswalk",
        *(sa.Column(key, sa.Text(), nullable=False) for key in keys),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        _ended_at(),
        sa.PrimaryKeyConstraint(*keys),
    )
    op.create_table(
        "directory_history",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "directory_history_record", "directory_history", ["kind", "code", "id"], unique=False
    )
    op.create_table(
        "directory_form",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("area", "path"),
    )
