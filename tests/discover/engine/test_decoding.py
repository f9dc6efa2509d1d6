"""Decoding: the same pictures as a plain decoder gives, whatever comes in between."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest
from discover.engine.clips import clip, file, jpeg, plainly
from PIL import Image

from streetwise.discover.engine.decoding import DecodeLimits, Decoders, NotDecoded
from streetwise.discover.engine.files import count, frames
from streetwise.discover.values import Bgr, Codec, CodedPicture

REAL = Path(__file__).parents[4] / "shared/data/videos"


@pytest.mark.parametrize("codecs", [("h264", "h264", "h264"), ("h265", "h264", "h265")])
def test_key_pictures_of_three_cameras_through_shared_decoders_are_bit_exact(
    codecs: tuple[Codec, ...],
) -> None:
    clips = [clip(codec, seed) for seed, codec in enumerate(codecs)]
    expected = [
        [picture for picture, key in zip(plainly(one), one.keys, strict=True) if key]
        for one in clips
    ]
    decoders = Decoders()
    for number in range(len(expected[0])):
        for camera, one in enumerate(clips):
            data = one.key_pictures()[number]
            frame = decoders.decode(CodedPicture(str(camera), one.codec, data, at=float(number)))
            assert (frame.camera, frame.at) == (str(camera), float(number))
            assert np.array_equal(frame.bgr, expected[camera][number])
            assert frame.luma.shape == frame.bgr.shape[:2]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_every_frame_of_three_interleaved_streams_followed_in_full_is_bit_exact(
    codec: Codec,
) -> None:
    clips = [clip(codec, seed) for seed in range(3)]
    decoders = Decoders()
    shown: list[list[Bgr]] = [[], [], []]
    for camera in range(3):
        decoders.follow(str(camera), codec)
    for number in range(len(clips[0].packets)):
        for camera, one in enumerate(clips):
            picture = CodedPicture(
                str(camera), codec, one.packets[number], float(number), key=one.keys[number]
            )
            shown[camera].append(decoders.decode(picture).bgr)
    for camera, one in enumerate(clips):
        assert all(
            np.array_equal(got, want) for got, want in zip(shown[camera], plainly(one), strict=True)
        )


def test_luma_is_the_brightness_that_the_decoder_gave() -> None:
    one = clip("h264", 3)
    context = av.CodecContext.create("h264", "r")
    plain = [*context.decode(av.Packet(one.packets[0])), *context.decode(None)][0]
    frame = Decoders().decode(CodedPicture("a", "h264", one.packets[0], 0.0))
    assert np.array_equal(frame.luma, plain.to_ndarray()[:96, :160])


def test_a_jpeg_is_decoded_as_pillow_does() -> None:
    data = jpeg(5)
    frame = Decoders().decode(CodedPicture("a", "jpeg", data, 0.0))
    with Image.open(io.BytesIO(data)) as image:
        want = np.asarray(image.convert("RGB"))[:, :, ::-1]
    # Two decoders round differently.
    assert np.abs(frame.bgr.astype(int) - want).max() <= 4


def test_a_picture_that_is_no_key_is_refused_until_its_camera_is_followed() -> None:
    one = clip("h264", 1)
    decoders = Decoders()
    with pytest.raises(NotDecoded, match="no key picture"):
        decoders.decode(CodedPicture("a", "h264", one.packets[1], 0.0, key=False))
    decoders.follow("a", "h264")
    assert decoders.followed == {"a"}
    decoders.decode(CodedPicture("a", "h264", one.packets[0], 0.0))
    decoders.decode(CodedPicture("a", "h264", one.packets[1], 0.1, key=False))
    decoders.leave("a")
    assert decoders.followed == frozenset()


@pytest.mark.parametrize("codec", ["h264", "h265", "jpeg"])
def test_a_damaged_picture_is_refused_and_the_next_one_of_any_camera_is_decoded(
    codec: Codec,
) -> None:
    decoders = Decoders()
    good = jpeg(2) if codec == "jpeg" else clip(codec, 2).packets[0]
    for bad in (b"", b"\x00\x00\x01", good[:40], bytes(200), np.random.default_rng(1).bytes(500)):
        with pytest.raises(NotDecoded):
            decoders.decode(CodedPicture("bad", codec, bad, 0.0))
        assert decoders.decode(CodedPicture("good", codec, good, 0.0)).bgr.shape == (96, 160, 3)


def test_a_picture_with_too_many_pixels_is_refused() -> None:
    decoders = Decoders(DecodeLimits(pixels=100 * 100))
    with pytest.raises(NotDecoded):
        decoders.decode(CodedPicture("a", "h264", clip("h264", 1).packets[0], 0.0))
    with pytest.raises(NotDecoded):
        decoders.decode(CodedPicture("a", "jpeg", jpeg(1), 0.0))


def test_a_wide_picture_is_made_smaller_in_its_own_shape() -> None:
    frame = Decoders(DecodeLimits(width_pixels=80)).decode(
        CodedPicture("a", "h264", clip("h264", 1).packets[0], 0.0)
    )
    assert frame.bgr.shape == (48, 80, 3)
    assert frame.luma.shape == (48, 80)


def test_a_file_gives_one_frame_in_so_many_seconds_of_its_own_time(tmp_path: Path) -> None:
    path = file(tmp_path, seconds=6)
    got = list(frames(path, "file", every_seconds=2))
    assert [round(frame.at, 1) for frame in got] == [0.0, 2.0, 4.0]
    assert count(path).decoded == 60


def test_no_video_is_said_in_words(tmp_path: Path) -> None:
    path = tmp_path / "no.mp4"
    path.write_bytes(b"this is no film")
    with pytest.raises(NotDecoded, match="no video"):
        count(path)


@pytest.mark.skipif(not REAL.exists(), reason="the real clips in ../shared are not here")
def test_the_frames_of_a_real_clip_whose_header_lies_are_counted() -> None:
    counted = count(REAL / "opencv_vtest_lamminhthien.avi")
    assert (counted.said, counted.decoded) == (682, 341)
