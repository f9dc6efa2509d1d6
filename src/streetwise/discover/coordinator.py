"""Between the eyes and the rows: what is to be watched goes down, what was found comes up.

One coordinator in the whole installation (``streetwise discover``). It reads every few seconds what
is switched on, gives the fleet its cameras, and writes what the fleet tells: findings with their
pictures, looks at problems that are known, outages, cadences, pictures for whoever may look. It
holds no picture longer than it takes to store it. Each message is written by an action that may be
told twice, so one that could not be written (the database is being restarted) is tried again.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from streetwise.discover import findings, keeping, watching
from streetwise.discover.engine.memory import KIND as MEMORY
from streetwise.discover.engine.orders import Charge, pictures_of
from streetwise.discover.engine.shard import Stream, Watched
from streetwise.discover.engine.wire import Message
from streetwise.discover.findings import Kept, Moment
from streetwise.discover.health import Healths
from streetwise.discover.keeping import Cadence, CameraToWatch, ZoneToWatch
from streetwise.discover.moved import MovedCameras
from streetwise.discover.push_tokens import print_of
from streetwise.discover.pushing import Pushes
from streetwise.discover.system import SYSTEM
from streetwise.discover.values import Zone
from streetwise.kernel import logs
from streetwise.kernel.runtime import Runtime

log = logs.get(__name__)

Spot = tuple[str, str, str]
"""Camera (id as text), scene, zone: what the engine calls a place."""


class Fleet(Protocol):
    """What a shard on this machine and a fleet of many have in common."""

    def watch(self, cameras: Sequence[Watched]) -> None:
        """From now on these cameras, and no others."""

    def remember(self, message: Message) -> None:
        """What was known of cameras that are watched now (``engine/memory.py``)."""

    def ask(self, camera: str, request: str) -> None:
        """Somebody may look at a camera."""

    def push(self, camera: str, jpeg: bytes) -> bool:
        """A camera that pushes its pictures has sent one; False: nobody looks now."""

    async def run(self) -> None:
        """Work until cancelled."""


@dataclass(frozen=True, slots=True)
class CoordinatorRules:
    """``watch_seconds``: how often what is switched on is read. ``look_seconds``: how often it is
    asked who wants to look. ``retry_seconds``: after which a message that could not be written is
    tried again. ``messages_most``: told and not yet written; from then on what only repeats itself
    (cadences, looks at what is known) is left out. ``waiting_bytes``: of their pictures; beyond
    it nothing is kept, and that is said. ``every_seconds``: between two pictures of a camera that
    is asked for them, or of a file.
    """

    watch_seconds: float = 5.0
    look_seconds: float = 1.0
    retry_seconds: float = 2.0
    messages_most: int = 2_000
    waiting_bytes: int = 256 * 1024 * 1024
    every_seconds: float = 2.0


#: What may be over in a moment: the database starts again, no connection is free, a disk is full.
AWAY = (OperationalError, PoolTimeout, OSError)
#: What is told again by itself; everything else is kept until it is written.
_REPEATED = frozenset(("cadences", "looked", "streams", "memory", "ready"))


class Coordinator:
    """``make_fleet``: given the function that hears what is told. ``listener``: a socket on which
    cameras push their pictures; none: no picture is taken.
    """

    def __init__(
        self,
        runtime: Runtime,
        make_fleet: Callable[[Callable[[Message], None]], Fleet],
        rules: CoordinatorRules | None = None,
        listener: socket.socket | None = None,
    ) -> None:
        self._runtime, self._rules = runtime, rules or CoordinatorRules()
        self._fleet = make_fleet(self._heard)
        self._listener = listener
        self._pushes = Pushes(partial(print_of, runtime.keys), self._fleet.push, self._heard)
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._zones: dict[Spot, ZoneToWatch] = {}
        self._open: dict[Spot, str] = {}
        self._numbers: dict[str, int] = {}
        self._healths = Healths()
        self._names: dict[str, str] = {}
        self._approved: dict[str, datetime] = {}
        self._free_looks: dict[Spot, int] = {}
        self._moved = MovedCameras(runtime)
        self._waiting_bytes = 0
        self.left_out = 0

    async def run(self) -> None:
        """Coordinate until cancelled."""
        await self._take_up()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_always())
            group.create_task(self._fleet.run())
            group.create_task(self._write_always())
            group.create_task(self._answer_always())
            if self._listener is not None:
                group.create_task(self._pushes.serve(self._listener))

    async def _take_up(self) -> None:
        """What is open goes on being open: the engine begins anew, the street does not."""
        self._open = {
            (str(one.watched_id), one.scene, one.zone): one.key
            for one in await keeping.open_now(self._runtime)
        }
        await self._moved.take_up()

    # -- what is to be watched -------------------------------------------------------------

    async def _watch_always(self) -> None:
        before: list[Watched] = []
        while True:
            try:
                wanted = await self._wanted()
            except AWAY as error:
                log.warning("watching_unread", error=type(error).__name__)
                # What was approved until now is not looked at a moment longer, whatever is away.
                now = self._runtime.database.clock.now()
                wanted = [one for one in before if self._approved[one.charge.camera] > now]
            if wanted != before:
                self._fleet.watch(wanted)
                known = {one.charge.camera for one in before}
                fresh = [one.charge for one in wanted if one.charge.camera not in known]
                memory = self._moved.known_of(fresh)
                if memory is not None:
                    self._fleet.remember(memory)
                before = wanted
            await asyncio.sleep(self._rules.watch_seconds)

    async def _wanted(self) -> list[Watched]:
        cameras = await keeping.what_to_watch(self._runtime)
        async with self._runtime.database.read(SYSTEM) as session:
            held = await watching.zones_with_cases(session, self._runtime.database.clock.now())
        self._zones = {
            (str(camera.watched_id), zone.scene, zone.name): zone
            for camera in cameras
            for zone in camera.zones
        }
        self._names = {str(one.watched_id): one.code for one in cameras}
        self._approved = {str(one.watched_id): one.approved_until for one in cameras}
        self._pushes.allow(
            {str(one.watched_id): one.push_print for one in cameras if one.push_print is not None}
        )
        self._healths.only({str(one.watched_id) for one in cameras})
        return [self._watched(one, held) for one in cameras]

    def _watched(self, camera: CameraToWatch, held: set[UUID]) -> Watched:
        name = str(camera.watched_id)
        number = self._numbers.setdefault(name, len(self._numbers))
        charge = Charge(
            number,
            name,
            tuple(Zone(name, one.scene, one.name, one.corners) for one in camera.zones),
            least=camera.least,
            held=frozenset(one.scene for one in camera.zones if one.zone_id in held),
            view=camera.view,
        )
        address = camera.address or ""
        stream = Stream(
            camera.kind,
            address.removeprefix("file://") if camera.kind == "file" else address,
            *(camera.gateway or ("", 0)),
            every_seconds=self._rules.every_seconds,
            fingerprint=camera.fingerprint or "",
        )
        return Watched(charge, stream)

    # -- what was told ---------------------------------------------------------------------

    def _heard(self, message: Message) -> None:
        full = self._messages.qsize() >= self._rules.messages_most
        too_much = self._waiting_bytes + len(message.body) > self._rules.waiting_bytes
        if too_much or (full and message.kind in _REPEATED):
            self.left_out += 1
            if too_much:
                log.error("told_left_out", kind=message.kind)
            return
        self._waiting_bytes += len(message.body)
        self._messages.put_nowait(message)

    async def _write_always(self) -> None:
        while True:
            message = await self._messages.get()
            while not await self._written(message):
                await asyncio.sleep(self._rules.retry_seconds)
            self._waiting_bytes -= len(message.body)

    async def _written(self, message: Message) -> bool:
        """False: what is needed for it is away, and it is to be tried again."""
        try:
            await self._write(message)
        except AWAY as error:
            log.warning("told_not_written", kind=message.kind, error=type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - one message that is wrong must not end looking
            log.error("told_refused", kind=message.kind, error=type(error).__name__)
        return True

    async def _write(self, message: Message) -> None:
        told = message.fields
        if message.kind == "opened":
            await self._opened(message)
        elif message.kind == "cleared":
            await self._cleared(message)
        elif message.kind == "looked":
            await self._looked(told)
        elif message.kind == "shown":
            await self._shown(message)
        elif message.kind == "cadences":
            await self._cadences(told)
        elif message.kind == MEMORY:
            await self._moved.heard(told)
        elif message.kind == "overload":
            say = log.warning if told["began"] else log.info
            say("overload" if told["began"] else "overload_over", late=told["late"])
        elif message.kind == "unserved":
            for camera, scene in told["scenes"]:
                log.warning("scene_unserved", camera=self._names.get(camera), scene=scene)
        await self._health(message)

    async def _opened(self, message: Message) -> None:
        told = message.fields
        spot = _spot(told)
        zone = self._zones.get(spot)
        if zone is None:
            return  # switched off or drawn anew since
        pictures = pictures_of(message)
        kept = [await self._keep("during", told["at"], pictures["during"], told["how"])]
        if told["before_at"] is not None:
            kept.append(
                await self._keep("before", told["before_at"], pictures["before"], told["how"])
            )
        # The same finding told twice, by two eyes or after a restart, has one key.
        key = f"{spot[0]}:{spot[1]}:{spot[2]}:{told['since']:.0f}"
        async with self._runtime.database.unit_of_work(SYSTEM) as uow:
            opened = findings.Opened(
                key, zone.zone_id, self._business(told["at"]), told["score"], tuple(kept)
            )
            known = await findings.open_findings(uow, self._runtime.keys, [opened])
        if key in known:
            self._open[spot] = known[key].key
            self._free_looks.pop(spot, None)

    async def _cleared(self, message: Message) -> None:
        told = message.fields
        key = self._open.get(_spot(told))
        if key is None:
            return
        picture = pictures_of(message)["after"]
        kept = await self._keep("after", told["at"], picture, told["how"])
        async with self._runtime.database.unit_of_work(SYSTEM) as uow:
            await findings.clear(uow, key, self._business(told["at"]), [kept])
        self._open.pop(_spot(told), None)
        self._free_looks.pop(_spot(told), None)

    async def _looked(self, told: dict[str, Any]) -> None:
        spot = _spot(told)
        zone, key = self._zones.get(spot), self._open.get(spot)
        if zone is None:
            return
        at = self._business(told["at"])
        if not told["free"]:
            self._free_looks.pop(spot, None)
        async with self._runtime.database.unit_of_work(SYSTEM) as uow:
            if key is not None and not told["free"]:
                await findings.seen(uow, [key], at)
            elif key is not None and self._is_forgotten(spot, zone):
                await findings.clear(uow, key, at)
            look = watching.Look(zone.zone_id, at, clear=told["free"])
            await watching.looked(uow, self._runtime.keys, [look])
        if self._free_looks.get(spot, 0) >= 2 * zone.clear_looks:
            self._open.pop(spot, None)
            self._free_looks.pop(spot, None)

    def _is_forgotten(self, spot: Spot, zone: ZoneToWatch) -> bool:
        """Whether the eye says again and again that a place is free and never that a finding is
        gone: it began anew, and knows nothing of it. Twice as many looks as it would need itself.
        """
        self._free_looks[spot] = self._free_looks.get(spot, 0) + 1
        return self._free_looks[spot] >= 2 * zone.clear_looks

    async def _cadences(self, told: dict[str, Any]) -> None:
        end = self._business(told["at"])
        shed = {(camera, scene): left_out for camera, scene, left_out in told.get("shed", ())}
        rows = [
            Cadence(
                UUID(camera),
                scene,
                end - timedelta(seconds=told["seconds"]),
                told["seconds"],
                promised=wanted,
                reached=longest if looks else None,
                looks=looks,
                shed=shed.get((camera, scene), 0),
            )
            for camera, scene, wanted, looks, _half, _p95, longest, _late in told["rows"]
            if (camera in self._names)
        ]
        async with self._runtime.database.unit_of_work(SYSTEM) as uow:
            await keeping.publish_cadence(uow, rows)

    async def _health(self, message: Message) -> None:
        said = [
            keeping.Health(
                UUID(one.camera), one.state, self._runtime.database.clock.now(), one.reason
            )
            for one in self._healths.heard(message)
        ]
        if said:
            async with self._runtime.database.unit_of_work(SYSTEM) as uow:
                await keeping.say_health(uow, said)

    # -- who may look ----------------------------------------------------------------------

    async def _answer_always(self) -> None:
        asked: dict[UUID, float] = {}
        while True:
            now = time.monotonic()
            try:
                for look_id, camera in await keeping.looks_wanted(self._runtime):
                    # Asked again after a while: the eye may have ended with the request.
                    if now - asked.get(look_id, 0.0) > 10 * self._rules.look_seconds:
                        asked[look_id] = now
                        self._fleet.ask(str(camera), str(look_id))
            except AWAY as error:
                log.warning("looks_unread", error=type(error).__name__)
            asked = {one: at for one, at in asked.items() if now - at < 600}
            await asyncio.sleep(self._rules.look_seconds)

    async def _shown(self, message: Message) -> None:
        jpeg = pictures_of(message)["now"]
        for request in message.fields["requests"]:
            await keeping.answer_look(self._runtime, UUID(request), jpeg, message.fields["how"])

    # -- small things ----------------------------------------------------------------------

    async def _keep(self, moment: Moment, at: float, jpeg: bytes, how: findings.How) -> Kept:
        return await keeping.store(self._runtime.files, moment, self._business(at), jpeg, how)

    def _business(self, wall: float) -> datetime:
        """A wall time of the engine as business time: so long ago, by the street's own clock."""
        ago = max(0.0, time.time() - wall)
        return self._runtime.database.clock.now() - timedelta(seconds=ago)


def _spot(told: dict[str, Any]) -> Spot:
    return (told["camera"], told["scene"], told["zone"])
