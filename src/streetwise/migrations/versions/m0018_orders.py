"""Work orders are pressed for and contested; the contact log.

Revision ID: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    _orders()
    _contacts()


def _orders() -> None:
    for name in ("urged", "added"):
        op.add_column(
            "work_order", sa.Column(name, sa.SmallInteger(), nullable=False, server_default="0")
        )
        op.alter_column("work_order", name, server_default=None)
    op.add_column(
        "work_order", sa.Column("contest", sa.Text(), nullable=False, server_default="none")
    )
    op.alter_column("work_order", "contest", server_default=None)
    for name in ("urged_at", "contact_due_at", "contacted_at", "contested_at"):
        op.add_column("work_order", sa.Column(name, _TIME, nullable=True))
    for name in ("contest_ground", "contest_text"):
        op.add_column("work_order", sa.Column(name, sa.Text(), nullable=True))
    # Orders of before have no first-contact timer: nobody wrote down whether they were called.
    op.create_index(
        "work_order_contact",
        "work_order",
        ["area", "contact_due_at"],
        postgresql_where=sa.text(
            "contacted_at IS NULL AND contact_due_at IS NOT NULL"
            " AND state NOT IN ('closed', 'withdrawn')"
        ),
    )


def _contacts() -> None:
    op.create_table(
        "contact",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("signal_id", _ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("note_id", _ID, nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("promise_due_at", _TIME, nullable=True),
        sa.Column("promise_note_id", _ID, nullable=True),
        sa.Column("kept_at", _TIME, nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"]),
        sa.ForeignKeyConstraint(["promise_note_id"], ["note.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_case", "contact", ["case_id"])
    op.create_index(
        "contact_promised",
        "contact",
        ["area", "promise_due_at", "id"],
        postgresql_where=sa.text("promise_due_at IS NOT NULL AND kept IS NULL"),
    )
