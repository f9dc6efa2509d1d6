"""Notifications, their deliveries, and what each person wants of them.

Revision ID: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", _ID, nullable=False),
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", _ID, nullable=True),
        sa.Column("params", _JSON, nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("read_at", _TIME, nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("staff_id", "key", name="notification_once"),
    )
    op.create_index(
        "notification_listed",
        "notification",
        ["staff_id", "id"],
        postgresql_where=sa.text("shown"),
    )
    op.create_index(
        "notification_unread",
        "notification",
        ["staff_id"],
        postgresql_where=sa.text("shown AND read_at IS NULL"),
    )
    op.create_index("notification_made", "notification", ["made_at"])
    op.create_table(
        "delivery",
        sa.Column("id", _ID, nullable=False),
        sa.Column("notification_id", _ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("claimed_at", _TIME, nullable=True),
        sa.Column("sent_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("digest_id", _ID, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'held', 'sending', 'sent', 'digested', 'failed')",
            name="delivery_state",
        ),
        sa.ForeignKeyConstraint(["notification_id"], ["notification.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["digest_id"], ["notification.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id", "channel", name="delivery_once"),
    )
    op.create_index(
        "delivery_due",
        "delivery",
        ["channel", "due_at"],
        postgresql_where=sa.text("state IN ('waiting', 'held', 'sending')"),
    )
    op.create_index(op.f("ix_delivery_digest_id"), "delivery", ["digest_id"])
    op.create_table(
        "notify_preference",
        sa.Column("staff_id", _ID, nullable=False),
        sa.Column("channels", _JSON, nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=True),
        sa.Column("quiet_to", sa.Text(), nullable=True),
        sa.Column("digest_at", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id"),
    )
