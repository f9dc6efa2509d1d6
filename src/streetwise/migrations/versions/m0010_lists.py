"""Indexes for what lists ask: of open cases who made them, the few urgent ones apart, and all
cases of a unit.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WHOSE = ("grade", "unit_id", "community_id")
_MAKERS = ("reported_by", "reported_for")


def upgrade() -> None:
    key: list[str | sa.TextClause] = [
        "area",
        sa.text("COALESCE(due_at, 'infinity'::timestamptz)"),
        "id",
    ]
    op.drop_index("cases_open_due", "cases")
    op.create_index(
        "cases_open_due",
        "cases",
        key,
        postgresql_where=sa.text("state <> 'closed'"),
        postgresql_include=["due_at", "state", "priority", *_MAKERS, *_WHOSE],
    )
    op.create_index(
        "cases_open_high",
        "cases",
        key,
        postgresql_where=sa.text("state <> 'closed' AND priority = 'high'"),
        postgresql_include=["state", *_MAKERS, *_WHOSE],
    )
    for name, column in (("cases_unit", "unit_id"), ("cases_community", "community_id")):
        op.drop_index(name, "cases")
        op.create_index(name, "cases", [column, "opened_at"])
