"""Cameras that are reached by TLS, and what a moved camera's gate knew.

Revision ID: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watched_camera", sa.Column("certificate", sa.Text(), nullable=True))
    op.create_check_constraint(
        "watched_camera_certificate", "watched_camera", "certificate ~ '^[0-9a-f]{64}$'"
    )
    op.add_column("camera_health", sa.Column("meant_view", sa.Integer(), nullable=True))
    op.add_column("camera_health", sa.Column("meant", postgresql.JSONB(), nullable=True))
    op.create_check_constraint(
        "camera_health_meant", "camera_health", "(meant IS NULL) = (meant_view IS NULL)"
    )
