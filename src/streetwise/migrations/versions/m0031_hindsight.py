"""Warnings that a street's first night worked out afterwards.

Revision ID: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "warning",
        sa.Column("hindsight", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("warning", "hindsight", server_default=None)
    op.create_check_constraint("warning_hindsight", "warning", "NOT hindsight OR status = 'over'")
