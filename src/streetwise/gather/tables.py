"""Rows of gather."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import NAMES_A_FILE, Base, Time, Uuid
from streetwise.kernel.grades import grades


class Source(Base):
    """Source 渠道 / 数据源: where signals come from."""

    __tablename__ = "source"
    __grades__ = grades(
        {
            (1, "catalogue"): "code name name_en category_scheme category_version clock_starts",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    category_scheme: Mapped[str | None] = mapped_column(Text)
    category_version: Mapped[str | None] = mapped_column(Text)
    clock_starts: Mapped[str] = mapped_column(Text)


class Signal(Base):
    """Signal 来件: one thing sensed. Never edited.

    ``text`` is masked; the original is the vault item of the same id. ``content_hash`` is keyed
    and makes an import idempotent; ``text_hash`` is keyed and finds exact repeats.
    ``refers_to`` is the first signal about the same upstream item. ``upstream`` is what the
    upstream platform says of its work order, ``upstream_at`` when it last changed that;
    ``answer_by`` is how a caller wants to be answered.
    """

    __tablename__ = "signal"
    __grades__ = grades(
        {
            (2, "report"): "source_key channel title text reply upstream_category facts upstream",
            (2, "place"): "place_text lon lat original_point",
            (2, "work"): (
                "area source_id refers_to batch_id received_at reported_at replied_at "
                "due_at closed_at text_withheld masked answer_by upstream_at"
            ),
            (4, "secret"): "content_hash text_hash",
            (1, "system"): "id mask_version grade",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("source.id"))
    source_key: Mapped[str | None] = mapped_column(Text)
    refers_to: Mapped[UUID | None] = mapped_column(Uuid)
    batch_id: Mapped[UUID | None] = mapped_column(Uuid)
    received_at: Mapped[datetime] = mapped_column(Time)
    reported_at: Mapped[datetime] = mapped_column(Time)
    channel: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    text_withheld: Mapped[bool] = mapped_column(Boolean)
    masked: Mapped[dict[str, int]] = mapped_column(JSONB)
    mask_version: Mapped[int] = mapped_column(Integer)
    reply: Mapped[str | None] = mapped_column(Text)
    replied_at: Mapped[datetime | None] = mapped_column(Time)
    upstream_category: Mapped[str | None] = mapped_column(Text)
    place_text: Mapped[str | None] = mapped_column(Text)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    original_point: Mapped[list[Any] | None] = mapped_column(JSONB)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    closed_at: Mapped[datetime | None] = mapped_column(Time)
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    grade: Mapped[int] = mapped_column(SmallInteger)
    upstream: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    upstream_at: Mapped[datetime | None] = mapped_column(Time)
    answer_by: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    text_hash: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        # Other rows may come back to what they said before (gather/updates.py).
        Index(
            "signal_content",
            "content_hash",
            unique=True,
            postgresql_where=sql_text("source_key IS NULL OR upstream_at IS NOT NULL"),
        ),
        Index("signal_batch", "batch_id"),
        Index(
            "signal_source_key",
            "source_key",
            postgresql_where=sql_text("source_key IS NOT NULL"),
        ),
    )


class UpstreamItem(Base):
    """What is known of an upstream item (gather/updates.py); its number is ``source_key``.

    ``listed_in``: the last file that named it, whether that said anything new or not.
    """

    __tablename__ = "upstream_item"
    __grades__ = grades(
        {
            (2, "work"): "source_id source_key first_id batch_id listed_in",
            (4, "secret"): "latest before matched",
            (1, "system"): "seen",
        }
    )
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("source.id"), primary_key=True)
    source_key: Mapped[str] = mapped_column(Text, primary_key=True)
    first_id: Mapped[UUID] = mapped_column(Uuid)
    latest: Mapped[bytes] = mapped_column(LargeBinary)
    batch_id: Mapped[UUID | None] = mapped_column(Uuid)
    seen: Mapped[bytes] = mapped_column(LargeBinary)
    before: Mapped[bytes] = mapped_column(LargeBinary)
    matched: Mapped[int] = mapped_column(Integer)
    listed_in: Mapped[UUID | None] = mapped_column(Uuid)


class TriageQueue(Base):
    """Signals that no case has yet, in the order in which they came."""

    __tablename__ = "triage_queue"
    __grades__ = grades(
        {
            (1, "system"): "id batch_id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"), primary_key=True)
    batch_id: Mapped[UUID | None] = mapped_column(Uuid)


class ImportBatch(Base):
    """One file on its way in. ``rows_read`` is where a killed import goes on."""

    __tablename__ = "import_batch"
    __grades__ = grades(
        {
            (2, "work"): (
                "mapping area file_name state rows_total rows_read rows_new rows_known "
                "rows_bad created_at finished_at actor problem"
            ),
            (4, "secret"): "file_digest",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    mapping: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[bytes] = mapped_column(LargeBinary, info=NAMES_A_FILE)
    state: Mapped[str] = mapped_column(Text)
    rows_total: Mapped[int] = mapped_column(Integer)
    rows_read: Mapped[int] = mapped_column(Integer, default=0)
    rows_new: Mapped[int] = mapped_column(Integer, default=0)
    rows_known: Mapped[int] = mapped_column(Integer, default=0)
    rows_bad: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Time)
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    actor: Mapped[str] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Quarantine(Base):
    """A row that could not be used, and why. Its content is in the vault (same id)."""

    __tablename__ = "quarantine"
    __grades__ = grades(
        {
            (2, "work"): "batch_id row code column reason",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("import_batch.id"))
    row: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(Text)
    column: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("quarantine_batch_row", "batch_id", "row", unique=True),)


class WeatherDay(Base):
    """The weather of an area's day, as somebody measured it (``source``, in words): rain in mm,
    warmest and coldest in °C, strongest gust in m/s; what nobody measured is NULL.
    """

    __tablename__ = "weather_day"
    __grades__ = grades(
        {
            (1, "catalogue"): "area day rain_mm max_c min_c gust_ms source",
            (1, "system"): "put_at",
        }
    )
    area: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    rain_mm: Mapped[float | None] = mapped_column(Float)
    max_c: Mapped[float | None] = mapped_column(Float)
    min_c: Mapped[float | None] = mapped_column(Float)
    gust_ms: Mapped[float | None] = mapped_column(Float)
    source: Mapped[str] = mapped_column(Text)
    put_at: Mapped[datetime] = mapped_column(Time)
