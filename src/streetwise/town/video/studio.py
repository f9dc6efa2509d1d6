"""Making the clips of all cameras beside the farm, in a process of its own.

First every camera gets a group of two seconds, then its round is filled up; when what is to be
seen changes, a new clip is begun: problems first, the light later. ``share`` bounds how much of a
core that takes; who is not drawn yet shows what was.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

from streetwise.town.courses import Course

from .clips import Group, coded, state_name
from .encode import Coding
from .layout import Post
from .render import Eye, State
from .traffic import CYCLE_S

LOOK_S = 4.0  # seconds between two looks at what is to be seen


@dataclass(frozen=True, slots=True)
class Order:
    """What a studio has to draw: which cameras, from which moment on, with how much of a core."""

    seed: int
    posts: tuple[Post, ...]
    codings: tuple[Coding, ...]
    begin: datetime
    courses: tuple[Course, ...] = ()
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Made:
    """A piece of a clip: ``number`` 0 begins a new one."""

    camera: str
    coding: Coding
    state: str
    number: int
    groups: tuple[Group, ...]


@dataclass(slots=True)
class _Work:
    """A camera: what it should show, what it shows, whether its round is whole."""

    eye: Eye
    coding: Coding
    wanted: State
    shown: State | None = None
    whole: bool = False
    others: list[str] = field(default_factory=list)

    def urgency(self) -> int | None:
        """Less is sooner; None: nothing to do."""
        if self.shown is None:
            return 0
        if self.shown != self.wanted:
            problem = (self.shown.happening, self.shown.growth) != (
                self.wanted.happening, self.wanted.growth,
            )  # fmt: skip
            return 1 if problem else 3
        return None if self.whole else 2


class Studio:
    """Draws one piece after the other. ``step`` is one; pure but for what it keeps."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._works = [
            _Work(eye, coding, eye.state(order.begin))
            for eye, coding in zip(
                (Eye(order.seed, post, order.courses) for post in order.posts),
                order.codings, strict=True,
            )
        ]  # fmt: skip

    @property
    def begun(self) -> bool:
        """Whether every camera shows something."""
        return all(work.shown is not None for work in self._works)

    def look(self, at: datetime) -> None:
        """See what every camera should show at a moment."""
        for work in self._works:
            work.wanted = work.eye.state(at)

    def step(self) -> Made | None:
        """The most urgent piece; None: all is drawn."""
        ranked = [(urgency, k) for k, work in enumerate(self._works)
                  if (urgency := work.urgency()) is not None]  # fmt: skip
        if not ranked:
            return None
        work = self._works[min(ranked)[1]]
        if work.shown != work.wanted:
            work.shown, work.whole = work.wanted, False
            return self._made(work, 0, 0, work.coding.group)
        made = self._made(work, 1, work.coding.group, round(CYCLE_S * work.coding.fps))
        work.whole = True
        work.eye.rest()
        return made

    def _made(self, work: _Work, number: int, first: int, until: int) -> Made:
        assert work.shown is not None
        pictures = (work.eye.frame(work.shown, k / work.coding.fps) for k in range(first, until))
        found = tuple(coded(pictures, work.coding))
        if number == 0:
            # Its base is drawn again when the round is filled up: memory is scarcer than time.
            work.eye.rest()
        return Made(work.eye.post.code, work.coding, state_name(work.shown), number, found)


def run(order: Order, out: Connection) -> None:
    """The process: draws until the other end is closed. Moments (``datetime``) that come over the
    pipe are what time it is now in a town whose clock is put forward, quickened or paused.
    """
    studio = Studio(order)
    began = looked = time.monotonic()
    begin = order.begin
    for _ in itertools.count():
        now = time.monotonic()
        try:
            told = _told(out)
        except (EOFError, OSError):
            return
        if told is not None:
            begin, began = told, now
        if told is not None or now - looked > LOOK_S:
            looked = now
            studio.look(begin + timedelta(seconds=now - began))
        used = time.process_time()
        made = studio.step()
        used = time.process_time() - used
        try:
            if made is not None:
                out.send(made)
            else:
                out.poll(0.5)
        except (BrokenPipeError, EOFError, OSError):
            return
        # Until every camera has a first picture nobody could look at it: that is not held up.
        if made is not None and order.share < 1 and studio.begun:
            time.sleep(used * (1 / order.share - 1))


def _told(pipe: Connection) -> datetime | None:
    """The last moment that was told, if any. Raises ``EOFError`` where the other end is closed."""
    told: datetime | None = None
    while pipe.poll():
        told = pipe.recv()
    return told


def child(handle: int) -> None:
    """The process from its beginning: the order comes first over the pipe of this handle."""
    pipe = Connection(handle)
    with contextlib.suppress(KeyboardInterrupt):
        run(pipe.recv(), pipe)


def codings_of(posts: Sequence[Post], base: Coding, h265_every: int) -> tuple[Coding, ...]:
    """How each camera codes: every ``h265_every``-th (0: none) sends H.265."""
    return tuple(
        Coding("h265", base.fps, base.key_every_s, base.quality)
        if h265_every and k % h265_every == h265_every - 1 else base
        for k in range(len(posts))
    )  # fmt: skip
