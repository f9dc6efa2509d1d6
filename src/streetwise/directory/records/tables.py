"""Rows that only records know: premises, cameras, sensors, the roster, crosswalks; history, and
the files as they came.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Premises(Base):
    """Premises 主体: a shop, a site, a school; somebody answers for it."""

    __tablename__ = "premises"
    __grades__ = grades(
        {
            (1, "catalogue"): "area code name kind place grid_id lon lat unit_id ended_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Camera(Base):
    """Camera 点位: where it stands, where it looks, whose it is; never what it sees.

    ``direction`` degrees clockwise from true north, ``field_of_view`` horizontal degrees.
    ``analysed``: a program looks at its pictures.
    """

    __tablename__ = "camera"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "area code name lon lat direction field_of_view grid_id place unit_id analysed"
                " ended_at"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    direction: Mapped[float] = mapped_column(Float)
    field_of_view: Mapped[float] = mapped_column(Float)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    place: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    analysed: Mapped[bool] = mapped_column(Boolean)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Sensor(Base):
    """Sensor 传感设备: a device that measures; ``quantity`` is what its readings are counted in."""

    __tablename__ = "sensor"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "area code name kind lon lat grid_id place unit_id quantity ended_at"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    place: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    quantity: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Duty(Base):
    """A line of the roster 值班表: who is on duty on a day, from when to when, at which post.

    ``date`` and ``hours`` are text in the area's own time; hours over midnight belong to the day
    on which they begin. The unique key serves as the index of who is on duty now.
    """

    __tablename__ = "duty"
    __grades__ = grades(
        {
            (1, "catalogue"): "area date hours post note ended_at",
            (1, "staff"): "login",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    date: Mapped[str] = mapped_column(Text)
    hours: Mapped[str] = mapped_column(Text)
    post: Mapped[str] = mapped_column(Text)
    login: Mapped[str] = mapped_column(ForeignKey("staff.login"))
    note: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "date", "post", "login", "hours"),)


class Crosswalk(Base):
    """A class of one scheme and what it is called in another."""

    __tablename__ = "crosswalk"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "from_scheme from_version from_code to_scheme to_version to_code "
                "relation note ended_at"
            ),
            (1, "system"): "ordinal",
        }
    )
    from_scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    from_version: Mapped[str] = mapped_column(Text, primary_key=True)
    from_code: Mapped[str] = mapped_column(Text, primary_key=True)
    to_scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    to_version: Mapped[str] = mapped_column(Text, primary_key=True)
    to_code: Mapped[str] = mapped_column(Text, primary_key=True)
    relation: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class DirectoryHistory(Base):
    """What a record held before and after a change. Append-only for the running program.

    ``at`` is business time. ``before`` None: new; ``after`` None: ended.
    """

    __tablename__ = "directory_history"
    __grades__ = grades(
        {
            (2, "staff"): "actor before after reason",
            (1, "catalogue"): "area kind code op at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Time)
    actor: Mapped[str] = mapped_column(Text)
    op: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    __table_args__ = (Index("directory_history_record", "kind", "code", "id"),)


class DirectoryForm(Base):
    """A file of a street's folder as it came: compressed and sealed, for the way out.

    Sealed whole, because staff.csv names people.
    """

    __tablename__ = "directory_form"
    __grades__ = grades(
        {
            (4, "secret"): "sealed",
            (1, "catalogue"): "area path",
        }
    )
    area: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
