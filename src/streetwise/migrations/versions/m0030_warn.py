"""Warnings: nights, warnings, notes on the data, forecasts, preventive tasks.

Revision ID: 0029
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    _runs()
    _warnings()
    _notes()
    _forecasts()
    _tasks()


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _category(*, null: bool) -> list[sa.Column[Any]]:
    return [_col(name, sa.Text(), null=null) for name in ("category_scheme", "category_code")]


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target])


def _runs() -> None:
    op.create_table(
        "warn_run",
        _col("id", _ID),
        _col("area", sa.Text()),
        _col("night", sa.Date()),
        _col("state", sa.Text()),
        _col("began_at", _TIME),
        _col("ended_at", _TIME, null=True),
        _col("seconds", sa.Float(), null=True),
        _col("read", postgresql.JSONB()),
        _col("told", postgresql.JSONB()),
        _key("area", "area.code"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area", "night", name="warn_run_once"),
        sa.CheckConstraint("state IN ('reading', 'computing', 'done')", name="warn_run_state"),
    )


def _warnings() -> None:
    op.create_table(
        "warning",
        _col("id", _ID),
        _col("version", sa.Integer()),
        _col("area", sa.Text()),
        _col("status", sa.Text()),
        _col("methods", postgresql.ARRAY(sa.Text())),
        *_category(null=True),
        _col("grid_ids", postgresql.ARRAY(_ID)),
        *(_col(name, sa.Float(), null=True) for name in ("lon", "lat", "metres")),
        _col("first_day", sa.Date()),
        _col("last_day", sa.Date()),
        _col("observed", sa.Integer()),
        _col("expected", sa.Float()),
        _col("recurrence_days", sa.Float(), null=True),
        _col("said_run_id", _ID),
        _col("said_at", _TIME),
        _col("seen_run_id", _ID),
        _col("seen_at", _TIME),
        _col("over_at", _TIME, null=True),
        _col("evidence", postgresql.JSONB()),
        _key("area", "area.code"),
        _key("said_run_id", "warn_run.id"),
        _key("seen_run_id", "warn_run.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("status IN ('new', 'ongoing', 'over')", name="warning_status"),
        sa.CheckConstraint("(status = 'over') = (over_at IS NOT NULL)", name="warning_over"),
        sa.CheckConstraint("last_day >= first_day", name="warning_days"),
    )
    op.create_index(
        "warning_open", "warning", ["area"], postgresql_where=sa.text("status <> 'over'")
    )
    op.create_index("warning_newest", "warning", ["area", "said_at", "id"])


def _notes() -> None:
    op.create_table(
        "warn_note",
        _col("run_id", _ID),
        _col("n", sa.Integer()),
        _col("kind", sa.Text()),
        _col("first_day", sa.Date()),
        _col("last_day", sa.Date()),
        _col("count", sa.Integer()),
        *_category(null=True),
        *(_col(name, sa.Float(), null=True) for name in ("lon", "lat")),
        _col("text", sa.Text()),
        _key("run_id", "warn_run.id"),
        sa.PrimaryKeyConstraint("run_id", "n"),
    )


def _forecasts() -> None:
    op.create_table(
        "warn_forecast",
        _col("run_id", _ID),
        _col("n", sa.Integer()),
        _col("grid_id", _ID, null=True),
        *_category(null=True),
        _col("days", sa.SmallInteger()),
        *(_col(name, sa.Float()) for name in ("low", "mean", "high")),
        _key("run_id", "warn_run.id"),
        _key("grid_id", "grid.id"),
        sa.PrimaryKeyConstraint("run_id", "n"),
        sa.CheckConstraint("low <= mean AND mean <= high", name="warn_forecast_interval"),
    )


def _tasks() -> None:
    op.create_table(
        "preventive_task",
        _col("id", _ID),
        _col("version", sa.Integer()),
        _col("area", sa.Text()),
        _col("run_id", _ID),
        _col("day", sa.Date()),
        _col("rank", sa.SmallInteger()),
        _col("grid_id", _ID),
        *(_col(name, sa.Float()) for name in ("lon", "lat")),
        *_category(null=False),
        _col("expected", sa.Float()),
        _col("days", sa.SmallInteger()),
        _col("recent", sa.Integer()),
        _col("driver", sa.Text()),
        _col("came", sa.Integer(), null=True),
        _col("state", sa.Text()),
        _col("agreed_at", _TIME, null=True),
        _col("agreed_by", _ID, null=True),
        _col("signal_id", _ID, null=True),
        _key("area", "area.code"),
        _key("run_id", "warn_run.id"),
        _key("grid_id", "grid.id"),
        _key("agreed_by", "staff.id"),
        _key("signal_id", "signal.id"),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("state IN ('proposed', 'agreed')", name="preventive_task_state"),
        sa.CheckConstraint(
            "(state = 'agreed') = (agreed_at IS NOT NULL AND signal_id IS NOT NULL)",
            name="preventive_task_agreed",
        ),
        sa.UniqueConstraint(
            "area", "day", "grid_id", "category_scheme", "category_code",
            name="preventive_task_once",
        ),
    )  # fmt: skip
    op.create_index("preventive_task_agreed_at", "preventive_task", ["area", "agreed_at"])
