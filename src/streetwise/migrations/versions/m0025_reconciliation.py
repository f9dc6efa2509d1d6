"""Both lists of work orders are compared every day; petitions are extended.

Revision ID: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    # Which file named an item last was not noted before: what none has named since is left out.
    op.add_column("upstream_item", sa.Column("listed_in", _ID, nullable=True))
    _runs()
    _lines()
    _petitions()
    _late()
    op.create_index(
        "cases_appeals",
        "cases",
        ["area", "opened_at", "id"],
        postgresql_where=sa.text("appeal IS NOT NULL"),
    )
    _views()


def _runs() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("list_at", _TIME, nullable=True),
        sa.Column("whole_at", _TIME, nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("fresh", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area", "source_id", "day", name="reconciliation_once"),
    )


def _lines() -> None:
    op.create_table(
        "reconciliation_line",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("scheme", "number", "kind", "why", "ours", "theirs")
        ),
        sa.Column("order_id", _ID, nullable=True),
        sa.Column("case_id", _ID, nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gone_at", _TIME, nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("explained_at", _TIME, nullable=True),
        sa.Column("explained_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "reconciliation_line_open",
        "reconciliation_line",
        ["area", "source_id", "number", "kind"],
        unique=True,
        postgresql_where=sa.text("state <> 'gone'"),
    )
    op.create_index("reconciliation_line_case", "reconciliation_line", ["case_id"])


def _petitions() -> None:
    """A petition may have an extension beside its answer; its order then goes by that."""
    op.add_column("work_order", sa.Column("extended_to", _TIME, nullable=True))
    op.add_column("letter", sa.Column("until", _TIME, nullable=True))
    op.drop_constraint("letter_once", "letter", type_="unique")
    op.create_index(
        "letter_once", "letter", ["signal_id", sa.text("(kind = 'extension')")], unique=True
    )


def _late() -> None:
    """How far it was told that a first contact, or a promise, is late."""
    for table, name in (("work_order", "contact_step"), ("contact", "promise_step")):
        op.add_column(table, sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0"))
        op.alter_column(table, name, server_default=None)


def _views() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("owner_id", _ID, nullable=False),
        sa.Column("unit_id", _ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("saved_view_owner", "saved_view", ["owner_id"])
    op.create_index("saved_view_unit", "saved_view", ["unit_id"])
