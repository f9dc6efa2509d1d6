"""Cameras that are watched: zones, findings with masked pictures, outages, cadence, looks.

Revision ID: 0028
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TIME = postgresql.TIMESTAMP(timezone=True)
_ID = postgresql.UUID(as_uuid=True)


def upgrade() -> None:
    _watched()
    _zones()
    _findings()
    _pictures()
    _health()
    _looks()


def _col(name: str, kind: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=null)


def _watched() -> None:
    op.create_table(
        "video_gateway",
        _col("id", _ID),
        _col("area", sa.Text()),
        _col("name", sa.Text()),
        _col("streams_max", sa.Integer()),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("area", "name", name="video_gateway_once"),
        sa.CheckConstraint("streams_max > 0", name="video_gateway_some"),
    )
    op.create_table(
        "watched_camera",
        _col("id", _ID),
        _col("version", sa.Integer()),
        _col("area", sa.Text()),
        _col("camera_id", _ID),
        _col("kind", sa.Text()),
        _col("sealed_address", sa.LargeBinary(), null=True),
        _col("channel", sa.Text(), null=True),
        _col("gateway_id", _ID, null=True),
        _col("owner_id", _ID, null=True),
        _col("purpose", sa.Text(), null=True),
        _col("approval", sa.Text(), null=True),
        _col("approved_until", _TIME, null=True),
        _col("on", sa.Boolean()),
        _col("on_since", _TIME, null=True),
        _col("off_why", sa.Text(), null=True),
        _col("set_up_at", _TIME),
        _col("zones_version", sa.Integer()),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"]),
        sa.ForeignKeyConstraint(["gateway_id"], ["video_gateway.id"]),
        sa.ForeignKeyConstraint(["owner_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("camera_id"),
        sa.CheckConstraint(
            "kind IN ('rtsp', 'snapshot', 'push', 'file', 'platform')", name="watched_camera_kind"
        ),
        sa.CheckConstraint(
            "NOT \"on\" OR kind = 'push' OR sealed_address IS NOT NULL",
            name="watched_camera_address",
        ),
        sa.CheckConstraint(
            "NOT \"on\" OR (owner_id IS NOT NULL AND length(btrim(coalesce(purpose, ''))) > 0"
            " AND length(btrim(coalesce(approval, ''))) > 0 AND approved_until IS NOT NULL"
            " AND on_since IS NOT NULL)",
            name="watched_camera_answered_for",
        ),
    )
    op.create_index("watched_camera_channel", "watched_camera", ["area", "channel"])


def _zones() -> None:
    op.create_table(
        "watch_zone",
        _col("id", _ID),
        _col("watched_id", _ID),
        _col("scene", sa.Text()),
        _col("name", sa.Text()),
        _col("corners", postgresql.JSONB()),
        _col("clear_looks", sa.SmallInteger()),
        *(_col(name, sa.Float(), null=True) for name in ("lon", "lat", "metres")),
        _col("since_version", sa.Integer()),
        _col("began_at", _TIME),
        _col("ended_at", _TIME, null=True),
        sa.ForeignKeyConstraint(["watched_id"], ["watched_camera.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("clear_looks > 0", name="watch_zone_looks"),
        sa.CheckConstraint(
            "(lon IS NULL) = (lat IS NULL) AND (lon IS NULL) = (metres IS NULL)",
            name="watch_zone_ground",
        ),
    )
    now = sa.text("ended_at IS NULL")
    op.create_index(
        "watch_zone_now",
        "watch_zone",
        ["watched_id", "scene", "name"],
        unique=True,
        postgresql_where=now,
    )
    op.create_index("watch_zone_scene", "watch_zone", ["scene"], postgresql_where=now)


def _findings() -> None:
    op.create_table(
        "finding",
        _col("id", _ID),
        _col("version", sa.Integer()),
        _col("area", sa.Text()),
        _col("key", sa.Text()),
        _col("watched_id", _ID),
        _col("zone_id", _ID),
        *(_col(name, sa.Text()) for name in ("scene", "zone", "category_scheme", "category_code")),
        _col("signal_id", _ID),
        _col("score", sa.Float()),
        _col("opened_at", _TIME),
        _col("seen_at", _TIME),
        _col("seen_times", sa.Integer()),
        _col("cleared_at", _TIME, null=True),
        _col("cleared_why", sa.Text(), null=True),
        _col("verdict", sa.Text(), null=True),
        _col("reason", sa.Text(), null=True),
        _col("judged_at", _TIME, null=True),
        _col("judged_by", _ID, null=True),
        sa.ForeignKeyConstraint(["area"], ["area.code"]),
        sa.ForeignKeyConstraint(["watched_id"], ["watched_camera.id"]),
        sa.ForeignKeyConstraint(["zone_id"], ["watch_zone.id"]),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"]),
        sa.ForeignKeyConstraint(["judged_by"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("verdict IN ('right', 'wrong')", name="finding_verdict"),
        sa.CheckConstraint("(verdict = 'wrong') = (reason IS NOT NULL)", name="finding_reason"),
    )
    op.create_index(
        "finding_open",
        "finding",
        ["watched_id", "scene", "zone"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_index("finding_newest", "finding", ["area", "opened_at", "id"])
    op.create_index("finding_camera", "finding", ["watched_id", "opened_at"])
    op.create_index("finding_signal", "finding", ["signal_id"])


def _pictures() -> None:
    op.create_table(
        "finding_picture",
        _col("finding_id", _ID),
        _col("moment", sa.Text()),
        _col("at", _TIME),
        _col("digest", sa.LargeBinary()),
        *(_col(name, sa.Integer()) for name in ("bytes", "width", "height")),
        _col("how", sa.Text()),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"]),
        sa.PrimaryKeyConstraint("finding_id", "moment"),
        sa.CheckConstraint(
            "moment IN ('before', 'during', 'after')", name="finding_picture_moment"
        ),
        sa.CheckConstraint("how IN ('masked', 'mosaic')", name="finding_picture_masked"),
    )
    op.create_index("finding_picture_file", "finding_picture", ["digest"])


def _watched_key() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["watched_id"], ["watched_camera.id"])


def _health() -> None:
    op.create_table(
        "camera_health",
        _col("watched_id", _ID),
        _col("state", sa.Text()),
        _col("since", _TIME),
        _col("reason", sa.Text(), null=True),
        _col("heard_at", _TIME),
        _watched_key(),
        sa.PrimaryKeyConstraint("watched_id"),
    )
    op.create_table(
        "camera_outage",
        _col("id", _ID),
        _col("watched_id", _ID),
        _col("began_at", _TIME),
        _col("ended_at", _TIME, null=True),
        _col("reason", sa.Text()),
        _watched_key(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "camera_outage_now",
        "camera_outage",
        ["watched_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("camera_outage_past", "camera_outage", ["watched_id", "began_at"])
    op.create_table(
        "camera_cadence",
        _col("watched_id", _ID),
        _col("scene", sa.Text()),
        _col("at", _TIME),
        _col("seconds", sa.Float()),
        _col("promised", sa.Float()),
        _col("reached", sa.Float(), null=True),
        _col("looks", sa.Integer()),
        _col("shed", sa.Integer()),
        _watched_key(),
        sa.PrimaryKeyConstraint("watched_id", "scene", "at"),
    )
    op.create_index("camera_cadence_at", "camera_cadence", ["at"])


def _looks() -> None:
    op.create_table(
        "camera_look",
        _col("id", _ID),
        _col("watched_id", _ID),
        _col("staff_id", _ID),
        _col("reason", sa.Text()),
        _col("note", sa.Text(), null=True),
        _col("asked_at", _TIME),
        _col("until", _TIME),
        _col("answered_at", _TIME, null=True),
        _col("how", sa.Text(), null=True),
        _col("sealed_picture", sa.LargeBinary(), null=True),
        sa.ForeignKeyConstraint(["watched_id"], ["watched_camera.id"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("how IN ('masked', 'mosaic')", name="camera_look_masked"),
    )
    op.create_index("camera_look_until", "camera_look", ["until"])
