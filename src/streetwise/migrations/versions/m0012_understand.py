"""What is understood of signals: doubts, prints, offers, merges, lessons; and answers.

Revision ID: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _cases()
    _merging()
    _learning()
    _answers()


def _cases() -> None:
    op.add_column("cases", sa.Column("parent_id", _ID, sa.ForeignKey("cases.id"), nullable=True))
    op.add_column("cases", sa.Column("merged_into", _ID, sa.ForeignKey("cases.id"), nullable=True))
    op.add_column(
        "cases",
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )
    op.alter_column("cases", "doubts", server_default=None)
    for name in ("category_ranked", "place_ranked", "urgent_why", "matter"):
        op.add_column("cases", sa.Column(name, _JSON, nullable=True))
    op.create_index(
        "cases_doubted",
        "cases",
        ["area", "opened_at", "id"],
        postgresql_where=sa.text("doubts <> '{}' AND state <> 'closed'"),
    )
    op.create_index(
        "cases_parent",
        "cases",
        ["parent_id"],
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.add_column(
        "case_signal", sa.Column("part", sa.SmallInteger(), nullable=False, server_default="0")
    )
    op.alter_column("case_signal", "part", server_default=None)
    op.add_column("case_signal", sa.Column("reason", _JSON, nullable=True))
    op.drop_constraint("case_signal_pkey", "case_signal", type_="primary")
    op.create_primary_key("case_signal_pkey", "case_signal", ["signal_id", "part"])
    op.create_table(
        "aside",
        sa.Column("signal_id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("why", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("signal_id"),
    )
    op.create_index(
        "aside_open", "aside", ["area", "made_at"], postgresql_where=sa.text("state = 'open'")
    )


def _merging() -> None:
    op.create_table(
        "case_print",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("voice", _JSON, nullable=False),
        sa.Column("print", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("case_print_area", "case_print", ["area", "until"])
    op.create_table(
        "merge_offer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("other_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "other_id", name="merge_offer_once"),
    )
    op.create_index("merge_offer_other", "merge_offer", ["other_id"])
    op.create_index(
        "merge_offer_open",
        "merge_offer",
        ["area", "made_at"],
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "case_merge",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("from_id", _ID, nullable=False),
        sa.Column("into_id", _ID, nullable=False),
        sa.Column("signals", postgresql.ARRAY(_ID), nullable=False),
        sa.Column("orders", postgresql.ARRAY(_ID), nullable=False),
        sa.Column("state_before", sa.Text(), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("merged_at", _TIME, nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["into_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("case_merge_from", "case_merge", ["from_id"])
    op.create_index("case_merge_into", "case_merge", ["into_id"])


def _learning() -> None:
    op.create_table(
        "lesson",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("signal_id", _ID, nullable=False),
        sa.Column("category_scheme", sa.Text(), nullable=False),
        sa.Column("category_code", sa.Text(), nullable=False),
        sa.Column("said_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("lesson_said", "lesson", ["said_at", "id"])
    op.create_index("lesson_case", "lesson", ["case_id"])
    op.create_table(
        "learned",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("figures", _JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("learned_latest", "learned", ["kind", "made_at"])


def _answers() -> None:
    op.create_table(
        "answer",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("signal_id", _ID, nullable=False),
        sa.Column("case_id", _ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("machine", sa.Boolean(), nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("written_at", _TIME, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("given_at", _TIME, nullable=True),
        sa.Column("given_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("answer_signal", "answer", ["signal_id"])
    op.create_index("answer_case", "answer", ["case_id"])
    op.create_index(
        "answer_given",
        "answer",
        ["area", "given_at"],
        postgresql_where=sa.text("state = 'given'"),
    )
