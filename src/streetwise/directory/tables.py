"""Rows of the directory. Codes come from the street's own folder and stay; ids are ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Unit(Base):
    """Unit 单位: district, street, community, department or outside body."""

    __tablename__ = "unit"
    __grades__ = grades(
        {
            (1, "catalogue"): "code parent_id tier name name_en kind phone ended_at",
            (1, "system"): "id ordinal",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    tier: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    #: Of an outside unit: property, utility, owner, firm, other.
    kind: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    #: From when the record is no longer offered; what refers to it keeps it (business time).
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class Area(Base):
    """An area with its own time zone: the street itself, or another city's file.

    ``revision`` is new after every load, so that what was derived from it can be kept.
    """

    __tablename__ = "area"
    __grades__ = grades(
        {
            (1, "catalogue"): "code name name_en timezone prefix home owner_id bbox base calendar",
            (1, "system"): "revision",
        }
    )
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    home: Mapped[bool] = mapped_column(Boolean)
    owner_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    revision: Mapped[UUID] = mapped_column(Uuid)
    bbox: Mapped[list[float] | None] = mapped_column(ARRAY(Float))
    base: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)
    #: ``holidays`` and ``workdays`` (swapped working weekends), lists of dates.
    calendar: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Grid(Base):
    """Grid 责任网格: the smallest responsibility area."""

    __tablename__ = "grid"
    __grades__ = grades(
        {
            (1, "catalogue"): "area code name community_id geometry ended_at",
            (1, "system"): "id ordinal",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    community_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    geometry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    ordinal: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Place(Base):
    """An entry of the gazetteer."""

    __tablename__ = "place"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "area code name kind lon lat aliases parent grid_id numbers roads ended_at"
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
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text))
    parent: Mapped[str | None] = mapped_column(Text)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    numbers: Mapped[str | None] = mapped_column(Text)
    #: Of a junction: the codes of its roads.
    roads: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Asset(Base):
    """Asset 部件: a thing with a place, and who owns it."""

    __tablename__ = "asset"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "area code scheme version class_code name lon lat grid_id unit_id ended_at"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    scheme: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    class_code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    grid_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("grid.id"))
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Taxonomy(Base):
    """A versioned scheme of classes."""

    __tablename__ = "taxonomy"
    __grades__ = grades(
        {
            (1, "catalogue"): "scheme version title title_en source note ended_at",
            (1, "system"): "ordinal",
        }
    )
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class TaxonomyClass(Base):
    """A class with its conditions (code, text, 立案条件, 结案条件, limit)."""

    __tablename__ = "taxonomy_class"
    __grades__ = grades(
        {
            (
                1,
                "catalogue",
            ): ("scheme version code name name_en group_name kind conditions ended_at"),
            (1, "system"): "ordinal",
        }
    )
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    group_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    ordinal: Mapped[int] = mapped_column(Integer)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        ForeignKeyConstraint(["scheme", "version"], ["taxonomy.scheme", "taxonomy.version"]),
    )


class Responsibility(Base):
    """One line of the responsibility matrix: class × condition × place × time → unit."""

    __tablename__ = "responsibility"
    __grades__ = grades(
        {
            (1, "catalogue"): (
                "area scheme class_prefix condition where unit note code place days "
                "hours valid_from valid_to exception ended_at"
            ),
            (1, "system"): "id ordinal",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    code: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(Integer)
    scheme: Mapped[str] = mapped_column(Text)
    class_prefix: Mapped[str] = mapped_column(Text)
    condition: Mapped[str] = mapped_column(Text)
    where: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    days: Mapped[str | None] = mapped_column(Text)
    hours: Mapped[str | None] = mapped_column(Text)
    valid_from: Mapped[str | None] = mapped_column(Text)
    valid_to: Mapped[str | None] = mapped_column(Text)
    exception: Mapped[bool] = mapped_column(Boolean)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("area", "code"),)


class Staff(Base):
    """A member of staff. No password hash: cannot sign in.

    ``from_folder``: a street's folder brought the person, and may close the account and open it
    again; what was closed or opened on the screen is the screen's from then on.
    Times of passwords and of the second factor are wall time. ``totp_step``: the last step
    whose code was taken, so that none is taken twice.
    """

    __tablename__ = "staff"
    __grades__ = grades(
        {
            (1, "staff"): "login name unit_id roles active",
            (4, "secret"): "password_hash totp_sealed totp_step",
            (1, "system"): "id",
            (3, "account"): "from_folder must_change_password password_set_at totp_since",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    from_folder: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    password_hash: Mapped[str | None] = mapped_column(Text, deferred=True)
    password_set_at: Mapped[datetime | None] = mapped_column(Time)
    must_change_password: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=false()
    )
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    totp_since: Mapped[datetime | None] = mapped_column(Time)
    totp_step: Mapped[int | None] = mapped_column(BigInteger)

    # The three administrators exclude each other, and none of them does a street's daily work.
    __table_args__ = (
        CheckConstraint(
            "NOT (roles && ARRAY['system_admin', 'security_admin', 'audit_admin'])"
            " OR cardinality(roles) = 1",
            name="staff_administrator_stands_alone",
        ),
    )


class StaffPassword(Base):
    """Hashes of a person's former passwords, the newest few: none of them may come back."""

    __tablename__ = "staff_password"
    __grades__ = grades(
        {
            (4, "secret"): "password_hash",
            (3, "account"): "staff_id",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("staff.id", ondelete="CASCADE"), index=True
    )
    password_hash: Mapped[str] = mapped_column(Text)


class StaffRecoveryCode(Base):
    """A code that stands in once for a lost telephone; keyed hash. Used ones are deleted."""

    __tablename__ = "staff_recovery_code"
    __grades__ = grades(
        {
            (4, "secret"): "code_hash",
            (3, "account"): "staff_id",
        }
    )
    staff_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class StaffStandIn(Base):
    """A member of staff may act for another, from a moment to a moment (business time)."""

    __tablename__ = "staff_stand_in"
    __grades__ = grades(
        {
            (1, "staff"): "staff_id stands_in_for starts_at ends_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"), index=True)
    stands_in_for: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    starts_at: Mapped[datetime] = mapped_column(Time)
    ends_at: Mapped[datetime] = mapped_column(Time)


class StaffSession(Base):
    """A server-side session; the browser holds a random token, we its hash. Wall time.

    ``pending``: the sign-in is not finished; such a session opens nothing but its next step.
    ``proven``: the second factor was given. ``device`` and ``address`` are coarse (browser and
    system; a network, not a host) and shown to their owner only.
    """

    __tablename__ = "staff_session"
    __grades__ = grades(
        {
            (2, "account"): "staff_id created_at seen_at",
            (3, "account"): "address device pending proven stand_in_id",
            (4, "secret"): "token_hash totp_offered",
            (1, "system"): "id",
        }
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    staff_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("staff.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(Time)
    seen_at: Mapped[datetime] = mapped_column(Time)
    pending: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    proven: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    device: Mapped[str] = mapped_column(Text, default="", server_default="")
    address: Mapped[str] = mapped_column(Text, default="", server_default="")
    totp_offered: Mapped[bytes | None] = mapped_column(LargeBinary)
    stand_in_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("staff_stand_in.id", ondelete="SET NULL")
    )


class SignInThrottle(Base):
    """Wrong sign-ins by login and by network address; the key is a keyed hash. Wall time.

    Kept for what was typed, whether there is such a login or not: the answer must not tell.
    """

    __tablename__ = "sign_in_throttle"
    __grades__ = grades(
        {
            (4, "secret"): "key",
            (3, "account"): "failures first_at last_at wait_until",
        }
    )
    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime] = mapped_column(Time)
    last_at: Mapped[datetime] = mapped_column(Time, index=True)
    wait_until: Mapped[datetime | None] = mapped_column(Time)


class SetupCode(Base):
    """One row: the one-time code of the first start, hashed. Used once, it is void for ever."""

    __tablename__ = "setup_code"
    __grades__ = grades(
        {
            (4, "secret"): "code_hash",
            (1, "system"): "single",
            (3, "account"): "expires_at used_at",
        }
    )
    single: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Time)
    used_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (CheckConstraint("single", name="setup_code_has_one_row"),)
