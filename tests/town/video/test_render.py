"""Pictures are the same for the same moment, and show what their truth says."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from town.video.conftest import BEGIN, NOON, SCENES, SEED, happening, state

from streetwise.town.video.layout import Post
from streetwise.town.video.light import Light
from streetwise.town.video.program import Happening
from streetwise.town.video.render import CLASSES, Box, Eye, State, happening_box
from streetwise.town.video.solids import HEIGHT, WIDTH
from streetwise.town.video.traffic import CYCLE_S

NIGHT = Light("summer", -12, 0, 0, 1)
RAIN = Light("summer", 24, 2, 2, 2)


def changed(eye: Eye, one: Happening, light: Light = NOON) -> NDArray[np.bool_]:
    """Pixels that differ between a place as it should be and with a happening."""
    before = eye.frame(State(light, None, 0.0), 0, quiet=True).astype(int)
    during = eye.frame(State(light, one, 1.0), 0, quiet=True).astype(int)
    return np.asarray(np.abs(before - during).max(axis=2) > 10)


def inside(box: Box, margin: int) -> NDArray[np.bool_]:
    out = np.zeros((HEIGHT, WIDTH), bool)
    left, top = int(box[0] * WIDTH) - margin, int(box[1] * HEIGHT) - margin
    right, bottom = int(box[2] * WIDTH) + margin + 1, int(box[3] * HEIGHT) + margin + 1
    out[max(0, top) : bottom, max(0, left) : right] = True
    return out


def test_the_same_seed_camera_and_moment_give_the_same_picture() -> None:
    post = Post("CAM-0042", "no_stopping", 66)
    first, second, other = Eye(SEED, post), Eye(SEED, post), Eye(SEED + 1, post)
    second.picture(BEGIN - timedelta(seconds=7))  # What was asked before makes no difference.
    pictures = [eye.picture(BEGIN).tobytes() for eye in (first, second, other)]
    first.rest()
    sums = [hashlib.sha256(p).hexdigest() for p in (*pictures, first.picture(BEGIN).tobytes())]
    assert sums[0] == sums[1] == sums[3] != sums[2]
    assert first.boxes(BEGIN) == second.boxes(BEGIN)


@pytest.mark.parametrize("scene", SCENES)
def test_every_problem_changes_the_picture_where_it_is_and_nowhere_else(
    scene: str, eyes: dict[str, Eye]
) -> None:
    eye, one = eyes[scene], happening(scene, SCENES[scene][1])
    box = happening_box(eye.layout, one)
    assert box is not None
    found = changed(eye, one)
    # Shadows fall a little to the side.
    margin = 26 if scene not in ("water", "smoke") else 14
    assert not (found & ~inside(box, margin)).any()
    assert (found & inside(box, 0)).sum() > 0.25 * inside(box, 0).sum()


@pytest.mark.parametrize("scene", SCENES)
def test_a_problem_lies_in_its_zone(scene: str, eyes: dict[str, Eye]) -> None:
    corners = np.array(eyes[scene].layout.zone_corners())
    for spot in range(12):
        one = happening(scene, SCENES[scene][1], spot=spot)
        box = happening_box(eyes[scene].layout, one)
        assert box is not None
        foot = ((box[0] + box[2]) / 2, box[3] - 0.15 * (box[3] - box[1]))
        assert within(foot, corners), (spot, box)


def within(point: tuple[float, float], corners: NDArray[np.float64]) -> bool:
    """Whether a convex outline holds a point."""
    edges = np.roll(corners, -1, axis=0) - corners
    off = np.array(point) - corners
    turns = edges[:, 0] * off[:, 1] - edges[:, 1] * off[:, 0]
    return bool((turns >= 0).all() or (turns <= 0).all())


@pytest.mark.parametrize("scene", SCENES)
def test_the_truth_names_the_problem_by_its_class(scene: str, eyes: dict[str, Eye]) -> None:
    wanted = SCENES[scene][2]
    eye = eyes[scene]
    during = eye.frame_boxes(state(scene), 3.0, quiet=True)
    before = eye.frame_boxes(state(scene, problem=False), 3.0, quiet=True)
    count = [sum(what == wanted for what, _ in boxes) for boxes in (before, during)]
    assert count[1] > count[0]
    assert {what for what, _ in during} <= set(CLASSES)
    for _, (left, top, right, bottom) in during:
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1


def test_what_moves_lies_in_its_box(eyes: dict[str, Eye]) -> None:
    eye, shown = eyes["no_stopping"], state("no_stopping", problem=False)
    still = eye.frame(shown, 0, quiet=True).astype(int)
    seen = 0
    for second in np.arange(0.0, CYCLE_S, 3.1):
        moved = np.abs(eye.frame(shown, float(second)).astype(int) - still).max(axis=2) > 24
        boxes = eye.frame_boxes(shown, float(second))
        for what, box in boxes:
            if what in ("car", "van", "bus"):
                part = inside(box, -1)
                seen += 1
                assert moved[part].mean() > 0.3
    assert seen > 5


def test_a_round_closes(eyes: dict[str, Eye]) -> None:
    eye, shown = eyes["no_stopping"], state("no_stopping")
    assert eye.frame_boxes(shown, 1.25) == eye.frame_boxes(shown, 1.25 + CYCLE_S)


def test_what_is_hidden_or_outside_has_no_box(eyes: dict[str, Eye]) -> None:
    eye, shown = eyes["fire_lane"], state("fire_lane")
    the = eye.frame_boxes(shown, 0, quiet=True)
    assert len([what for what, _ in the if what in ("car", "van")]) <= 1 + len(eye.layout.parked)
    with_traffic = eye.frame_boxes(shown, 4.0)
    assert all((b[3] - b[1]) * HEIGHT >= 6 for what, b in with_traffic if what != "person")


def test_night_is_dark_rain_is_grey_and_both_show_the_problem(eyes: dict[str, Eye]) -> None:
    eye = eyes["heaps"]
    day, night, rain = (
        eye.frame(state("heaps", light=light), 0, quiet=True) for light in (NOON, NIGHT, RAIN)
    )
    assert night.mean() < 0.5 * day.mean()
    spread = [p.astype(int).max(axis=2) - p.astype(int).min(axis=2) for p in (day, rain)]
    assert spread[1].mean() < spread[0].mean()
    for light in (NIGHT, RAIN):
        assert changed(eye, happening("heaps", "rubbish"), light).sum() > 150


def test_noise_differs_from_moment_to_moment_and_stays_small(eyes: dict[str, Eye]) -> None:
    eye, quiet = eyes["river"], State(NIGHT, None, 0.0)
    first, second = (eye.frame(quiet, s).astype(int) for s in (0.0, 0.2))
    still = eye.frame(quiet, 0, quiet=True).astype(int)
    assert (first != second).mean() > 0.5
    assert np.quantile(np.abs(first - still), 0.95) <= NIGHT.grain


def test_every_look_alike_can_be_drawn(eyes: dict[str, Eye]) -> None:
    from streetwise.town.video.program import _PLANS

    for scene, plans in _PLANS.items():
        for plan in plans:
            for what in dict.fromkeys(plan.what):
                shown = State(NOON, happening(scene, what, plan.kind), 1.0)
                quiet = what != "cart_passes"  # It only is there while it moves.
                picture = eyes[scene].frame(shown, 8.0, quiet=quiet)
                bare = eyes[scene].frame(State(NOON, None, 0.0), 8.0, quiet=quiet)
                assert (picture != bare).any(), (scene, what)
