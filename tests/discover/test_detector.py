"""The two output layouts and the way from a picture to detections, on models made in the test."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import yaml
from discover.cards import CLASSES, SIDE, card, content, small_model

from streetwise.discover.detectors import yolov8, yolox
from streetwise.discover.detectors.boxes import letterbox
from streetwise.discover.detectors.card import Card, read_card
from streetwise.discover.detectors.detector import Detector, fed
from streetwise.discover.detectors.reading import detections
from streetwise.discover.detectors.runtime import agree, engines, open_runtime
from streetwise.kernel.errors import Invalid

YOLOX = {"layout": "yolox", "strides": [8, 16, 32]}


def _yolox_card() -> Card:
    return read_card(yaml.safe_dump(content(output=YOLOX)))


def _plain_yolox(raw: np.ndarray, made: Card, least: float) -> list[tuple[float, ...]]:
    """Cell by cell, as the paper tells it."""
    out: list[tuple[float, ...]] = []
    row = 0
    for stride in made.strides:
        for y in range(made.height // stride):
            for x in range(made.width // stride):
                values = [float(value) for value in raw[row]]
                kind = max(range(len(made.classes)), key=lambda k: values[5 + k])
                score = values[4] * values[5 + kind]
                if score >= least:
                    centre = ((values[0] + x) * stride, (values[1] + y) * stride)
                    half = (math.exp(values[2]) * stride / 2, math.exp(values[3]) * stride / 2)
                    out.append(
                        (
                            centre[0] - half[0],
                            centre[1] - half[1],
                            centre[0] + half[0],
                            centre[1] + half[1],
                            score,
                            kind,
                        )
                    )
                row += 1
    return out


def test_yolox_rows_are_read_as_cells_of_three_grids() -> None:
    made = _yolox_card()
    rows = sum((SIDE // stride) ** 2 for stride in made.strides)
    rng = np.random.default_rng(3)
    raw = rng.normal(0, 0.5, (rows, 5 + len(CLASSES))).astype(np.float32)
    raw[:, 4:] = rng.uniform(0, 1, (rows, 1 + len(CLASSES)))
    got = yolox.candidates(raw, made, 0.3)
    plain = _plain_yolox(raw, made, 0.3)
    assert 5 < len(plain) < rows
    told = np.column_stack([got.boxes, got.scores, got.kinds])
    np.testing.assert_allclose(told, plain, rtol=1e-4, atol=1e-4)


def test_an_output_that_is_not_the_cards_is_refused() -> None:
    with pytest.raises(Invalid, match="its card says"):
        yolox.candidates(np.zeros((5, 8), np.float32), _yolox_card(), 0.1)
    with pytest.raises(Invalid, match="its card says"):
        yolov8.candidates(np.zeros((5, 8), np.float32), card(), 0.1)


def test_yolov8_columns_are_whole_boxes() -> None:
    raw = np.zeros((7, 2), np.float32)
    raw[:4, 1] = 20, 30, 8, 4
    raw[4:, 1] = 0.1, 0.2, 0.7
    got = yolov8.candidates(raw, card(), 0.5)
    assert got.boxes.tolist() == [[16, 28, 24, 32]]
    assert got.kinds.tolist() == [2] and got.scores.tolist() == [pytest.approx(0.7)]


def test_boxes_in_the_grey_beside_the_picture_are_left_out() -> None:
    raw = np.zeros((7, 2), np.float32)
    raw[:4, 0] = 32, 4, 8, 4  # above a picture that lies in the middle
    raw[:4, 1] = 32, 16, 8, 4  # half in, half out
    raw[5] = 0.9
    place = letterbox((64, 32), (64, 64), "centre")
    seen = detections(yolov8.candidates(raw, card(), 0.5), place, card())
    assert [one.box for one in seen] == [(0.4375, 0.0, 0.5625, 0.0625)]


@pytest.mark.parametrize("engine", engines())
def test_a_picture_becomes_detections(engine: str) -> None:
    made = card()
    detector = Detector(made, open_runtime(small_model(), engine, 1))  # type: ignore[arg-type]
    wide = np.zeros((90, 160, 3), np.uint8)  # lies at 64 × 36, from row 14
    (seen,) = detector.look([wide])
    assert [(one.what, round(one.score, 3)) for one in seen] == [("car", 0.6), ("person", 0.2)]
    np.testing.assert_allclose(seen[0].box, (24 / 64, 14 / 36, 40 / 64, 22 / 36), atol=1e-6)
    assert [one.what for one in detector.look([wide], 0.5)[0]] == ["car"]
    assert detector.look([]) == []


@pytest.mark.parametrize("engine", engines())
@pytest.mark.parametrize(("colour", "channel", "first"), [("bgr", 0, 0), ("rgb", 0, 2)])
def test_colours_come_in_the_cards_order_and_scale(
    engine: str, colour: str, channel: int, first: int
) -> None:
    made = card(input__colour=colour)
    model = small_model(channel=channel, slope=0.4)
    detector = Detector(made, open_runtime(model, engine, 1))  # type: ignore[arg-type]
    plain = np.zeros((SIDE, SIDE, 3), np.uint8)
    bright = plain.copy()
    bright[:, :, first] = 255
    dark_seen, bright_seen = detector.look([plain, bright], 0.5)
    assert dark_seen[0].score == pytest.approx(0.6, abs=1e-4)
    assert bright_seen[0].score == pytest.approx(1.0, abs=1e-4)


def test_mean_and_deviation_are_taken_per_channel() -> None:
    made = card(input__mean=[0.5, 0.25, 0.0], input__deviation=[0.5, 1.0, 2.0])
    picture = np.full((SIDE, SIDE, 3), (255, 51, 102), np.uint8)  # as blue, green, red
    out = fed([picture], made)
    np.testing.assert_allclose(out[0, :, 0, 0], [(0.4 - 0.5) / 0.5, 0.2 - 0.25, 0.5], atol=1e-6)


def test_engines_agree_within_the_tolerance_and_not_beyond() -> None:
    one = np.array([1.0, 100.0], np.float32)
    assert agree(one, one + np.array([0.003, 0.1], np.float32))
    assert not agree(one, one + np.array([0.0, 0.5], np.float32))
    assert not agree(one, one[:1])


def test_what_is_no_model_is_refused() -> None:
    for engine in engines():
        with pytest.raises(Invalid, match="cannot load"):
            open_runtime(b"not a model", engine, 1)


def test_at_most_so_many_detections_are_told() -> None:
    raw = np.zeros((7, 30), np.float32)
    raw[0], raw[1] = np.arange(30) * 2 + 1, 32
    raw[2:4], raw[5] = 1, np.linspace(0.5, 0.9, 30)
    made = replace(card(), most=4)
    seen = detections(
        yolov8.candidates(raw, made, 0.1), letterbox((64, 64), (64, 64), "corner"), made
    )
    assert len(seen) == 4 and seen[0].score == pytest.approx(0.9)
