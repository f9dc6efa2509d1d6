"""Accounts: second factor, password history, devices, stand-ins.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff_stand_in",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("stands_in_for", sa.UUID(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.ForeignKeyConstraint(["stands_in_for"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_staff_stand_in_staff_id"), "staff_stand_in", ["staff_id"], unique=False
    )
    for name, kind in (
        ("from_folder", sa.Boolean()),
        ("must_change_password", sa.Boolean()),
    ):
        op.add_column(
            "staff", sa.Column(name, kind, server_default=sa.text("false"), nullable=False)
        )
    # Whoever is there already came by a folder: there was no other way.
    op.execute("UPDATE staff SET from_folder = true")
    op.add_column("staff", sa.Column("password_set_at", _TIME, nullable=True))
    op.add_column("staff", sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("staff", sa.Column("totp_since", _TIME, nullable=True))
    op.add_column("staff", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.drop_column("staff", "failed_attempts")
    op.drop_column("staff", "wait_until")
    # Until now a folder could give one person two of the three administrators' roles, or one
    # and a daily duty. Such a person keeps the administrator's role that stands first.
    op.execute(
        "UPDATE staff SET roles = (SELECT ARRAY[role] FROM unnest(roles) WITH ORDINALITY"
        " AS held (role, place)"
        " WHERE role IN ('system_admin', 'security_admin', 'audit_admin')"
        " ORDER BY place LIMIT 1)"
        " WHERE roles && ARRAY['system_admin', 'security_admin', 'audit_admin']"
        " AND cardinality(roles) > 1"
    )
    op.create_check_constraint(
        "staff_administrator_stands_alone",
        "staff",
        "NOT (roles && ARRAY['system_admin', 'security_admin', 'audit_admin'])"
        " OR cardinality(roles) = 1",
    )
    op.create_table(
        "staff_password",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_staff_password_staff_id"), "staff_password", ["staff_id"], unique=False
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "code_hash"),
    )
    # Sessions of before have no id and no device: whoever is signed in signs in again.
    op.execute("DELETE FROM staff_session")
    op.add_column("staff_session", sa.Column("id", sa.UUID(), nullable=False))
    op.create_unique_constraint(None, "staff_session", ["id"])
    for name in ("pending", "proven"):
        op.add_column(
            "staff_session",
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False),
        )
    for name in ("device", "address"):
        op.add_column(
            "staff_session", sa.Column(name, sa.Text(), server_default="", nullable=False)
        )
    op.add_column("staff_session", sa.Column("totp_offered", sa.LargeBinary(), nullable=True))
    op.add_column("staff_session", sa.Column("stand_in_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        None, "staff_session", "staff_stand_in", ["stand_in_id"], ["id"], ondelete="SET NULL"
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("wait_until", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        op.f("ix_sign_in_throttle_last_at"), "sign_in_throttle", ["last_at"], unique=False
    )
    op.create_table(
        "setup_code",
        sa.Column("single", sa.Boolean(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.CheckConstraint("single", name="setup_code_has_one_row"),
        sa.PrimaryKeyConstraint("single"),
    )
    # Maker is not checker, for both persons of a stand-in.
    op.add_column("cases", sa.Column("reported_for", sa.UUID(), nullable=True))
