"""The text message with the link of a call-back: tried again, and how far that has come.

Revision ID: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    for name in ("link_number", "text_attempts"):
        column = sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        op.add_column("call_back", column)
        op.alter_column("call_back", name, server_default=None)
    op.add_column("call_back", sa.Column("text_state", sa.Text(), nullable=True))
    op.add_column("call_back", sa.Column("text_due_at", _TIME, nullable=True))
    op.add_column("call_back", sa.Column("text_by", _ID, sa.ForeignKey("staff.id"), nullable=True))
    op.create_check_constraint(
        "call_back_text_state", "call_back", "text_state IN ('waiting', 'sent', 'failed', 'over')"
    )
    op.create_index(
        "call_back_text",
        "call_back",
        ["text_due_at"],
        postgresql_where=sa.text("text_state = 'waiting'"),
    )
