"""Scenes are data: those that ship are whole, and what is wrong with one is said."""

from __future__ import annotations

from datetime import UTC, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from streetwise.discover.detectors.card import shipped_cards
from streetwise.discover.own_scenes import doubts, read_own
from streetwise.discover.scenes import Hours, read_scene, shipped_scenes
from streetwise.kernel.errors import Invalid
from streetwise.town import detector as town_detector


def _content(**changes: Any) -> dict[str, Any]:
    folder = resources.files("streetwise.discover") / "scenes"
    text = (folder / "no_stopping.yaml").read_text(encoding="utf-8")
    return {**yaml.safe_load(text), **changes}


def test_shipped_scenes_are_classes_of_the_shipped_taxonomies() -> None:
    codes = set()
    folder = resources.files("streetwise.directory") / "data" / "taxonomy"
    for entry in folder.iterdir():
        taxonomy = yaml.safe_load(entry.read_text(encoding="utf-8"))
        codes |= {(taxonomy["scheme"], one["code"]) for one in taxonomy["classes"]}
    scenes = shipped_scenes()
    assert list(scenes) == [
        "bins", "fire_lane", "heaps", "no_stopping", "river", "smoke", "vendors", "water",
    ]  # fmt: skip
    known = {**shipped_cards(), "town-nano": town_detector.card()}
    for key, scene in scenes.items():
        assert scene.key == key
        assert (scene.scheme, scene.code) in codes
        assert any(scene.classes <= set(card.classes) for card in known.values())
        # Otherwise it could never open at the cadence that it asks for.
        assert scene.cadence_seconds * (scene.of - 1) <= scene.dwell_seconds


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"key": "Bad Key"}, "`key`"),
        ({"name": None}, "`name` is missing"),
        ({"classes": []}, "`classes`"),
        ({"zone": "moon"}, "`zone` is one of"),
        ({"seen": 9}, "`seen`"),
        ({"dwell_seconds": -1}, "`dwell_seconds`"),
        ({"stationary": "yes"}, "`stationary`"),
        ({"least_every_seconds": 1}, "`least_every_seconds`"),
        ({"code": "some class"}, "`code`"),
        ({"priority": 4}, "`priority`"),
        ({"hours": ["7 to 9"]}, "`hours`"),
        ({"colour": "red"}, "`colour` is not a key"),
    ],
)
def test_what_is_wrong_with_a_scene_is_said(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_scene(yaml.safe_dump(_content(**changes)), "x.yaml")
    assert word in caught.value.detail and "x.yaml" in caught.value.detail


@pytest.mark.parametrize("text", ["", "[1]", "a: ["])
def test_what_is_no_scene_at_all_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_scene(text, "x.yaml")


def test_a_scene_counts_within_its_hours() -> None:
    hours = ["07:00-09:30", "22:00-02:00"]
    scene = read_scene(yaml.safe_dump(_content(hours=hours)), "x.yaml")
    assert scene.hours == (Hours(time(7), time(9, 30)), Hours(time(22), time(2)))
    active = [
        hour * 60 + minute
        for hour in range(24)
        for minute in (0, 29, 30)
        if scene.active(datetime(2026, 3, 1, hour, minute, tzinfo=UTC))
    ]
    by_hand = [(7, 0), (7, 29), (7, 30), (8, 0), (8, 29), (8, 30), (9, 0), (9, 29)]
    night = [(h, m) for h in (0, 1, 22, 23) for m in (0, 29, 30)]
    assert active == sorted(h * 60 + m for h, m in by_hand + night)
    always = read_scene(yaml.safe_dump(_content()), "x.yaml")
    assert always.active(datetime(2026, 3, 1, 3, tzinfo=UTC))


def test_no_scene_looks_for_persons() -> None:
    for word in ("person", "Face", "license_plate"):
        content = yaml.safe_dump(_content(classes=["car", word]))
        with pytest.raises(Invalid, match="places, not people"):
            read_scene(content, "own.yaml")


def test_a_streets_own_scenes_are_read_and_what_is_wrong_with_one_is_said(tmp_path: Path) -> None:
    good = _content(key="dumping", name="乱倒建筑垃圾", name_en="Fly-tipping", classes=["heap"])
    for name, content in (
        ("a.yaml", good),
        ("b.yaml", good),
        ("c.yaml", {**good, "key": "other", "seen": 99}),
        ("d.yaml", {**good, "key": "third", "colour": "red"}),
    ):
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    (tmp_path / "e.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "f.yaml").write_text("key: [", encoding="utf-8")
    (tmp_path / "g.yaml").write_bytes(b"#" * 100_000)
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    own = read_own(tmp_path)
    assert list(own.scenes) == ["dumping"]
    assert read_scene(own.texts["dumping"], "again") == own.scenes["dumping"]
    assert [one.file for one in own.problems] == [
        "b.yaml", "c.yaml", "d.yaml", "e.yaml", "f.yaml", "g.yaml",
    ]  # fmt: skip
    assert [word in one.why for word, one in zip(
        ("dumping", "seen", "colour", "UTF-8", "YAML", "larger"), own.problems, strict=True
    )] == [True] * 6  # fmt: skip
    assert read_own(tmp_path / "none").scenes == {}


def test_what_may_be_meant_otherwise_is_said() -> None:
    scene = read_scene(yaml.safe_dump(_content()), "own.yaml")
    codes = {scene.scheme: {scene.code}}
    assert list(doubts(scene, ["car"], codes)) == []
    assert "detector" in next(doubts(scene, ["cat"], codes))
    assert "taxonomy" in next(doubts(scene, ["car"], {}))
    assert "class" in next(doubts(scene, ["car"], {scene.scheme: {"X-1"}}))
