"""How a camera is, from what its stream, its pictures and its decoder say. Pure.

Three things can be wrong, and only the worst is shown: nothing comes (the stream's own outage),
what comes cannot be used (damaged, or it crashes decoders), or what is seen says nothing (the
camera was moved or is covered). Dark is no fault: it is night.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Literal

from streetwise.discover.engine.wire import Message

#: The reason of a stream whose first connection has not been made yet.
WAITING = "waiting"
State = Literal["unknown", "live", "down", "aim"]
#: What the gate says of a picture from which nothing may be concluded, until somebody looks.
_AIM = {"moved": "moved", "covered": "covered"}


@dataclass(frozen=True, slots=True)
class HealthNow:
    """A camera's state as it is now; ``reason`` is a word."""

    camera: str
    state: State
    reason: str | None


@dataclass(slots=True)
class _Camera:
    down: str | None = None  # the stream's reason
    broken: str | None = None
    aim: str | None = None
    seen: bool = False
    said: tuple[State, str | None] | None = field(default=None)

    def now(self) -> tuple[State, str | None]:
        if self.down is not None:
            return "down", self.down
        if self.broken is not None:
            return "down", self.broken
        if self.aim is not None:
            return "aim", self.aim
        return ("live", None) if self.seen else ("unknown", None)


class Healths:
    """All cameras. ``heard`` gives those whose state a message changes."""

    def __init__(self) -> None:
        self._cameras: dict[str, _Camera] = {}

    def only(self, cameras: Set[str]) -> None:
        """From now on these; one that comes back begins anew."""
        for gone in self._cameras.keys() - cameras:
            del self._cameras[gone]
        for camera in cameras:
            self._cameras.setdefault(camera, _Camera())

    def heard(self, message: Message) -> list[HealthNow]:
        """What a message of the engine says of cameras' health: changes only."""
        if message.kind == "streams":
            # A reader that was started anew says of a stream that is well no line of its own.
            return [
                one for row in message.fields["rows"] if row[1] == "up" for one in self._up(row[0])
            ]
        told = message.fields
        name = str(told.get("camera"))
        camera = self._cameras.get(name)
        if camera is None:
            return []
        if message.kind == "line":
            if told["up"]:
                return self._up(name)
            # Not yet tried, among a hundred that connect one after the other: no outage.
            if told["reason"] != WAITING or camera.seen:
                camera.down = str(told["reason"])
        elif message.kind == "crashed":
            # Once may be chance: only one that has to wait is out of order.
            camera.broken = "crashes" if told["waits_seconds"] is not None else camera.broken
        elif message.kind == "view":
            state = told["state"]
            camera.broken = "damaged" if state == "damaged" else None
            if state != "damaged":
                camera.seen, camera.aim = True, _AIM.get(state)
        else:
            return []
        return self._said(name)

    def _up(self, name: str) -> list[HealthNow]:
        camera = self._cameras.get(name)
        if camera is None:
            return []
        camera.down, camera.seen = None, True
        return self._said(name)

    def _said(self, name: str) -> list[HealthNow]:
        camera = self._cameras[name]
        if camera.now() == camera.said:
            return []
        camera.said = camera.now()
        return [HealthNow(name, *camera.said)]
