"""Nobody is recognisable in what leaves: few constant blocks, boxes padded, never unmasked."""

from __future__ import annotations

import numpy as np
import pytest
from discover.cards import card
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.masking import BLOCKS_ACROSS, BLOCKS_WIDE, hidden_area, masked, reduced
from streetwise.discover.values import Bgr, Box, Detection

CARD = card()
BLIND_CARD = card(masked__persons=[], masked__vehicles=["car"])
PLATES_BARE = card(masked__persons=["person"], masked__vehicles=[])


def _picture(seed: int = 0, height: int = 360, width: int = 640) -> Bgr:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def _colours(area: Bgr) -> int:
    return len(np.unique(area.astype(np.uint32) @ np.array([1, 256, 65_536], np.uint32)))


def test_a_person_is_a_few_blocks_and_all_else_is_left() -> None:
    picture = _picture()
    out = masked(picture, [Detection("person", 0.2, (0.25, 0.25, 0.5, 0.75))], CARD)
    left, top, right, bottom = hidden_area((0.25, 0.25, 0.5, 0.75), 640, 360)
    assert (left, right) == (136, 344) and (top, bottom) == (63, 297)
    hidden = out[top:bottom, left:right]
    # 208 × 234 pixels in blocks of 52: no more is left of 48,672 than 20 coarse colours.
    assert _colours(hidden) <= 20
    assert _colours(picture[top:bottom, left:right]) > 40_000
    out[top:bottom, left:right] = picture[top:bottom, left:right]
    assert (out == picture).all()


@settings(max_examples=60, deadline=None)
@given(
    box=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.02, 0.6), st.floats(0.02, 0.6)),
    seed=st.integers(0, 9),
)
def test_what_is_masked_depends_on_averages_alone(
    box: tuple[float, float, float, float], seed: int
) -> None:
    """Shuffled pixels within each block give the same output: which stood where is lost."""
    where: Box = (box[0], box[1], min(1.0, box[0] + box[2]), min(1.0, box[1] + box[3]))
    picture = _picture(seed, 90, 160)
    left, top, right, bottom = hidden_area(where, 160, 90)
    # Padded on every side, or up to the picture's edge.
    assert left < where[0] * 160 or left == 0
    assert top < where[1] * 90 or top == 0
    assert right > where[2] * 160 or right == 160
    assert bottom > where[3] * 90 or bottom == 90
    side = max(8, -(-min(bottom - top, right - left) // BLOCKS_ACROSS))
    shuffled = picture.copy()
    rng = np.random.default_rng(seed)
    for y in range(top, bottom, side):
        for x in range(left, right, side):
            block = shuffled[y : min(y + side, bottom), x : min(x + side, right)]
            pixels = block.reshape(-1, 3)
            block[:] = rng.permutation(pixels).reshape(block.shape)
    seen = [Detection("person", 0.5, where)]
    one, other = masked(picture, seen, CARD), masked(shuffled, seen, CARD)
    assert (one[top:bottom, left:right] == other[top:bottom, left:right]).all()
    for y in range(top, bottom, side):
        for x in range(left, right, side):
            assert _colours(one[y : min(y + side, bottom), x : min(x + side, right)]) == 1


def test_of_a_vehicle_the_lower_part_is_hidden() -> None:
    picture = _picture()
    out = masked(picture, [Detection("car", 0.2, (0.25, 0.25, 0.75, 0.75))], CARD)
    # The roof (above 35 % of its height less the padding) stays, below it nothing does.
    assert (out[90:115, 160:480] == picture[90:115, 160:480]).all()
    assert _colours(out[153:297, 112:528]) < 40


def test_what_is_neither_person_nor_vehicle_is_left() -> None:
    picture = _picture()
    assert (masked(picture, [Detection("bin", 0.9, (0.2, 0.2, 0.4, 0.4))], CARD) == picture).all()
    assert (masked(picture, [], CARD) == picture).all()


@pytest.mark.parametrize(
    ("detections", "known"),
    [(None, CARD), ([], None), ([], BLIND_CARD), ([], PLATES_BARE), (None, None)],
)
def test_without_a_detector_of_persons_and_vehicles_the_whole_picture_is_a_mosaic(
    detections: list[Detection] | None, known: object
) -> None:
    picture = _picture()
    out = masked(picture, detections, known)  # type: ignore[arg-type]
    assert out.shape == picture.shape
    assert _colours(out) <= BLOCKS_WIDE * 18
    assert (out[:20, :20] == out[0, 0]).all()


@pytest.mark.parametrize(
    ("height", "width"), [(360, 640), (1080, 1920), (48, 48), (5, 3), (100, 33)]
)
def test_a_mosaic_is_never_finer_than_it_says(height: int, width: int) -> None:
    out = reduced(_picture(1, height, width))
    changes = (np.diff(out.astype(int), axis=1) != 0).any(axis=(0, 2)).sum()
    assert changes + 1 <= BLOCKS_WIDE


def test_the_input_is_not_changed() -> None:
    picture = _picture()
    before = picture.copy()
    masked(picture, [Detection("person", 0.5, (0.1, 0.1, 0.9, 0.9))], CARD)
    masked(picture, None, None)
    assert (picture == before).all()


def test_boxes_without_area_or_over_the_edge_do_no_harm() -> None:
    picture = _picture(2, 40, 40)
    for box in ((0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)):
        assert masked(picture, [Detection("person", 0.5, box)], CARD).shape == picture.shape
