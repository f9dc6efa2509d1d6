"""A street for an eye, without a network: pictures with red cars, and a detector of red."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from discover.cards import card
from PIL import Image

from streetwise.discover.detectors.card import Card
from streetwise.discover.detectors.detector import Detector
from streetwise.discover.engine.eye import Clock, Eye, EyeSettings
from streetwise.discover.engine.orders import Charge
from streetwise.discover.engine.wire import Message
from streetwise.discover.scenes import shipped_scenes
from streetwise.discover.values import Bgr, CodedPicture, Detection, Zone

WIDTH, HEIGHT = 320, 180
#: The zone is the lower half; a car that stands in it has its wheels there.
ZONE = Zone("c1", "no_stopping", "z1", ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)))
CAR = (100, 110, 160, 150)  # pixels
PERSON = (20, 100, 40, 150)
#: Wall time of second 0 of the tests' clock.
WALL = 1_790_000_000.0
CLOCK = Clock(lambda at: WALL + at, lambda at: datetime.fromtimestamp(WALL + at, UTC))


def painted(cars: Sequence[tuple[int, int, int, int]] = (), people: bool = False) -> Bgr:
    """A street in BGR: coarse texture, red cars, a green person."""
    rng = np.random.default_rng(4)
    base = rng.integers(60, 180, (HEIGHT // 10, WIDTH // 10), dtype=np.uint8)
    bgr = np.repeat(base.repeat(10, 0).repeat(10, 1)[:, :, None], 3, axis=2)
    for left, top, right, bottom in cars:
        bgr[top:bottom, left:right] = (0, 0, 255)
    if people:
        left, top, right, bottom = PERSON
        bgr[top:bottom, left:right:2] = (0, 255, 0)
        bgr[top:bottom, left + 1 : right : 2] = (0, 205, 0)
    return bgr


def coded(bgr: Bgr, at: float, camera: str = "c1") -> CodedPicture:
    """As a camera that sends JPEG gives it."""
    made = io.BytesIO()
    Image.fromarray(bgr[:, :, ::-1]).save(made, "JPEG", quality=95)
    return CodedPicture(camera, "jpeg", made.getvalue(), at)


class RedIsCar(Detector):
    """Sees whatever is red as a car and whatever is green as a person."""

    def __init__(self, known: Card) -> None:
        self.card = known
        self.looks = 0

    def look(
        self, pictures: Sequence[Bgr], least: float | None = None
    ) -> list[tuple[Detection, ...]]:
        self.looks += len(pictures)
        return [self._one(picture.astype(int)) for picture in pictures]

    def _one(
        self, picture: np.ndarray[tuple[int, ...], np.dtype[np.int_]]
    ) -> tuple[Detection, ...]:
        blue, green, red = picture[:, :, 0], picture[:, :, 1], picture[:, :, 2]
        found = []
        for what, mask in (
            ("car", (red > 180) & (green < 90) & (blue < 90)),
            ("person", (green > 180) & (red < 90) & (blue < 90)),
        ):
            rows, columns = np.nonzero(mask)
            if len(rows) > 50:
                box = (
                    columns.min() / WIDTH,
                    rows.min() / HEIGHT,
                    (columns.max() + 1) / WIDTH,
                    (rows.max() + 1) / HEIGHT,
                )
                found.append(Detection(what, 0.9, tuple(float(side) for side in box)))  # type: ignore[arg-type]
        return tuple(found)


class Street:
    """An eye with one camera, and what it told."""

    def __init__(
        self, detectors: Sequence[Detector] | None = None, *, memory_seconds: float = 1e9
    ) -> None:
        self.detector = RedIsCar(card())
        self.marks: list[int] = []
        self.eye = Eye(
            [self.detector] if detectors is None else detectors,
            shipped_scenes(),
            CLOCK,
            settings=EyeSettings(publish_seconds=1e9, memory_seconds=memory_seconds),
            mark=self.marks.append,
        )
        self.told: list[Message] = []
        self.now = 0.0

    def charge(
        self,
        held: frozenset[str] = frozenset(),
        zones: tuple[Zone, ...] = (ZONE,),
        view: int = 0,
    ) -> None:
        charge = Charge(7, "c1", zones, held=held, view=view)
        self.told += self.eye.take_charge([charge], self.now)

    def live(self, seconds: float, bgr: Bgr, every: float = 2.0) -> None:
        """So many seconds in which the camera shows this."""
        until = self.now + seconds
        while self.now < until:
            self.eye.put(coded(bgr, self.now))
            self.told += self.eye.step(self.now)
            self.now += every

    def of(self, kind: str) -> list[Message]:
        return [one for one in self.told if one.kind == kind]
