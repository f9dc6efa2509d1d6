"""Rows of discover: cameras that are watched, what is looked for, what was found, how well it goes.

Health and cadence lie apart from what people set up: the engine writes them by the hundred, and
must not make a form stale that somebody has open.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import NAMES_A_FILE, Base, Time, Uuid
from streetwise.kernel.grades import grades

PUSH = "push"
KINDS = ("rtsp", "snapshot", PUSH, "file", "platform")
#: What the engine says of a stream. ``unknown``: nobody has tried yet.
UNKNOWN, LIVE, DOWN, AIM = "unknown", "live", "down", "aim"
RIGHT, WRONG = "right", "wrong"
MOMENTS = ("before", "during", "after")


class VideoGateway(Base):
    """Gateway 流媒体网关: what hands out streams, and how many it gives at a time."""

    __tablename__ = "video_gateway"
    __grades__ = grades({(2, "catalogue"): "area name streams_max", (1, "system"): "id"})
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    name: Mapped[str] = mapped_column(Text)
    streams_max: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        UniqueConstraint("area", "name", name="video_gateway_once"),
        CheckConstraint("streams_max > 0", name="video_gateway_some"),
    )


class WatchedCamera(Base):
    """A camera of the directory that a program looks at, and who answers for that.

    ``sealed_address`` may hold a login, so it is sealed; bound to ``id``. ``channel``: how a
    platform names it. It cannot be on without owner, purpose, approval and its end: the last
    constraint says so whatever the program does. ``off_why``: a word, no free text.
    ``push_print``: a keyed hash of the token by which it pushes its pictures; the token itself is
    kept nowhere. ``view_version``: counts how often somebody said that what it shows is right.
    ``certificate``: SHA-256 (hex) of the one that counts where it is reached by TLS; every camera
    shows its own to everybody, so it is no secret.
    """

    __tablename__ = "watched_camera"
    __grades__ = grades(
        {
            (2, "work"): (
                "area camera_id kind gateway_id owner_id purpose approval approved_until"
                " on on_since off_why set_up_at zones_version view_version certificate"
            ),
            (2, "catalogue"): "channel",
            (4, "secret"): "sealed_address push_print",
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    camera_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("camera.id"), unique=True)
    kind: Mapped[str] = mapped_column(Text)
    sealed_address: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    channel: Mapped[str | None] = mapped_column(Text)
    gateway_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("video_gateway.id"))
    owner_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    purpose: Mapped[str | None] = mapped_column(Text)
    approval: Mapped[str | None] = mapped_column(Text)
    approved_until: Mapped[datetime | None] = mapped_column(Time)
    on: Mapped[bool] = mapped_column(Boolean)
    on_since: Mapped[datetime | None] = mapped_column(Time)
    off_why: Mapped[str | None] = mapped_column(Text)
    set_up_at: Mapped[datetime] = mapped_column(Time)
    zones_version: Mapped[int] = mapped_column(Integer)
    view_version: Mapped[int] = mapped_column(Integer)
    push_print: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    certificate: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("certificate ~ '^[0-9a-f]{64}$'", name="watched_camera_certificate"),
        CheckConstraint(f"kind IN {KINDS}", name="watched_camera_kind"),
        # A push comes by itself; everything else needs to be fetched somewhere.
        CheckConstraint(
            "NOT \"on\" OR kind = 'push' OR sealed_address IS NOT NULL",
            name="watched_camera_address",
        ),
        CheckConstraint(
            "NOT \"on\" OR (owner_id IS NOT NULL AND length(btrim(coalesce(purpose, ''))) > 0"
            " AND length(btrim(coalesce(approval, ''))) > 0 AND approved_until IS NOT NULL"
            " AND on_since IS NOT NULL)",
            name="watched_camera_answered_for",
        ),
        Index("watched_camera_channel", "area", "channel"),
    )


class WatchZone(Base):
    """Zone 检测区: where in a camera's picture one scene is looked for.

    Never edited: what is drawn anew ends it and begins another of the same name. ``corners``:
    shares of the picture. ``lon``, ``lat``, ``metres``: what of the ground it shows, where somebody
    has said so; only then it can look at what other people reported there. ``clear_looks``: so
    many looks without the problem mean that it is gone (of the scene).
    """

    __tablename__ = "watch_zone"
    __grades__ = grades(
        {
            (2, "work"): (
                "watched_id scene name corners clear_looks began_at ended_at since_version"
            ),
            (2, "place"): "lon lat metres",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    watched_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watched_camera.id"))
    scene: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    corners: Mapped[list[Any]] = mapped_column(JSONB)
    clear_looks: Mapped[int] = mapped_column(SmallInteger)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)
    metres: Mapped[float | None] = mapped_column(Float)
    since_version: Mapped[int] = mapped_column(Integer)
    began_at: Mapped[datetime] = mapped_column(Time)
    ended_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("clear_looks > 0", name="watch_zone_looks"),
        CheckConstraint(
            "(lon IS NULL) = (lat IS NULL) AND (lon IS NULL) = (metres IS NULL)",
            name="watch_zone_ground",
        ),
        Index(
            "watch_zone_now",
            "watched_id",
            "scene",
            "name",
            unique=True,
            postgresql_where=sql_text("ended_at IS NULL"),
        ),
        Index("watch_zone_scene", "scene", postgresql_where=sql_text("ended_at IS NULL")),
    )


class Finding(Base):
    """Finding 发现: a problem that a camera sees in a zone, from when it was sure until it is gone.

    At most one is open for each camera, zone (by name) and scene, whatever was restarted or runs
    twice: an index says so. ``key``: the engine's own name of it, by which saying it twice is
    saying it once. ``verdict``: what an officer made of it; ``reason`` is a word.
    """

    __tablename__ = "finding"
    __grades__ = grades(
        {
            (2, "work"): (
                "area watched_id zone_id scene zone signal_id opened_at seen_at seen_times score"
                " cleared_at cleared_why verdict reason judged_at judged_by"
            ),
            (1, "catalogue"): "category_scheme category_code",
            (1, "system"): "id version key",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    key: Mapped[str] = mapped_column(Text, unique=True)
    watched_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watched_camera.id"))
    zone_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watch_zone.id"))
    scene: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    category_scheme: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str] = mapped_column(Text)
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    score: Mapped[float] = mapped_column(Float)
    opened_at: Mapped[datetime] = mapped_column(Time)
    seen_at: Mapped[datetime] = mapped_column(Time)
    seen_times: Mapped[int] = mapped_column(Integer)
    cleared_at: Mapped[datetime | None] = mapped_column(Time)
    cleared_why: Mapped[str | None] = mapped_column(Text)
    verdict: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[datetime | None] = mapped_column(Time)
    judged_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))

    __table_args__ = (
        CheckConstraint("verdict IN ('right', 'wrong')", name="finding_verdict"),
        CheckConstraint("(verdict = 'wrong') = (reason IS NOT NULL)", name="finding_reason"),
        Index(
            "finding_open",
            "watched_id",
            "scene",
            "zone",
            unique=True,
            postgresql_where=sql_text("cleared_at IS NULL"),
        ),
        Index("finding_newest", "area", "opened_at", "id"),
        Index("finding_camera", "watched_id", "opened_at"),
        Index("finding_signal", "signal_id"),
    )


class FindingPicture(Base):
    """A masked picture of a finding: before it, during it, after it.

    ``how``: masked (persons and plates covered) or mosaic (no detector for persons was there, so
    all of it is reduced). No other picture ever gets here.
    """

    __tablename__ = "finding_picture"
    __grades__ = grades(
        {
            (2, "work"): "finding_id moment at bytes width height how",
            (4, "secret"): "digest",
        }
    )
    finding_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("finding.id"), primary_key=True)
    moment: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Time)
    digest: Mapped[bytes] = mapped_column(LargeBinary, info=NAMES_A_FILE)
    bytes: Mapped[int] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    how: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(f"moment IN {MOMENTS}", name="finding_picture_moment"),
        CheckConstraint("how IN ('masked', 'mosaic')", name="finding_picture_masked"),
        Index("finding_picture_file", "digest"),
    )


class CameraThreshold(Base):
    """From how sure on a scene's findings count at one camera, where that is another than the
    scene's own file says. ``by``: verdicts (and they go on setting it) or hand (and they do not).
    Verdicts on findings that were opened before ``since`` have had their effect. ``right``,
    ``wrong``: the verdicts that set it, 0 where a person did.
    """

    __tablename__ = "camera_threshold"
    __grades__ = grades({(2, "work"): "watched_id scene least by since right wrong"})
    watched_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("watched_camera.id"), primary_key=True
    )
    scene: Mapped[str] = mapped_column(Text, primary_key=True)
    least: Mapped[float] = mapped_column(Float)
    by: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Time)
    right: Mapped[int] = mapped_column(Integer)
    wrong: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        CheckConstraint("by IN ('verdicts', 'hand')", name="camera_threshold_by"),
        CheckConstraint("least > 0 AND least < 1", name="camera_threshold_share"),
    )


class CameraHealth(Base):
    """How a watched camera's stream is, since when, and why it is down.

    ``meant``: of one that was moved, the outlines of the view that is meant, as its gate knows them
    (no picture: ``gate.outlines``); ``meant_view``: which ``view_version`` that is.
    """

    __tablename__ = "camera_health"
    __grades__ = grades({(2, "work"): "watched_id state since reason heard_at meant_view meant"})
    watched_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("watched_camera.id"), primary_key=True
    )
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Time)
    reason: Mapped[str | None] = mapped_column(Text)
    heard_at: Mapped[datetime] = mapped_column(Time)
    meant_view: Mapped[int | None] = mapped_column(Integer)
    meant: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)

    __table_args__ = (
        CheckConstraint("(meant IS NULL) = (meant_view IS NULL)", name="camera_health_meant"),
    )


class CameraOutage(Base):
    """One outage of a stream, from its first moment to its last; ``reason`` is a word."""

    __tablename__ = "camera_outage"
    __grades__ = grades({(2, "work"): "watched_id began_at ended_at reason", (1, "system"): "id"})
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    watched_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watched_camera.id"))
    began_at: Mapped[datetime] = mapped_column(Time)
    ended_at: Mapped[datetime | None] = mapped_column(Time)
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index(
            "camera_outage_now",
            "watched_id",
            unique=True,
            postgresql_where=sql_text("ended_at IS NULL"),
        ),
        Index("camera_outage_past", "watched_id", "began_at"),
    )


class CameraCadence(Base):
    """How often a camera was really looked at for a scene, in a stretch that begins at ``at``.

    ``promised`` and ``reached`` are seconds from one look to the next; ``reached`` is the longest
    gap of the stretch, None where there was no look at all. ``shed``: looks left out under load.
    """

    __tablename__ = "camera_cadence"
    __grades__ = grades({(2, "work"): "watched_id scene at seconds promised reached looks shed"})
    watched_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("watched_camera.id"), primary_key=True
    )
    scene: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Time, primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    promised: Mapped[float] = mapped_column(Float)
    reached: Mapped[float | None] = mapped_column(Float)
    looks: Mapped[int] = mapped_column(Integer)
    shed: Mapped[int] = mapped_column(Integer)

    __table_args__ = (Index("camera_cadence_at", "at"),)


class CameraLook(Base):
    """A person's look at what a camera shows now: who, why, and for some seconds the picture.

    The row stays, as the entry in the journal refers to it; the picture, masked and sealed, is
    taken out when the look is over. ``note`` is masked. Wall time.
    """

    __tablename__ = "camera_look"
    __grades__ = grades(
        {
            (2, "work"): "watched_id staff_id reason note asked_at until answered_at how",
            (4, "secret"): "sealed_picture",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    watched_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("watched_camera.id"))
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    reason: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Time)
    until: Mapped[datetime] = mapped_column(Time)
    answered_at: Mapped[datetime | None] = mapped_column(Time)
    how: Mapped[str | None] = mapped_column(Text)
    sealed_picture: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    __table_args__ = (
        CheckConstraint("how IN ('masked', 'mosaic')", name="camera_look_masked"),
        Index("camera_look_until", "until"),
    )
