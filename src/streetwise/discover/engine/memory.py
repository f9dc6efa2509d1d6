"""What an eye knows that would be lost with it, as it goes to the next one. Pure.

A ``memory`` message has the state of the rules, by camera, scene and zone (``rules``), and of
cameras that were moved what their gate knew of the view that is meant (``gates``): an eye that
begins anew would otherwise take what a moved camera shows for right. ``at``: wall time.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from streetwise.discover.engine.wire import Message

KIND = "memory"
_PARTS = ("rules", "gates")


def memory(
    at: float, rules: list[dict[str, Any]], gates: list[dict[str, Any]], cameras: list[str]
) -> Message:
    """The message. ``cameras``: all that it is about; of one without a row nothing is known."""
    return Message(KIND, {"at": at, "rules": rules, "gates": gates, "cameras": cameras})


def gates_memory(at: float, gates: list[dict[str, Any]]) -> Message:
    """Of cameras of which no more is known than what their gates knew."""
    return memory(at, [], gates, [row["camera"] for row in gates])


def by_camera(message: Message) -> dict[str, Message]:
    """The same in pieces, one for each camera that it is about."""
    told = message.fields
    pieces = {camera: memory(told["at"], [], [], [camera]) for camera in told["cameras"]}
    for part in _PARTS:
        for row in told[part]:
            pieces[row["camera"]].fields[part].append(row)
    return pieces


def of_cameras(message: Message, cameras: Container[str]) -> Message | None:
    """What of it is about these cameras; None where nothing is."""
    told = message.fields
    mine = [camera for camera in told["cameras"] if camera in cameras]
    if not mine:
        return None
    rules, gates = ([row for row in told[part] if row["camera"] in cameras] for part in _PARTS)
    return memory(told["at"], rules, gates, mine)


class Kept:
    """Of each camera the newest memory, and which machine told it."""

    def __init__(self) -> None:
        self._of: dict[str, Message] = {}
        self._from: dict[str, str] = {}

    def forget_all_but(self, cameras: Container[str]) -> None:
        """These are watched, and no others."""
        for gone in [one for one in self._of if one not in cameras]:
            del self._of[gone]
            self._from.pop(gone, None)

    def given(self, camera: str, told: Message) -> None:
        """A memory from before any machine had the camera."""
        self._of[camera] = told

    def learn(self, camera: str, told: Message, by: str, owner: str | None) -> bool:
        """``by`` told what it knows of a camera that is ``owner``'s now; whether that counts.

        It does where they are the same, and where the owner has told nothing yet: what was on its
        way when the camera went to another machine may be of a finding that this one would tell a
        second time, so it must be sent after it.
        """
        if by != owner and self._from.get(camera, by) != by:
            return False
        self._of[camera] = told
        self._from[camera] = by
        return True

    def of(self, cameras: Iterable[str]) -> list[Message]:
        """What is known of these."""
        return [self._of[camera] for camera in cameras if camera in self._of]
