"""What an eye is told, and how it is put on the wire. Plain values.

Times on the wire are wall seconds (``time.time``): the eyes of another machine have another clock
that never runs back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streetwise.discover.engine.wire import Message
from streetwise.discover.values import CodedPicture, Zone


@dataclass(frozen=True, slots=True)
class Charge:
    """One camera that an eye has charge of.

    ``number``: for the crumb. ``zones``: of all its scenes. ``least``: a scene's threshold that
    officers' verdicts have set for this camera. ``held``: scenes of which a case is open that the
    camera can see. ``file``: the video file that it is, read every ``every_seconds`` of its time.
    ``view``: counts how often somebody said that what the camera shows is right; with a new number
    its eye learns the view anew.
    """

    number: int
    camera: str
    zones: tuple[Zone, ...]
    least: Mapping[str, float] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    file: str | None = None
    every_seconds: float = 2.0
    view: int = 0

    @property
    def scenes(self) -> tuple[str, ...]:
        """Scenes of its zones, each once."""
        return tuple(sorted({zone.scene for zone in self.zones}))


def charges_message(charges: Sequence[Charge]) -> Message:
    """From now on these cameras, and no others."""
    return Message("charges", {"charges": [_plain(one) for one in charges]})


def read_charges(message: Message) -> list[Charge]:
    """The other way round."""
    return [_charge(one) for one in message.fields["charges"]]


def picture_message(picture: CodedPicture) -> Message:
    """One coded picture, from the reader of streams to an eye of the same machine."""
    return Message(
        "picture",
        {
            "camera": picture.camera,
            "codec": picture.codec,
            "at": picture.at,
            "key": picture.key,
            "whole": picture.whole,
            "stamp": picture.stamp,
        },
        picture.data,
    )


def read_picture(message: Message) -> CodedPicture:
    """The other way round."""
    told = message.fields
    return CodedPicture(
        told["camera"],
        told["codec"],
        message.body,
        told["at"],
        told["key"],
        told["whole"],
        told["stamp"],
    )


def pictured(kind: str, fields: dict[str, Any], pictures: Mapping[str, bytes]) -> Message:
    """A message with pictures (JPEG, masked) behind it, by name."""
    sizes = [[name, len(data)] for name, data in pictures.items()]
    return Message(kind, {**fields, "pictures": sizes}, b"".join(pictures.values()))


def pictures_of(message: Message) -> dict[str, bytes]:
    """The pictures behind a message, by name."""
    found, at = {}, 0
    for name, size in message.fields.get("pictures", ()):
        found[str(name)] = message.body[at : at + size]
        at += size
    return found


def _plain(charge: Charge) -> dict[str, Any]:
    return {
        "number": charge.number,
        "camera": charge.camera,
        "zones": [
            [zone.scene, zone.name, [list(p) for p in zone.corners]] for zone in charge.zones
        ],
        "least": dict(charge.least),
        "held": sorted(charge.held),
        "file": charge.file,
        "every": charge.every_seconds,
        "view": charge.view,
    }


def _charge(told: Mapping[str, Any]) -> Charge:
    camera = str(told["camera"])
    zones = tuple(
        Zone(camera, scene, name, tuple((float(x), float(y)) for x, y in corners))
        for scene, name, corners in told["zones"]
    )
    return Charge(
        int(told["number"]),
        camera,
        zones,
        dict(told["least"]),
        frozenset(told["held"]),
        told["file"],
        float(told["every"]),
        int(told["view"]),
    )
