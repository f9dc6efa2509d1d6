"""Setting cameras up, switching them on and off. Each with its entry. Zones: ``zoning.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.master_key import RENEWING
from streetwise.discover import health_repository, repository
from streetwise.discover.addresses import check_address
from streetwise.discover.changing import of_version, record, stale
from streetwise.discover.findings import end_findings
from streetwise.discover.streams.errors import Malformed
from streetwise.discover.streams.tls import read_fingerprint
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import KINDS, PUSH, UNKNOWN, WatchedCamera
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask

declare(
    {
        "camera.set_up": "A camera's stream, owner, purpose or approval was written down; data:"
        " kind, new, changed (what is other than before), owner (a unit's id), approval (its"
        " reference, masked), approved_until.",
        "camera.gateway": "It was written down how many streams a gateway gives at a time; data:"
        " streams_max, before (none: it is new).",
        "camera.on": "A camera was switched on for analysis; data: approved_until.",
        "camera.off": "A camera was switched off; data: why.",
    }
)

ADDRESS_PURPOSE = "camera-address"
#: Why a camera is switched off. ``approval_over`` is the program's own.
OFF_REASONS = ("maintenance", "no_need", "relocated", "objection", "other")
APPROVAL_OVER = "approval_over"
#: Kinds of streams that are fetched over a network, where there may be TLS.
FETCHED = ("rtsp", "snapshot", "platform")
ADDRESS_MAX, WORDS_MAX, NAME_MAX = 2000, 200, 60


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is written down of a camera. ``address`` None: as it was. ``owner``: a unit's code.
    ``fingerprint``: SHA-256 of its certificate as people write it; None: authorities vouch for it.
    """

    kind: str
    address: str | None = None
    channel: str | None = None
    gateway: str | None = None
    streams_max: int | None = None
    owner: str | None = None
    purpose: str | None = None
    approval: str | None = None
    approved_until: datetime | None = None
    fingerprint: str | None = None


async def set_up(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    area: str,
    code: str,
    wanted: SetUp,
    version: int | None,
    videos: Path | None = None,
) -> WatchedCamera:
    """Write down what a camera of the directory is watched by, and who answers for it.

    ``version``: of what was watched before, None where it never was. ``videos``: the folder below
    which a video file lies. One that is on stays on, so nothing that it needs may be taken away.
    Raises Invalid, Conflict, StaleVersion.
    """
    viewer.require(repository.SET_UP)
    camera = await repository.in_directory(uow.session, viewer, area, code)
    if camera is None:
        raise Invalid("The directory has no such camera.", code="camera_unknown", camera=code)
    row = await repository.watched_of(uow.session, viewer, camera.id)
    new = row is None
    if row is None:
        row = WatchedCamera(
            id=new_id(),
            version=0,
            area=camera.area,
            camera_id=camera.id,
            on=False,
            zones_version=0,
            view_version=0,
            set_up_at=uow.now,
        )
        uow.session.add(row)
    elif version != row.version:
        raise stale(row)
    before = {} if new else _said(keys, row)
    _write_address(keys, row, wanted, videos)
    await _write(uow, viewer, row, wanted)
    changed = [name for name, value in _said(keys, row).items() if value != before.get(name)]
    lacking = lacks(row, uow.now) if row.on else []
    if lacking:
        raise _lacking(lacking)
    row.version += 1
    row.set_up_at = uow.now
    await uow.session.flush()
    record(uow, viewer, row, "camera.set_up", _told(row, changed, new=new))
    return row


def _said(keys: Keys, row: WatchedCamera) -> dict[str, Any]:
    """All that is written down of a camera."""
    return {
        "kind": row.kind,
        "address": address_of(keys, row),
        "channel": row.channel,
        "gateway": row.gateway_id,
        "owner": row.owner_id,
        "purpose": row.purpose,
        "approval": row.approval,
        "approved_until": row.approved_until,
        "fingerprint": row.certificate,
    }


