"""The weather of an area's days.

Revision ID: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_MEASURED = ("rain_mm", "max_c", "min_c", "gust_ms")


def upgrade() -> None:
    op.create_table(
        "weather_day",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Float(), nullable=True) for name in _MEASURED),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("put_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("area", "day"),
    )
