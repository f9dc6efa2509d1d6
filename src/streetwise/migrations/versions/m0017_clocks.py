"""Clocks of cases and work orders, and what is asked for of them.

Cases and orders that are open get their clock here, from what stands in their row: the limit is
read from the explanation of the deadline, where it has one; else the moment stands as given.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())

#: Of a deadline by its limit the row says which: only what was moved by upstream says otherwise.
_OWN = """
WITH given AS (
    SELECT id, area, category_scheme, unit_id, opened_at, due_at, due_why, state,
           jsonb_path_query_first(due_why, '$[*] ? (@.code == "limit").params') AS rule,
           due_why @> '[{"code": "clock_starts"}]' AND NOT due_why @> '[{"code": "due_of_merged"}]'
           AND NOT due_why @> '[{"code": "due_of_member"}]' AS own
    FROM cases WHERE state <> 'closed' AND due_at IS NOT NULL
)
INSERT INTO case_clock (id, area, case_id, kind, scheme, unit_id, started_at, limit_value,
                        limit_unit, events, due_at, why, state, stopped_at, next_at, step)
SELECT gen_random_uuid(), area, id, CASE WHEN own THEN 'handle' ELSE 'given' END,
       CASE WHEN own THEN category_scheme END, unit_id, opened_at,
       CASE WHEN own THEN (rule->>'value')::float END, CASE WHEN own THEN rule->>'unit' END,
       '[]', due_at, due_why, CASE WHEN working THEN 'running' ELSE 'met' END,
       CASE WHEN NOT working THEN opened_at END,
       CASE WHEN working THEN due_at END, CASE WHEN working THEN 1 ELSE 0 END
FROM (SELECT *, state IN ('received', 'accepted', 'dispatched', 'handling') AS working FROM given) g
WHERE own OR NOT EXISTS (
    SELECT FROM work_order o WHERE o.case_id = g.id AND o.due_at = g.due_at
)
"""
_ORDERS = """
INSERT INTO case_clock (id, area, case_id, order_id, kind, scheme, started_at, events, due_at, why,
                        state, next_at, step)
SELECT id, area, case_id, id, 'order', scheme, received_at, '[]', due_at,
       jsonb_build_array(jsonb_build_object(
           'code', 'due_of_order', 'params', jsonb_build_object('number', number))),
       'running', due_at, 1
FROM work_order WHERE state IN ('open', 'returned') AND due_at IS NOT NULL
"""


def upgrade() -> None:
    _clocks()
    _requests()
    op.add_column("cases", sa.Column("clock_scheme", sa.Text(), nullable=True))
    op.execute(_OWN)
    op.execute(_ORDERS)
    op.execute(
        "UPDATE cases SET clock_scheme = c.scheme FROM case_clock c"
        " WHERE c.case_id = cases.id AND c.kind = 'handle'"
    )


def _clocks() -> None:
    op.create_table(
        "case_clock",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=True),
        sa.Column("unit_id", _ID, nullable=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("limit_value", sa.Float(), nullable=True),
        sa.Column("limit_unit", sa.Text(), nullable=True),
        sa.Column("events", _JSON, nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("why", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stopped_at", _TIME, nullable=True),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", name="case_clock_order"),
    )
    op.create_index("case_clock_case", "case_clock", ["case_id"])
    op.create_index(
        "case_clock_next",
        "case_clock",
        ["next_at"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_index(
        "case_clock_unit",
        "case_clock",
        ["unit_id"],
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )


def _requests() -> None:
    op.create_table(
        "case_request",
        sa.Column("id", _ID, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("asked_by", _ID, nullable=True),
        sa.Column("asked_for", _ID, nullable=True),
        sa.Column("note_id", _ID, nullable=True),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_note_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"]),
        sa.ForeignKeyConstraint(["decision_note_id"], ["note.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "case_request_open",
        "case_request",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("case_request_case", "case_request", ["case_id"])
