"""Row-level security: the second wall behind the repositories.

The walls themselves are built after every migration (``streetwise.migrations.walls``). Here is
what must be so before they stand: the journal's trigger looks at the newest entry, and has to
find it whoever writes; and the indexes of the lists hold what says who may see a case.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_WHOSE = ["grade", "unit_id", "community_id"]


def upgrade() -> None:
    # pg_temp last: nobody puts a table of their own in the way of the owner's.
    op.execute("ALTER FUNCTION journal_set_at() SECURITY DEFINER SET search_path = public, pg_temp")
    for index in ("cases_open_due", "cases_opened", "cases_closed"):
        op.drop_index(index, "cases")
    op.create_index(
        "cases_open_due",
        "cases",
        ["area", sa.literal_column("COALESCE(due_at, 'infinity'::timestamptz)"), "id"],
        postgresql_where=sa.text("state <> 'closed'"),
        postgresql_include=["due_at", "state", *_WHOSE],
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
