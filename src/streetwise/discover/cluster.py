"""A fleet on many machines: one Ray actor on each holds one shard.

Needs ``pip install streetwise[cluster]``.

Frames never cross actors: each reads its own cameras' streams and tells what it found. The fleet
itself (this object, one in the whole cluster) says who looks at what, keeps what each shard knew of
its zones, and gives both to the others when a machine is lost. A machine that does not answer for
a while counts as lost and is ended; should it live on beyond a broken network, two look at a
camera for that time: who stores findings refuses the second (docs/decisions/0045).
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from streetwise.discover.engine.memory import KIND as MEMORY
from streetwise.discover.engine.memory import Kept, by_camera
from streetwise.discover.engine.shard import Shard, ShardSettings, Watched
from streetwise.discover.engine.wire import Message
from streetwise.discover.sharing import share_out, split_among
from streetwise.kernel import logs

log = logs.get(__name__)

#: Ray sends what is smaller than 100 KiB with the call itself, and keeps it nowhere.
INLINE_BYTES = 90 * 1024
#: Files of a model, by the model's name and the file's.
Models = dict[str, dict[str, bytes]]


@dataclass(frozen=True, slots=True)
class FleetRules:
    """``nodes_seconds``: how often the machines of the cluster are counted. ``tell_seconds``: how
    long a shard waits for something to tell before it says that there is nothing.
    ``lost_seconds``: one that says nothing for so long is lost.
    """

    nodes_seconds: float = 2.0
    tell_seconds: float = 1.0
    lost_seconds: float = 10.0
    start_seconds: float = 60.0


class ShardActor:
    """A shard inside an actor; everything that it tells is fetched from it."""

    def __init__(self, settings: ShardSettings, models: Models) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sw-models-")
        unpack_models(models, Path(self._folder.name))
        self._settings = replace(settings, models=Path(self._folder.name))
        self._told: list[Message] = []
        self._shard: Shard | None = None

    async def start(self) -> str:
        """Begin; the name of the machine."""
        self._more = asyncio.Event()
        self._shard = Shard(self._settings, self._heard)
        self._running = asyncio.create_task(self._shard.run())
        return str(ray.get_runtime_context().get_node_id())

    async def watch(self, cameras: list[Watched], memories: list[Message]) -> None:
        """From now on these cameras; ``memories`` of those that come from elsewhere."""
        assert self._shard is not None
        self._shard.watch(cameras)
        for memory in memories:
            self._shard.remember(memory)

    async def remember(self, memory: Message) -> None:
        """As ``Shard.remember``."""
        assert self._shard is not None
        self._shard.remember(memory)

    async def ask(self, camera: str, request: str) -> None:
        """As ``Shard.ask``."""
        assert self._shard is not None
        self._shard.ask(camera, request)

    async def push(self, camera: str, jpeg: bytes) -> bool:
        """As ``Shard.push``."""
        return self._shard is not None and self._shard.push(camera, jpeg)

    async def told(self, wait_seconds: float) -> list[Message]:
        """What was told since the last time; waits for something so long."""
        if self._running.done():
            self._running.result()
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_seconds):
                await self._more.wait()
        told, self._told = self._told, []
        self._more.clear()
        return told

    def _heard(self, message: Message) -> None:
        self._told.append(message)
        self._more.set()


@dataclass(slots=True)
class _Member:
    node: str
    actor: Any
    since: float
    heard_at: float
    task: asyncio.Task[None] | None = None
    ready: bool = False


class Fleet:
    """All shards of a cluster that ``ray.init`` has connected us to; used like a ``Shard``."""

    def __init__(
        self,
        settings: ShardSettings,
        heard: Callable[[Message], None],
        rules: FleetRules | None = None,
    ) -> None:
        self._settings, self._heard, self._rules = settings, heard, rules or FleetRules()
        self._watched: dict[str, Watched] = {}
        self._member_of: dict[str, str] = {}
        self._members: dict[str, _Member] = {}
        self._memories = Kept()
        self._models = ray.put(pack_models(settings.models, settings.detectors))
        self._changed = asyncio.Event()

    def watch(self, cameras: Sequence[Watched]) -> None:
        """From now on these cameras, and no others."""
        self._watched = {one.charge.camera: one for one in cameras}
        self._memories.forget_all_but(self._watched)
        self._changed.set()

    def remember(self, message: Message) -> None:
        """As ``Shard.remember``; given with the charge."""
        for camera, mine in by_camera(message).items():
            if camera in self._watched:
                self._memories.given(camera, mine)
        self._changed.set()

    def ask(self, camera: str, request: str) -> None:
        """As ``Shard.ask``."""
        member = self._members.get(self._member_of.get(camera, ""))
        if member is not None:
            member.actor.ask.remote(camera, request)

    def push(self, camera: str, jpeg: bytes) -> bool:
        """As ``Shard.push``; False where nobody has the camera, and where a picture is so large
        that it would lie in Ray's object store on its way: that may be written to a disk.
        """
        member = self._members.get(self._member_of.get(camera, ""))
        if member is None or len(jpeg) > INLINE_BYTES:
            return False
        member.actor.push.remote(camera, jpeg)
        return True

    @property
    def members(self) -> dict[str, int]:
        """How many cameras each machine has."""
        counts = dict.fromkeys((name for name, one in self._members.items() if one.ready), 0)
        for node in self._member_of.values():
            counts[node] = counts.get(node, 0) + 1
        return counts

    async def run(self) -> None:
        """Keep all machines at work until cancelled; then all actors are ended."""
        try:
            while True:
                self._count_nodes()
                if self._share_out() or self._changed.is_set():
                    self._changed.clear()
                    self._give_charge()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rules.nodes_seconds):
                        await self._changed.wait()
        finally:
            for node in list(self._members):
                self._lose(node, "ended")

    def _count_nodes(self) -> None:
        alive = {str(one["NodeID"]) for one in ray.nodes() if one["Alive"]}
        now = time.monotonic()
        for node, member in list(self._members.items()):
            patience = self._rules.lost_seconds if member.ready else self._rules.start_seconds
            if node not in alive:
                self._lose(node, "gone")
            elif now - member.heard_at > patience:
                self._lose(node, "silent")
        for node in alive - self._members.keys():
            self._begin(node)

    def _begin(self, node: str) -> None:
        actor = (
            ray.remote(ShardActor)
            .options(
                num_cpus=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False),
            )
            .remote(self._settings, self._models)
        )
        now = time.monotonic()
        member = _Member(node, actor, now, now)
        self._members[node] = member
        member.task = asyncio.create_task(self._listen(member))

    async def _listen(self, member: _Member) -> None:
        try:
            await member.actor.start.remote()
            member.ready = True
            log.info("fleet_machine_joined", node=member.node[:12])
            self._changed.set()
            while True:
                told: list[Message] = await member.actor.told.remote(self._rules.tell_seconds)
                member.heard_at = time.monotonic()
                for message in told:
                    self._told(member, message)
        except ray.exceptions.RayError as error:
            if self._members.get(member.node) is member:
                log.warning(
                    "fleet_machine_failed", error=type(error).__name__, said=str(error)[-300:]
                )
                self._lose(member.node, "failed")
                self._changed.set()

    def _told(self, member: _Member, message: Message) -> None:
        if message.kind == MEMORY:
            for camera, mine in by_camera(message).items():
                if camera in self._watched:
                    self._learn(member.node, camera, mine)
        self._heard(message)

    def _learn(self, node: str, camera: str, memory: Message) -> None:
        owner = self._member_of.get(camera)
        if not self._memories.learn(camera, memory, node, owner) or owner in (node, None):
            return
        heir = self._members.get(owner)
        if heir is not None and heir.ready:
            heir.actor.remember.remote(memory)

    def _lose(self, node: str, why: str) -> None:
        member = self._members.pop(node)
        if member.task is not None:
            member.task.cancel()
        # One that is only cut off must not go on looking for long.
        with suppress(ray.exceptions.RayError, ValueError):
            ray.kill(member.actor)
        if why != "ended":
            log.warning("fleet_machine_lost", node=node[:12], why=why)

    def _share_out(self) -> bool:
        """True where somebody's cameras have changed."""
        members = sorted(name for name, one in self._members.items() if one.ready)
        # A gateway that gives fewer streams than there are machines is one machine's.
        together = {
            name: one.stream.gateway
            for name, one in self._watched.items()
            if one.stream.gateway and 0 < one.stream.cap < len(members)
        }
        before, self._member_of = (
            self._member_of,
            share_out(self._watched, members, self._member_of, together),
        )
        return before != self._member_of

    def _places(self) -> dict[tuple[str, str], int]:
        """(Gateway, machine) to how many streams it may have there."""
        caps: dict[str, int] = {}
        cameras: dict[str, Counter[str]] = {}
        for name, node in self._member_of.items():
            stream = self._watched[name].stream
            if stream.gateway:
                caps[stream.gateway] = stream.cap
                cameras.setdefault(stream.gateway, Counter())[node] += 1
        return {
            (gateway, node): cap
            for gateway, counts in cameras.items()
            for node, cap in split_among(caps[gateway], counts).items()
        }

    def _give_charge(self) -> None:
        places = self._places()
        for node, member in self._members.items():
            if not member.ready:
                continue
            mine = [
                replace(one, stream=replace(one.stream, cap=places[one.stream.gateway, node]))
                if one.stream.gateway
                else one
                for name, one in self._watched.items()
                if self._member_of.get(name) == node
            ]
            # All that is known of its cameras: of those that it had before it knows better.
            memories = self._memories.of(one.charge.camera for one in mine)
            member.actor.watch.remote(mine, memories)


def pack_models(folder: Path, names: Sequence[str]) -> Models:
    """The files of models of a registry, to be sent to another machine."""
    return {
        name: {one.name: one.read_bytes() for one in (folder / name).iterdir()} for name in names
    }


def unpack_models(models: Models, folder: Path) -> None:
    """The other way round; the registry verifies each file's hash when it opens it."""
    for name, files in models.items():
        (folder / name).mkdir(parents=True)
        for file, data in files.items():
            (folder / name / file).write_bytes(data)
