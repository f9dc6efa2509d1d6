"""Metres have one spelling.

Revision ID: 0026
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("photo", "accuracy_meters", new_column_name="accuracy_metres")
