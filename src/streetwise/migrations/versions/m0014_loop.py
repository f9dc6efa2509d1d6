"""What happens to a case on the ways back: counts, suspension, outcome, units called to help.

Revision ID: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    for name in ("returned", "reopened", "extended", "suspended", "parties_left"):
        op.add_column(
            "cases", sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        )
        op.alter_column("cases", name, server_default=None)
    op.add_column("cases", sa.Column("suspended_until", _TIME, nullable=True))
    for name in ("asked", "outcome", "outcome_body"):
        op.add_column("cases", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("lead_unit_id", _ID, nullable=True))
    op.create_foreign_key(None, "cases", "unit", ["lead_unit_id"], ["id"])
    op.add_column(
        "cases",
        sa.Column("party_ids", postgresql.ARRAY(_ID), nullable=False, server_default="{}"),
    )
    op.alter_column("cases", "party_ids", server_default=None)
