"""How others read cameras, to measure beside: ``python -m bench.discover_baselines KIND ADDRESS…``.

- ``pipes``: a process per camera decodes every picture and writes five a second, raw, into a pipe;
  one process reads all pipes, has a gate for motion (the product's own) and the model look at one
  picture per camera and ``--every`` seconds. The processes are ffmpeg where it is installed, else
  PyAV (the same libraries) with the same work.
- ``capture``: a thread per camera that reads all pictures as BGR, as OpenCV's ``VideoCapture``
  does, and keeps the latest; the model looks at it every ``--every`` seconds. OpenCV is used where
  it can be imported, else PyAV.
- ``pipe``: one of the processes of ``pipes``.

Says what was read and inferred each second, until it is ended.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import click
import numpy as np

from bench.discover_farm import Corners
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.detectors.registry import Registry
from streetwise.discover.gate import Gate
from streetwise.discover.values import Bgr, Luma

WIDTH, HEIGHT, RATE = 640, 360, 5
SIZE = WIDTH * HEIGHT * 3
_OVER_TCP = {"rtsp_transport": "tcp"}


def pipes_by() -> str:
    """What decodes for ``pipes``."""
    return "ffmpeg" if shutil.which("ffmpeg") else "PyAV"


def captures_by() -> str:
    """What reads for ``capture``."""
    return "OpenCV" if importlib.util.find_spec("cv2") else "PyAV"


class _Counts:
    """What was read and looked at, told each second."""

    def __init__(self) -> None:
        self.read = self.inferred = self.changed = 0
        self.live: set[int] = set()

    def tell(self) -> None:
        print(json.dumps([self.read, self.inferred, self.changed, len(self.live)]), flush=True)


class _Looks:
    """The model, on the latest picture of each camera every so many seconds."""

    def __init__(self, detector: Detector, count: int, every: float) -> None:
        self._detector, self._every = detector, every
        # Spread, so that not all are due at once.
        began = time.monotonic()
        self._due = [began + every * number / count for number in range(count)]
        self.latest: list[Bgr | None] = [None] * count

    def look(self, counts: _Counts) -> None:
        now = time.monotonic()
        for number, due in enumerate(self._due):
            picture = self.latest[number]
            if due <= now and picture is not None:
                self._due[number] = max(due + self._every, now)
                self._detector.look([picture])
                counts.inferred += 1


def _pipe(address: str) -> None:
    """Decode all, write five a second. What ``ffmpeg -r 5 -f rawvideo`` does."""
    wanted, out = Fraction(1, RATE), sys.stdout.buffer
    next_at: Fraction | None = None
    for frame in _frames(address):
        at = Fraction(frame.pts or 0) * cast(Fraction, frame.time_base)
        if next_at is None or at >= next_at:
            next_at = at + wanted if next_at is None else max(next_at + wanted, at)
            out.write(frame.to_ndarray(format="bgr24").tobytes())
            out.flush()


def _frames(address: str) -> Iterator[Any]:
    with av.open(address, options=_OVER_TCP) as container:
        container.streams.video[0].codec_context.thread_count = 1
        yield from container.decode(video=0)


def _reading(address: str) -> list[str]:
    if pipes_by() == "ffmpeg":
        return [
            "ffmpeg", "-loglevel", "error", "-rtsp_transport", "tcp", "-threads", "1",
            "-i", address, "-r", str(RATE), "-f", "rawvideo", "-pix_fmt", "bgr24", "-",
        ]  # fmt: skip
    return [sys.executable, "-m", "bench.discover_baselines", "pipe", address]


def _pipes(addresses: list[str], detector: Detector, every: float, zone: Corners) -> None:
    counts, looks = _Counts(), _Looks(detector, len(addresses), every)
    gates = [Gate({"z": zone}) for _ in addresses]
    processes = [subprocess.Popen(_reading(one), stdout=subprocess.PIPE) for one in addresses]
    lock = threading.Lock()

    def read(number: int) -> None:
        pipe = processes[number].stdout
        assert pipe is not None
        while len(data := pipe.read(SIZE)) == SIZE:
            picture = np.frombuffer(data, np.uint8).reshape(HEIGHT, WIDTH, 3)
            # Green is most of what is bright: cheaper than a brightness of all three.
            luma = cast(Luma, np.ascontiguousarray(picture[:, :, 1]))
            changed = gates[number].read(luma, time.monotonic()).changed["z"] >= 0.02
            with lock:
                looks.latest[number] = picture
                counts.read += 1
                counts.changed += changed
                counts.live.add(number)

    try:
        _until_ended(addresses, read, looks, counts)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _captures(addresses: list[str], detector: Detector, every: float, zone: Corners) -> None:
    counts, looks, lock = _Counts(), _Looks(detector, len(addresses), every), threading.Lock()
    by_opencv = captures_by() == "OpenCV"

    def read(number: int) -> None:
        pictures = _opencv if by_opencv else _pyav
        for picture in pictures(addresses[number]):
            with lock:
                looks.latest[number] = picture
                counts.read += 1
                counts.live.add(number)

    _until_ended(addresses, read, looks, counts)


def _pyav(address: str) -> Iterator[Bgr]:
    for frame in _frames(address):
        yield cast(Bgr, frame.to_ndarray(format="bgr24"))


def _opencv(address: str) -> Iterator[Bgr]:
    capture = importlib.import_module("cv2").VideoCapture(address)
    while True:
        there, picture = capture.read()
        if not there:
            return
        yield picture


def _until_ended(
    addresses: list[str], read: Callable[[int], None], looks: _Looks, counts: _Counts
) -> None:
    """Read in threads, look in this one; whoever started us closes our input to end it."""
    for number in range(len(addresses)):
        threading.Thread(target=read, args=(number,), daemon=True).start()
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    told = time.monotonic()
    while not ended.wait(0.05):
        looks.look(counts)
        if time.monotonic() - told >= 1:
            told = time.monotonic()
            counts.tell()


@click.command()
@click.argument("kind", type=click.Choice(["pipes", "capture", "pipe"]))
@click.argument("addresses", nargs=-1, required=True)
@click.option("--models", type=click.Path(path_type=Path), default=None)
@click.option("--every", type=float, default=5.0)
@click.option("--zone", default="[]", help="Corners as JSON.")
def main(
    kind: str, addresses: tuple[str, ...], models: Path | None, every: float, zone: str
) -> None:
    """Read these cameras in this way until the input closes."""
    if kind == "pipe":
        _pipe(addresses[0])
        return
    assert models is not None
    registry = Registry(models)
    detector = registry.open(registry.only(), threads=1)
    corners = tuple((float(x), float(y)) for x, y in json.loads(zone))
    (_pipes if kind == "pipes" else _captures)(list(addresses), detector, every, corners)


if __name__ == "__main__":
    main()
