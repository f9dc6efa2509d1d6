"""The public YOLOX-nano on real clips: skipped where the material is missing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from streetwise.discover.detectors.card import shipped_cards
from streetwise.discover.detectors.detector import Detector, fed
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.detectors.runtime import agree, engines, open_runtime
from streetwise.discover.gate import Gate
from streetwise.discover.masking import masked
from streetwise.discover.values import Bgr

#: Beside the checkout, or above the folder that it is one of several in.
_PLACES = [folder / "shared" / "data" for folder in Path(__file__).resolve().parents[3:]]
DATA = next((place for place in _PLACES if place.is_dir()), _PLACES[0])
MODEL = DATA / "models" / "yolox_nano.onnx"
VIDEOS = DATA / "videos"
CARD = shipped_cards()["yolox-nano-coco"]

pytestmark = pytest.mark.skipif(
    not (MODEL.is_file() and VIDEOS.is_dir()), reason="no ../shared/data with models and videos"
)


def _frames(name: str, *, first: int, step: int, count: int) -> list[Bgr]:
    with av.open(str(VIDEOS / name)) as clip:
        chosen = islice(clip.decode(video=0), first, first + step * count, step)
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in chosen]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(CARD, open_runtime(MODEL.read_bytes(), "onnxruntime", 1))


def test_the_engines_agree_on_real_pictures(detector: Detector) -> None:
    square = _frames("opencv_vtest_lamminhthien.avi", first=0, step=1, count=1)[0][:416, :416]
    road = np.zeros((416, 416, 3), np.uint8)
    road[:240, :320] = _frames("bgslib_video02.avi", first=100, step=1, count=1)[0]
    batch = fed([square, road], CARD)
    one = detector.runtime.infer(batch)
    for engine in engines():
        other = open_runtime(MODEL.read_bytes(), engine, 2)
        assert agree(one, other.infer(batch)), engine
        assert agree(other.infer(batch[1:]), one[1:]), "a batch is its pictures one by one"


@pytest.mark.parametrize(
    ("clip", "what", "least"),
    [
        ("bgslib_video02.avi", "car", 4),
        ("bgslib_video03.avi", "car", 1),
        ("opencv_vtest_lamminhthien.avi", "person", 4),
    ],
)
def test_what_anybody_sees_in_the_clips_is_seen(
    detector: Detector, clip: str, what: str, least: int
) -> None:
    frames = _frames(clip, first=60, step=40, count=3)
    seen = [Counter(one.what for one in found) for found in detector.look(frames, CARD.score)]
    assert all(one[what] >= least for one in seen), seen


def test_persons_of_a_real_clip_are_masked(detector: Detector) -> None:
    (frame,) = _frames("intel_one-by-one-person-detection.mp4", first=100, step=1, count=1)
    (found,) = detector.look([frame])
    assert any(one.what == "person" for one in found)
    (after,) = detector.look([masked(frame, found, CARD)], CARD.score)
    assert not any(one.what == "person" for one in after), "not even that it is a person is left"


def test_no_fixed_camera_is_taken_for_a_moved_one() -> None:
    zone = ((0.1, 0.4), (0.9, 0.4), (0.9, 0.9), (0.1, 0.9))
    for clip in ("bgslib_video.avi", "bgslib_video02.avi", "intel_car-detection.mp4"):
        gate = Gate({"z": zone})
        frames = _frames(clip, first=0, step=15, count=40)
        lumas = [frame[:, :, 1].copy() for frame in frames]
        reads = [gate.read(luma, 0.5 * i) for i, luma in enumerate(lumas)]
        assert len(reads) > 15 and not any(one.blind for one in reads), clip


def test_the_shipped_card_is_that_of_the_public_file(tmp_path: Path) -> None:
    kept = Registry(tmp_path / "models").add(str(MODEL), CARD, threads=1)
    assert [one.engine for one in kept.measured.speeds] == list(engines())
    assert all(one.agrees for one in kept.measured.speeds)
    assert Registry(tmp_path / "models").open(CARD.name, threads=1).card == CARD
