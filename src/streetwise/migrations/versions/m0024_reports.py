"""Reports with their files; how long a case's own clock stood still, beside its other facts.

Revision ID: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column(
        "case_fact",
        sa.Column("paused_seconds", sa.Integer(), nullable=False, server_default="0"),
    )
    # Facts are derived where a case's version is another than its fact's: these are derived anew.
    op.execute(
        "UPDATE case_fact SET version = 0"
        " WHERE case_id IN (SELECT case_id FROM case_clock WHERE events <> '[]'::jsonb)"
    )
    op.create_table(
        "report",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.Column("start_at", _TIME, nullable=False),
        sa.Column("end_at", _TIME, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("content", _JSON, nullable=True),
        sa.Column("ordered_at", _TIME, nullable=False),
        sa.Column("ordered_by", _ID, sa.ForeignKey("staff.id"), nullable=True),
        sa.Column("made_at", _TIME, nullable=True),
        sa.UniqueConstraint("area", "kind", "name", "edition", name="report_edition"),
    )
    op.create_index("report_listed", "report", ["area", "end_at", "ordered_at"])
    op.create_table(
        "report_file",
        sa.Column("report_id", _ID, sa.ForeignKey("report.id", ondelete="CASCADE")),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "form"),
    )
