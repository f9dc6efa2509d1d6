"""Work orders 工单 and what comes by telephone.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    _signals()
    _items()
    _orders()


def _signals() -> None:
    """A row may come back to what it said before: only some contents are unique now."""
    op.add_column("signal", sa.Column("upstream", postgresql.JSONB(), nullable=True))
    op.add_column("signal", sa.Column("upstream_at", _TIME, nullable=True))
    op.add_column("signal", sa.Column("answer_by", sa.Text(), nullable=True))
    op.drop_constraint("signal_content_hash_key", "signal", type_="unique")
    op.create_index(
        "signal_content",
        "signal",
        ["content_hash"],
        unique=True,
        postgresql_where=sa.text("source_key IS NULL OR upstream_at IS NOT NULL"),
    )
    op.drop_index("signal_source_key", "signal")


def _items() -> None:
    op.create_table(
        "upstream_item",
        sa.Column("source_id", sa.UUID(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("latest", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", sa.UUID(), nullable=True),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("source_id", "source_key"),
    )
    # What is there came by the older rule (a content once): all of it counts as the last file.
    op.execute(
        "INSERT INTO upstream_item"
        " (source_id, source_key, first_id, latest, seen, before, matched)"
        " SELECT source_id, source_key, (array_agg(id ORDER BY id))[1],"
        "  (array_agg(substring(content_hash FOR 8) ORDER BY id DESC))[1],"
        "  string_agg(substring(content_hash FOR 8), ''::bytea ORDER BY id), ''::bytea, 0"
        " FROM signal WHERE source_key IS NOT NULL GROUP BY source_id, source_key"
    )


def _orders() -> None:
    op.create_table(
        "work_order",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("source_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.UUID(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attention", sa.Text(), nullable=True),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("upstream_state", sa.Text(), nullable=False),
        sa.Column("upstream_at", _TIME, nullable=True),
        sa.Column("updates", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", _TIME, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("satisfied", sa.Text(), nullable=True),
        sa.Column("called_back_at", _TIME, nullable=True),
        sa.Column("exclusion", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=True),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("signal_id"),
        sa.UniqueConstraint("source_id", "number"),
    )
    op.create_index("work_order_case", "work_order", ["case_id"])
    op.create_index(
        "work_order_due",
        "work_order",
        ["area", sa.text("COALESCE(due_at, 'infinity'::timestamptz)"), "id"],
    )
    op.add_column("cases", sa.Column("order_attention", sa.Text(), nullable=True))
    op.create_index(
        "cases_order_attention",
        "cases",
        ["area"],
        postgresql_where=sa.text("order_attention IS NOT NULL"),
    )
    op.create_index(
        "cases_open_place",
        "cases",
        ["area", "lat", "lon"],
        postgresql_where=sa.text("state <> 'closed'"),
    )
