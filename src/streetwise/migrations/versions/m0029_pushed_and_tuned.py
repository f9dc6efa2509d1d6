"""Cameras that push their pictures, views that somebody accepted, thresholds set by verdicts.

Revision ID: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    op.add_column(
        "watched_camera",
        sa.Column("view_version", sa.Integer(), nullable=False, server_default="0"),
    )
    op.alter_column("watched_camera", "view_version", server_default=None)
    op.add_column("watched_camera", sa.Column("push_print", sa.LargeBinary(), nullable=True))
    op.create_table(
        "camera_threshold",
        sa.Column("watched_id", _ID, nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("least", sa.Float(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["watched_id"], ["watched_camera.id"]),
        sa.PrimaryKeyConstraint("watched_id", "scene"),
        sa.CheckConstraint("by IN ('verdicts', 'hand')", name="camera_threshold_by"),
        sa.CheckConstraint("least > 0 AND least < 1", name="camera_threshold_share"),
    )
