"""A street's own scenes: YAML files in ``scenes`` of its home, beside those that ship."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streetwise.discover.scenes import Scene, read_scene
from streetwise.kernel.errors import Invalid

ENDING = ".yaml"
#: A scene is a page of text; what is larger is something else.
BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be used, and why, in one sentence."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class OwnScenes:
    """What is in the folder: usable scenes and their YAML by key, and what is wrong."""

    scenes: dict[str, Scene] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_own(folder: Path) -> OwnScenes:
    """The scenes of a folder, in the order of their files; without a folder there are none."""
    own = OwnScenes()
    files = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
    for file in files:
        try:
            text = _text(file)
            scene = read_scene(text, file.name)
        except Invalid as error:
            own.problems.append(Problem(file.name, error.detail))
        except (OSError, UnicodeDecodeError):
            own.problems.append(Problem(file.name, f"{file.name} cannot be read as UTF-8."))
        else:
            if scene.key in own.scenes:
                why = f"{file.name} has the key `{scene.key}` of another file of this folder."
                own.problems.append(Problem(file.name, why))
                continue
            own.scenes[scene.key] = scene
            own.texts[scene.key] = text
    return own


def doubts(
    scene: Scene, classes: Collection[str], codes: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """What may be meant otherwise though the file can be used.

    ``classes``: that detectors here know. ``codes``: of the street's taxonomy, by scheme.
    """
    if not scene.served_by(tuple(classes)):
        named = ", ".join(sorted(scene.classes))
        yield f"no detector here knows any of its classes ({named}): it will find nothing"
    if scene.scheme not in codes:
        yield f"the street has no taxonomy `{scene.scheme}`: triage guesses the class"
    elif scene.code not in codes[scene.scheme]:
        yield f"`{scene.scheme}` has no class `{scene.code}`: triage guesses one"


def _text(file: Path) -> str:
    if file.stat().st_size > BYTES_MAX:
        raise Invalid(f"{file.name} is larger than any scene.", code="scene")
    return file.read_text(encoding="utf-8")
