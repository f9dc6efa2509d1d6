"""What a merge changed beside its voices; cases with one cause, offered; letters.

Revision ID: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _merges()
    _causes()
    _letters()


def _merges() -> None:
    op.add_column("case_merge", sa.Column("beside", _JSON, nullable=False, server_default="{}"))
    op.alter_column("case_merge", "beside", server_default=None)


def _causes() -> None:
    op.create_table(
        "cause_offer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("members", postgresql.ARRAY(_ID), nullable=False),
        sa.Column("parent_id", _ID, nullable=True),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hung", postgresql.ARRAY(_ID), nullable=False),
        sa.Column("under_id", _ID, nullable=True),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["under_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cause_offer_members", "cause_offer", ["members"], postgresql_using="gin")
    op.create_index(
        "cause_offer_open",
        "cause_offer",
        ["area", "made_at"],
        postgresql_where=sa.text("state = 'open'"),
    )


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("signal_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("addressee_id", _ID, nullable=False),
        sa.Column("body_id", _ID, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["addressee_id"], ["note.id"]),
        sa.ForeignKeyConstraint(["body_id"], ["note.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area", "number", name="letter_number"),
        sa.UniqueConstraint("signal_id", name="letter_once"),
    )
    op.create_index("letter_case", "letter", ["case_id"])
