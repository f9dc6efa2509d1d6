"""Cameras, sensors and the duty roster.

Revision ID: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "camera",
        *_head("name"),
        *_numbers("lon", "lat", "direction", "field_of_view"),
        *_where(),
        sa.Column("analysed", sa.Boolean(), nullable=False),
        *_end("area", "code"),
    )
    op.create_table(
        "sensor",
        *_head("name", "kind"),
        *_numbers("lon", "lat"),
        *_where(),
        sa.Column("quantity", sa.Text(), nullable=False),
        *_end("area", "code"),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.UUID(), nullable=False),
        *_texts("area", "date", "hours", "post", "login"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["login"], ["staff.login"]),
        *_end("area", "date", "post", "login", "hours"),
    )


def _head(*names: str) -> list[sa.Column[object]]:
    return [sa.Column("id", sa.UUID(), nullable=False), *_texts("area", "code", *names)]


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def _where() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("grid_id", sa.UUID(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
    ]


def _end(*key: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*key),
    ]
