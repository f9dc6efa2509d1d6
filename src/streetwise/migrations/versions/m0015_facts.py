"""What is counted of a case, derived from the journal.

Revision ID: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    op.create_table(
        "case_fact",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("unit_id", _ID, nullable=True),
        sa.Column("community_id", _ID, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("scheme", "code", "channel")),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("opened_at", _TIME, nullable=False),
        *(
            sa.Column(f"{name}_at", _TIME, nullable=True)
            for name in ("due", "accepted", "dispatched", "started", "reported", "closed")
        ),
        *(
            sa.Column(name, sa.SmallInteger(), nullable=False)
            for name in ("returned", "reworked", "reopened")
        ),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_fact_opened", "case_fact", ["area", "opened_at"])
    op.create_index("case_fact_closed", "case_fact", ["area", "closed_at"])
