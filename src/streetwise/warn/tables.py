"""Rows of warn: nights, warnings with their evidence, notes on the data, forecasts, rounds.

All of it is about grids, classes and days. No row names or numbers a person, a report or a caller.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades

NEW, ONGOING, OVER = "new", "ongoing", "over"
READING, COMPUTING, DONE = "reading", "computing", "done"
PROPOSED, AGREED = "proposed", "agreed"
#: Of a night's ``told``: how many warnings of earlier nights it worked out.
HINDSIGHT = "hindsight"
#: And in what it told of an invented past that was still arriving: the days that were there.
ARRIVING_DAYS = "arriving_days"


class WarnRun(Base):
    """One night's analysis of an area. ``night``: the local day on whose morning it ran; it knows
    the days before that. ``read``: what it counted; ``told``: what it came to and how it was
    calibrated. A row that is not done is on its way, or was interrupted and is taken up again.
    """

    __tablename__ = "warn_run"
    __grades__ = grades(
        {
            (2, "work"): "area night state began_at ended_at seconds read told",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    night: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(Time)
    ended_at: Mapped[datetime | None] = mapped_column(Time)
    seconds: Mapped[float | None] = mapped_column(Float)
    read: Mapped[dict[str, Any]] = mapped_column(JSONB)
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        UniqueConstraint("area", "night", name="warn_run_once"),
        CheckConstraint(f"state IN {(READING, COMPUTING, DONE)}", name="warn_run_state"),
    )


class Warning(Base):  # noqa: A001 - the word of the field, DESIGN §2
    """Warning 苗头提示: more of a class than usual, somewhere, for some days; with its evidence.

    The same event of several nights is one row, told once. ``methods``: which agree.
    ``category_scheme``, ``category_code``: None for all classes. ``grid_ids``: the grids that it
    covers, none for the whole area; ``lon``, ``lat``, ``metres``: a circle around them.
    ``observed``, ``expected``: reports from ``first_day`` to ``last_day``. ``recurrence_days``:
    by chance once in so many days. ``evidence``: ``{first_day, observed: […], expected: […]}``
    by day, for the chart. ``hindsight``: worked out afterwards by the street's first night, of the
    history that it came with; nobody was told then. ``said_at``, ``seen_at``, ``over_at`` are those
    of the nights that would have said so.
    """

    __tablename__ = "warning"
    __grades__ = grades(
        {
            (2, "work"): (
                "area status methods first_day last_day observed expected recurrence_days"
                " said_at seen_at over_at evidence hindsight"
            ),
            (2, "place"): "grid_ids lon lat metres",
            (1, "catalogue"): "category_scheme category_code",
            (1, "system"): "id version said_run_id seen_run_id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    status: Mapped[str] = mapped_column(Text)
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    category_scheme: Mapped[str | None] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(Text)
    grid_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    metres: Mapped[float | None] = mapped_column(Float)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    observed: Mapped[int] = mapped_column(Integer)
    expected: Mapped[float] = mapped_column(Float)
    recurrence_days: Mapped[float | None] = mapped_column(Float)
    said_run_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("warn_run.id"))
    said_at: Mapped[datetime] = mapped_column(Time)
    seen_run_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("warn_run.id"))
    seen_at: Mapped[datetime] = mapped_column(Time)
    over_at: Mapped[datetime | None] = mapped_column(Time)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hindsight: Mapped[bool] = mapped_column(Boolean)

    __table_args__ = (
        CheckConstraint(f"status IN {(NEW, ONGOING, OVER)}", name="warning_status"),
        CheckConstraint("(status = 'over') = (over_at IS NOT NULL)", name="warning_over"),
        CheckConstraint("last_day >= first_day", name="warning_days"),
        CheckConstraint("NOT hindsight OR status = 'over'", name="warning_hindsight"),
        Index("warning_open", "area", postgresql_where=sql_text("status <> 'over'")),
        Index("warning_newest", "area", "said_at", "id"),
    )


class WarnNote(Base):
    """What a night found out about the data itself: which days, where, how many, and why."""

    __tablename__ = "warn_note"
    __grades__ = grades(
        {
            (2, "work"): "run_id n kind first_day last_day count text",
            (2, "place"): "lon lat",
            (1, "catalogue"): "category_scheme category_code",
        }
    )
    run_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("warn_run.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    count: Mapped[int] = mapped_column(Integer)
    category_scheme: Mapped[str | None] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(Text)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str] = mapped_column(Text)


class WarnForecast(Base):
    """How many reports the next ``days`` days bring: mean and 80 % interval. ``grid_id`` None: the
    whole area; ``category_code`` None: all classes.
    """

    __tablename__ = "warn_forecast"
    __grades__ = grades(
        {
            (2, "work"): "run_id n days low mean high",
            (2, "place"): "grid_id",
            (1, "catalogue"): "category_scheme category_code",
        }
    )
    run_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("warn_run.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    category_scheme: Mapped[str | None] = mapped_column(Text)
    category_code: Mapped[str | None] = mapped_column(Text)
    days: Mapped[int] = mapped_column(SmallInteger)
    low: Mapped[float] = mapped_column(Float)
    mean: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)

    __table_args__ = (
        CheckConstraint("low <= mean AND mean <= high", name="warn_forecast_interval"),
    )


class PreventiveTask(Base):
    """Preventive task 未诉先办: look at a place before anybody complains. Proposed by a night for
    the rounds of ``day``; once the commander agreed a signal, of which triage makes a case.

    How it ended is read off the case. ``expected``: reports that ``days`` days from ``day`` on
    were thought to bring there, ``recent``: those of the 28 days before, ``driver``: what lifts it;
    ``came``: how many came, once a later night knows.
    """

    __tablename__ = "preventive_task"
    __grades__ = grades(
        {
            (2, "work"): (
                "area run_id day rank expected days recent driver came state agreed_at agreed_by"
                " signal_id"
            ),
            (2, "place"): "grid_id lon lat",
            (1, "catalogue"): "category_scheme category_code",
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    run_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("warn_run.id"))
    day: Mapped[date] = mapped_column(Date)
    rank: Mapped[int] = mapped_column(SmallInteger)
    grid_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("grid.id"))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    category_scheme: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str] = mapped_column(Text)
    expected: Mapped[float] = mapped_column(Float)
    days: Mapped[int] = mapped_column(SmallInteger)
    recent: Mapped[int] = mapped_column(Integer)
    driver: Mapped[str] = mapped_column(Text)
    came: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    agreed_at: Mapped[datetime | None] = mapped_column(Time)
    agreed_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    signal_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("signal.id"))

    __table_args__ = (
        CheckConstraint(f"state IN {(PROPOSED, AGREED)}", name="preventive_task_state"),
        CheckConstraint(
            "(state = 'agreed') = (agreed_at IS NOT NULL AND signal_id IS NOT NULL)",
            name="preventive_task_agreed",
        ),
        UniqueConstraint(
            "area", "day", "grid_id", "category_scheme", "category_code",
            name="preventive_task_once",
        ),
        Index("preventive_task_agreed_at", "area", "agreed_at"),
    )  # fmt: skip
