"""Letterbox, overlap and one box per thing, against slow and plain references."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.discover.detectors.boxes import boxed, letterbox, one_each, overlaps
from streetwise.discover.detectors.card import Align

ALIGNS: tuple[Align, ...] = ("corner", "centre")


def _plain_iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    both = max(0.0, width) * max(0.0, height)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both
    return both / whole if whole > 0 else 0.0


def _plain_one_each(
    boxes: list[list[float]], scores: list[float], kinds: list[int], limit: float, most: int
) -> list[int]:
    """Take the best that is left, strike out what overlaps it in its class, again."""
    left = sorted(range(len(boxes)), key=lambda i: (-scores[i], i))
    chosen: list[int] = []
    while left and len(chosen) < most:
        best = left.pop(0)
        chosen.append(best)
        left = [
            i for i in left if kinds[i] != kinds[best] or _plain_iou(boxes[i], boxes[best]) <= limit
        ]
    return chosen


# Whole pixels: the two ways of adding floats cannot then differ at the limit.
_BOX = st.tuples(
    st.integers(0, 20), st.integers(0, 20), st.integers(0, 12), st.integers(0, 12)
).map(lambda b: [float(b[0]), float(b[1]), float(b[0] + b[2]), float(b[1] + b[3])])
_ROWS = st.lists(st.tuples(_BOX, st.integers(0, 9), st.integers(0, 2)), max_size=14)


@settings(max_examples=60, deadline=None)
@given(rows=_ROWS, limit=st.sampled_from([0.0, 0.3, 0.45, 0.7]), most=st.integers(1, 8))
def test_one_box_per_thing_is_that_of_the_plain_way(
    rows: list[tuple[list[float], int, int]], limit: float, most: int
) -> None:
    boxes = [row[0] for row in rows]
    scores = [row[1] / 10 for row in rows]
    kinds = [row[2] for row in rows]
    got = one_each(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(kinds, np.intp),
        limit,
        most,
    )
    assert got.tolist() == _plain_one_each(boxes, scores, kinds, limit, most)


@settings(max_examples=40, deadline=None)
@given(ours=st.lists(_BOX, min_size=1, max_size=5), others=st.lists(_BOX, min_size=1, max_size=5))
def test_overlap_is_that_of_the_plain_way(
    ours: list[list[float]], others: list[list[float]]
) -> None:
    got = overlaps(np.array(ours, np.float32), np.array(others, np.float32))
    plain = [[_plain_iou(a, b) for b in others] for a in ours]
    np.testing.assert_allclose(got, plain, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(1, 2000),
    height=st.integers(1, 2000),
    model=st.tuples(st.integers(32, 640), st.integers(32, 640)),
    align=st.sampled_from(ALIGNS),
    point=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_place_in_the_input_is_that_share_of_the_picture(
    width: int, height: int, model: tuple[int, int], align: Align, point: tuple[float, float]
) -> None:
    place = letterbox((width, height), model, align)
    assert place.left + place.inner_width <= model[0]
    assert place.top + place.inner_height <= model[1]
    # It fills one of the two sides, but for less than a pixel.
    assert place.inner_width == model[0] or place.inner_height == model[1]
    x = place.left + point[0] * place.inner_width
    y = place.top + point[1] * place.inner_height
    shares = place.to_shares(np.array([[x, y, x, y]], np.float32))[0]
    np.testing.assert_allclose(shares[:2], point, atol=2e-4)


def test_the_picture_lies_in_its_place_with_grey_beside_it() -> None:
    picture = np.full((360, 640, 3), (10, 20, 30), np.uint8)
    for align, top in (("corner", 0), ("centre", 91)):
        place = letterbox((640, 360), (416, 416), align)  # type: ignore[arg-type]
        assert (place.inner_width, place.inner_height, place.top) == (416, 234, top)
        out = boxed(picture, place, 114)
        assert out.shape == (416, 416, 3)
        assert (out[top : top + 234] == (10, 20, 30)).all()
        assert (out[:top] == 114).all() and (out[top + 234 :] == 114).all()


def test_a_picture_of_the_inputs_size_is_left_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    place = letterbox((64, 64), (64, 64), "corner")
    assert (boxed(picture, place, 0) == picture).all()
