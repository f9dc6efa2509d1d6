"""Cards and detectors for tests."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import yaml
from discover.onnx_bytes import Array, model

from streetwise.discover.detectors.card import Card, read_card

SIDE = 64
CLASSES = ("person", "car", "bin")


def content(**changes: Any) -> dict[str, Any]:
    """A good card of the yolov8 layout as plain data; ``part__key`` changes a key of a part."""
    out: dict[str, Any] = {
        "name": "small",
        "version": "1",
        "file": {"sha256": "0" * 64, "address": "https://models.example/small.onnx"},
        "licence": {"spdx": "Apache-2.0", "attribution": "nobody"},
        "input": {
            "size": [SIDE, SIDE],
            "colour": "rgb",
            "scale": 1 / 255,
            "letterbox": 114,
            "align": "centre",
        },
        "output": {"layout": "yolov8"},
        "classes": list(CLASSES),
        "masked": {"persons": ["person"], "vehicles": ["car"]},
        "thresholds": {"score": 0.5, "mask": 0.1, "overlap": 0.5, "most": 50},
        "accuracy": [{"metric": "map50", "value": 0.5, "data": "invented", "by": "us"}],
        "precision": "f32",
    }
    for key, value in changes.items():
        part, _, name = key.rpartition("__")
        (out[part] if part else out)[name] = value
    return out


def card(**changes: Any) -> Card:
    """The same, read."""
    return read_card(yaml.safe_dump(content(**changes), allow_unicode=True))


def small_model(channel: int = 0, slope: float = 0.0) -> bytes:
    """A model of that card: it sees a car in the middle, as sure as 0.6 plus ``slope`` times the
    mean of a channel, a person that is not sure (0.2), and nothing in a third column."""
    fixed = np.zeros((1, 4 + len(CLASSES), 3), np.float32)
    fixed[0, :4, 0] = 32, 32, 16, 8
    fixed[0, 5, 0] = 0.6
    fixed[0, :4, 1] = 16, 32, 8, 16
    fixed[0, 4, 1] = 0.2
    slopes: Array = np.zeros_like(fixed)
    slopes[0, 5, 0] = slope
    return model(fixed, slopes, channel, SIDE, SIDE)


def card_of(model_bytes: bytes, **changes: Any) -> dict[str, Any]:
    """The content of a card with the hash of these bytes."""
    return content(file__sha256=hashlib.sha256(model_bytes).hexdigest(), **changes)
