"""A detector's card is whole and plain, or refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from discover.cards import content

from streetwise.discover.detectors.card import read_card, shipped_cards
from streetwise.kernel.errors import Invalid


def test_a_good_card_is_read() -> None:
    read = read_card(yaml.safe_dump(content()))
    assert (read.width, read.height, read.layout, read.align) == (64, 64, "yolov8", "centre")
    assert read.persons == {"person"} and read.vehicles == {"car"}
    assert read.accuracy[0].data == "invented"
    assert read.deviation == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"name": "Bad Name"}, "`name`"),
        ({"file__sha256": "abc"}, "SHA-256"),
        ({"licence__spdx": "NOASSERTION"}, "licence"),
        ({"licence__spdx": ""}, "licence.spdx"),
        ({"licence": None}, "`licence`"),
        ({"licence__attribution": None}, "attribution"),
        ({"classes": ["a", "a"]}, "`classes`"),
        ({"classes": [True, "a"]}, "quotes"),
        ({"masked__persons": ["dog"]}, "dog"),
        ({"input__size": [64]}, "input.size"),
        ({"input__size": [8, 64]}, "input.size"),
        ({"input__deviation": [1, 0, 1]}, "deviation"),
        ({"input__colour": "grey"}, "bgr, rgb"),
        ({"input__letterbox": 300}, "letterbox"),
        ({"output__layout": "detr"}, "yolox, yolov8"),
        ({"output": {"layout": "yolox", "strides": [7]}}, "strides"),
        ({"thresholds__score": True}, "number"),
        ({"thresholds__mask": 0.9}, "thresholds.mask"),
        ({"precision": "int8"}, "f32"),
        ({"accuracy": [{"metric": "map50", "value": 0.5}]}, "accuracy[0].data"),
    ],
)
def test_what_is_wrong_with_a_card_is_said(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_card(yaml.safe_dump(content(**changes)))
    assert word in caught.value.detail


@pytest.mark.parametrize("text", ["", "- a", "a: [", "just words"])
def test_what_is_no_card_at_all_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_card(text)


def test_the_shipped_card_is_that_of_yolox_nano() -> None:
    card = shipped_cards()["yolox-nano-coco"]
    assert len(card.classes) == 80
    assert card.classes[0] == "person" and card.classes[79] == "toothbrush"
    assert card.classes.index("car") == 2 and card.classes.index("truck") == 7
    assert card.persons == {"person"} and "bus" in card.vehicles
    assert card.licence == "Apache-2.0" and card.address.startswith("https://github.com/")
