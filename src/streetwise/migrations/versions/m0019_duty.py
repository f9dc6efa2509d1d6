"""The duty room: log, hand-overs, directives, incidents; and who acknowledged what was urgent.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)
_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    _acknowledging()
    _log()
    _handovers()
    _directives()
    _incidents()


def _acknowledging() -> None:
    for name, kind in (("ack_at", _TIME), ("ack_by", _ID), ("raised_at", _TIME)):
        op.add_column("notification", sa.Column(name, kind, nullable=True))
    op.create_foreign_key(
        "notification_ack_by_fkey",
        "notification",
        "staff",
        ["ack_by"],
        ["id"],
        ondelete="SET NULL",
    )
    # What was told before anybody could acknowledge it makes no noise now.
    op.execute("UPDATE notification SET ack_at = coalesce(read_at, made_at) WHERE urgent")
    waits = sa.text("urgent AND ack_at IS NULL")
    op.create_index("notification_sounding", "notification", ["staff_id"], postgresql_where=waits)
    op.create_index("notification_unheard", "notification", ["made_at"], postgresql_where=waits)
    op.create_index("notification_key", "notification", ["key"], postgresql_where=waits)


def _log() -> None:
    op.create_table(
        "duty_log",
        sa.Column("id", _ID, primary_key=True),
        _area(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("masked", sa.Integer(), nullable=False),
        sa.Column("happened_at", _TIME, nullable=False),
        sa.Column("written_at", _TIME, nullable=False),
        _link("written_by", "staff"),
        _link("written_for", "staff", nullable=True),
        _link("case_id", "cases", nullable=True),
        _link("note_id", "note", nullable=True),
    )
    op.create_index("duty_log_written", "duty_log", ["area", "written_at", "id"])


def _handovers() -> None:
    op.create_table(
        "handover",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _area(),
        sa.Column("from_at", _TIME, nullable=True),
        sa.Column("items", _JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("given_at", _TIME, nullable=False),
        _link("given_by", "staff"),
        _link("given_for", "staff", nullable=True),
        sa.Column("taken_at", _TIME, nullable=True),
        _link("taken_by", "staff", nullable=True),
        _link("taken_for", "staff", nullable=True),
        sa.Column("read_at", _TIME, nullable=True),
        _link("read_by", "staff", nullable=True),
        _link("read_for", "staff", nullable=True),
        sa.CheckConstraint("taken_by <> given_by", name="handover_two_people"),
    )
    op.create_index("handover_given", "handover", ["area", "given_at"])
    op.create_index(
        "handover_waiting",
        "handover",
        ["area"],
        unique=True,
        postgresql_where=sa.text("taken_at IS NULL"),
    )
    # Whoever reaches the table past the application: what is signed stays, to the letter.
    op.execute(
        """
        CREATE FUNCTION handover_signed() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'a hand-over that was signed is not removed';
            END IF;
            IF (NEW.id, NEW.area, NEW.from_at, NEW.items, NEW.text, NEW.given_at, NEW.given_by,
                NEW.given_for) IS DISTINCT FROM
               (OLD.id, OLD.area, OLD.from_at, OLD.items, OLD.text, OLD.given_at, OLD.given_by,
                OLD.given_for)
               OR (OLD.taken_at IS NOT NULL AND (NEW.taken_at, NEW.taken_by, NEW.taken_for)
                   IS DISTINCT FROM (OLD.taken_at, OLD.taken_by, OLD.taken_for))
               OR (OLD.read_at IS NOT NULL AND (NEW.read_at, NEW.read_by, NEW.read_for)
                   IS DISTINCT FROM (OLD.read_at, OLD.read_by, OLD.read_for)) THEN
                RAISE EXCEPTION 'what was signed of a hand-over is not changed';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER handover_signed BEFORE UPDATE OR DELETE ON handover"
        " FOR EACH ROW EXECUTE FUNCTION handover_signed()"
    )


def _directives() -> None:
    op.create_table(
        "directive",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _area(),
        _link("case_id", "cases"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _link("unit_id", "unit"),
        _link("staff_id", "staff", nullable=True),
        _link("text_id", "note"),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("given_at", _TIME, nullable=False),
        _link("given_by", "staff"),
        _link("given_for", "staff", nullable=True),
        _link("office_id", "unit"),
        sa.Column("reported_at", _TIME, nullable=True),
        _link("reported_by", "staff", nullable=True),
        _link("reported_for", "staff", nullable=True),
        _link("report_id", "note", nullable=True),
        sa.Column("checked_at", _TIME, nullable=True),
        _link("checked_by", "staff", nullable=True),
        _link("check_id", "note", nullable=True),
        sa.Column("sent_back", sa.Integer(), nullable=False),
        sa.Column("raised_at", _TIME, nullable=True),
    )
    op.create_index("directive_case", "directive", ["case_id"])
    op.create_index(
        "directive_undone",
        "directive",
        ["area", "due_at"],
        postgresql_where=sa.text("state IN ('open', 'reported')"),
    )


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _area(),
        _link("case_id", "cases"),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("happened_at", _TIME, nullable=False),
        sa.Column("known_at", _TIME, nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        _link("opened_by", "staff"),
        sa.Column("over_at", _TIME, nullable=True),
        sa.UniqueConstraint("case_id", name="incident_once"),
    )
    op.create_index(
        "incident_open",
        "incident",
        ["area", "known_at"],
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "incident_report",
        sa.Column("id", _ID, primary_key=True),
        _link("incident_id", "incident"),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        _link("body_id", "note", nullable=True),
        sa.Column("written_at", _TIME, nullable=True),
        _link("written_by", "staff", nullable=True),
        sa.UniqueConstraint("incident_id", "n", name="incident_report_n"),
    )
    op.create_table(
        "incident_tell",
        sa.Column("id", _ID, primary_key=True),
        _link("report_id", "incident_report"),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        _link("told_by", "staff", nullable=True),
        sa.Column("raised_at", _TIME, nullable=True),
        sa.UniqueConstraint("report_id", "recipient", "way", name="incident_tell_once"),
    )
    op.create_index(
        "incident_tell_due",
        "incident_tell",
        ["due_at"],
        postgresql_where=sa.text("told_at IS NULL"),
    )


def _area() -> sa.Column[str]:
    return sa.Column("area", sa.Text(), sa.ForeignKey("area.code"), nullable=False)


def _link(name: str, table: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, _ID, sa.ForeignKey(f"{table}.id"), nullable=nullable)
