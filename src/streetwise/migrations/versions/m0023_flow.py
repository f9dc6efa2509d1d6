"""Steps of cases, derived from the journal; frozen baselines of how long cases take.

Revision ID: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    _steps()
    _baselines()


def _steps() -> None:
    op.create_table(
        "case_step",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("n", sa.SmallInteger(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("from_unit_id", _ID, nullable=True),
        sa.Column("unit_id", _ID, nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
    )
    first = sa.text("n = 0")
    op.create_index("case_step_began", "case_step", ["area", "at"], postgresql_where=first)


def _baselines() -> None:
    op.create_table(
        "speed_baseline",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", _TIME, nullable=False),
        sa.Column("stop", _TIME, nullable=False),
        sa.Column("frozen_at", _TIME, nullable=False),
        sa.Column("frozen_by", _ID, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("frozen_for", _ID, sa.ForeignKey("staff.id"), nullable=True),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.UniqueConstraint("area", "number", name="speed_baseline_number"),
    )
    op.create_table(
        "speed_case",
        sa.Column("baseline_id", _ID, sa.ForeignKey("speed_baseline.id"), primary_key=True),
        sa.Column("case_id", _ID, primary_key=True),
        sa.Column("unit_id", _ID, nullable=True),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("reported", sa.Float(), nullable=True),
        sa.Column("closed", sa.Float(), nullable=True),
        sa.Column("followed", sa.Float(), nullable=False),
    )
    # Frozen is frozen, whoever reaches the tables past the application.
    op.execute(
        """
        CREATE FUNCTION speed_frozen() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public AS $$
        BEGIN
            RAISE EXCEPTION 'a baseline that is frozen is not changed; freeze another';
        END $$
        """
    )
    for table in ("speed_baseline", "speed_case"):
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION speed_frozen()"
        )
