"""The ways back: who returned a case, units called to it, its appeal, and who sees it by that.

The indexes that lists count by hold what says who may see a case; a called unit may.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_WHOSE = ["grade", "unit_id", "community_id", "party_ids"]
_MAKERS = ["reported_by", "reported_for"]
_DUE = sa.text("COALESCE(due_at, 'infinity'::timestamptz)")


def upgrade() -> None:
    op.add_column("cases", sa.Column("returned_from", _ID, nullable=True))
    op.create_foreign_key(None, "cases", "unit", ["returned_from"], ["id"])
    op.add_column("cases", sa.Column("parties", postgresql.JSONB(), nullable=True))
    op.add_column("cases", sa.Column("appeal", postgresql.JSONB(), nullable=True))
    _tables()
    for name in ("cases_open_due", "cases_open_high", "cases_opened", "cases_closed"):
        op.drop_index(name, "cases")
    op.create_index(
        "cases_open_due",
        "cases",
        ["area", _DUE, "id"],
        postgresql_where=sa.text("state <> 'closed'"),
        postgresql_include=["due_at", "state", "priority", *_MAKERS, *_WHOSE],
    )
    op.create_index(
        "cases_open_high",
        "cases",
        ["area", _DUE, "id"],
        postgresql_where=sa.text("state <> 'closed' AND priority = 'high'"),
        postgresql_include=["state", *_MAKERS, *_WHOSE],
    )
    op.create_index(
        "cases_opened",
        "cases",
        ["area", "opened_at", "id"],
        postgresql_include=["state", *_WHOSE],
    )
    op.create_index(
        "cases_closed",
        "cases",
        ["area", "closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
        postgresql_include=["due_at", *_WHOSE],
    )
    op.create_index(
        "cases_parties",
        "cases",
        ["area", "opened_at"],
        postgresql_where=sa.text("parties IS NOT NULL"),
    )


def _tables() -> None:
    op.create_table(
        "case_party",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("unit_id", _ID, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("called_at", _TIME, nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("note_id", _ID, nullable=True),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("arrived_at", _TIME, nullable=True),
        sa.Column("arrived_by", sa.Text(), nullable=True),
        sa.Column("reported_at", _TIME, nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("report_note_id", _ID, nullable=True),
        sa.Column("released_at", _TIME, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
    )
    op.create_index("case_party_case", "case_party", ["case_id", "called_at"])
    op.create_index(
        "case_party_open",
        "case_party",
        ["case_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "case_party_due",
        "case_party",
        ["area", "due_at"],
        postgresql_where=sa.text("reported_at IS NULL"),
    )
    op.create_table(
        "score_exemption",
        sa.Column("case_id", _ID, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
    )