def _told(row: WatchedCamera, changed: list[str], *, new: bool) -> dict[str, Any]:
    """What the journal says of a set-up: enough to tell later which approval held when, and whose
    it was; never the address.
    """
    data: dict[str, Any] = {"kind": row.kind, "new": new, "changed": changed}
    if row.owner_id is not None:
        data["owner"] = str(row.owner_id)
    if row.approval is not None:
        data["approval"] = mask(row.approval).text
    if row.approved_until is not None:
        data["approved_until"] = row.approved_until.isoformat()
    return data


async def set_up_channel(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area: str, code: str, wanted: SetUp
) -> str:
    """Write down by which address or channel a camera is watched; nothing else of it changes: not
    its owner, purpose, approval or until when that holds. No files.

    ``new``, ``changed`` or ``as_before``, of which only the first two leave an entry.
    """
    camera = await repository.in_directory(uow.session, viewer, area, code)
    assert camera is not None, "the plan was made in this transaction"
    row = await repository.watched_of(uow.session, viewer, camera.id)
    if row is None:
        await set_up(uow, viewer, keys, area, code, wanted, None)
        return "new"
    assert wanted.address is not None
    check_address(wanted.kind, wanted.address, None)
    gateway = await _gateway(uow, viewer, area, wanted)
    before = _said(keys, row)
    if (row.kind, row.channel, row.gateway_id, before["address"]) == (
        wanted.kind,
        wanted.channel,
        gateway,
        wanted.address,
    ):
        return "as_before"
    row.kind, row.channel, row.gateway_id = wanted.kind, wanted.channel, gateway
    row.push_print = None if wanted.kind != PUSH else row.push_print
    row.sealed_address = keys.sealer(ADDRESS_PURPOSE).seal(wanted.address.encode(), row.id.bytes)
    row.version += 1
    row.set_up_at = uow.now
    await uow.session.flush()
    changed = [name for name, value in _said(keys, row).items() if value != before[name]]
    record(uow, viewer, row, "camera.set_up", _told(row, changed, new=False))
    return "changed"


def _write_address(keys: Keys, row: WatchedCamera, wanted: SetUp, videos: Path | None) -> None:
    if wanted.kind not in KINDS:
        raise Invalid("There is no such kind of stream.", code="camera_kind", kind=wanted.kind)
    row.kind = wanted.kind
    if row.kind != PUSH:
        row.push_print = None  # a token that is left behind opens nothing
    address = _words(wanted.address, ADDRESS_MAX)
    # One that stays has to do for another kind as well.
    stays = address_of(keys, row) if address is None else address
    if stays is not None:
        check_address(row.kind, stays, videos)
    if address is not None:
        row.sealed_address = keys.sealer(ADDRESS_PURPOSE).seal(address.encode(), row.id.bytes)


async def _write(uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, wanted: SetUp) -> None:
    row.channel = _words(wanted.channel, WORDS_MAX)
    row.purpose = _words(wanted.purpose, WORDS_MAX)
    row.approval = _words(wanted.approval, WORDS_MAX)
    row.approved_until = wanted.approved_until
    row.certificate = _fingerprint(wanted)
    row.owner_id = None
    if wanted.owner:
        unit = await directory.unit_by_code(uow.session, viewer, wanted.owner)
        if unit is None:
            raise Invalid("There is no such unit.", code="unit_unknown", unit=wanted.owner)
        row.owner_id = unit.id
    row.gateway_id = await _gateway(uow, viewer, row.area, wanted)


async def _gateway(uow: UnitOfWork, viewer: Viewer, area: str, wanted: SetUp) -> UUID | None:
    """The gateway that is wanted; where its cap is another than before, that has its entry."""
    name = _words(wanted.gateway, NAME_MAX)
    if name is None:
        return None
    cap = await repository.gateway(uow.session, viewer, area, name, wanted.streams_max)
    if cap.before != cap.now:
        data = {"streams_max": cap.now, "before": cap.before}
        units = [viewer.unit_id] if viewer.unit_id else []
        entry = Entry(
            viewer.actor,
            "camera.gateway",
            "gateway",
            cap.id,
            area=area,
            units=units,
            data=data,
            drill=viewer.drill,
        )
        uow.record(entry)
    return cap.id


