"""Scenes 治理场景 as the rows, the routes and the screen know them: names, class, when it is gone.

What a scene looks for, and how, is its own file's affair and the engine's (``scenes.py``). Those
that ship are known from the beginning; a street's own are registered when the process begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from streetwise.discover.own_scenes import read_own
from streetwise.discover.scenes import Scene, shipped_scenes
from streetwise.kernel import logs
from streetwise.kernel.errors import Invalid

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """A scene in a few words. ``category``: scheme and code of the class that its findings have;
    ``clear_looks``: so many looks without the problem mean that it is gone; ``score``: from how
    sure on it counts, where nothing else is said of a camera.
    """

    code: str
    name: str
    name_en: str
    category: tuple[str, str]
    clear_looks: int
    score: float


def facts_of(scene: Scene) -> SceneFacts:
    """What of a scene's file is asked for here."""
    category = (scene.scheme, scene.code)
    return SceneFacts(
        scene.key, scene.name, scene.name_en, category, scene.clear_looks, scene.score
    )


_KNOWN = {one.key: facts_of(one) for one in shipped_scenes().values()}


def register(*scenes: SceneFacts) -> None:
    """Make scenes known; one of the same code takes the place of the one before."""
    _KNOWN.update((one.code, one) for one in scenes)


def take_own(folder: Path) -> tuple[str, ...]:
    """Make a street's own scenes known to this process; their YAML, for the eyes.

    A file that cannot be used is left out, and that is logged: one slip of the pen ends nobody's
    looking. `streetwise doctor` says what is wrong with it.
    """
    own = read_own(folder)
    for problem in own.problems:
        log.error("scene_unusable", file=problem.file, why=problem.why)
    register(*(facts_of(scene) for scene in own.scenes.values()))
    return tuple(own.texts[key] for key in own.scenes)


def known() -> Mapping[str, SceneFacts]:
    """All scenes by code, in the order in which they were registered."""
    return MappingProxyType(_KNOWN)


def scene(code: str) -> SceneFacts:
    """One scene. Raises Invalid (``scene_unknown``)."""
    found = _KNOWN.get(code)
    if found is None:
        raise Invalid(f"There is no scene '{code}'.", code="scene_unknown", scene=code)
    return found
