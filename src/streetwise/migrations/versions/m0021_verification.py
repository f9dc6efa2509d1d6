"""Verification: where a photo was taken, how a case was checked, call-backs, what devices see.

Revision ID: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    for name, kind in (
        ("lon", sa.Float()),
        ("lat", sa.Float()),
        ("accuracy_meters", sa.Float()),
        ("taken_at", _TIME),
    ):
        op.add_column("photo", sa.Column(name, kind, nullable=True))
    op.add_column("cases", sa.Column("check_draw", _JSON, nullable=True))
    op.add_column("cases", sa.Column("check_way", sa.Text(), nullable=True))
    _checks()
    _call_backs()
    _sightings()


def _checks() -> None:
    op.create_table(
        "case_check",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("unit_id", _ID, sa.ForeignKey("unit.id"), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("by_chance", sa.Boolean(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("case_check_case", "case_check", ["case_id"])
    op.create_index("case_check_unit", "case_check", ["unit_id", "at"])
    op.create_index("case_check_passed", "case_check", ["at"], postgresql_where=sa.text("passed"))


def _call_backs() -> None:
    op.create_table(
        "call_back",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("signal_id", _ID, sa.ForeignKey("signal.id"), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("unit_id", _ID, sa.ForeignKey("unit.id"), nullable=True),
        sa.Column("drawn", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("last_at", _TIME, nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("satisfied", sa.Text(), nullable=True),
        sa.Column("said_note_id", _ID, sa.ForeignKey("note.id"), nullable=True),
        sa.Column("token_hash", postgresql.BYTEA(), nullable=True),
        sa.Column("link_until", _TIME, nullable=True),
        sa.Column("link_sent_at", _TIME, nullable=True),
        sa.UniqueConstraint("case_id", "signal_id", "round", name="call_back_once"),
        sa.UniqueConstraint("token_hash", name="call_back_token"),
        sa.CheckConstraint("state IN ('waiting', 'answered', 'given_up')", name="call_back_state"),
    )
    op.create_index(
        "call_back_waiting",
        "call_back",
        ["area", "opened_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("call_back_answered", "call_back", ["area", "answered_at"])


def _sightings() -> None:
    op.create_table(
        "case_sighting",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("device", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("seen_at", _TIME, nullable=True),
        sa.Column("clear_at", _TIME, nullable=True),
        sa.Column("clear", sa.Integer(), nullable=False),
    )
