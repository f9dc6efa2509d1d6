"""Natures: hazards with their orders, disputes with what the vault holds of them.

Revision ID: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("cases", sa.Column("nature_why", _JSON, nullable=True))
    op.add_column("cases", sa.Column("nature_state", sa.Text(), nullable=True))
    _hazards()
    _disputes()
    # Few of a million cases: the lists and counts of hazards and disputes find them by these.
    op.create_index(
        "cases_hazards",
        "cases",
        ["area", "opened_at"],
        postgresql_where=sa.text("nature = 'hazard'"),
    )
    op.create_index(
        "cases_disputes",
        "cases",
        ["area", "opened_at"],
        postgresql_where=sa.text("nature = 'dispute'"),
    )


def _hazards() -> None:
    op.create_table(
        "hazard",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("found_how", sa.Text(), nullable=False),
        sa.Column("rectified_at", _TIME, nullable=True),
        sa.Column("written_off_at", _TIME, nullable=True),
        _link("written_off_by", "staff", nullable=True),
    )
    op.create_table(
        "hazard_order",
        sa.Column("id", _ID, primary_key=True),
        _link("case_id", "cases"),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        _link("unit_id", "unit"),
        sa.Column("premises", sa.Text(), nullable=True),
        _link("measure_id", "note"),
        sa.Column("rectify_by", _TIME, nullable=False),
        sa.Column("ordered_at", _TIME, nullable=False),
        _link("ordered_by", "staff"),
        _link("ordered_for", "staff", nullable=True),
        sa.Column("rectified_at", _TIME, nullable=True),
        _link("rectified_by", "staff", nullable=True),
        _link("rectified_for", "staff", nullable=True),
        _link("report_id", "note", nullable=True),
        sa.Column("rechecked_at", _TIME, nullable=True),
        _link("rechecked_by", "staff", nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        _link("recheck_id", "note", nullable=True),
        sa.UniqueConstraint("case_id", "n", name="hazard_order_n"),
        sa.UniqueConstraint("number", name="hazard_order_number"),
        sa.CheckConstraint("rechecked_by <> ordered_by", name="hazard_order_two_people"),
    )
    op.create_index("hazard_order_due", "hazard_order", ["rectify_by"])


def _disputes() -> None:
    op.create_table(
        "dispute",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        _link("mediator_id", "unit", nullable=True),
        sa.Column("visits", sa.SmallInteger(), nullable=False),
        sa.Column("visited_at", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("referred_to", sa.Text(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
    )
    op.create_table(
        "dispute_record",
        sa.Column("id", _ID, primary_key=True),
        _link("case_id", "cases"),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        _link("by", "staff"),
        sa.UniqueConstraint("case_id", "kind", "n", name="dispute_record_n"),
    )


def _link(name: str, table: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _ID, sa.ForeignKey(f"{table}.id"), nullable=nullable)
