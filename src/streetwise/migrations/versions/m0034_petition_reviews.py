"""Petitions after their answer: reviews (复查) and re-examinations (复核).

Revision ID: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    _petitions()
    _reviews()
    # A revoked opinion is followed by another: each has its letter.
    op.add_column(
        "letter", sa.Column("round", sa.SmallInteger(), nullable=False, server_default="1")
    )
    op.alter_column("letter", "round", server_default=None)
    op.drop_index("letter_once", "letter")
    op.create_index(
        "letter_once",
        "letter",
        ["signal_id", sa.text("(kind = 'extension')"), "round"],
        unique=True,
    )


def _petitions() -> None:
    op.create_table(
        "petition",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opinions", postgresql.JSONB(), nullable=False),
        sa.Column("clock_ids", sa.ARRAY(_ID), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("petition_case", "petition", ["case_id"])
    op.create_index("petition_state", "petition", ["area", "state", "began_at"])


def _reviews() -> None:
    op.create_table(
        "petition_review",
        sa.Column("id", _ID, nullable=False),
        sa.Column("petition_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False)
          for name in ("asked_on", "received_on", "told_on")),
        sa.Column("organ", sa.Text(), nullable=True),
        sa.Column("file_on", sa.Date(), nullable=True),
        sa.Column("hearings", postgresql.JSONB(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("note_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("petition_id", "n", name="petition_review_n"),
    )  # fmt: skip
    op.create_index(
        "petition_review_open",
        "petition_review",
        ["petition_id"],
        unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_index("petition_review_case", "petition_review", ["case_id"])
