"""A file for another size: the same network, on pictures of another shape."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from discover.cards import SIDE, card, card_of, small_model
from hypothesis import given
from hypothesis import strategies as st

from streetwise.cli import main
from streetwise.discover.detectors.card import shipped_cards, sized
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.detectors.resizing import resized
from streetwise.discover.detectors.runtime import agree, engines, open_runtime
from streetwise.discover.values import Bgr, Detection
from streetwise.kernel.errors import Invalid

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = DATA / "models" / "yolox_nano.onnx"
CLIP = DATA / "videos" / "intel_car-detection.mp4"
real = pytest.mark.skipif(not (REAL.is_file() and CLIP.is_file()), reason="no ../shared/data")


@pytest.mark.parametrize("engine", engines())
def test_a_file_takes_pictures_of_the_size_that_it_is_given(engine: str) -> None:
    wide = np.zeros((1, 3, 32, SIDE), np.float32)
    with pytest.raises(Exception, match=r"(?i)dim|shape|size"):
        open_runtime(small_model(), engine, 1).infer(wide)  # type: ignore[arg-type]
    given_anew = open_runtime(resized(small_model(), SIDE, 32), engine, 1)  # type: ignore[arg-type]
    square = np.zeros((1, 3, SIDE, SIDE), np.float32)
    first = open_runtime(small_model(), engine, 1).infer(square)  # type: ignore[arg-type]
    np.testing.assert_array_equal(given_anew.infer(wide), first)


@given(st.binary(max_size=200))
def test_what_is_no_model_is_refused_or_left_as_it_is(content: bytes) -> None:
    try:
        resized(content, 64, 32)
    except Invalid:
        return


def test_a_file_that_ends_early_is_refused() -> None:
    with pytest.raises(Invalid, match="no ONNX model"):
        resized(small_model()[:-3], 64, 32)


def test_a_card_says_the_size_and_that_it_is_not_the_files() -> None:
    made = sized(card(), 64, 32)
    assert (made.width, made.height, made.resized) == (64, 32, True)
    assert not card().resized and made.sha256 == card().sha256
    with pytest.raises(Invalid, match="strides"):
        sized(shipped_cards()["yolox-nano-coco"], 416, 250)
    with pytest.raises(Invalid, match="true or false"):
        card(input__resized="yes")


def test_it_is_added_for_another_size_and_the_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREETWISE_HOME", str(tmp_path / "home"))
    model = small_model()
    (tmp_path / "model.onnx").write_bytes(model)
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(card_of(model)), encoding="utf-8")
    words = ["model", "add", str(tmp_path / "model.onnx"), "--card", str(tmp_path / "card.yaml")]
    wrong = CliRunner().invoke(main, [*words, "--size", "wide"])
    assert wrong.exit_code == 2 and "such as 416x256" in wrong.stderr
    added = CliRunner().invoke(main, [*words, "--size", f"{SIDE}x32"])
    assert added.exit_code == 0, added.output
    registry = Registry(tmp_path / "home" / "models")
    assert (registry.folder / "small" / "model.onnx").read_bytes() == model
    detector = registry.open("small", threads=1)
    assert (detector.card.width, detector.card.height) == (SIDE, 32)
    (seen,) = detector.look([np.zeros((32, SIDE, 3), np.uint8)])
    assert [one.what for one in seen] == ["car", "person"]


@real
def test_the_real_model_is_the_same_at_its_own_size_and_sees_the_same_at_another() -> None:
    shipped, model = shipped_cards()["yolox-nano-coco"], REAL.read_bytes()
    square = Detector(shipped, open_runtime(model, "onnxruntime", 1))
    flat_card = sized(shipped, 416, 256)
    flat = Detector(flat_card, open_runtime(resized(model, 416, 256), "onnxruntime", 1))
    frames = _frames(6)
    batch = np.random.default_rng(8).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    again = open_runtime(resized(model, 416, 416), "onnxruntime", 1)
    np.testing.assert_array_equal(again.infer(batch), square.runtime.infer(batch))
    wide = np.ascontiguousarray(batch[:, :, :256])
    for engine in engines():
        other = open_runtime(resized(model, 416, 256), engine, 1)
        assert agree(flat.runtime.infer(wide), other.infer(wide)), engine
    found = 0
    for one, other_seen in zip(
        square.look(frames, shipped.score), flat.look(frames, shipped.score), strict=True
    ):
        # The grey below begins nearer to what lies at the lower edge: scores differ a little.
        sure = [thing for thing in one if thing.score >= shipped.score + 0.1]
        assert all(any(_same(thing, also) for also in other_seen) for thing in sure)
        found += len(sure)
    assert found >= 3


def _same(one: Detection, other: Detection) -> bool:
    return (
        one.what == other.what
        and abs(one.score - other.score) < 0.15
        and bool(np.allclose(one.box, other.box, atol=0.03))
    )


def _frames(count: int) -> list[Bgr]:
    with av.open(str(CLIP)) as clip:
        chosen = islice(clip.decode(video=0), 60, 60 + count * 30, 30)
        frames = [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in chosen]
    assert len(frames) == count
    return frames
