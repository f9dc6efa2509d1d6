"""For the doctor: what is wrong with a street's own scenes. None of it is serious: others go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from streetwise.discover.detectors.registry import Registry
from streetwise.discover.own_scenes import doubts, read_own
from streetwise.kernel.doctor.database import Look
from streetwise.kernel.doctor.finding import Finding

_CLASSES = "SELECT DISTINCT scheme, code FROM taxonomy_class WHERE ended_at IS NULL"
_REFERENCE = "docs/reference/scenes.md says what stands in a scene"


def check_scenes(at: Look) -> Iterator[Finding]:
    """Files that cannot be used, and what may be meant otherwise in those that can."""
    folder = at.settings.scenes_path
    own = read_own(folder)
    for problem in own.problems:
        yield Finding(
            "scene_unusable",
            f"A scene of the street is left out: {problem.why}",
            f"Mend {folder / problem.file} ({_REFERENCE}) and start again.",
            serious=False,
        )
    if not own.scenes:
        return
    models = Registry(at.settings.models_path).models()
    classes = {name for model in models for name in model.card.classes}
    codes: dict[str, set[str]] = defaultdict(set)
    for scheme, code in at.connection.execute(_CLASSES):
        codes[scheme].add(code)
    for scene in own.scenes.values():
        for doubt in doubts(scene, classes, codes):
            yield Finding(
                "scene_doubtful",
                f"The street's scene {scene.key}: {doubt}.",
                f"Add a detector that knows it (`streetwise model add`), or change the file in"
                f" {folder} ({_REFERENCE}).",
                serious=False,
            )
