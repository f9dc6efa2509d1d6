"""What a merge changed beside its voices.

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

_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _merges()


def _merges() -> None:
    op.add_column("case_merge", sa.Column("beside", _JSON, nullable=False, server_default="{}"))
    op.alter_column("case_merge", "beside", server_default=None)
