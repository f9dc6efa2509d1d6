"""Row-level security: the second wall behind the repositories.

The walls themselves are built after every migration (``streetwise.migrations.walls``). Here is
only what must be so before they stand: the journal's trigger looks at the newest entry, and has
to find it whoever writes.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # pg_temp last: nobody puts a table of their own in the way of the owner's.
    op.execute("ALTER FUNCTION journal_set_at() SECURITY DEFINER SET search_path = public, pg_temp")
