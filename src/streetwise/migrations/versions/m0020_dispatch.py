"""Dispatch: who has handled what, and who has a case open at the desk.

Revision ID: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_KEY = ("area", "scheme", "code", "community", "grid", "unit")


def upgrade() -> None:
    op.create_index(
        "cases_returned",
        "cases",
        ["area", "opened_at", "id"],
        postgresql_where=sa.text("returned > 0"),
    )
    # Nothing to fill: the nightly job counts the journal (resolve.dispatch).
    op.create_table(
        "dispatch_past",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _KEY),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(*_KEY),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
    )
    op.create_table(
        "desk_lock",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
    )
