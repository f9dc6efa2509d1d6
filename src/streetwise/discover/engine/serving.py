"""Which scenes of a camera want a look, and which detector serves them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streetwise.discover.detectors.detector import Detector
from streetwise.discover.engine.orders import Charge
from streetwise.discover.gate import GateRead
from streetwise.discover.scenes import Scene
from streetwise.discover.schedule import Watch


def watches_of(
    charges: Iterable[Charge], scenes: Mapping[str, Scene], detectors: Sequence[Detector]
) -> tuple[list[Watch], list[list[str]]]:
    """What is to be looked at, and what no detector serves, as [camera, scene].

    ``detectors``: in the order of preference; the first that knows any class of a scene serves it.
    """
    watches, unserved = [], []
    for charge in charges:
        for name in charge.scenes:
            scene = scenes.get(name)
            detector = None if scene is None else _serving(scene, detectors)
            if scene is None or detector is None:
                unserved.append([charge.camera, name])
                continue
            watches.append(
                Watch(
                    charge.camera,
                    name,
                    detector.card.name,
                    scene.cadence_seconds,
                    scene.least_every_seconds,
                    scene.priority,
                )
            )
    return watches, unserved


def changed_scenes(read: GateRead, scenes: Mapping[str, Scene], least: float) -> set[str]:
    """Scenes in whose zones (``scene/zone``) a share of ``least`` or more of the blocks says that
    there may be something to see: of what is to stand there, what stays, not what drives by."""
    found = set()
    for name, share in read.changed.items():
        scene = name.partition("/")[0]
        known = scenes.get(scene)
        shown = read.staying[name] if known is not None and known.stationary else share
        if shown >= least:
            found.add(scene)
    return found


def _serving(scene: Scene, detectors: Sequence[Detector]) -> Detector | None:
    return next((one for one in detectors if scene.served_by(one.card.classes)), None)