def _fingerprint(wanted: SetUp) -> str | None:
    given = _words(wanted.fingerprint, WORDS_MAX)
    if given is None or wanted.kind not in FETCHED:
        return None
    try:
        return read_fingerprint(given)
    except Malformed:
        raise Invalid(
            "A fingerprint is the SHA-256 of the camera's certificate: 64 hex digits.",
            code="camera_fingerprint",
        ) from None


def _words(text: str | None, most: int) -> str | None:
    found = (text or "").strip()
    if len(found) > most:
        raise Invalid(f"At most {most} characters.", code="too_long", most=most)
    return found or None


def lacks(row: WatchedCamera, now: datetime, *, has_address: bool | None = None) -> list[str]:
    """What a camera has not that it needs to be on. ``has_address``: where the row was read
    without it.
    """
    if has_address is None:
        has_address = row.sealed_address is not None
    needed = {
        "address": row.kind == PUSH or has_address,
        "owner": row.owner_id is not None,
        "purpose": bool(row.purpose),
        "approval": bool(row.approval),
        "approved_until": row.approved_until is not None and row.approved_until > now,
    }
    return [name for name, there in needed.items() if not there]


async def switch_on(uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int) -> None:
    """Let the program look at a camera. Raises Conflict (``camera_lacks``) with what is missing."""
    row = await of_version(uow, viewer, watched_id, version)
    lacking = lacks(row, uow.now)
    if lacking:
        raise _lacking(lacking)
    if row.on:
        return
    row.on, row.on_since, row.off_why = True, uow.now, None
    row.version += 1
    fresh = {"watched_id": row.id, "state": UNKNOWN, "since": uow.now, "reason": None}
    async with looking_as(uow.session, SYSTEM):
        await health_repository.put_health(uow.session, SYSTEM, [{**fresh, "heard_at": uow.now}])
    assert row.approved_until is not None
    data = {"approved_until": row.approved_until.isoformat()}
    record(uow, viewer, row, "camera.on", data)


async def switch_off(
    uow: UnitOfWork, viewer: Viewer, watched_id: UUID, version: int, why: str
) -> None:
    """Look no more. What was found there and is open is ended: nobody would see that it is gone."""
    if why not in OFF_REASONS:
        raise Invalid("Say why it is switched off.", code="off_reason", reason=why)
    row = await of_version(uow, viewer, watched_id, version)
    if row.on:
        await _off(uow, viewer, row, why)


async def end_approvals(uow: UnitOfWork) -> int:
    """Switch off the cameras whose approval is over; how many."""
    rows = await repository.run_out(uow.session, SYSTEM, uow.now)
    for row in rows:
        await _off(uow, SYSTEM, row, APPROVAL_OVER)
    return len(rows)


async def _off(uow: UnitOfWork, viewer: Viewer, row: WatchedCamera, why: str) -> None:
    row.on, row.on_since, row.off_why = False, None, why
    row.version += 1
    await uow.session.flush()
    async with looking_as(uow.session, SYSTEM):
        await health_repository.end_outage(uow.session, SYSTEM, row.id, uow.now)
        await end_findings(uow, row.id, "off")
    record(uow, viewer, row, "camera.off", {"why": why})


def _lacking(names: list[str]) -> Conflict:
    return Conflict(
        "A camera is on only with an address, an owner, a purpose and an approval that holds.",
        code="camera_lacks",
        lacks=names,
    )


def address_of(keys: Keys, row: WatchedCamera) -> str | None:
    """A camera's address, opened. For the engine."""
    if row.sealed_address is None:
        return None
    return keys.sealer(ADDRESS_PURPOSE).open(row.sealed_address, row.id.bytes).decode()


async def _renew_addresses(*, session: AsyncSession, viewer: Viewer, keys: Keys) -> list[int]:
    renew = keys.sealer(ADDRESS_PURPOSE).renewed
    return [await repository.renew_addresses(session, viewer, renew)]


hooks.register(RENEWING, _renew_addresses)
