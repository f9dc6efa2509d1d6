"""`streetwise eval detect`: average precision by hand, labels of every kind, the command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from discover.cards import card_of, small_model
from PIL import Image

from streetwise.cli import main
from streetwise.discover.values import Detection
from streetwise.evaluation.detect import (
    Judged,
    Thing,
    average_precision,
    class_names,
    read_labels,
    read_material,
    score,
)
from streetwise.kernel.errors import Invalid, NotFound

HERE = (0.1, 0.1, 0.3, 0.3)
NEAR = (0.1, 0.1, 0.3, 0.25)  # overlaps HERE by three quarters
FAR = (0.25, 0.25, 0.45, 0.45)
THERE = (0.6, 0.6, 0.9, 0.9)


def test_average_precision_by_hand() -> None:
    # Right, wrong, right, wrong, right of 4 things: recalls 1/4, 2/4, 3/4 at 1, 2/3, 3/5.
    assert average_precision([True, False, True, False, True], 4) == pytest.approx(
        (1 + 2 / 3 + 3 / 5) / 4
    )
    # A later higher precision counts for the recalls before it: 1/3 → 3/5 for all three.
    assert average_precision([False, False, True, True, True], 3) == pytest.approx(3 / 5)
    assert average_precision([], 3) == 0.0
    assert average_precision([True], 0) == 0.0


def test_a_worked_example() -> None:
    judged = [
        Judged(
            (Thing("car", HERE), Thing("car", THERE), Thing("bin", HERE)),
            (
                Detection("car", 0.9, HERE),
                Detection("car", 0.8, NEAR),  # the thing is taken already: wrong
                Detection("car", 0.3, THERE),  # right, but less sure than the threshold
                Detection("bin", 0.7, FAR),  # overlaps too little
            ),
        ),
        Judged((), (Detection("car", 0.6, HERE), Detection("dog", 0.9, HERE))),
    ]
    got = score(judged, ["car", "dog"], 0.5)
    # Cars, surest first: right, wrong, wrong, right; of 2.
    assert got.per_class["car"].ap50 == pytest.approx((1 + 2 / 4) / 2)
    assert got.per_class["car"].precision == pytest.approx(1 / 3)
    assert got.per_class["car"].recall == pytest.approx(1 / 2)
    assert got.per_class["bin"].ap50 == 0 and got.unknown == ("bin",)
    assert got.map50 == pytest.approx(0.375)
    # Dogs are labelled nowhere: what is said of them is not judged.
    assert (got.precision, got.recall) == (pytest.approx(1 / 4), pytest.approx(1 / 3))
    assert got.f1 == pytest.approx(2 / 7)
    assert got.images == 2 and got.things == 3


def test_a_surer_detection_takes_the_thing_and_the_next_takes_another() -> None:
    twins = (Thing("car", HERE), Thing("car", NEAR))
    found = (Detection("car", 0.9, HERE), Detection("car", 0.8, HERE))
    assert score([Judged(twins, found)], ["car"], 0.5).per_class["car"].recall == 1.0


def test_labels_are_boxes_or_outlines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("1 0.5 0.5 0.2 0.4\n\n0 0.1 0.1 0.3 0.1 0.2 0.4\n0 0 0 0.5 0.5\n")
    first, second, cut = read_labels(path, ["bin", "car"])
    assert first.what == "car" and first.box == pytest.approx((0.4, 0.3, 0.6, 0.7))
    assert second.box == (0.1, 0.1, 0.3, 0.4)
    assert cut.box == (0, 0, 0.25, 0.25)
    assert read_labels(None, ["bin"]) == ()


@pytest.mark.parametrize(
    "line", ["0 0.5 0.5 0.2", "x 0.5 0.5 0.2 0.2", "7 0.5 0.5 0.2 0.2", "0 nan 1 1 1"]
)
def test_a_bad_label_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"0 0.5 0.5 0.2 0.2\n{line}\n")
    with pytest.raises(Invalid, match=r"a\.txt line 2"):
        read_labels(path, ["bin", "car"])


def test_names_come_from_beside_the_labels(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    assert class_names(None, labels, ("a", "b")) == ("a", "b")
    (tmp_path / "data.yaml").write_text("names: {0: garbage, 1: bin}")
    assert class_names(None, labels, ("a",)) == ("garbage", "bin")
    (labels / "classes.txt").write_text("one\ntwo\n")
    assert class_names(None, labels, ("a",)) == ("one", "two")
    assert class_names(tmp_path / "data.yaml", labels, ("a",)) == ("garbage", "bin")
    (tmp_path / "bad.yaml").write_text("nc: 2")
    with pytest.raises(Invalid):
        class_names(tmp_path / "bad.yaml", labels, ("a",))
    with pytest.raises(NotFound):
        class_names(tmp_path / "gone.txt", labels, ("a",))


def test_pictures_without_labels_count_and_labels_without_pictures_are_told(tmp_path: Path) -> None:
    images, labels = _folders(tmp_path)
    (labels / "gone.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    material = read_material(images, labels, ["person", "car", "bin"])
    assert [len(things) for _, things in material.pictures] == [1, 0]
    assert material.labels_without_image == 1
    with pytest.raises(NotFound):
        read_material(images, tmp_path / "nowhere", [])


def _folders(tmp_path: Path) -> tuple[Path, Path]:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir()
    labels.mkdir()
    for name in ("a", "b"):
        Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(images / f"{name}.png")
    # What the small model sees in every picture: a car in the middle.
    (labels / "a.txt").write_text("1 0.5 0.5 0.25 0.125\n")
    return images, labels


def test_the_command_prints_one_json_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREETWISE_HOME", str(tmp_path / "home"))
    images, labels = _folders(tmp_path)
    words = ["eval", "detect", "--images", str(images), "--labels", str(labels), "--threads", "1"]
    runner = CliRunner()
    none = runner.invoke(main, words)
    assert none.exit_code == 2 and "model add" in none.stderr
    model = small_model()
    (tmp_path / "m.onnx").write_bytes(model)
    (tmp_path / "m.yaml").write_text(yaml.safe_dump(card_of(model)), encoding="utf-8")
    added = runner.invoke(
        main, ["model", "add", str(tmp_path / "m.onnx"), "--card", str(tmp_path / "m.yaml")]
    )
    assert added.exit_code == 0, added.output
    told = json.loads(runner.invoke(main, [*words, "--json"]).output)
    # The car of b is wrong, as sure as that of a, and behind it.
    assert told["map50"] == 1.0 and told["precision"] == 0.5 and told["recall"] == 1.0
    assert told["f1"] == pytest.approx(0.6667) and told["per_class"]["car"]["things"] == 1
    assert "mAP50" in runner.invoke(main, [*words, "--model", "small"]).output
    assert runner.invoke(main, [*words, "--model", "other"]).exit_code == 2
    (images / "c.jpg").write_bytes(b"no picture")
    assert "c.jpg" in runner.invoke(main, words).stderr
