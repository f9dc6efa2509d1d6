"""What looking back needs: signals by their upstream number, and who closed an account.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # 0005 dropped the index by source and number, which imports no longer ask; but what an
    # upstream number is to be forgotten by must still be found among millions.
    op.create_index(
        "signal_source_key",
        "signal",
        ["source_key"],
        postgresql_where=sa.text("source_key IS NOT NULL"),
    )
    # What was closed on the screen is no folder's any more, so that no folder opens it again.
    op.execute(
        "UPDATE staff SET from_folder = false WHERE NOT active AND 'staff.closed' = ("
        "SELECT action FROM journal WHERE subject = staff.id"
        " AND action IN ('staff.closed', 'staff.left') ORDER BY seq DESC LIMIT 1)"
    )
