"""Scenes that ship are known to rows and screen, each with a class that a street has."""

from __future__ import annotations

from importlib import resources

import pytest
import yaml

from streetwise.discover import catalogue
from streetwise.discover.scenes import shipped_scenes
from streetwise.kernel.errors import Invalid


def test_every_scene_that_ships_is_known_as_its_file_has_it() -> None:
    for scene in shipped_scenes().values():
        found = catalogue.scene(scene.key)
        assert (found.name, found.name_en, found.clear_looks) == (
            scene.name,
            scene.name_en,
            scene.clear_looks,
        )
        assert found.category == (scene.scheme, scene.code)
    with pytest.raises(Invalid) as refused:
        catalogue.scene("no such scene")
    assert refused.value.code == "scene_unknown"


def test_every_scene_that_ships_has_a_class_of_a_taxonomy_that_ships() -> None:
    classes = set()
    for entry in (resources.files("streetwise.directory") / "data" / "taxonomy").iterdir():
        if entry.name.endswith(".yaml"):
            read = yaml.safe_load(entry.read_text(encoding="utf-8"))
            classes |= {(read["scheme"], one["code"]) for one in read["classes"]}
    assert {catalogue.scene(key).category for key in shipped_scenes()} <= classes
