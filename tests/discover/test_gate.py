"""The gate: zones that changed, light that changed, cameras that were moved, darkness."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from streetwise.discover.blocks import block_means, shift, zone_blocks
from streetwise.discover.gate import Gate, GateRead, outlines
from streetwise.discover.values import Luma

LEFT = ((0.05, 0.5), (0.35, 0.5), (0.35, 0.9), (0.05, 0.9))
RIGHT = ((0.6, 0.5), (0.9, 0.5), (0.9, 0.9), (0.6, 0.9))
ZONES = {"left": LEFT, "right": RIGHT}


def _street(seed: int = 0) -> NDArray[np.float32]:
    """A view as a camera has it: surfaces of different brightness with edges between them."""
    rng = np.random.default_rng(seed)
    view = np.full((440, 760), 90.0)
    for _ in range(70):
        y, x = rng.integers(0, 420), rng.integers(0, 740)
        tall, wide = rng.integers(15, 120, 2)
        view[y : y + tall, x : x + wide] = rng.integers(30, 200)
    return np.asarray(gaussian_filter(view, 1.5), np.float32)


VIEW = _street()


#: Noise is cut out of one large field: to draw it anew for each picture costs more than the gate.
_GRAIN = np.random.default_rng(7).normal(0, 1, (360 + 64, 640 + 64)).astype(np.float32)


def _grain(at: int) -> NDArray[np.float32]:
    down, right = np.random.default_rng(at).integers(0, 64, 2)
    return _GRAIN[down : down + 360, right : right + 640]


def _picture(
    at: int,
    *,
    gain: float = 1.0,
    offset: float = 0.0,
    down: int = 0,
    right: int = 0,
    noise: float = 3.0,
) -> Luma:
    """The view at a time, with the noise of a sensor; moved by whole pixels."""
    cut = VIEW[40 + down : 400 + down, 60 + right : 700 + right]
    return np.clip(cut * gain + offset + noise * _grain(at), 0, 255).astype(np.uint8)


def _learnt(seconds: int = 120) -> Gate:
    gate = Gate(ZONES)
    for at in range(0, seconds, 2):
        gate.read(_picture(at), float(at))
    return gate


def _with_car(luma: Luma) -> Luma:
    out = luma.copy()
    out[220:300, 80:200] = 220
    return out


def test_block_means_are_means_of_blocks() -> None:
    rng = np.random.default_rng(1)
    for height, width in ((360, 640), (363, 645), (8, 16), (576, 704)):
        luma = rng.integers(0, 256, (height, width), np.uint8)
        plain = [
            [luma[y : y + 8, x : x + 8].mean() for x in range(0, width - 7, 8)]
            for y in range(0, height - 7, 8)
        ]
        np.testing.assert_allclose(block_means(luma), plain, atol=1e-4)
    white = np.full((16, 16), 255, np.uint8)
    assert (block_means(white) == 255).all()


def test_blocks_of_a_zone_are_those_whose_middle_lies_in_it() -> None:
    cells = zone_blocks(((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5)), 4, 8)
    assert cells.tolist() == [0, 1, 2, 3, 8, 9, 10, 11]
    tiny = zone_blocks(((0.51, 0.51), (0.52, 0.51), (0.52, 0.52)), 4, 8)
    assert tiny.tolist() == [2 * 8 + 4]


def test_a_quiet_street_changes_nowhere() -> None:
    gate = _learnt()
    reads = [gate.read(_picture(at), float(at)) for at in range(120, 240, 2)]
    assert {one.state for one in reads} == {"clear"}
    assert max(max(one.changed.values()) for one in reads) < 0.02


@pytest.mark.parametrize("noise", [0.0, 2.0, 12.0])
def test_a_car_changes_its_zone_and_no_other(noise: float) -> None:
    gate = Gate(ZONES)
    for at in range(0, 120, 2):
        gate.read(_picture(at, noise=noise), float(at))
    read = gate.read(_with_car(_picture(120, noise=noise)), 120.0)
    assert read.state == "clear"
    assert read.changed["left"] > 0.3 and read.changed["right"] < 0.02


def test_what_drives_by_changes_a_zone_and_what_stands_stays_in_it() -> None:
    gate = _learnt()
    driving = [
        gate.read(_with_car(_picture(at)) if at % 4 == 0 else _picture(at), float(at))
        for at in range(120, 240, 2)
    ]
    assert max(one.changed["left"] for one in driving) > 0.3
    assert max(one.staying["left"] for one in driving) < 0.02
    standing = [gate.read(_with_car(_picture(at)), float(at)) for at in range(240, 260, 2)]
    assert standing[0].staying["left"] < 0.02, "it has only just come"
    assert min(one.staying["left"] for one in standing[3:]) > 0.3
    assert max(one.staying["right"] for one in standing) < 0.02
    gate.read(_picture(260), 260.0)
    back = gate.read(_with_car(_picture(262)), 262.0)
    assert back.staying["left"] < 0.02, "it was away: its time begins anew"


def test_a_lamp_that_goes_on_ends_what_stayed() -> None:
    gate = _learnt()
    for at in range(120, 130, 2):
        gate.read(_with_car(_picture(at)), float(at))
    lit = gate.read(_with_car(_picture(130, gain=1.35, offset=12)), 130.0)
    assert lit.state == "light" and not any(lit.staying.values())


def test_what_was_looked_at_without_finding_anything_is_background() -> None:
    gate = _learnt()
    for at in range(120, 130, 2):
        gate.read(_with_car(_picture(at)), float(at))
    gate.looked_free("left", 128.0)
    gate.looked_free("left", 130.0)
    gate.looked_full("left")  # a detector missed it twice, then saw it
    for late_at in (130.0, 132.0):
        gate.looked_free("left", late_at)
    assert gate.read(_with_car(_picture(134)), 134.0).staying["left"] > 0.3
    gate.looked_free("left", 134.0)
    # What has come since the first of those looks was in none of their pictures for sure.
    late = _with_car(_picture(136))
    late[300:330, 80:200] = 20
    read = gate.read(late, 136.0)
    assert 0.02 < read.changed["left"] < 0.3 and read.staying["left"] < 0.02
    gone = gate.read(_picture(138), 138.0)
    assert gone.changed["left"] > 0.3, "and without it the zone is another"


def test_what_stays_is_taken_into_the_background_in_time() -> None:
    gate = _learnt()
    reads = [gate.read(_with_car(_picture(at)), float(at)) for at in range(120, 3600, 15)]
    soon, late = reads[:8], reads[-8:]
    assert min(one.changed["left"] for one in soon) > 0.3
    assert max(one.changed["left"] for one in late) < 0.05


def test_light_that_goes_on_is_no_reason_to_look_at_a_zone() -> None:
    gate = _learnt()
    bright = gate.read(_picture(120, gain=1.35, offset=12), 120.0)
    assert bright.state == "light" and not any(bright.changed.values()) and not bright.blind
    after = [gate.read(_picture(at, gain=1.35, offset=12), float(at)) for at in range(122, 200, 2)]
    assert {one.state for one in after} == {"clear"}
    assert max(max(one.changed.values()) for one in after) < 0.05
    with_car = gate.read(_with_car(_picture(200, gain=1.35, offset=12)), 200.0)
    assert with_car.changed["left"] > 0.3


def test_exposure_that_follows_changes_no_zone() -> None:
    gate = _learnt()
    reads = [
        gate.read(_picture(at, offset=(at - 120) * 0.15), float(at)) for at in range(120, 320, 2)
    ]
    assert not any(one.blind for one in reads)
    assert max(max(one.changed.values()) for one in reads) < 0.05


def test_a_moved_camera_says_so_and_alarms_nowhere_until_it_is_aimed() -> None:
    gate = _learnt()
    away = VIEW_AWAY
    reads = [gate.read(_noisy(away, at), float(at)) for at in range(120, 160, 2)]
    assert reads[0].state == "light"  # a lorry before the lens looks the same at first
    assert [one.state for one in reads[6:]] == ["moved"] * len(reads[6:])
    assert all(one.blind for one in reads[6:])
    assert not any(value for one in reads for value in one.changed.values())
    back = gate.read(_picture(160), 160.0)
    assert back.state == "light" and not back.blind, "it looks as it did before"
    assert gate.read(_picture(162), 162.0).state == "clear"


VIEW_AWAY = _street(99)[40:400, 60:700]


def _noisy(view: NDArray[np.float32], at: int) -> Luma:
    return np.clip(view + 3.0 * _grain(at), 0, 255).astype(np.uint8)


def test_once_settled_the_new_view_is_the_right_one() -> None:
    gate = _learnt()
    for at in range(120, 140, 2):
        read = gate.read(_noisy(VIEW_AWAY, at), float(at))
    assert read.state == "moved"
    gate.settle()
    reads = [gate.read(_noisy(VIEW_AWAY, at), float(at)) for at in range(140, 200, 2)]
    assert [one.state for one in reads[:4]] == ["learning"] * 4
    assert {one.state for one in reads[4:]} == {"clear"}


@pytest.mark.parametrize(("down", "right"), [(24, 40), (-16, 0), (0, -48)])
def test_a_small_turn_is_found_and_told(down: int, right: int) -> None:
    gate = _learnt()
    reads: list[GateRead] = []
    for at in range(120, 320, 2):
        # The camera looks lower: what it sees goes up.
        reads.append(gate.read(_picture(at, down=down, right=right), float(at)))
    assert reads[-1].state == "moved"
    assert reads[-1].shift is not None
    assert reads[-1].shift == pytest.approx((-right / 640, -down / 360), abs=1.5 * 8 / 360)


def test_a_lorry_before_the_lens_is_no_moved_camera() -> None:
    gate = _learnt()
    reads = []
    for at in range(120, 126, 2):
        luma = _picture(at)
        luma[:, 60:560] = 60 + (at % 4) * 10
        reads.append(gate.read(luma, float(at)))
    assert not any(one.blind for one in reads)
    after = [gate.read(_picture(at), float(at)) for at in range(126, 260, 2)]
    assert not any(one.blind for one in after)
    assert after[-1].state == "clear"


def test_a_shift_is_found_by_phase_correlation() -> None:
    blocks = block_means(_picture(0))
    moved = np.roll(blocks, (3, -5), axis=(0, 1))
    down, right, fit = shift(blocks, moved)
    assert (down, right) == (3, -5) and fit > 0.99
    assert shift(blocks, blocks)[:2] == (0, 0)


def test_darkness_and_a_covered_lens_are_blind() -> None:
    gate = _learnt()
    rng = np.random.default_rng(5)
    dark = rng.integers(0, 8, (360, 640), np.uint8)
    covered = rng.integers(118, 126, (360, 640), np.uint8)
    assert gate.read(dark, 120.0).state == "dark"
    assert gate.read(covered, 122.0).state == "covered"
    assert gate.read(dark, 124.0).blind and gate.read(covered, 126.0).blind
    assert gate.read(_picture(128), 128.0).state == "clear", "and it forgets nothing over it"


def test_a_saved_gate_goes_on_where_it_stopped() -> None:
    gate = _learnt()
    state = json.loads(json.dumps(gate.to_state()))
    again = Gate.from_state(ZONES, state, 5.0)
    assert again.read(_picture(120), 6.0).state == "clear"
    car = again.read(_with_car(_picture(122)), 8.0)
    assert car.changed["left"] > 0.3 and car.changed["right"] < 0.02
    assert Gate.from_state(ZONES, {}, 0.0).read(_picture(0), 0.0).state == "learning"
    # A moved camera stays moved.
    for at in range(124, 150, 2):
        read = gate.read(_noisy(VIEW_AWAY, at), float(at))
    assert read.state == "moved"
    moved = Gate.from_state(ZONES, json.loads(json.dumps(gate.to_state())), 0.0)
    assert moved.read(_noisy(VIEW_AWAY, 1), 1.0).state == "moved"


def test_outlines_alone_are_enough_to_know_a_moved_camera_again_and_are_no_picture() -> None:
    gate = _learnt()
    for at in range(124, 150, 2):
        gate.read(_noisy(VIEW_AWAY, at), float(at))
    kept = outlines(json.loads(json.dumps(gate.to_state())))
    assert {"back", "noise"}.isdisjoint(kept)
    again = Gate.from_state(ZONES, kept, 0.0)
    assert [again.read(_noisy(VIEW_AWAY, at), float(at)).state for at in (1, 3, 5)] == ["moved"] * 3
    # Turned back it is as it was, learns what is there, and sees a car.
    states = [again.read(_picture(at), float(at)).state for at in range(7, 40, 2)]
    assert "moved" not in states
    assert states[-1] == "clear"
    car = again.read(_with_car(_picture(42)), 42.0)
    assert car.changed["left"] > 0.3 and car.changed["right"] < 0.02


def test_another_resolution_begins_anew() -> None:
    gate = _learnt()
    half = np.ascontiguousarray(_picture(120)[::2, ::2])
    assert gate.read(half, 120.0).state == "learning"
